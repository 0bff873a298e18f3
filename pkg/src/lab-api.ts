export { type ErrorCode, MoodloopError } from "./error.js";
export { Evaluator } from "./evaluator.js";
export { arm, compare, plan, verdict } from "./experiments.js";
export type * from "./lab-types.js";
export { convert, inspect, logOf } from "./policies.js";
export { Simulation } from "./simulation.js";
export { Trainer } from "./trainer.js";
