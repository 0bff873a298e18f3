export { Agent } from "./agent.js";
export { type ErrorCode, MoodloopError } from "./error.js";
export type * from "./ranked.js";
export {
  baseline,
  discretise,
  parameters,
  qUpdate,
  reward,
  strategyFromParams,
  timeOfDay,
} from "./rules.js";
export type * from "./types.js";
