import { start } from "./start.workerd.js";

export * from "./agent-api.js";

start();
