export { Catalog } from "./catalog.js";
export { type ErrorCode, MoodloopError } from "./error.js";
export type * from "./ranked.js";
export type * from "./types.js";
