import * as core from "../wasm/core.js";
import { guarded, MoodloopError } from "./error.js";
import type { Brief } from "./ranked.js";
import type {
  AgentOptions,
  Decided,
  DecisionRequest,
  Explanation,
  Exported,
  Learned,
  LogEvent,
  Report,
  Stats,
  TableRow,
  Values,
} from "./types.js";

/** The largest time that JavaScript dates know, in milliseconds since 1970. */
const LAST_TIME = 8_640_000_000_000_000;

/**
 * A storage-free, synchronous agent: everything it holds is a function of its options and of the
 * log of what it was told.
 *
 * ```js
 * import { Agent } from "moodloop/agent";
 *
 * const agent = new Agent({ seed: 7 });
 * const { decision_id, params } = agent.decide({ content_type: "music", time_of_day: "evening" });
 * agent.learn(decision_id, { interaction_type: "like", content_id: "moonlight-sonata" });
 * const bytes = agent.snapshot();
 * agent.free();
 * console.assert(params.max_energy <= 1 && bytes.length > 0);
 * ```
 */
export class Agent {
  #core: core.Agent | undefined;

  /**
   * An agent that has seen nothing.
   *
   * @throws MoodloopError `invalid_options` for an option that is unknown or out of range.
   */
  constructor(options?: AgentOptions);
  constructor(options: AgentOptions | core.Agent = {}) {
    this.#core = options instanceof core.Agent ? options : guarded(() => new core.Agent(options));
  }

  /**
   * The agent that gave these bytes; it goes on as that one would have, bit for bit.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const bytes = new Agent({ seed: 7 }).snapshot();
   * const request = { content_type: "game", time_of_day: "night" };
   * const [one, other] = [Agent.restore(bytes), Agent.restore(bytes)];
   * console.assert(one.decide(request).strategy === other.decide(request).strategy);
   * ```
   *
   * @throws MoodloopError `corrupt_model` for bytes that are no agent, `unsupported_version` for
   * those of a newer format.
   */
  static restore(bytes: Uint8Array): Agent {
    if (!(bytes instanceof Uint8Array)) {
      throw new MoodloopError("corrupt_model", "`bytes` must be a Uint8Array");
    }
    const restored: unknown = guarded(() => core.Agent.restore(bytes));
    return new Agent(restored as AgentOptions);
  }

  /** Calls into the core while there is one. */
  #call<T>(call: (agent: core.Agent) => T): T {
    const agent = this.#core;
    if (agent === undefined) {
      throw MoodloopError.closed("this agent");
    }
    return guarded(() => call(agent));
  }

  /**
   * Chooses a strategy and opens a decision that feedback can name.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const decided = agent.decide({
   *   content_type: "music",
   *   time_of_day: "evening",
   *   mood: "relaxed",
   *   personality: { openness: 85, extraversion: 35 },
   *   user_id: "user-123",
   * });
   * console.assert(decided.propensity > 0 && decided.propensities.length === 27);
   * ```
   *
   * @throws MoodloopError `invalid_context` naming the field that is missing, unknown or out of range.
   */
  decide(request: DecisionRequest): Decided {
    return this.#call((agent) => agent.decide(request) as Decided);
  }

  /**
   * Learns from what was done with one piece of content of a decision. Later reports about the
   * same pair replace its reward, never add to it.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "podcast", time_of_day: "morning" });
   * const heard = { interaction_type: "complete", content_id: "p1" };
   * console.assert(agent.learn(decision_id, heard).reward === 1);
   * console.assert(agent.learn(decision_id, { reward: 0.5, content_id: "p2" }).reward === 0.5);
   * ```
   *
   * @throws MoodloopError `unknown_decision`, `invalid_feedback`, `invalid_reward`, or
   * `evidence_full`; the agent is then as before.
   */
  learn(decision_id: string, report: Report): Learned {
    return this.#call((agent) => agent.learn(decision_id, report) as Learned);
  }

  /**
   * Takes in an event of another writer of the same model. Events may come in any order but for
   * an interaction, which needs its decision; a repeat is recognised by its id.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const [one, other] = [new Agent(), new Agent()];
   * const { decision_id } = one.decide({ content_type: "video", time_of_day: "night" });
   * const [decision] = one.events(decision_id);
   * console.assert(other.absorb(decision) && !other.absorb(decision));
   * ```
   *
   * @returns `false` for what was known already.
   * @throws MoodloopError `corrupt_log`, `invalid_context`, `unknown_decision`, `invalid_feedback`,
   * `invalid_reward`, or `evidence_full`; the agent is then as before.
   */
  absorb(event: LogEvent): boolean {
    return this.#call((agent) => agent.absorb(event));
  }

  /**
   * The log as events that {@link Agent.absorb} takes, in the order (decided_at, decision_id); of
   * one decision, or of all.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * agent.learn(decision_id, { interaction_type: "skip", content_id: "m1" });
   * const [, said] = agent.events(decision_id);
   * console.assert(said.interaction.content_id === "m1");
   * ```
   */
  events(decision_id?: string): LogEvent[] {
    return this.#call((agent) => agent.events(decision_id) as LogEvent[]);
  }

  /**
   * Makes everything again from the log: evidence, Q-table, user layers, posterior. With a time,
   * drops what is older than 90 days. Two agents with the same options and log hold the same
   * {@link Agent.policy} afterwards, byte for byte.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const [agent, again] = [new Agent({ seed: 7 }), new Agent({ seed: 7 })];
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * agent.learn(decision_id, { interaction_type: "like" });
   * for (const event of agent.events()) {
   *   again.absorb(event);
   * }
   * agent.fold();
   * again.fold();
   * console.assert(agent.policy().every((byte, i) => byte === again.policy()[i]));
   * ```
   *
   * @param now Milliseconds since 1970.
   * @throws MoodloopError `invalid_options` for a `now` that is no time.
   */
  fold(now?: number): void {
    if (now !== undefined && !(Number.isInteger(now) && Math.abs(now) <= LAST_TIME)) {
      throw new MoodloopError("invalid_options", `\`now\` must be a time, got \`${String(now)}\``);
    }
    this.#call((agent) => agent.fold(now));
  }

  /**
   * The whole agent as bytes: seed, options, policy and log.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent({ explore: false });
   * console.assert(Agent.restore(agent.snapshot()).stats().total_states === 0);
   * ```
   */
  snapshot(): Uint8Array {
    return this.#call((agent) => agent.snapshot());
  }

  /**
   * Builds on a published policy from now on, in place of any before: a warm start. What others
   * taught it decides as it is, and what this agent's own log says moves only a layer of the
   * visitor's own on top of it. So the agent stays a function of its options, its log and these
   * bytes: forgetting is exact, and what was published from this very log too counts once.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const [site, agent] = [new Agent(), new Agent()];
   * const context = { content_type: "music", time_of_day: "night" };
   * for (const user_id of ["ann", "bob"]) {
   *   site.learn(site.decide({ ...context, user_id }).decision_id, { interaction_type: "like" });
   * }
   * agent.startFrom(site.policy(), "v1");
   * console.assert(agent.base() === "v1" && agent.values(context).mean[0] > 0);
   * ```
   *
   * @param policy What {@link Agent.policy}, `moodloop train` or a Worker's `/api/v1/policy` gave,
   * for the same `extras`.
   * @param name What {@link Agent.base} says of it.
   * @throws MoodloopError `corrupt_model`, `unsupported_version`, `evidence_full`; the agent is then
   * as before.
   */
  startFrom(policy: Uint8Array, name: string): void {
    if (!(policy instanceof Uint8Array)) {
      throw new MoodloopError("corrupt_model", "`policy` must be a Uint8Array");
    }
    this.#call((agent) => agent.startFrom(policy, String(name)));
  }

  /**
   * The name of the policy that it builds on; `undefined` without one.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * console.assert(agent.base() === undefined);
   * agent.startFrom(new Agent().policy(), "v1");
   * console.assert(agent.base() === "v1");
   * ```
   */
  base(): string | undefined {
    return this.#call((agent) => agent.base());
  }

  /**
   * The policy as bytes: what was learned, without the log.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * const before = agent.policy();
   * agent.learn(decision_id, { interaction_type: "like" });
   * console.assert(agent.policy().length > before.length);
   * ```
   */
  policy(): Uint8Array {
    return this.#call((agent) => agent.policy());
  }

  /**
   * Forgets one decision and everything learned from it, as if it had never been.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * agent.learn(decision_id, { interaction_type: "dislike" });
   * console.assert(agent.forget(decision_id) && agent.stats().total_states === 0);
   * ```
   *
   * @returns `false` for a decision that is not held.
   */
  forget(decision_id: string): boolean {
    return this.#call((agent) => agent.forget(decision_id));
  }

  /**
   * Forgets a person: every decision taken for `user_id` and everything learned from them.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * agent.decide({ content_type: "game", time_of_day: "night", user_id: "user-123" });
   * console.assert(agent.forgetUser("user-123") === 1);
   * ```
   *
   * @returns How many decisions went.
   */
  forgetUser(user_id: string): number {
    return this.#call((agent) => agent.forgetUser(user_id));
  }

  /**
   * Why a decision was taken, as data and as one sentence.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "article", time_of_day: "morning" });
   * console.assert(agent.explain(decision_id).sentence.length > 0);
   * ```
   *
   * @throws MoodloopError `unknown_decision`.
   */
  explain(decision_id: string): Explanation {
    return this.#call((agent) => agent.explain(decision_id) as Explanation);
  }

  /**
   * Expectations of all strategies in a context, without deciding anything.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const { mean, sd } = new Agent().values({ content_type: "music", time_of_day: "night" });
   * console.assert(mean.length === 27 && sd.every((deviation) => deviation > 0));
   * ```
   *
   * @throws MoodloopError `invalid_context`.
   */
  values(request: DecisionRequest): Values {
    return this.#call((agent) => agent.values(request) as Values);
  }

  /**
   * The guide's statistics of the Q-table.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * agent.learn(decision_id, { interaction_type: "like" });
   * console.assert(agent.stats().total_state_actions === 1 && agent.stats().max_q_value === 0.1);
   * ```
   */
  stats(): Stats {
    return this.#call((agent) => agent.stats() as Stats);
  }

  /**
   * The Q-table in words, in state order.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "night" });
   * agent.learn(decision_id, { interaction_type: "like" });
   * const [{ state, cells }] = agent.table();
   * console.assert(state.time_of_day === "night" && cells[0].visits === 1);
   * ```
   */
  table(): TableRow[] {
    return this.#call((agent) => agent.table() as TableRow[]);
  }

  /**
   * What {@link Catalog.rank} needs to know of a decision, and of what its visitor liked so far.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const agent = new Agent();
   * const { decision_id, params } = agent.decide({ content_type: "game", time_of_day: "evening" });
   * agent.learn(decision_id, { interaction_type: "like", content_id: "chess" });
   * const brief = agent.brief(decision_id);
   * console.assert(brief.liked[0] === "chess" && brief.params.valence === params.valence);
   * ```
   *
   * @throws MoodloopError `unknown_decision`.
   */
  brief(decision_id: string): Brief {
    return this.#call((agent) => agent.brief(decision_id) as Brief);
  }

  /** Everything held, as plain data that can become JSON and be read. */
  export(): Exported {
    return this.#call((agent) => agent.export() as Exported);
  }

  /**
   * Takes in what {@link Agent.export} gave, beside what is held already, and folds. The exported
   * settings are not taken over; what both know counts once.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   *
   * const [one, other] = [new Agent(), new Agent()];
   * const { decision_id } = one.decide({ content_type: "game", time_of_day: "night" });
   * one.learn(decision_id, { interaction_type: "like" });
   * console.assert(other.import(JSON.parse(JSON.stringify(one.export()))) === 2);
   * ```
   *
   * @returns How many decisions and interactions were new.
   * @throws MoodloopError `corrupt_log`, `unsupported_version`; nothing is taken in then.
   */
  import(exported: Exported): number {
    return this.#call((agent) => agent.import(exported));
  }

  /** Gives the memory back. Freeing twice is fine; using it afterwards is the error `closed`. */
  free(): void {
    this.#core?.free();
    this.#core = undefined;
  }
}
