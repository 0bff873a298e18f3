export * from "./agent-api.js";
export {
  type Consent,
  type LoopEvents,
  Moodloop,
  type OpenOptions,
  type RecommendRequest,
  type Stored,
} from "./loop.js";
export type { ChangeCause, StorageKind, StorageReason } from "./keeper.js";
