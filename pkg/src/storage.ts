import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { LogEvent } from "./types.js";

/** What stands beside the snapshot: enough to know whether it is the one already held. */
export interface Head {
  /** Counts the snapshots written; whoever writes the next one must have read this one. */
  revision: number;
  /** The key of the last event that is in the snapshot. */
  watermark: number;
  /** The agent's options as JSON: under other options the model is made again from its log. */
  options: string;
  /** When the snapshot was made, in milliseconds since 1970. */
  folded_at: number;
}

/** What a reader has not seen yet. */
export interface Unseen {
  head: Head | undefined;
  /** The snapshot, if it is another one than the reader's. */
  snapshot: Uint8Array | undefined;
  /** The events behind the snapshot, or behind the reader's cursor where it holds this snapshot. */
  events: LogEvent[];
  /** The key of the last of them, or where the reader stood. */
  cursor: number;
  /** Whether there is nothing at all: a new database, or one that was evicted. */
  empty: boolean;
}

/** Why a connection ended without being asked to. */
export type Lost = "erased" | "outdated" | "terminated";

interface Schema extends DBSchema {
  events: { key: number; value: LogEvent };
  head: { key: "head"; value: Head };
  snapshot: { key: "snapshot"; value: Uint8Array };
}

/** The version of the database's schema. */
const SCHEMA = 1;

/** The database of a model's name. */
function database(name: string): string {
  return `moodloop:${name}`;
}

/**
 * One model in IndexedDB: an append-only log of events, and one snapshot of everything up to a
 * watermark. Nothing else speaks IndexedDB.
 */
export class Store {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /**
   * Opens the database, making it where there is none, however long that takes.
   *
   * @param lost Told when the connection ends: another tab erases or upgrades, or the browser
   * closes it. The connection is closed by then.
   * @param blocked Told when an older tab keeps it from being opened.
   * @throws the DOMException of a browser that refuses.
   */
  static async open(name: string, lost: (why: Lost) => void, blocked: () => void): Promise<Store> {
    const db = await openDB<Schema>(database(name), SCHEMA, {
      upgrade(db) {
        db.createObjectStore("events", { autoIncrement: true });
        db.createObjectStore("head");
        db.createObjectStore("snapshot");
      },
      blocked,
      blocking(_version, wanted, event) {
        (event.target as IDBDatabase).close();
        lost(wanted === null ? "erased" : "outdated");
      },
      terminated() {
        lost("terminated");
      },
    });
    return new Store(db);
  }

  /** Removes a model with all its bytes; other tabs let go of it by themselves. */
  static async destroy(name: string): Promise<void> {
    await deleteDB(database(name));
  }

  /** What a reader who holds snapshot `revision` and the events up to `cursor` has not seen. */
  async read(revision: number, cursor: number): Promise<Unseen> {
    const tx = this.#db.transaction(["events", "head", "snapshot"]);
    const events = tx.objectStore("events");
    const head = await tx.objectStore("head").get("head");
    const known = head === undefined || head.revision === revision;
    const after = known ? cursor : head.watermark;
    const range = IDBKeyRange.lowerBound(after, true);
    const [snapshot, keys, values, first] = await Promise.all([
      known ? undefined : tx.objectStore("snapshot").get("snapshot"),
      events.getAllKeys(range),
      events.getAll(range),
      events.openKeyCursor(),
      tx.done,
    ]);
    return {
      head,
      snapshot,
      events: values,
      cursor: keys.at(-1) ?? after,
      empty: head === undefined && first === null,
    };
  }

  /** Appends events; they are on disk when it resolves. */
  async append(events: readonly LogEvent[]): Promise<void> {
    const tx = this.#db.transaction("events", "readwrite", { durability: "strict" });
    await Promise.all([...events.map((event) => tx.store.add(event)), tx.done]);
  }

  /**
   * Replaces the snapshot and drops the events that are in it, all or nothing; it is on disk
   * when it resolves, so that nothing that was forgotten comes back.
   *
   * @returns `false`, with nothing changed, where the present snapshot is not the one before.
   */
  async replace(head: Head, snapshot: Uint8Array): Promise<boolean> {
    const tx = this.#db.transaction(["events", "head", "snapshot"], "readwrite", {
      durability: "strict",
    });
    const present = await tx.objectStore("head").get("head");
    if ((present?.revision ?? 0) !== head.revision - 1) {
      await tx.done;
      return false;
    }
    await Promise.all([
      tx.objectStore("head").put(head, "head"),
      tx.objectStore("snapshot").put(snapshot, "snapshot"),
      tx.objectStore("events").delete(IDBKeyRange.upperBound(head.watermark)),
      tx.done,
    ]);
    return true;
  }

  /** Ends the connection. */
  close(): void {
    this.#db.close();
  }
}
