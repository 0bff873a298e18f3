import { Agent } from "./agent.js";
import { MoodloopError } from "./error.js";
import { absorb, optionsText, revive } from "./revive.js";
import { Blocked, type Head, type Lost, Store, type Unseen } from "./storage.js";
import { type News, Tabs } from "./tabs.js";
import type { AgentOptions, Exported, LogEvent } from "./types.js";

/** Where a model is kept. */
export type StorageKind = "indexeddb" | "memory";

/**
 * Why it is kept there: `stored`; no `consent`; `unavailable` here, or refused by the browser;
 * `full` disk; another tab `blocked` an upgrade; a newer version of the page made this tab
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

/** Why the model is another one than before. */
export type ChangeCause = "feedback" | "other_tab" | "fold" | "import" | "forget" | "erase";

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

/** After so many events a new snapshot is made, so that opening stays quick. */
const FOLD_AFTER = 128;
/** A snapshot older than a day is made again at opening, so that retention takes effect. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Keeps an agent, its stored log and the agents of other tabs at one. */
export class Keeper {
  /** The model. It may be another object after every await. */
  agent: Agent;
  /** Where the model is kept. */
  kind: StorageKind = "memory";
  readonly #kept: Kept;
  readonly #listener: Listener;
  readonly #tabs: Tabs;
  /** Whether anything may be stored. */
  #allowed = false;
  #store: Store | undefined;
  /** What is known here and not stored yet. */
  #backlog: LogEvent[] = [];
  /** The snapshot held, and the last stored event seen. */
  #revision = 0;
  #cursor = 0;
  /** Whether the store has held anything of this model. */
  #touched = false;
  #unfolded = 0;
  #folding = false;
  /** Work on the store happens one piece after another. */
  #work: Promise<unknown> = Promise.resolve();
  #writing: Promise<boolean> | undefined;

  /** A keeper that stores nothing until {@link Keeper.allow}. */
  constructor(kept: Kept, listener: Listener) {
    this.#kept = kept;
    this.#listener = listener;
    this.agent = new Agent(kept.options);
    this.#tabs = new Tabs(kept.name, (news) => this.#heard(news));
  }

  /** Whether this runtime could store anything at all. */
  static get possible(): boolean {
    return typeof indexedDB === "object" && indexedDB !== null;
  }

  #next<T>(job: () => Promise<T>): Promise<T> {
    const run = this.#work.then(job);
    this.#work = run.catch(() => undefined);
    return run;
  }

  /**
   * Notes an event that the agent has taken in. Events that arrive while one write runs share
   * the next one.
   *
   * @returns Whether it is on disk, and no longer only in memory.
   */
  note(event: LogEvent): Promise<boolean> {
    if (!Keeper.possible) {
      return Promise.resolve(false);
    }
    this.#backlog.push(event);
    this.#writing ??= this.#next(() => {
      this.#writing = undefined;
      return this.#write();
    });
    return this.#writing;
  }

  async #write(): Promise<boolean> {
    const store = await this.#connected();
    if (store === undefined) {
      return false;
    }
    const events = [...this.#backlog];
    if (events.length === 0) {
      return true;
    }
    try {
      await store.append(events);
    } catch (error) {
      // Lost in between: the next attempt opens it anew, or learns that it must not.
      return this.#store === store ? this.#refused(error) : this.#write();
    }
    this.#backlog.splice(0, events.length);
    this.#touched = true;
    this.#say("indexeddb", "stored");
    this.#tabs.tell({ kind: "written" });
    this.#unfolded += events.length;
    this.#foldWhenDue();
    return true;
  }

  #refused(error: unknown): false {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    this.#say("memory", full ? "full" : "unavailable");
    return false;
  }

  #say(kind: StorageKind, reason: StorageReason): void {
    if (kind !== this.kind || reason === "evicted" || reason === "corrupt") {
      this.kind = kind;
      this.#listener.stored(kind, reason);
    }
  }

  /** The open store, if there may be one; the agent then holds what it holds. */
  async #connected(): Promise<Store | undefined> {
    if (this.#store !== undefined || !this.#allowed) {
      return this.#store;
    }
    let store: Store;
    try {
      store = await Store.open(this.#kept.name, (why) => this.#lost(store, why));
    } catch (error) {
      if (error instanceof Blocked) {
        this.#say("memory", "blocked");
      } else {
        this.#allowed = false;
        const newer = error instanceof DOMException && error.name === "VersionError";
        this.#say("memory", newer ? "outdated" : "unavailable");
      }
      return undefined;
    }
    this.#store = store;
    if (!(await this.#catchUp(store))) {
      return undefined;
    }
    this.#say("indexeddb", "stored");
    return store;
  }

  #lost(store: Store, why: Lost): void {
    if (this.#store !== store) {
      return;
    }
    this.#store = undefined;
    if (why === "outdated") {
      this.#allowed = false;
      this.#say("memory", "outdated");
    } else if (why === "erased") {
      void this.#next(() => this.#begin("erase"));
    }
  }

  /** Starts anew, without anything of before. */
  async #begin(cause: ChangeCause): Promise<void> {
    this.#backlog = [];
    this.#hold(new Agent(this.#kept.options), 0, 0);
    this.#touched = false;
    this.#unfolded = 0;
    this.#listener.changed(cause);
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
   * @returns `false` where the store cannot be used; it is let go then.
   */
  async #catchUp(store: Store): Promise<boolean> {
    try {
      await this.#takeIn(await store.read(this.#revision, this.#cursor));
      return true;
    } catch (error) {
      const newer = error instanceof MoodloopError && error.code === "unsupported_version";
      this.#allowed = false;
      this.#disconnect();
      this.#say("memory", newer ? "outdated" : "unavailable");
      return false;
    }
  }

  async #takeIn(unseen: Unseen): Promise<void> {
    const { head, snapshot, events, cursor, empty } = unseen;
    if (empty) {
      if (this.#touched) {
        await this.#begin("erase");
        this.#say("indexeddb", "evicted");
      }
      return;
    }
    this.#touched = true;
    let agent = this.agent;
    if (head !== undefined && snapshot !== undefined) {
      agent = revive(head, snapshot, this.#kept.options, (error) => {
        this.#listener.failed(error);
        this.#say("indexeddb", "corrupt");
      });
      this.#unfolded = 0;
    }
    const fresh = agent !== this.agent;
    const taken = events.filter((event) => this.#absorb(agent, event)).length;
    if (fresh) {
      for (const event of this.#backlog) {
        this.#absorb(agent, event);
      }
    }
    this.#hold(agent, head?.revision ?? this.#revision, cursor);
    if (fresh || taken > 0) {
      this.#listener.changed("other_tab");
    }
    const now = this.#kept.now();
    const old = now - (head?.folded_at ?? now) > DAY_MS;
    this.#unfolded = old ? FOLD_AFTER : Math.max(this.#unfolded, events.length);
    this.#foldWhenDue();
  }

  #absorb(agent: Agent, event: LogEvent): boolean {
    return absorb(agent, event, (error) => this.#listener.failed(error));
  }

  #foldWhenDue(): void {
    if (this.#unfolded >= FOLD_AFTER && !this.#folding) {
      this.#folding = true;
      setTimeout(() => {
        this.fold()
          .catch((error: unknown) => this.#listener.failed(MoodloopError.from(error)))
          .finally(() => {
            this.#folding = false;
          });
      }, 0);
    }
  }

  /** Makes the model again from its log, and one snapshot of it. */
  fold(): Promise<void> {
    return this.#next(() => this.#rewrite("fold", (agent) => agent.fold(this.#kept.now())));
  }

  /** Changes the model in a way that the log alone does not tell, and stores the result. */
  async #rewrite(cause: ChangeCause, change: (agent: Agent) => void): Promise<void> {
    const store = await this.#connected();
    if (store === undefined) {
      change(this.agent);
    } else {
      await this.#tabs.alone(() => this.#replace(store, change));
      this.#tabs.tell({ kind: "written" });
    }
    this.#listener.changed(cause);
  }

  async #replace(store: Store, change: (agent: Agent) => void): Promise<void> {
    let head: Head;
    let snapshot: Uint8Array;
    do {
      const usable = await this.#catchUp(store);
      change(this.agent);
      if (!usable) {
        return;
      }
      snapshot = this.agent.snapshot();
      head = {
        revision: this.#revision + 1,
        watermark: this.#cursor,
        options: optionsText(this.#kept.options),
        folded_at: this.#kept.now(),
      };
    } while (!(await store.replace(head, snapshot)));
    this.#revision = head.revision;
    this.#touched = true;
    this.#unfolded = 0;
  }

  /** Forgets a decision here, on disk and in the other tabs. */
  async forget(decision_id: string): Promise<boolean> {
    return this.#next(async () => {
      let known = false;
      this.#drop(decision_id);
      await this.#rewrite("forget", (agent) => {
        known = agent.forget(decision_id) || known;
      });
      this.#tabs.tell({ kind: "forgot", decision_id });
      return known;
    });
  }

  #drop(decision_id: string): void {
    this.#backlog = this.#backlog.filter((event) => {
      const { decision_id: id } = "decision" in event ? event.decision : event.interaction;
      return id !== decision_id;
    });
  }

  /** Takes in what another model exported. */
  merge(exported: Exported): Promise<void> {
    return this.#next(async () => {
      await this.#rewrite("import", (agent) => agent.import(exported));
      if (this.#store === undefined && Keeper.possible) {
        this.#backlog = this.agent.events();
      }
    });
  }

  /** Forgets everything here, on disk and in the other tabs. */
  erase(): Promise<void> {
    return this.#next(async () => {
      this.#disconnect();
      await this.#begin("erase");
      this.#tabs.tell({ kind: "erased" });
      if (Keeper.possible) {
        await Store.destroy(this.#kept.name);
      }
    });
  }

  #disconnect(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  /** Stores what memory holds, and from now on everything. */
  allow(): Promise<void> {
    return this.#next(async () => {
      this.#allowed = Keeper.possible;
      const store = await this.#connected();
      if (store !== undefined) {
        await this.#write();
      } else if (!Keeper.possible) {
        this.#listener.stored("memory", "unavailable");
      }
    });
  }

  /** Stores nothing from now on and removes what is stored; memory goes on. */
  deny(): Promise<void> {
    return this.#next(async () => {
      await this.#withdraw();
      this.#tabs.tell({ kind: "withdrawn" });
      if (Keeper.possible) {
        await Store.destroy(this.#kept.name);
      }
    });
  }

  async #withdraw(): Promise<void> {
    this.#allowed = false;
    this.#disconnect();
    this.#backlog = this.agent.events();
    this.#hold(this.agent, 0, 0);
    this.#touched = false;
    this.#say("memory", "consent");
  }

  #heard(news: News): void {
    void this.#next(async () => {
      if (news.kind === "erased") {
        // A tab that was connected to the erased database may have begun anew already.
        if (this.#store !== undefined || !this.#allowed) {
          this.#disconnect();
          await this.#begin("erase");
        }
      } else if (news.kind === "withdrawn") {
        await this.#withdraw();
        this.#listener.withdrawn();
      } else {
        if (news.kind === "forgot") {
          this.#drop(news.decision_id);
          this.agent.forget(news.decision_id);
        }
        if (this.#store !== undefined) {
          await this.#catchUp(this.#store);
        }
      }
    }).catch((error: unknown) => this.#listener.failed(MoodloopError.from(error)));
  }

  /** Waits for what is being written, and lets go of everything. */
  async close(): Promise<void> {
    await this.#next(() => this.#write());
    this.#tabs.leave();
    this.#disconnect();
    this.agent.free();
  }
}
