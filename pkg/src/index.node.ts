import { rankWith } from "./ranking.js";
import { start } from "./start.node.js";

export * from "./moodloop-api.js";

start();
rankWith(() => import("./catalog.node.js"));
