import { databaseName, openDatabase } from "./database.js";
import { Endpoint, type EndpointOptions, Passing } from "./endpoint.js";
import { MoodloopError } from "./error.js";
import { check } from "./options.js";
import { Outbox, type Waiting } from "./outbox.js";
import { decisionOf } from "./storage.js";
import type { LogEvent } from "./types.js";

/** What {@link send} needs to know. */
export interface SendOptions extends EndpointOptions {
  /** The model's name, as in `Moodloop.open`. */
  name: string;
}

/** What was sent. */
export interface Sent {
  /** Events that the server has now. */
  sent: number;
  /** Events that still wait: those of other visitors, and those that the server refused for now. */
  waiting: number;
  /** Events that were given up: no server takes what is more than a month old. */
  expired: number;
}

/** The largest body that the Worker reads is 16 KB; a little less. */
const BODY_BYTES = 16_000;
/** The most events that it takes at once. */
const BATCH = 100;
/** How many events are read at once. */
const PAGE = 400;
/** It takes what is at most 32 days old; a day less, as clocks differ. */
const OLDEST_MS = 31 * 24 * 60 * 60 * 1000;
/** How many events it may refuse before one gives up for now. */
const REFUSALS = 8;

const utf8 = new TextEncoder();

/**
 * Sends what waits in the outbox of a model, without the model: for a service worker, which need
 * not load it. Sends nothing unless the site opted in by `Moodloop.sync`, and the visitor has given
 * consent and allows profiling. An event that is sent twice counts once: the server knows its id.
 *
 * ```js
 * import { send } from "moodloop/sync";
 *
 * // In a service worker:
 * globalThis.addEventListener?.("sync", (event) => {
 *   if (event.tag === "moodloop:my-site") {
 *     event.waitUntil(send({ name: "my-site", url: "https://api.example.com", user_id: "user-123" }));
 *   }
 * });
 * ```
 *
 * @throws MoodloopError `invalid_options`; `unreachable` or `rate_limited` for what a later try may
 * better; else what the server says, such as `unauthorized`. What was not sent still waits.
 */
export async function send({ name, ...options }: SendOptions): Promise<Sent> {
  check("name", typeof name === "string", "the model's name");
  const endpoint = new Endpoint(options);
  const none = { sent: 0, waiting: 0, expired: 0 };
  // Opening would make a database where there is none.
  const databases = typeof indexedDB === "object" ? await indexedDB.databases() : [];
  if (!databases.some((database) => database.name === databaseName(name))) {
    return none;
  }
  const db = await openDatabase(name);
  try {
    return (await sendAlone(name, new Outbox(db), endpoint)) ?? none;
  } finally {
    db.close();
  }
}

/** Sends what waits, unless another tab or the service worker is at it; nothing then. */
export async function sendAlone(
  name: string,
  outbox: Outbox,
  endpoint: Endpoint,
): Promise<Sent | undefined> {
  const work = () => new Sending(outbox, endpoint).run();
  if (typeof navigator !== "object" || navigator.locks === undefined) {
    return work();
  }
  const lock = `${databaseName(name)}:sending`;
  return navigator.locks.request(lock, { ifAvailable: true }, (mine) =>
    mine === null ? undefined : work(),
  );
}

/** One run over the outbox. */
class Sending {
  readonly #outbox: Outbox;
  readonly #endpoint: Endpoint;
  /** Why decisions cannot be sent; what was said about them shares that. */
  readonly #fates = new Map<string, "expired" | "another's" | "refused">();
  #refusals: MoodloopError[] = [];
  #sent = 0;
  #expired = 0;

  constructor(outbox: Outbox, endpoint: Endpoint) {
    this.#outbox = outbox;
    this.#endpoint = endpoint;
  }

  async run(): Promise<Sent> {
    const outbox = this.#outbox;
    const last = await outbox.last();
    let after = 0;
    while (after < last) {
      const page = await outbox.read(after, last, PAGE);
      if (page.length === 0) {
        break;
      }
      after = page.at(-1)?.key ?? last;
      await this.#sendPage(page);
    }
    const [refusal] = this.#refusals;
    if (refusal !== undefined) {
      throw refusal;
    }
    return { sent: this.#sent, waiting: await outbox.count(), expired: this.#expired };
  }

  async #sendPage(page: Waiting[]): Promise<void> {
    const { token, user_id } = await this.#endpoint.identity();
    const fates = page.map(({ event }) => this.#fate(event, user_id));
    const expired = page.filter((_, i) => fates[i] === "expired");
    await this.#outbox.remove(expired);
    this.#expired += expired.length;
    const path = `api/v1/sync/${encodeURIComponent(user_id)}`;
    const theirs = page.filter((_, i) => fates[i] === undefined || fates[i] === "refused");
    for (const batch of batches(theirs)) {
      // Consent may be withdrawn, or profiling refused, at any time.
      if (!(await this.#outbox.open())) {
        return;
      }
      await this.#post(path, token, batch);
    }
  }

  /** Why an event cannot be sent for this visitor; nothing where it can. */
  #fate(event: LogEvent, user_id: string) {
    const id = decisionOf(event);
    if ("decision" in event) {
      const { decided_at, user_id: whose = user_id } = event.decision;
      if (decided_at < Date.now() - OLDEST_MS) {
        this.#fates.set(id, "expired");
      } else if (whose !== user_id) {
        this.#fates.set(id, "another's");
      }
    } else if (event.interaction.at < Date.now() - OLDEST_MS) {
      return "expired";
    }
    return this.#fates.get(id);
  }

  /** Posts a batch; one that is refused is halved, so that only what is wrong stays behind. */
  async #post(path: string, token: string | undefined, batch: Waiting[]): Promise<void> {
    const refused = ({ event }: Waiting) => this.#fates.get(decisionOf(event)) === "refused";
    // Behind their decision, which must come first when it is tried again.
    await this.#outbox.putOff(batch.filter(refused));
    const able = batch.filter((one) => !refused(one));
    if (able.length === 0) {
      return;
    }
    try {
      await this.#endpoint.ask(path, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: bodyOf(able),
      });
    } catch (error) {
      const failure = MoodloopError.from(error);
      if (failure instanceof Passing || /^(unauthorized|forbidden)$/.test(failure.code)) {
        throw failure;
      }
      if (able.length > 1) {
        const half = able.length >> 1;
        await this.#post(path, token, able.slice(0, half));
        await this.#post(path, token, able.slice(half));
        return;
      }
      await this.#putOff(able, failure);
      return;
    }
    await this.#outbox.remove(able);
    this.#sent += able.length;
  }

  async #putOff(refused: Waiting[], failure: MoodloopError): Promise<void> {
    for (const { event } of refused) {
      if ("decision" in event) {
        this.#fates.set(event.decision.decision_id, "refused");
      }
    }
    await this.#outbox.putOff(refused);
    this.#refusals.push(failure);
    if (this.#refusals.length >= REFUSALS) {
      throw failure;
    }
  }
}

function bodyOf(batch: readonly Waiting[]): string {
  return JSON.stringify({ events: batch.map(({ event }) => event) });
}

/** In order, each within what one request may hold. */
function* batches(waiting: readonly Waiting[]): Generator<Waiting[]> {
  let batch: Waiting[] = [];
  let bytes = 0;
  for (const one of waiting) {
    const size = utf8.encode(JSON.stringify(one.event)).length + 1;
    if (batch.length === BATCH || (batch.length > 0 && bytes + size > BODY_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += size;
  }
  if (batch.length > 0) {
    yield batch;
  }
}
