import type { Agent } from "./agent.js";
import type { StorageKind, StorageReason } from "./connection.js";
import type { EndpointOptions } from "./endpoint.js";
import { MoodloopError } from "./error.js";
import { Keeper } from "./keeper.js";
import {
  type CheckedOptions,
  type Consent,
  check,
  checkConsent,
  checked,
  checkProfiling,
  isObject,
  type OpenOptions,
} from "./options.js";
import { Ranker } from "./ranker.js";
import { Clock, filled, newId, type RecommendRequest } from "./request.js";
import { exported } from "./revive.js";
import type { Sync, Synced } from "./sync.js";
import { type LoopEvents, Teller } from "./teller.js";
import type { Decided, Exported, Report, Stored } from "./types.js";
import { Unprofiled } from "./unprofiled.js";

/**
 * A model of one's own: it decides, learns, and survives what a browser does.
 *
 * ```js
 * import { Moodloop } from "moodloop";
 *
 * const loop = await Moodloop.open({ name: "my-site", consent: "granted" });
 * const pick = loop.recommend({ content_type: "music", mood: "relaxed" });
 * await loop.feedback(pick.decision_id, { interaction_type: "like", content_id: "moonlight" });
 * console.assert(loop.stats().total_state_actions > 0);
 * await loop.close();
 * ```
 */
export class Moodloop extends Ranker {
  readonly #name: string;
  readonly #keeper: Keeper;
  readonly #teller = new Teller();
  #consent: Consent = "denied";
  #profiling: boolean;
  #sync: Sync | undefined;
  #closed = false;

  private constructor({ name, profiling, now, model }: CheckedOptions) {
    super(new Clock(now), new Unprofiled(model));
    const teller = this.#teller;
    this.#name = name;
    this.#profiling = profiling;
    this.#keeper = new Keeper(
      { name, options: model, now: () => this.clock.ms() },
      {
        stored: (storage, reason) => teller.tell("storage", { storage, reason }),
        changed: (cause) => teller.tell("change", { cause }),
        failed: (error) => teller.tell("failure", error),
        withdrawn: () => {
          this.#consent = "denied";
        },
      },
    );
  }

  /**
   * Opens the model of this name: what IndexedDB holds of it, if the visitor allowed to store
   * anything, else a new one in memory. Storage that fails is no error: the loop goes on in memory
   * and says so.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site", extras: { day_type: ["weekday", "weekend"] } });
   * loop.on("storage", ({ storage, reason }) => console.log(storage, reason));
   * loop.consent = "granted"; // when the visitor says so
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `invalid_options` for an option that is missing, unknown or out of range.
   */
  static async open(options: OpenOptions): Promise<Moodloop> {
    const given = checked(options);
    const loop = new Moodloop(given);
    if (given.persist && typeof navigator === "object") {
      await navigator.storage?.persist?.();
    }
    if (given.consent === "granted") {
      loop.#consent = given.consent;
      await loop.#keeper.allow();
    }
    return loop;
  }

  /**
   * Listens to what the loop tells.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const off = loop.on("change", ({ cause }) => console.log(cause));
   * off();
   * await loop.close();
   * ```
   *
   * @returns A function that ends it.
   */
  on<K extends keyof LoopEvents>(type: K, listener: (told: LoopEvents[K]) => void): () => void {
    return this.#teller.on(type, listener);
  }

  /** Where the model is kept. */
  get storage(): StorageKind {
    return this.#keeper.connection.kind;
  }

  /** Why it is kept there. */
  get storageReason(): StorageReason {
    return this.#keeper.connection.reason;
  }

  /**
   * Whether the visitor allowed to store anything. Granting it later stores what memory holds;
   * withdrawing it removes what is stored, in every tab, and goes on in memory.
   */
  get consent(): Consent {
    return this.#consent;
  }

  set consent(consent: Consent) {
    this.ask();
    checkConsent(consent);
    if (consent !== this.#consent) {
      this.#consent = consent;
      this.#unattended(consent === "granted" ? this.#keeper.allow() : this.#keeper.deny());
    }
  }

  /** Whether personality and what was learned are used, and anything is learned. */
  get profiling(): boolean {
    return this.#profiling;
  }

  set profiling(profiling: boolean) {
    this.ask();
    checkProfiling(profiling);
    this.#profiling = profiling;
    if (this.#sync !== undefined) {
      this.#unattended(this.#sync.pause(!profiling));
    }
  }

  #unattended(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#teller.tell("failure", MoodloopError.from(error)));
  }

  /** @internal */
  protected ask(): Agent {
    if (this.#closed) {
      throw MoodloopError.closed("this loop");
    }
    return this.#keeper.agent;
  }

  /**
   * Chooses how to recommend in this context.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const pick = loop.recommend({
   *   content_type: "music",
   *   mood: "relaxed",
   *   personality: { openness: 75 },
   * });
   * console.assert(pick.params.genre_count >= 2 && pick.reasoning.length > 0);
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `invalid_context` naming the field that is unknown or out of range.
   */
  recommend(request: RecommendRequest): Decided {
    const agent = this.ask();
    const full = filled(request, {
      decision_id: newId(),
      decided_at: this.clock.ms(),
      time_of_day: this.clock.part(),
    });
    if (!this.#profiling) {
      return this.unprofiled.decide(full);
    }
    const decided = agent.decide(full);
    for (const event of agent.events(decided.decision_id)) {
      void this.#keeper.note(event);
    }
    return decided;
  }

  /**
   * Learns from what the visitor did with one piece of content. When it resolves with
   * `stored: true`, it is on disk.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site", consent: "granted" });
   * const { decision_id } = loop.recommend({ content_type: "podcast" });
   * const heard = { interaction_type: "complete", completion_percentage: 95, content_id: "p1" };
   * const { reward } = await loop.feedback(decision_id, heard);
   * console.assert(reward === 0.975);
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `unknown_decision`, `invalid_feedback`, `invalid_reward`; nothing is
   * learned then.
   */
  async feedback(decision_id: string, report: Report): Promise<Stored> {
    const agent = this.ask();
    const full = filled(report, { interaction_id: newId(), at: this.clock.later() });
    if (!this.#profiling) {
      return { ...this.unprofiled.learn(decision_id, full), stored: false };
    }
    const learned = agent.learn(decision_id, full);
    const stored = this.#keeper.note({ interaction: { decision_id, ...full } });
    this.#teller.tell("change", { cause: "feedback" });
    this.#sync?.soon();
    return { ...learned, stored: await stored };
  }

  /**
   * Makes the model again from its log now; it does so by itself from time to time.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * await loop.fold();
   * await loop.close();
   * ```
   */
  async fold(): Promise<void> {
    this.ask();
    await this.#keeper.fold();
  }

  /**
   * Takes in everything that another model knows, from either form that {@link Moodloop.export}
   * gives. What both know counts once.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * await loop.import(loop.export("json"));
   * console.assert(loop.events().length === 0);
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `corrupt_model`, `unsupported_version`, `corrupt_log`; the model is then
   * as before.
   */
  async import(source: Uint8Array | Exported): Promise<void> {
    this.ask();
    await this.#keeper.merge(source instanceof Uint8Array ? exported(source) : source);
  }

  /**
   * Keeps in step with a Worker from now on: builds on the policy that it published, so that a new
   * visitor starts from what others taught, and sends this visitor's decisions and interactions.
   * Nothing is sent before this is called, without consent, or with profiling off. What cannot be
   * sent waits in IndexedDB, a month at most; a loop in memory sends nothing. What the server
   * refuses is told by the `failure` event. Calling it again replaces the one before.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site", consent: "granted" });
   * loop.on("synced", ({ policy, sent, waiting }) => console.log(policy, sent, waiting));
   * loop.on("failure", ({ code }) => console.log(code)); // `unreachable` while offline
   * const sync = await loop.sync({ url: "http://127.0.0.1:9/", user_id: "user-123" });
   * sync.stop();
   * await loop.close();
   * ```
   *
   * @param options Where the Worker is, and the visitor's token, which names them.
   * @throws MoodloopError `invalid_options`.
   */
  async sync(options: EndpointOptions): Promise<Sync> {
    this.ask();
    check("options", isObject(options), "an object");
    const { Sync } = await import("./sync.js");
    const source = {
      name: this.#name,
      keeper: this.#keeper,
      allowed: () => !this.#closed && this.#consent === "granted" && this.#profiling,
      base: () => this.ask().base(),
      synced: (report: Synced) => this.#teller.tell("synced", report),
      failed: (error: MoodloopError) => this.#teller.tell("failure", error),
    };
    const sync = new Sync(source, options);
    this.#sync?.stop();
    this.#sync = sync;
    return sync;
  }

  /**
   * Forgets one decision and everything learned from it: here, on disk and in other tabs.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { decision_id } = loop.recommend({ content_type: "music" });
   * console.assert(await loop.forget(decision_id));
   * await loop.close();
   * ```
   *
   * @returns `false` for a decision that is not held.
   */
  async forget(decision_id: string): Promise<boolean> {
    this.ask();
    return this.#keeper.forget(decision_id);
  }

  /**
   * Forgets everything: here, on disk and in other tabs. The loop goes on as a new one.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * loop.recommend({ content_type: "music" });
   * await loop.erase();
   * console.assert(loop.events().length === 0);
   * await loop.close();
   * ```
   */
  async erase(): Promise<void> {
    this.ask();
    await this.#keeper.erase();
  }

  /** Waits for what is being written and ends. Closing twice is fine; using it is the error `closed`. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#sync?.stop();
      this.lists.free();
      await this.#keeper.close();
    }
  }
}
