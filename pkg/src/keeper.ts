import { Agent } from "./agent.js";
import { Connection, type StorageKind, type StorageReason, storagePossible } from "./connection.js";
import { MoodloopError } from "./error.js";
import { absorb, optionsText, revive } from "./revive.js";
import type { Head, Store, Unseen } from "./storage.js";
import { type News, Tabs } from "./tabs.js";
import type { AgentOptions, Exported, LogEvent } from "./types.js";

/** Why the model is another one than before; `storage`: what is stored was taken in. */
export type ChangeCause =
  | "feedback"
  | "storage"
  | "other_tab"
  | "fold"
  | "import"
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

/** After so many events a new snapshot is made, so that opening stays quick. */
const FOLD_AFTER = 128;
/** A snapshot older than a day is made again at opening, so that retention takes effect. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Keeps an agent, its stored log and the agents of other tabs at one. */
export class Keeper {
  /** The model. It may be another object after every await. */
  agent: Agent;
  /** Where it is kept. */
  readonly connection: Connection;
  readonly #kept: Kept;
  readonly #listener: Listener;
  readonly #tabs: Tabs;
  /** What is known here and not stored yet. */
  #backlog: LogEvent[] = [];
  /** Decisions that were forgotten here while the store could not be had. */
  #owed: string[] = [];
  /** The snapshot held, and the last stored event seen. */
  #revision = 0;
  #cursor = 0;
  /** Whether the store has held anything of this model. */
  #touched = false;
  #unfolded = 0;
  #folding = false;
  #closed = false;
  /** Work on the store happens one piece after another. */
  #work: Promise<unknown> = Promise.resolve();
  #writing: Promise<boolean> | undefined;

  /** A keeper that stores nothing until {@link Keeper.allow}. */
  constructor(kept: Kept, listener: Listener) {
    this.#kept = kept;
    this.#listener = listener;
    this.agent = new Agent(kept.options);
    this.#tabs = new Tabs(kept.name, (news) => this.#heard(news));
    this.connection = new Connection(
      kept.name,
      listener.stored,
      () => void this.#unattended(this.#next(() => this.#begin())),
      () => void this.#unattended(this.#next(() => this.#write())),
    );
  }

  #next<T>(job: () => Promise<T>): Promise<T> {
    const run = this.#work.then(() => {
      if (this.#closed) {
        throw MoodloopError.closed("this loop");
      }
      return job();
    });
    this.#work = run.catch(() => undefined);
    return run;
  }

  /** Waits for work that nobody else waits for. */
  async #unattended(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#closed) {
        this.#listener.failed(MoodloopError.from(error));
      }
    }
  }

  /**
   * Notes an event that the agent has taken in. Events that arrive while one write runs share
   * the next one.
   *
   * @returns Whether it is on disk, and no longer only in memory.
   */
  note(event: LogEvent): Promise<boolean> {
    if (!storagePossible()) {
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
      if (this.connection.store !== store) {
        // Lost in between: opened anew, or not to be opened any more.
        return this.#write();
      }
      this.connection.failed(error);
      return false;
    }
    this.#backlog.splice(0, events.length);
    this.#touched = true;
    this.connection.say("indexeddb", "stored");
    this.#tabs.tell({ kind: "written" });
    this.#unfolded += events.length;
    this.#foldWhenDue();
    return true;
  }

  /** The open store, if there may be one; the agent then holds what it holds. */
  async #connected(): Promise<Store | undefined> {
    const before = this.connection.store;
    const store = await this.connection.open();
    if (store === undefined) {
      return undefined;
    }
    if (store !== before) {
      const held = this.#touched;
      if (!(await this.#catchUp(store, "storage"))) {
        return undefined;
      }
      if (!held || this.#touched) {
        this.connection.say("indexeddb", "stored");
      }
    }
    return (await this.#settle(store)) ? store : undefined;
  }

  /**
   * Forgets in the store what was forgotten without it.
   *
   * @returns `false` where it cannot be done; it stays owed then.
   */
  async #settle(store: Store): Promise<boolean> {
    const owed = this.#owed;
    if (owed.length === 0) {
      return true;
    }
    try {
      await this.#replaceAlone(store, (agent) => {
        for (const id of owed) {
          agent.forget(id);
        }
      });
    } catch (error) {
      this.connection.failed(error);
      return false;
    }
    this.#owed = [];
    return true;
  }

  /** Starts anew, without anything of before. */
  async #begin(): Promise<void> {
    this.#backlog = [];
    this.#owed = [];
    this.#hold(new Agent(this.#kept.options), 0, 0);
    this.#touched = false;
    this.#unfolded = 0;
    this.#listener.changed("erase");
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
  async #catchUp(store: Store, cause: ChangeCause): Promise<boolean> {
    try {
      await this.#takeIn(await store.read(this.#revision, this.#cursor), cause);
      return true;
    } catch (error) {
      this.connection.failed(error);
      return false;
    }
  }

  async #takeIn(unseen: Unseen, cause: ChangeCause): Promise<void> {
    const { head, snapshot, events, cursor, empty } = unseen;
    if (empty) {
      if (this.#touched) {
        await this.#begin();
        this.connection.say("indexeddb", "evicted");
      }
      return;
    }
    this.#touched = true;
    let agent = this.agent;
    if (head !== undefined && snapshot !== undefined) {
      agent = revive(head, snapshot, this.#kept.options, (error) => {
        this.#listener.failed(error);
        this.connection.say("indexeddb", "corrupt");
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
      this.#listener.changed(cause);
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
      setTimeout(async () => {
        await this.#unattended(this.fold());
        this.#folding = false;
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
      await this.#replaceAlone(store, change);
    }
    this.#listener.changed(cause);
  }

  /** One tab at a time, and the others hear of it. */
  async #replaceAlone(store: Store, change: (agent: Agent) => void): Promise<void> {
    await this.#tabs.alone(() => this.#replace(store, change));
    this.#tabs.tell({ kind: "written" });
  }

  async #replace(store: Store, change: (agent: Agent) => void): Promise<void> {
    let head: Head;
    let snapshot: Uint8Array;
    do {
      const usable = await this.#catchUp(store, "other_tab");
      change(this.agent);
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
      if (this.connection.store === undefined && this.connection.allowed) {
        this.#owed.push(decision_id);
      }
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
      if (this.connection.store === undefined && storagePossible()) {
        this.#backlog = this.agent.events();
      }
    });
  }

  /** Forgets everything here, on disk and in the other tabs. */
  erase(): Promise<void> {
    return this.#next(async () => {
      this.connection.close();
      await this.#begin();
      this.#tabs.tell({ kind: "erased" });
      await this.connection.destroy();
    });
  }

  /** Stores what memory holds, and from now on everything. */
  allow(): Promise<void> {
    return this.#next(async () => {
      this.connection.allow();
      await this.#write();
    });
  }

  /** Stores nothing from now on and removes what is stored; memory goes on. */
  deny(): Promise<void> {
    return this.#next(async () => {
      this.#withdraw();
      this.#tabs.tell({ kind: "withdrawn" });
      await this.connection.destroy();
    });
  }

  #withdraw(): void {
    this.connection.giveUp("consent");
    this.#backlog = storagePossible() ? this.agent.events() : [];
    this.#hold(this.agent, 0, 0);
    this.#touched = false;
  }

  #heard(news: News): void {
    const { connection } = this;
    const taken = this.#next(async () => {
      if (news.kind === "erased") {
        // A tab that was connected to the erased store may have begun anew already.
        if (connection.store !== undefined || !connection.allowed) {
          connection.close();
          await this.#begin();
        }
      } else if (news.kind === "withdrawn") {
        this.#withdraw();
        this.#listener.withdrawn();
      } else {
        if (news.kind === "forgot") {
          this.#drop(news.decision_id);
          this.agent.forget(news.decision_id);
        }
        if (connection.store !== undefined) {
          await this.#catchUp(connection.store, "other_tab");
        }
      }
    });
    void this.#unattended(taken);
  }

  /** Waits for what is being written, and lets go of everything. */
  close(): Promise<void> {
    return this.#next(async () => {
      await this.#write();
      this.#closed = true;
      this.#tabs.leave();
      this.connection.close();
      this.agent.free();
    });
  }
}
