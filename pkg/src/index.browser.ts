import { start } from "./start.browser.js";

export * from "./moodloop-api.js";

start();
