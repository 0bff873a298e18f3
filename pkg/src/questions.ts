import type { Agent } from "./agent.js";
import { type Clock, filled, type RecommendRequest } from "./request.js";
import type { Explanation, Exported, LogEvent, Stats, TableRow, Values } from "./types.js";
import type { Unprofiled } from "./unprofiled.js";

/** What can be asked of a loop's model without changing it. */
export abstract class Questions {
  /** The visitor's clock. @internal */
  protected readonly clock: Clock;
  /** Answers with profiling off. @internal */
  protected readonly unprofiled: Unprofiled;

  /** @internal */
  protected constructor(clock: Clock, unprofiled: Unprofiled) {
    this.clock = clock;
    this.unprofiled = unprofiled;
  }

  /** Whether personality and what was learned are used, and anything is learned. */
  abstract profiling: boolean;

  /** The agent, while the loop is open. @internal */
  protected abstract ask(): Agent;

  /**
   * Why a decision was taken, as data and as one sentence.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { decision_id } = loop.recommend({ content_type: "music" });
   * console.assert(loop.explain(decision_id).sentence.length > 0);
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `unknown_decision`.
   */
  explain(decision_id: string): Explanation {
    return this.ask().explain(decision_id);
  }

  /**
   * The guide's statistics of the Q-table.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { decision_id } = loop.recommend({ content_type: "music" });
   * await loop.feedback(decision_id, { interaction_type: "like" });
   * console.assert(loop.stats().total_states === 1);
   * await loop.close();
   * ```
   */
  stats(): Stats {
    return this.ask().stats();
  }

  /**
   * The situations seen, as the Q-table holds them.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { decision_id } = loop.recommend({ content_type: "music", mood: "calm" });
   * await loop.feedback(decision_id, { interaction_type: "like" });
   * console.assert(loop.table()[0].state.mood === "calm");
   * await loop.close();
   * ```
   */
  table(): TableRow[] {
    return this.ask().table();
  }

  /**
   * Expectations of all strategies in a context, without deciding anything.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { mean, sd } = loop.values({ content_type: "music", mood: "relaxed" });
   * console.assert(mean.length === 27 && sd.every((deviation) => deviation > 0));
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `invalid_context`.
   */
  values(request: RecommendRequest): Values {
    const agent = this.ask();
    const full = filled(request, { time_of_day: this.clock.part() });
    return this.profiling ? agent.values(full) : this.unprofiled.values(full);
  }

  /**
   * The log: every decision, and what was said about its content, in the order of time.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const { decision_id } = loop.recommend({ content_type: "music" });
   * console.assert(loop.events()[0].decision.decision_id === decision_id);
   * await loop.close();
   * ```
   */
  events(): LogEvent[] {
    return this.ask().events();
  }

  /**
   * The whole model: as one file that {@link Moodloop.import} takes, or as readable data.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const [old, young] = [
   *   await Moodloop.open({ name: "old-device" }),
   *   await Moodloop.open({ name: "new-device" }),
   * ];
   * await young.import(old.export());
   * console.assert(Array.isArray(old.export("json").decisions));
   * await Promise.all([old.close(), young.close()]);
   * ```
   */
  export(): Uint8Array;
  export(format: "json"): Exported;
  export(format?: "json"): Uint8Array | Exported {
    const agent = this.ask();
    return format === "json" ? agent.export() : agent.snapshot();
  }
}
