import type { Database } from "./database.js";
import type { LogEvent } from "./types.js";

/** An event that waits to be sent, and its key. */
export interface Waiting {
  key: number;
  event: LogEvent;
}

/** What waits to be sent, in the order in which it happened. */
export class Outbox {
  readonly #db: Database;

  /** The outbox of an open database. */
  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Opts in: from now on all that is stored waits here, too, and so does what was stored before.
   * Opting in again changes nothing but whether sending is put off.
   *
   * @param known What the model holds, the stored events up to the key `cursor` among it.
   */
  async begin(known: readonly LogEvent[], cursor: number, paused: boolean): Promise<void> {
    const tx = this.#db.begin(["events", "outbox", "sending"], "readwrite", {
      durability: "strict",
    });
    const sending = tx.objectStore("sending");
    const first = (await sending.count()) === 0;
    const range = IDBKeyRange.lowerBound(cursor, true);
    // What another tab stored meanwhile.
    const unseen = first ? await tx.objectStore("events").getAll(range) : [];
    const outbox = tx.objectStore("outbox");
    await Promise.all([
      sending.put({ paused }, "sending"),
      ...(first ? [...known, ...unseen].map((event) => outbox.add(event)) : []),
      tx.done,
    ]);
  }

  /** Whether the site opted in, and the visitor allows it at present. */
  async open(): Promise<boolean> {
    const sending = await this.#db.begin(["sending"]).store.get("sending");
    return sending !== undefined && !sending.paused;
  }

  /** The key of the last event that waits; 0 when none does. */
  async last(): Promise<number> {
    const tx = this.#db.begin(["outbox"]);
    const cursor = await tx.store.openKeyCursor(null, "prev");
    return cursor?.key ?? 0;
  }

  /** Up to `count` events behind the key `after`, up to the key `last`. */
  async read(after: number, last: number, count: number): Promise<Waiting[]> {
    if (after >= last) {
      return [];
    }
    const tx = this.#db.begin(["outbox"]);
    const range = IDBKeyRange.bound(after, last, true);
    const [keys, events] = await Promise.all([
      tx.store.getAllKeys(range, count),
      tx.store.getAll(range, count),
    ]);
    return keys.flatMap((key, i) => {
      const event = events[i];
      return event === undefined ? [] : [{ key, event }];
    });
  }

  /** How many events wait. */
  count(): Promise<number> {
    return this.#db.begin(["outbox"]).store.count();
  }

  /** Takes out what was sent, or what nobody would take any more. */
  async remove(sent: readonly Waiting[]): Promise<void> {
    const tx = this.#db.begin(["outbox"], "readwrite");
    await Promise.all([...sent.map(({ key }) => tx.store.delete(key)), tx.done]);
  }

  /** Puts events behind all others. */
  async putOff(refused: readonly Waiting[]): Promise<void> {
    const tx = this.#db.begin(["outbox"], "readwrite");
    // One that was forgotten meanwhile stays forgotten.
    const there = await Promise.all(refused.map(({ key }) => tx.store.count(key)));
    const moved = refused.filter((_, i) => there[i] !== 0);
    await Promise.all([
      ...moved.flatMap(({ key, event }) => [tx.store.delete(key), tx.store.add(event)]),
      tx.done,
    ]);
  }
}
