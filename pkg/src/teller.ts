import type { StorageKind, StorageReason } from "./connection.js";
import type { MoodloopError } from "./error.js";
import type { ChangeCause } from "./replica.js";
import type { Synced } from "./sync.js";

/** What a loop tells, by {@link Moodloop.on}. */
export interface LoopEvents {
  /** The model is kept elsewhere than before, or was evicted or unreadable. */
  storage: { storage: StorageKind; reason: StorageReason };
  /** The model changed. */
  change: { cause: ChangeCause };
  /** A run of {@link Moodloop.sync} ended well. */
  synced: Synced;
  /** Something in the background failed; the loop goes on. */
  failure: MoodloopError;
}

/** Tells whoever listens. One listener that throws disturbs neither the others nor the loop. */
export class Teller {
  readonly #target = new EventTarget();

  /** Tells all who listen to `type`. */
  tell<K extends keyof LoopEvents>(type: K, detail: LoopEvents[K]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Listens; gives a function that ends it. */
  on<K extends keyof LoopEvents>(type: K, listener: (told: LoopEvents[K]) => void): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<LoopEvents[K]>).detail);
    this.#target.addEventListener(type, heard);
    return () => this.#target.removeEventListener(type, heard);
  }
}
