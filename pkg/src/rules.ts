import * as core from "../wasm/core.js";
import { guarded } from "./error.js";
import type { Context, Feedback, Parameters, State, TimeOfDay } from "./types.js";

/**
 * What a strategy, by name or index, means in a context.
 *
 * ```js
 * import { parameters } from "moodloop/agent";
 *
 * const params = parameters("medium_balanced_mixed", {
 *   content_type: "music",
 *   time_of_day: "evening",
 *   mood: "relaxed",
 *   personality: { openness: 75, extraversion: 40 },
 * });
 * console.assert(params.min_energy === 0.2 && params.genre_count === 4);
 * ```
 *
 * @throws MoodloopError `invalid_params` for an unknown strategy, `invalid_context`.
 */
export function parameters(strategy: string | number, context: Context): Parameters {
  return guarded(() => core.parameters(strategy, context) as Parameters);
}

/**
 * The strategy that gives these parameters: exactly in their context, else the nearest one in the
 * neutral context.
 *
 * ```js
 * import { parameters, strategyFromParams } from "moodloop/agent";
 *
 * const context = { content_type: "video", time_of_day: "night", mood: "tired" };
 * const params = parameters(5, context);
 * console.assert(strategyFromParams(params, context).action_index === 5);
 * ```
 *
 * @throws MoodloopError `invalid_params`, `invalid_context`.
 */
export function strategyFromParams(
  params: Parameters,
  context?: Context,
): { strategy: string; action_index: number; exact: boolean } {
  return guarded(
    () => core.strategyFromParams(params, context) as ReturnType<typeof strategyFromParams>,
  );
}

/**
 * The reward of one piece of feedback, −100 to 100.
 *
 * ```js
 * import { reward } from "moodloop/agent";
 *
 * const liked = { interaction_type: "like", completion_percentage: 100 };
 * console.assert(reward({ ...liked, mood_before: "relaxed", mood_after: "peaceful" }) === 2.3);
 * ```
 *
 * @throws MoodloopError `invalid_feedback`.
 */
export function reward(feedback: Feedback): number {
  return guarded(() => core.reward(feedback));
}

/**
 * The name of the strategy that personality alone chooses: energy from extraversion, diversity
 * and novelty from openness.
 *
 * ```js
 * import { baseline } from "moodloop/agent";
 *
 * const context = { content_type: "music", time_of_day: "evening", personality: { openness: 85 } };
 * console.assert(baseline(context) === "medium_diverse_exploratory");
 * ```
 *
 * @throws MoodloopError `invalid_context`.
 */
export function baseline(context: Context): string {
  return guarded(() => core.baseline(context));
}

/**
 * A context as the Q-table sees it: each trait as low, medium or high.
 *
 * @throws MoodloopError `invalid_context`.
 */
export function discretise(context: Context): State {
  return guarded(() => core.discretise(context) as State);
}

/**
 * The part of the day that holds an hour, 0 to 23, of local time.
 *
 * ```js
 * import { timeOfDay } from "moodloop/agent";
 *
 * console.assert(timeOfDay(17) === "evening" && timeOfDay(4) === "night");
 * ```
 *
 * @throws MoodloopError `invalid_context`.
 */
export function timeOfDay(hour: number): TimeOfDay {
  return guarded(() => core.timeOfDay(hour) as TimeOfDay);
}

/**
 * The guide's Q rule at its default settings: `q + 0.1·(reward + 0.95·next − q)`.
 *
 * ```js
 * import { qUpdate } from "moodloop/agent";
 *
 * console.assert(qUpdate(0.82, 2.3, 0) === 0.968);
 * ```
 */
export function qUpdate(q: number, reward: number, next: number): number {
  return core.qUpdate(q, reward, next);
}
