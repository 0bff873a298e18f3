import { start } from "./start.node.js";

export * from "./agent-api.js";

start();
