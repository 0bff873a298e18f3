import * as core from "../wasm/catalog.js";
import { guarded, MoodloopError } from "./error.js";
import type { Brief, Item, RankOptions, Recommendation } from "./ranked.js";

/**
 * A site's own items, indexed once for many rankings; up to 100,000.
 *
 * ```js
 * import { Agent } from "moodloop/agent";
 * import { Catalog } from "moodloop/catalog";
 *
 * const catalog = new Catalog([
 *   { id: "g1", title: "Chess", content_type: "game", genres: ["strategy"],
 *     energy: 0.3, valence: 0.5, popularity: 90 },
 * ]);
 * const agent = new Agent();
 * const { decision_id } = agent.decide({ content_type: "game", time_of_day: "evening" });
 * const [first] = catalog.rank(agent.brief(decision_id), { limit: 5 });
 * console.assert(first.id === "g1" && first.metadata.decision_id === decision_id);
 * catalog.free();
 * ```
 */
export class Catalog {
  #index: core.Catalog | undefined;

  /**
   * An index of these items. Changing the list afterwards does not change the index.
   *
   * @throws MoodloopError `invalid_item` naming the first item that is not one.
   */
  constructor(items: readonly Item[]) {
    this.#index = guarded(() => new core.Catalog(items));
  }

  #held(): core.Catalog {
    if (this.#index === undefined) {
      throw MoodloopError.closed("this catalog");
    }
    return this.#index;
  }

  /** How many items it holds. */
  get size(): number {
    return this.#held().size;
  }

  /**
   * The items that fit a decision best, by its parameters and by what the visitor liked.
   *
   * ```js
   * import { Agent } from "moodloop/agent";
   * import { Catalog } from "moodloop/catalog";
   *
   * const catalog = new Catalog([
   *   { id: "t1", title: "Raindrop", content_type: "music", genres: ["classical"],
   *     energy: 0.3, valence: 0.4, popularity: 70 },
   *   { id: "t2", title: "Rush", content_type: "music", genres: ["techno"],
   *     energy: 0.9, valence: 0.8, popularity: 40 },
   * ]);
   * const agent = new Agent();
   * const { decision_id } = agent.decide({ content_type: "music", time_of_day: "evening" });
   * const items = catalog.rank(agent.brief(decision_id), { limit: 1 });
   * console.assert(items.length === 1 && items[0].reasoning.length > 0);
   * ```
   *
   * @param brief What {@link Agent.brief} gave.
   * @throws MoodloopError `invalid_options`, `invalid_params`.
   */
  rank(brief: Brief, options: RankOptions = {}): Recommendation[] {
    const index = this.#held();
    return guarded(() => index.rank(brief, options) as Recommendation[]);
  }

  /** Gives the memory back. Freeing twice is fine; using it afterwards is the error `closed`. */
  free(): void {
    this.#index?.free();
    this.#index = undefined;
  }
}
