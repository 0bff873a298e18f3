import { start } from "./start.node.js";

export * from "./moodloop-api.js";

start();
