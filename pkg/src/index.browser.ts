import { rankWith } from "./ranking.js";
import { start } from "./start.browser.js";

export * from "./moodloop-api.js";

start();
rankWith(() => import("./ranking.browser.js"));
