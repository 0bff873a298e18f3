// Simulates off the main thread; whoever started it may end it at any moment. There is one worker
// for all pages, because the wasm in it is large.

import { examples } from "../guide/trust/example.ts";
import { run } from "./run.ts";
import type { Settings } from "./settings.ts";

/** What to simulate: the lab's settings, or the seed of the guide's examples. */
export type Task = { settings: Settings } | { seed: number };

/** What a task tells: that it goes on, or what stopped it. */
export type Told<T> = { progress: T } | { problem: string };

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  try {
    for (const progress of "seed" in data ? examples(data.seed) : run(data.settings)) {
      postMessage({ progress });
    }
  } catch (error) {
    postMessage({ problem: error instanceof Error ? error.message : String(error) });
  }
});
