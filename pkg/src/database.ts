import {
  type DBSchema,
  deleteDB,
  type IDBPDatabase,
  type IDBPTransaction,
  openDB,
  type StoreNames,
} from "idb";
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

/** That events are to be sent, and whether that is put off. */
export interface Sending {
  /** Whether nothing may be sent for now: the visitor does not want to be profiled. */
  paused: boolean;
}

/** One model in IndexedDB. */
export interface Schema extends DBSchema {
  /** The log behind the snapshot. */
  events: { key: number; value: LogEvent };
  head: { key: "head"; value: Head };
  snapshot: { key: "snapshot"; value: Uint8Array };
  /** What is still to be sent, if anything ever is; since version 2. */
  outbox: { key: number; value: LogEvent };
  /** Empty until the site opts in; since version 2. */
  sending: { key: "sending"; value: Sending };
}

/** An open database. */
export class Database {
  readonly #db: IDBPDatabase<Schema>;

  /** What `idb` opened. */
  constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  /**
   * Begins a transaction. One that breaks off rejects its requests, and `done` where somebody waits
   * for it: one that breaks off before that is no error of the page.
   */
  begin<
    const Names extends readonly StoreNames<Schema>[],
    Mode extends IDBTransactionMode = "readonly",
  >(
    stores: Names,
    mode?: Mode,
    options?: IDBTransactionOptions,
  ): IDBPTransaction<Schema, Names, Mode> {
    const tx = this.#db.transaction(stores, mode, options);
    tx.done.catch(() => {});
    return tx;
  }

  /** Ends the connection. */
  close(): void {
    this.#db.close();
  }
}

/** Why a connection ended without being asked to. */
export type Lost = "erased" | "outdated" | "terminated";

/** The version of the schema. */
const SCHEMA = 2;

/** The database of a model's name. */
export function databaseName(name: string): string {
  return `moodloop:${name}`;
}

/**
 * Opens a model's database, making it where there is none, however long that takes.
 *
 * @param lost Told when the connection ends: another tab erases or upgrades, or the browser
 * closes it. The connection is closed by then.
 * @param blocked Told when an older tab keeps it from being opened.
 * @throws the DOMException of a browser that refuses.
 */
export async function openDatabase(
  name: string,
  lost: (why: Lost) => void = () => {},
  blocked: () => void = () => {},
): Promise<Database> {
  const db = await openDB<Schema>(databaseName(name), SCHEMA, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore("events", { autoIncrement: true });
        db.createObjectStore("head");
        db.createObjectStore("snapshot");
      }
      db.createObjectStore("outbox", { autoIncrement: true });
      db.createObjectStore("sending");
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
  return new Database(db);
}

/** Removes a model with all its bytes; other tabs let go of it by themselves. */
export function destroyDatabase(name: string): Promise<void> {
  return deleteDB(databaseName(name));
}
