import { start } from "./start.workerd.js";

export * from "./moodloop-api.js";

start();
