import { type Database, type Head, type Lost, openDatabase } from "./database.js";
import type { LogEvent } from "./types.js";

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

/** How a new snapshot differs from the log before it, for what is still to be sent. */
export interface Difference {
  /** Decisions that must not be sent any more. */
  gone?: readonly string[];
  /** Events that the log did not have. */
  came?: readonly LogEvent[];
}

/** The decision that an event is about. */
export function decisionOf(event: LogEvent): string {
  return "decision" in event ? event.decision.decision_id : event.interaction.decision_id;
}

/**
 * One model in IndexedDB: an append-only log of events, and one snapshot of everything up to a
 * watermark. Where the site opted in to sending, what is appended waits in the outbox, too.
 */
export class Store {
  /** The open database. */
  readonly db: Database;

  private constructor(db: Database) {
    this.db = db;
  }

  /** As {@link openDatabase}. */
  static async open(name: string, lost: (why: Lost) => void, blocked: () => void): Promise<Store> {
    return new Store(await openDatabase(name, lost, blocked));
  }

  /** What a reader who holds snapshot `revision` and the events up to `cursor` has not seen. */
  async read(revision: number, cursor: number): Promise<Unseen> {
    const tx = this.db.begin(["events", "head", "snapshot"]);
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
    const tx = this.db.begin(["events", "outbox", "sending"], "readwrite", {
      durability: "strict",
    });
    const sending = await tx.objectStore("sending").count();
    const stores = [tx.objectStore("events"), ...(sending > 0 ? [tx.objectStore("outbox")] : [])];
    const added = stores.flatMap((store) => events.map((event) => store.add(event)));
    await Promise.all([...added, tx.done]);
  }

  /**
   * Replaces the snapshot and drops the events that are in it, all or nothing; it is on disk
   * when it resolves, so that nothing that was forgotten comes back.
   *
   * @returns `false`, with nothing changed, where the present snapshot is not the one before.
   */
  async replace(
    head: Head,
    snapshot: Uint8Array,
    { gone = [], came = [] }: Difference,
  ): Promise<boolean> {
    const tx = this.db.begin(["events", "head", "snapshot", "outbox", "sending"], "readwrite", {
      durability: "strict",
    });
    const present = await tx.objectStore("head").get("head");
    if ((present?.revision ?? 0) !== head.revision - 1) {
      await tx.done;
      return false;
    }
    const outbox = tx.objectStore("outbox");
    let waiting = gone.length > 0 ? await outbox.openCursor() : null;
    while (waiting !== null) {
      if (gone.includes(decisionOf(waiting.value))) {
        await waiting.delete();
      }
      waiting = await waiting.continue();
    }
    const sending = await tx.objectStore("sending").count();
    await Promise.all([
      tx.objectStore("head").put(head, "head"),
      tx.objectStore("snapshot").put(snapshot, "snapshot"),
      tx.objectStore("events").delete(IDBKeyRange.upperBound(head.watermark)),
      ...(sending > 0 ? came.map((event) => outbox.add(event)) : []),
      tx.done,
    ]);
    return true;
  }

  /** Ends the connection. */
  close(): void {
    this.db.close();
  }
}
