import { startLab } from "./start-lab.workerd.js";

export * from "./lab-api.js";

startLab();
