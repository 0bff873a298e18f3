import { destroyDatabase, type Lost } from "./database.js";
import { MoodloopError } from "./error.js";
import { Store } from "./storage.js";

/** Where a model is kept. */
export type StorageKind = "indexeddb" | "memory";

/**
 * Why it is kept there: `stored`; no `consent`; `unavailable` here, or refused by the browser;
 * `full` disk; it is still `opening`, or another tab `blocked` that, and it is taken in as soon as
 * it opens; a newer version of the page made this tab `outdated`; the stored model was `evicted` by
 * the browser, or `corrupt`.
 */
export type StorageReason =
  | "stored"
  | "consent"
  | "unavailable"
  | "full"
  | "opening"
  | "blocked"
  | "outdated"
  | "evicted"
  | "corrupt";

/** Whether this runtime could store anything at all. */
export function storagePossible(): boolean {
  return typeof indexedDB === "object" && indexedDB !== null;
}

/** After so long the loop goes on without what is stored, until it is there. */
const PATIENCE_MS = 2000;

/** An attempt to open the store. */
interface Opening {
  /** How it ends. It never rejects. */
  outcome: Promise<Store | { error: unknown }>;
  /** Resolves when it has taken too long, and says why. */
  patience: Promise<"opening" | "blocked">;
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
  readonly #late: () => void;
  #allowed = false;
  /** The opening that was begun last, done or not. */
  #opening: Opening | undefined;

  /**
   * A connection that opens nothing until it is allowed to.
   *
   * @param told Hears where the model is kept, when that changes.
   * @param erased Hears that the store was removed from outside.
   * @param late Hears that a store can be had now that {@link Connection.open} did not wait for.
   */
  constructor(
    name: string,
    told: (kind: StorageKind, reason: StorageReason) => void,
    erased: () => void,
    late: () => void,
  ) {
    this.#name = name;
    this.#told = told;
    this.#erased = erased;
    this.#late = late;
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

  /**
   * The store, opened if it may be. Where the browser takes too long, there is none for now: it
   * goes on opening, and `late` is told when it is done.
   */
  async open(): Promise<Store | undefined> {
    if (this.store !== undefined || !this.#allowed) {
      return this.store;
    }
    this.#opening ??= this.#begin();
    const opening = this.#opening;
    const outcome = await Promise.race([opening.outcome, opening.patience]);
    if (this.#opening !== opening) {
      return undefined;
    }
    if (outcome instanceof Store) {
      this.store = outcome;
    } else if (outcome === "opening" || outcome === "blocked") {
      this.say("memory", outcome);
    } else {
      this.#opening = undefined;
      this.failed(outcome.error);
    }
    return this.store;
  }

  /** Begins to open it. */
  #begin(): Opening {
    let late = false;
    let tire = (_why: "opening" | "blocked") => {};
    const patience = new Promise<"opening" | "blocked">((resolve) => {
      tire = (why) => {
        late = true;
        resolve(why);
      };
    });
    const timer = setTimeout(() => tire("opening"), PATIENCE_MS);
    const outcome = Store.open(
      this.#name,
      (why) => this.#lost(opening, why),
      () => tire("blocked"),
    ).catch((error: unknown) => ({ error }));
    void outcome.then(() => {
      clearTimeout(timer);
      if (late && this.#opening === opening) {
        this.#late();
      }
    });
    const opening: Opening = { outcome, patience };
    return opening;
  }

  /**
   * The store did not do what it was asked. What a newer version wrote, and what the browser does
   * not allow, stays so; anything else may pass, and is tried again with the next write.
   */
  failed(error: unknown): void {
    const name = error instanceof DOMException ? error.name : undefined;
    const newer = error instanceof MoodloopError && error.code === "unsupported_version";
    if (name === "QuotaExceededError") {
      this.say("memory", "full");
    } else if (newer || name === "VersionError") {
      this.giveUp("outdated");
    } else if (name === "SecurityError") {
      this.giveUp("unavailable");
    } else {
      this.close();
      this.say("memory", "unavailable");
    }
  }

  #lost(opening: Opening, why: Lost): void {
    if (this.#opening === opening) {
      this.#opening = undefined;
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
    // One that opens after this is let go at once: left open, it would block the next.
    void this.#opening?.outcome.then((outcome) => {
      if (outcome instanceof Store) {
        outcome.close();
      }
    });
    this.#opening = undefined;
    this.store = undefined;
  }

  /** Removes the stored model with all its bytes. */
  async destroy(): Promise<void> {
    this.close();
    if (storagePossible()) {
      await destroyDatabase(this.#name);
    }
  }
}
