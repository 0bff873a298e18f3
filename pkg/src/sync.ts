import { databaseName } from "./database.js";
import { Endpoint, type EndpointOptions, Passing } from "./endpoint.js";
import { MoodloopError } from "./error.js";
import type { Keeper } from "./keeper.js";
import { Outbox } from "./outbox.js";
import { type Sent, sendAlone } from "./send.js";

/** What one run of {@link Sync} did. */
export interface Synced extends Sent {
  /** The published policy: a `new` one was taken over, it is the `same`, or there is `none` yet. */
  policy: "new" | "same" | "none";
}

/** The loop, as syncing sees it. */
export interface SyncSource {
  /** The model's name. */
  name: string;
  keeper: Keeper;
  /** Whether the visitor allows anything to be sent. */
  allowed: () => boolean;
  /** The name of the policy that the model builds on, if any. */
  base: () => string | undefined;
  /** Hears what a run did that nobody waits for. */
  synced: (report: Synced) => void;
  failed: (error: MoodloopError) => void;
}

/** How long after feedback it is sent, in milliseconds, so that a few share a request. */
const SOON_MS = 5000;
/** How often one looks for a new policy, in milliseconds; also the longest wait after a failure. */
const HOUR_MS = 60 * 60 * 1000;
/** The first wait after a failure, in milliseconds; it doubles with each that follows. */
const BACKOFF_MS = 5000;

/**
 * Keeps a loop and a Worker in step: see {@link Moodloop.sync}. It runs at once, a little after
 * feedback, when the browser comes online, and every hour.
 */
export class Sync {
  readonly #source: SyncSource;
  readonly #endpoint: Endpoint;
  readonly #online = () => void this.#attempt();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, in milliseconds since 1970. */
  #due = Number.POSITIVE_INFINITY;
  #failures = 0;
  #running: Promise<Synced> | undefined;
  #attempting = false;
  #stopped = false;

  /** @throws MoodloopError `invalid_options` for options that name no place or no user. */
  constructor(source: SyncSource, options: EndpointOptions) {
    this.#source = source;
    this.#endpoint = new Endpoint(options);
    globalThis.addEventListener?.("online", this.#online);
    this.#schedule(0);
  }

  /**
   * Runs once, now: takes over the published policy if it is another one, and sends what waits.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "sample-sync-now" });
   * const sync = await loop.sync({ url: "http://127.0.0.1:9/", user_id: "user-123" });
   * const { code } = await sync.now().catch((error) => error);
   * console.assert(code === "unavailable"); // Nothing is sent before consent.
   * sync.stop();
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `unavailable` without consent or with profiling off; `unreachable` and
   * `rate_limited` for what it tries again by itself; else what the server says, such as
   * `unauthorized`. What was not sent still waits.
   */
  now(): Promise<Synced> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Synced> {
    if (this.#stopped) {
      throw MoodloopError.closed("this sync");
    }
    const { allowed, name } = this.#source;
    if (!allowed()) {
      throw new MoodloopError("unavailable", "nothing is sent without consent to profiling");
    }
    // Before anything that may fail: a service worker sends what waits, too.
    const outbox = await this.#optIn(!allowed());
    const outcome = await this.#policy().catch((error: unknown) => MoodloopError.from(error));
    if (outcome instanceof Passing) {
      throw outcome;
    }
    const sent = outbox && (await sendAlone(name, outbox, this.#endpoint));
    if (outcome instanceof MoodloopError) {
      throw outcome;
    }
    const waiting = sent === undefined && outbox ? await outbox.count() : 0;
    return { policy: outcome, ...(sent ?? { sent: 0, waiting, expired: 0 }) };
  }

  /** What waits to be sent, all of the log being in it; nothing where the model is in memory. */
  #optIn(paused: boolean): Promise<Outbox | undefined> {
    return this.#source.keeper.withStore(async ({ db }, agent, cursor) => {
      const outbox = new Outbox(db);
      await outbox.begin(agent.events(), cursor, paused);
      return outbox;
    });
  }

  /** Takes over the published policy. */
  async #policy(): Promise<Synced["policy"]> {
    const { base, keeper } = this.#source;
    const held = base();
    let response: Response;
    try {
      response = await this.#endpoint.ask("api/v1/policy", {
        headers: held === undefined ? {} : { "if-none-match": held },
        // The name says whether it is the same; the browser's cache would keep a second copy.
        cache: "no-store",
      });
    } catch (error) {
      if (error instanceof MoodloopError && error.code === "not_found") {
        return "none";
      }
      throw error;
    }
    if (response.status === 304) {
      return "same";
    }
    const body = await response.arrayBuffer().catch((cause: unknown) => {
      throw new Passing("unreachable", "the policy broke off", 0, { cause });
    });
    await keeper.startFrom(new Uint8Array(body), response.headers.get("etag") ?? "");
    return "new";
  }

  /** Soon runs, as there is something to send. */
  soon(): void {
    if (this.#failures === 0) {
      this.#schedule(SOON_MS);
    }
  }

  /** Puts sending off while the visitor does not want to be profiled, or goes on with it. */
  async pause(paused: boolean): Promise<void> {
    await this.#optIn(paused);
    if (!paused) {
      this.#schedule(0);
    }
  }

  /**
   * Ends it. What waits, waits for the next one.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "sample-sync-stop" });
   * const sync = await loop.sync({ url: "http://127.0.0.1:9/", user_id: "user-123" });
   * sync.stop();
   * await loop.close();
   * ```
   */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#online);
  }

  /** Runs in `wait` milliseconds, if not before. */
  #schedule(wait: number): void {
    const due = Date.now() + wait;
    if (this.#stopped || due >= this.#due) {
      return;
    }
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#attempt(), wait);
    // In Node, waiting for this keeps no program alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Runs without anybody waiting for it, and plans the next run. */
  async #attempt(): Promise<void> {
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
    // Two that share a run would count its failure twice. Who came first plans the next one.
    if (this.#stopped || this.#attempting) {
      return;
    }
    this.#attempting = true;
    let wait = HOUR_MS;
    if (this.#source.allowed()) {
      try {
        this.#source.synced(await this.now());
        this.#failures = 0;
      } catch (error) {
        const failure = MoodloopError.from(error);
        if (failure instanceof Passing) {
          wait = this.#backOff(failure);
          void this.#inBackground();
        }
        if (!this.#stopped) {
          this.#source.failed(failure);
        }
      }
    }
    this.#attempting = false;
    this.#schedule(wait);
  }

  /** How long to wait after a failure: twice as long as before at most, and by chance less. */
  #backOff({ wait }: Passing): number {
    const most = Math.min(BACKOFF_MS * 2 ** this.#failures, HOUR_MS);
    this.#failures += 1;
    return wait + most / 2 + (Math.random() * most) / 2;
  }

  /** Asks the browser to wake the service worker when it is online, where it can do that. */
  async #inBackground(): Promise<void> {
    try {
      const registration = await navigator.serviceWorker?.getRegistration();
      const { sync } = (registration ?? {}) as { sync?: { register(tag: string): Promise<void> } };
      await sync?.register(databaseName(this.#source.name));
    } catch {
      // Not allowed here: this page tries again by itself.
    }
  }
}
