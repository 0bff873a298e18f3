export * from "./agent-api.js";
export type { Catalog } from "./catalog.js";
export type { StorageKind, StorageReason } from "./connection.js";
export type { ChangeCause } from "./keeper.js";
export { Moodloop } from "./loop.js";
export type { Consent, OpenOptions } from "./options.js";
export type { RecommendRequest } from "./request.js";
export type { LoopEvents } from "./teller.js";
