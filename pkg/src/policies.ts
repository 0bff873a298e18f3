import * as core from "../wasm/lab.js";
import { guarded, MoodloopError } from "./error.js";
import type { Inspection } from "./lab-types.js";
import type { Exported } from "./types.js";

/**
 * `bytes`, if they are some: the glue would copy anything else as zeros.
 *
 * @internal
 */
export function checkBytes(bytes: Uint8Array, name: string): Uint8Array {
  if (!(bytes instanceof Uint8Array)) {
    throw new MoodloopError("invalid_options", `\`${name}\` must be a Uint8Array`);
  }
  return bytes;
}

/**
 * What a policy holds and would do.
 *
 * ```js
 * import { Agent } from "moodloop/agent";
 * import { inspect } from "moodloop/lab";
 *
 * const { policy_version, favourites } = inspect(new Agent().policy());
 * console.assert(policy_version === 0 && favourites.length === 5);
 * ```
 *
 * @param policy What `Agent.policy()`, {@link Trainer.finish} or {@link convert} gave.
 * @throws MoodloopError `corrupt_model`, `unsupported_version`.
 */
export function inspect(policy: Uint8Array): Inspection {
  return guarded(() => core.inspect(checkBytes(policy, "policy")) as Inspection);
}

/**
 * The Q-table of a Python system such as the guide's, as a policy that decides by it: nested JSON
 * `{state: {action: q}}` with tuples as strings. Every cell counts as seen once. A state names
 * openness, conscientiousness, extraversion, agreeableness, neuroticism, content type, mood and
 * time of day, an action energy, diversity and novelty:
 *
 * - as a tuple or list, brackets and quotes optional: `('high', 'low', …, 'evening')`;
 * - joined by `_` or `|`: `low_diverse_exploratory`;
 * - by name, in any order: `(openness=high, content_type=music, time=evening)`; an absent trait is
 *   medium, an absent mood neutral;
 * - traits as `low`, `medium`, `high`, as `0`, `1`, `2`, or as scores with a point (`85.0`); an
 *   action also as its index, `8`.
 *
 * ```js
 * import { convert, inspect } from "moodloop/lab";
 *
 * const table = {
 *   "('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')": {
 *     "('low', 'diverse', 'exploratory')": 0.82,
 *     "('low', 'focused', 'familiar')": 0.65,
 *   },
 * };
 * const policy = convert(new TextEncoder().encode(JSON.stringify(table)));
 * console.assert(inspect(policy).q_table.total_state_actions === 2);
 * ```
 *
 * @throws MoodloopError `corrupt_model`, quoting the state and action that cannot be read.
 */
export function convert(json: Uint8Array): Uint8Array {
  return guarded(() => core.convert(checkBytes(json, "json")));
}

/**
 * The log inside what `Agent.export()` or `Moodloop.export()` gave as plain data, as lines that
 * {@link Evaluator} and {@link Trainer} read: one for each rewarded pair, with its merged reward.
 *
 * ```js
 * import { Agent } from "moodloop/agent";
 * import { logOf, Trainer } from "moodloop/lab";
 *
 * const agent = new Agent();
 * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "evening" });
 * agent.learn(decision_id, { interaction_type: "like", content_id: "m1" });
 * const trainer = new Trainer();
 * trainer.push(new TextEncoder().encode(logOf(agent.export())));
 * console.assert(trainer.finish().counts.rows === 1);
 * ```
 *
 * @throws MoodloopError `corrupt_log`, `unsupported_version`, `invalid_options`.
 */
export function logOf(exported: Exported): string {
  return guarded(() => core.logOf(exported));
}
