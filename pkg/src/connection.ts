import { MoodloopError } from "./error.js";
import { Blocked, type Lost, Store } from "./storage.js";

/** Where a model is kept. */
export type StorageKind = "indexeddb" | "memory";

/**
 * Why it is kept there: `stored`; no `consent`; `unavailable` here, or refused by the browser;
 * `full` disk; another tab `blocked` the opening; a newer version of the page made this tab
 * `outdated`; the stored model was `evicted` by the browser, or `corrupt`.
 */
export type StorageReason =
  | "stored"
  | "consent"
  | "unavailable"
  | "full"
  | "blocked"
  | "outdated"
  | "evicted"
  | "corrupt";

/** Whether this runtime could store anything at all. */
export function storagePossible(): boolean {
  return typeof indexedDB === "object" && indexedDB !== null;
}

/** The way to one model's store: opened when it may be, given up when it cannot be used. */
export class Connection {
  /** Where the model is kept, and why there. */
  kind: StorageKind = "memory";
  reason: StorageReason = storagePossible() ? "consent" : "unavailable";
  /** The open store. */
  store: Store | undefined;
  readonly #name: string;
  readonly #told: (kind: StorageKind, reason: StorageReason) => void;
  readonly #erased: () => void;
  #allowed = false;

  /**
   * A connection that opens nothing until it is allowed to.
   *
   * @param told Hears where the model is kept, when that changes.
   * @param erased Hears that the store was removed from outside.
   */
  constructor(
    name: string,
    told: (kind: StorageKind, reason: StorageReason) => void,
    erased: () => void,
  ) {
    this.#name = name;
    this.#told = told;
    this.#erased = erased;
  }

  /** Whether the model may be stored, and can be as far as is known. */
  get allowed(): boolean {
    return this.#allowed;
  }

  /** From now on it may be stored. */
  allow(): void {
    this.#allowed = storagePossible();
    if (!this.#allowed) {
      this.say("memory", "unavailable");
    }
  }

  /** From now on it must not be, or cannot. */
  giveUp(reason: StorageReason): void {
    this.#allowed = false;
    this.close();
    this.say("memory", reason);
  }

  /** The store, opened if it may be. */
  async open(): Promise<Store | undefined> {
    if (this.store !== undefined || !this.#allowed) {
      return this.store;
    }
    try {
      const store = await Store.open(this.#name, (why) => this.#lost(store, why));
      this.store = store;
    } catch (error) {
      if (error instanceof Blocked) {
        this.say("memory", "blocked");
      } else {
        this.failed(error);
      }
    }
    return this.store;
  }

  /** The store did not do what it was asked; only a full disk may pass. */
  failed(error: unknown): void {
    if (error instanceof DOMException && error.name === "QuotaExceededError") {
      this.say("memory", "full");
    } else {
      const newer =
        (error instanceof DOMException && error.name === "VersionError") ||
        (error instanceof MoodloopError && error.code === "unsupported_version");
      this.giveUp(newer ? "outdated" : "unavailable");
    }
  }

  #lost(store: Store, why: Lost): void {
    if (this.store === store) {
      this.store = undefined;
      if (why === "outdated") {
        this.giveUp("outdated");
      } else if (why === "erased") {
        this.#erased();
      }
    }
  }

  /** Says where the model is kept, where that is news. */
  say(kind: StorageKind, reason: StorageReason): void {
    if (kind !== this.kind || reason !== this.reason) {
      this.kind = kind;
      this.reason = reason;
      this.#told(kind, reason);
    }
  }

  /** Ends it; the next opening opens it anew. */
  close(): void {
    this.store?.close();
    this.store = undefined;
  }

  /** Removes the stored model with all its bytes. */
  async destroy(): Promise<void> {
    this.close();
    if (storagePossible()) {
      await Store.destroy(this.#name);
    }
  }
}
