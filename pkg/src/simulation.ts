import * as core from "../wasm/lab.js";
import { guarded, MoodloopError } from "./error.js";
import type { SimulationOptions, SimulationReport } from "./lab-types.js";

/**
 * Learners side by side on one simulated audience, all meeting the same people in the same
 * situations with the same luck. It goes in steps, so that a Web Worker can tell how far it is and
 * be told to stop. It does not say how real people behave; it says which learner copes with which
 * tastes.
 *
 * ```js
 * import { Simulation } from "moodloop/lab";
 *
 * const simulation = new Simulation({ audience: "rules", users: 1, rounds: 400, seed: 1 });
 * let report = simulation.report();
 * while (report.done < report.rounds) {
 *   simulation.advance(100);
 *   report = simulation.report();
 * }
 * const [agent, baseline] = report.learners;
 * console.assert(agent.score > baseline.score && agent.curve.length === 50);
 * simulation.free();
 * ```
 */
export class Simulation {
  #core: core.Simulation | undefined;

  /**
   * Makes the audience; no round has passed yet.
   *
   * @throws MoodloopError `invalid_options`.
   */
  constructor(options: SimulationOptions = {}) {
    this.#core = guarded(() => new core.Simulation(options));
  }

  #held(): core.Simulation {
    if (this.#core === undefined) {
      throw MoodloopError.closed("this simulation");
    }
    return this.#core;
  }

  /**
   * Takes every learner through up to `rounds` more rounds.
   *
   * @throws MoodloopError `invalid_options` for something that is no whole number from 1.
   */
  advance(rounds: number): void {
    guarded(() => this.#held().advance(whole(rounds)));
  }

  /**
   * As {@link Simulation.advance}; gives the first learner's decisions and rewards as lines of a
   * log, as {@link Evaluator} and {@link Trainer} read them.
   */
  advanceLogged(rounds: number): string {
    return guarded(() => this.#held().advanceLogged(whole(rounds)));
  }

  /** How far it is and how everyone did. */
  report(): SimulationReport {
    return guarded(() => this.#held().report() as SimulationReport);
  }

  /** Gives the memory back. Freeing twice is fine; using it afterwards is the error `closed`. */
  free(): void {
    this.#core?.free();
    this.#core = undefined;
  }
}

function whole(rounds: number): number {
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds < 2 ** 32)) {
    const got = `got \`${String(rounds)}\``;
    throw new MoodloopError("invalid_options", `\`rounds\` must be a whole number from 1, ${got}`);
  }
  return rounds;
}
