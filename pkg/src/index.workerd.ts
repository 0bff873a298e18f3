import { rankWith } from "./ranking.js";
import { start } from "./start.workerd.js";

export * from "./moodloop-api.js";

start();
rankWith(() => import("./catalog.workerd.js"));
