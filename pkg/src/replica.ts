import { Agent } from "./agent.js";
import type { StorageKind, StorageReason } from "./connection.js";
import type { Head } from "./database.js";
import { MoodloopError } from "./error.js";
import { absorb, optionsText, revive } from "./revive.js";
import { type Difference, decisionOf, type Store, type Unseen } from "./storage.js";
import type { AgentOptions, LogEvent } from "./types.js";

/** Why the model is another one than before; `storage`: what is stored was taken in. */
export type ChangeCause =
  | "feedback"
  | "storage"
  | "other_tab"
  | "fold"
  | "import"
  | "policy"
  | "forget"
  | "erase";

/** What a keeper says. */
export interface Listener {
  stored(kind: StorageKind, reason: StorageReason): void;
  changed(cause: ChangeCause): void;
  failed(error: MoodloopError): void;
  withdrawn(): void;
}

/** What a keeper is made for. */
export interface Kept {
  /** The model's name. */
  name: string;
  /** The options that its agents are made with. */
  options: AgentOptions;
  /** The time, in milliseconds since 1970. */
  now: () => number;
}

/** A snapshot older than a day is made again at opening, so that retention takes effect. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** An agent, and how much of the stored log it holds. */
export class Replica {
  /** The model. It may be another object after every await. */
  agent: Agent;
  /** What is known here and not stored yet. */
  backlog: LogEvent[] = [];
  /** Whether the store has held anything of this model. */
  touched = false;
  /** How often it began anew: what was known before the last time is gone. */
  beginnings = 0;
  /** How many events came since the last snapshot; after a day there are always enough. */
  unfolded = 0;
  readonly #kept: Kept;
  readonly #listener: Listener;
  /** The snapshot held, and the last stored event seen. */
  #revision = 0;
  #cursor = 0;

  /** A new agent, which holds nothing. */
  constructor(kept: Kept, listener: Listener) {
    this.#kept = kept;
    this.#listener = listener;
    this.agent = new Agent(kept.options);
  }

  /** The key of the last stored event that the agent has taken in. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Starts anew, without anything of before. */
  begin(): void {
    this.beginnings += 1;
    this.backlog = [];
    this.#hold(new Agent(this.#kept.options), 0, 0);
    this.touched = false;
    this.unfolded = 0;
    this.#listener.changed("erase");
  }

  /** Goes on with the present agent, of which nothing is stored any more. */
  detach(): void {
    this.backlog = this.agent.events();
    this.#hold(this.agent, 0, 0);
    this.touched = false;
  }

  /** Takes what waits to be stored about a decision out. */
  drop(decision_id: string): void {
    this.backlog = this.backlog.filter((event) => decisionOf(event) !== decision_id);
  }

  #hold(agent: Agent, revision: number, cursor: number): void {
    if (agent !== this.agent) {
      this.agent.free();
      this.agent = agent;
    }
    this.#revision = revision;
    this.#cursor = cursor;
  }

  /**
   * Takes in what the store holds and this agent does not.
   *
   * @returns `evicted` where the store lost what it held.
   */
  async catchUp(store: Store, cause: ChangeCause): Promise<"evicted" | "corrupt" | undefined> {
    const unseen = await store.read(this.#revision, this.#cursor);
    if (unseen.empty) {
      if (!this.touched) {
        return undefined;
      }
      this.begin();
      return "evicted";
    }
    return this.#takeIn(unseen, cause);
  }

  #takeIn({ head, snapshot, events, cursor }: Unseen, cause: ChangeCause): "corrupt" | undefined {
    this.touched = true;
    let agent = this.agent;
    let corrupt = false;
    if (head !== undefined && snapshot !== undefined) {
      agent = revive(head, snapshot, this.#kept.options, (error) => {
        corrupt = true;
        this.#listener.failed(error);
      });
      this.unfolded = 0;
    }
    const fresh = agent !== this.agent;
    const failed = (error: MoodloopError) => this.#listener.failed(error);
    const taken = events.filter((event) => absorb(agent, event, failed)).length;
    if (fresh) {
      for (const event of this.backlog) {
        absorb(agent, event, failed);
      }
    }
    this.#hold(agent, head?.revision ?? this.#revision, cursor);
    if (fresh || taken > 0) {
      this.#listener.changed(cause);
    }
    const now = this.#kept.now();
    const old = now - (head?.folded_at ?? now) > DAY_MS;
    this.unfolded = old ? Number.POSITIVE_INFINITY : Math.max(this.unfolded, events.length);
    return corrupt ? "corrupt" : undefined;
  }

  /**
   * Changes the model in a way that the log alone does not tell, and stores the result. The change
   * is made again where another tab stored one in between.
   *
   * @param seen Brings the agent up to date; says whether the store can be used.
   * @throws MoodloopError `unavailable` where it cannot; the change is made in memory then.
   */
  async replace(
    store: Store,
    change: (agent: Agent) => Difference | undefined,
    seen: () => Promise<boolean>,
  ): Promise<void> {
    let head: Head;
    let snapshot: Uint8Array;
    let difference: Difference | undefined;
    do {
      const usable = await seen();
      difference = change(this.agent);
      if (!usable) {
        throw new MoodloopError("unavailable", "the stored model cannot be changed");
      }
      snapshot = this.agent.snapshot();
      head = {
        revision: this.#revision + 1,
        watermark: this.#cursor,
        options: optionsText(this.#kept.options),
        folded_at: this.#kept.now(),
      };
    } while (!(await store.replace(head, snapshot, difference ?? {})));
    this.#revision = head.revision;
    this.touched = true;
    this.unfolded = 0;
  }
}
