import { start } from "./start.browser.js";

export * from "./agent-api.js";

start();
