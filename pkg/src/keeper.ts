import type { Agent } from "./agent.js";
import { Connection, storagePossible } from "./connection.js";
import { MoodloopError } from "./error.js";
import { type ChangeCause, type Kept, type Listener, Replica } from "./replica.js";
import type { Difference, Store } from "./storage.js";
import { type News, Tabs } from "./tabs.js";
import type { Exported, LogEvent } from "./types.js";

/** After so many events a new snapshot is made, so that opening stays quick. */
const FOLD_AFTER = 128;

/** Keeps an agent, its stored log and the agents of other tabs at one. */
export class Keeper {
  /** Where the model is kept. */
  readonly connection: Connection;
  readonly #replica: Replica;
  readonly #kept: Kept;
  readonly #listener: Listener;
  readonly #tabs: Tabs;
  /** Decisions that were forgotten here while the store could not be had. */
  #owed: string[] = [];
  #folding = false;
  #closed = false;
  /** Work on the store happens one piece after another. */
  #work: Promise<unknown> = Promise.resolve();
  #writing: Promise<boolean> | undefined;

  /** A keeper that stores nothing until {@link Keeper.allow}. */
  constructor(kept: Kept, listener: Listener) {
    this.#kept = kept;
    this.#listener = listener;
    this.#replica = new Replica(kept, listener);
    this.#tabs = new Tabs(kept.name, (news) => this.#heard(news));
    this.connection = new Connection(
      kept.name,
      listener.stored,
      () => void this.#unattended(this.#next(async () => this.#begin())),
      () => void this.#unattended(this.#next(() => this.#write())),
    );
  }

  /** The model. It may be another object after every await. */
  get agent(): Agent {
    return this.#replica.agent;
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
   * @returns Whether it is on disk, and neither only in memory nor gone with a model that was
   * erased or evicted.
   */
  async note(event: LogEvent): Promise<boolean> {
    if (!storagePossible()) {
      return false;
    }
    const { beginnings } = this.#replica;
    this.#replica.backlog.push(event);
    this.#writing ??= this.#next(() => {
      this.#writing = undefined;
      return this.#write();
    });
    return (await this.#writing) && beginnings === this.#replica.beginnings;
  }

  async #write(): Promise<boolean> {
    const store = await this.#connected();
    if (store === undefined) {
      return false;
    }
    const events = [...this.#replica.backlog];
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
    this.#replica.backlog.splice(0, events.length);
    this.#replica.touched = true;
    this.connection.say("indexeddb", "stored");
    this.#tabs.tell({ kind: "written" });
    this.#replica.unfolded += events.length;
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
      const held = this.#replica.touched;
      if (!(await this.#catchUp(store, "storage"))) {
        return undefined;
      }
      // What memory holds beside it is called stored when it is written.
      if (this.#replica.backlog.length === 0 && (!held || this.#replica.touched)) {
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
    const gone = this.#owed;
    if (gone.length === 0) {
      return true;
    }
    try {
      await this.#replace(store, (agent) => {
        for (const id of gone) {
          agent.forget(id);
        }
        return { gone };
      });
    } catch (error) {
      this.connection.failed(error);
      return false;
    }
    this.#owed = [];
    return true;
  }

  /** Starts anew, without anything of before. */
  #begin(): void {
    this.#owed = [];
    this.#replica.begin();
  }

  /**
   * Takes in what the store holds and this agent does not.
   *
   * @returns `false` where the store cannot be used; it is let go then.
   */
  async #catchUp(store: Store, cause: ChangeCause): Promise<boolean> {
    try {
      const found = await this.#replica.catchUp(store, cause);
      if (found !== undefined) {
        this.connection.say("indexeddb", found);
      }
    } catch (error) {
      this.connection.failed(error);
      return false;
    }
    this.#foldWhenDue();
    return true;
  }

  #foldWhenDue(): void {
    if (this.#replica.unfolded >= FOLD_AFTER && !this.#folding) {
      this.#folding = true;
      setTimeout(async () => {
        await this.#unattended(this.fold());
        this.#folding = false;
      }, 0);
    }
  }

  /** Makes the model again from its log, and one snapshot of it. */
  fold(): Promise<void> {
    return this.#rewrite("fold", (agent) => {
      agent.fold(this.#kept.now());
      return undefined;
    });
  }

  /** Builds on a published policy from now on. */
  startFrom(policy: Uint8Array, name: string): Promise<void> {
    return this.#rewrite("policy", (agent) => {
      agent.startFrom(policy, name);
      return undefined;
    });
  }

  /** Takes in what another model exported. */
  merge(exported: Exported): Promise<void> {
    return this.#rewrite("import", (agent) => {
      agent.import(exported);
      const came = agent.events();
      if (this.connection.store === undefined && storagePossible()) {
        this.#replica.backlog = came;
      }
      return { came };
    });
  }

  /** Forgets a decision here, on disk and in the other tabs. */
  async forget(decision_id: string): Promise<boolean> {
    let known = false;
    await this.#rewrite("forget", (agent) => {
      this.#replica.drop(decision_id);
      known = agent.forget(decision_id) || known;
      if (this.connection.store === undefined && this.connection.allowed) {
        this.#owed.push(decision_id);
      }
      return { gone: [decision_id] };
    });
    this.#tabs.tell({ kind: "forgot", decision_id });
    return known;
  }

  /** Changes the model in a way that the log alone does not tell, and stores the result. */
  #rewrite(cause: ChangeCause, change: (agent: Agent) => Difference | undefined): Promise<void> {
    return this.#next(async () => {
      const store = await this.#connected();
      if (store === undefined) {
        change(this.agent);
      } else {
        await this.#replace(store, change);
      }
      this.#listener.changed(cause);
    });
  }

  /** One tab at a time, and the others hear of it. */
  async #replace(store: Store, change: (agent: Agent) => Difference | undefined): Promise<void> {
    const seen = () => this.#catchUp(store, "other_tab");
    await this.#tabs.alone(() => this.#replica.replace(store, change, seen));
    this.connection.say("indexeddb", "stored");
    this.#tabs.tell({ kind: "written" });
  }

  /**
   * Does something with the store while nothing else does, everything that is known here being
   * stored; without a store, nothing is done.
   *
   * @param job Is given the store, the agent, and the key of the last event that it has taken in.
   */
  withStore<T>(
    job: (store: Store, agent: Agent, cursor: number) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#next(async () => {
      const stored = await this.#write();
      const { store } = this.connection;
      if (stored && store !== undefined && (await this.#catchUp(store, "other_tab"))) {
        return job(store, this.agent, this.#replica.cursor);
      }
      return undefined;
    });
  }

  /** Forgets everything here, on disk and in the other tabs. */
  erase(): Promise<void> {
    return this.#next(async () => {
      this.connection.close();
      this.#begin();
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
    this.#replica.detach();
  }

  #heard(news: News): void {
    const { connection } = this;
    const taken = this.#next(async () => {
      if (news.kind === "erased") {
        // A tab that was connected to the erased store may have begun anew already.
        if (connection.store !== undefined || !connection.allowed) {
          connection.close();
          this.#begin();
        }
      } else if (news.kind === "withdrawn") {
        this.#withdraw();
        this.#listener.withdrawn();
      } else {
        if (news.kind === "forgot") {
          this.#replica.drop(news.decision_id);
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
