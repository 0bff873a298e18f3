import { startLab } from "./start-lab.node.js";

export * from "./lab-api.js";

startLab();
