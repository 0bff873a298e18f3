import * as core from "../wasm/lab.js";
import { guarded, MoodloopError } from "./error.js";
import type { Candidate, EvaluatorOptions, Judgement } from "./lab-types.js";
import { checkBytes } from "./policies.js";

/**
 * What other policies would have earned, estimated from a log that holds the propensity of every
 * choice. The log is one JSON object a line; its bytes may be cut anywhere, and nothing of it is
 * held but the line being read.
 *
 * ```js
 * import { Evaluator, Simulation } from "moodloop/lab";
 *
 * const simulation = new Simulation({ rounds: 500, learners: ["uniform"] });
 * const log = new TextEncoder().encode(simulation.advanceLogged(500));
 * const evaluator = new Evaluator({ policies: ["uniform", "low_focused_familiar"] });
 * evaluator.push(log);
 * const [uniform, fixed] = evaluator.finish().policies;
 * console.assert(uniform.report.overlap.effective_sample_size > 499);
 * console.assert(fixed.report.refusal?.code === "no_overlap");
 * ```
 */
export class Evaluator {
  #core: core.Evaluator | undefined;

  /**
   * An evaluator at the start of a log.
   *
   * @throws MoodloopError `invalid_options` for an option or a policy that is unknown or does not
   * suit the log's actions, `corrupt_model`, `unsupported_version` for a stored policy.
   */
  constructor(options: EvaluatorOptions) {
    const { policies, ...rest } = options ?? {};
    if (!Array.isArray(policies)) {
      throw new MoodloopError("invalid_options", "`options.policies` must be a list");
    }
    const evaluator = guarded(() => new core.Evaluator(rest));
    try {
      for (const policy of policies) {
        add(evaluator, policy);
      }
    } catch (error) {
      evaluator.free();
      throw MoodloopError.from(error);
    }
    this.#core = evaluator;
  }

  #held(): core.Evaluator {
    if (this.#core === undefined) {
      throw MoodloopError.closed("this evaluator");
    }
    return this.#core;
  }

  /**
   * Takes the next bytes of the log.
   *
   * @throws MoodloopError `corrupt_log` or `unsupported_version`, naming the line.
   */
  push(bytes: Uint8Array): void {
    guarded(() => this.#held().push(checkBytes(bytes, "bytes")));
  }

  /**
   * Ends the log, says what it shows, and gives the memory back.
   *
   * @throws MoodloopError `corrupt_log` or `unsupported_version` for a last line without an end.
   */
  finish(): Judgement {
    try {
      return guarded(() => this.#held().finish() as Judgement);
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

function add(evaluator: core.Evaluator, candidate: Candidate): void {
  if (typeof candidate === "object" && candidate !== null && "policy" in candidate) {
    evaluator.addPolicy(candidate.name, checkBytes(candidate.policy, "policy"));
  } else if (typeof candidate === "object" && candidate !== null && "q_table" in candidate) {
    evaluator.addQTable(candidate.name, checkBytes(candidate.q_table, "q_table"));
  } else {
    evaluator.addNamed(candidate);
  }
}
