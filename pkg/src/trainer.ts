import * as core from "../wasm/lab.js";
import { guarded, MoodloopError } from "./error.js";
import type { LogCounts, Trained, TrainerOptions } from "./lab-types.js";
import { checkBytes } from "./policies.js";

/**
 * A policy from a log, in one reading: evidence by week and a Q-table, never the lines. It has no
 * user layers, so that it may be published.
 *
 * ```js
 * import { inspect, Simulation, Trainer } from "moodloop/lab";
 *
 * const simulation = new Simulation({ rounds: 300, learners: ["uniform"] });
 * const trainer = new Trainer();
 * trainer.push(new TextEncoder().encode(simulation.advanceLogged(300)));
 * const { policy, counts } = trainer.finish();
 * console.assert(counts.rows === 300 && inspect(policy).learned === 300);
 * ```
 */
export class Trainer {
  #core: core.Trainer | undefined;

  /**
   * A trainer at the start of a log.
   *
   * @throws MoodloopError `invalid_options`; also for `q.episodes: "session"`, which needs to know
   * what comes after a line.
   */
  constructor(options: TrainerOptions = {}) {
    this.#core = guarded(() => new core.Trainer(options));
  }

  #held(): core.Trainer {
    if (this.#core === undefined) {
      throw MoodloopError.closed("this trainer");
    }
    return this.#core;
  }

  /**
   * Learns from the next bytes, cut anywhere.
   *
   * @throws MoodloopError `corrupt_log` or `unsupported_version`, naming the line; `evidence_full`.
   */
  push(bytes: Uint8Array): void {
    guarded(() => this.#held().push(checkBytes(bytes, "bytes")));
  }

  /**
   * Ends the log, solves, and gives the memory back.
   *
   * @throws MoodloopError as {@link Trainer.push}, for a last line without an end; `corrupt_model`.
   */
  finish(): Trained {
    try {
      const pair = guarded(() => this.#held().finish());
      const [policy, counts] = pair as [Uint8Array, LogCounts];
      return { policy, counts };
    } finally {
      this.free();
    }
  }

  /** Gives the memory back. Freeing twice is fine; using it afterwards is the error `closed`. */
  free(): void {
    this.#core?.free();
    this.#core = undefined;
  }
}
