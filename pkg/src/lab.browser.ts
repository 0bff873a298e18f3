import { startLab } from "./start-lab.browser.js";

export * from "./lab-api.js";

startLab();
