import * as core from "../wasm/lab.js";
import { guarded } from "./error.js";
import type {
  Comparison,
  Experiment,
  Planned,
  PlanOptions,
  Study,
  Trial,
  Verdict,
} from "./lab-types.js";

/**
 * Agent against baseline on one metric; valid however often one looks.
 *
 * ```js
 * import { compare } from "moodloop/lab";
 *
 * const agent = { units: 9000, hits: 2400 };
 * const baseline = { units: 9000, hits: 1800 };
 * const { outcome } = compare({ metric: "like_rate", days: [{ agent, baseline }] });
 * console.assert(outcome === "better");
 * ```
 *
 * @throws MoodloopError `invalid_options`.
 */
export function compare(trial: Trial): Comparison {
  return guarded(() => core.compare(trial) as Comparison);
}

/**
 * What an experiment says, as data and in words: the metric it is about, what must not get worse,
 * and whether the arms are as large as they should be.
 *
 * ```js
 * import { verdict } from "moodloop/lab";
 *
 * const days = [{ agent: { units: 50, hits: 9 }, baseline: { units: 48, hits: 10 } }];
 * const { decision, sentence } = verdict({
 *   primary: { metric: "like_rate", days },
 *   phases: [{ agent: 25, baseline: 24, expected_agent_share: 0.5 }],
 * });
 * console.assert(decision === "not_enough_data" && sentence.includes("like rate"));
 * ```
 *
 * @throws MoodloopError `invalid_options`.
 */
export function verdict(study: Study): Verdict {
  return guarded(() => core.verdict(study) as Verdict);
}

/**
 * What an experiment can find in 7 to 182 days, and how soon it finds a change by `effect`.
 *
 * ```js
 * import { plan } from "moodloop/lab";
 *
 * const site = { metric: "like_rate", baseline: 0.2, users: 2000, units_per_user_week: 10 };
 * const { days_to_detect } = plan({ ...site, agent_per_mille: 500 }, 0.02);
 * console.assert(days_to_detect <= 28);
 * ```
 *
 * @param effect In the metric's own unit, either sign.
 * @throws MoodloopError `invalid_options`.
 */
export function plan(options: PlanOptions, effect?: number): Planned {
  return guarded(() => core.plan(options, effect) as Planned);
}

/**
 * Which policy serves a user: always the same one while the experiment's name stays, and a growing
 * share only adds users to the agent.
 *
 * ```js
 * import { arm } from "moodloop/lab";
 *
 * console.assert(arm({ name: "launch", agent_per_mille: 1000 }, "user-123") === "agent");
 * ```
 *
 * @throws MoodloopError `invalid_options`.
 */
export function arm(experiment: Experiment, user_id: string): "agent" | "baseline" | "holdout" {
  return guarded(() => core.arm(experiment, user_id) as ReturnType<typeof arm>);
}
