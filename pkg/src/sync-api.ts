export type { EndpointOptions } from "./endpoint.js";
export { type ErrorCode, MoodloopError } from "./error.js";
export { type SendOptions, type Sent, send } from "./send.js";
