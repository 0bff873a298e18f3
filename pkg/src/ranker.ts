import { check, isObject } from "./options.js";
import { Questions } from "./questions.js";
import type { Item, RankOptions, Recommendation } from "./ranked.js";
import { type Indexed, indexed, Lists } from "./ranking.js";
import type { Decided } from "./types.js";

/** What a loop does with a site's own items. */
export abstract class Ranker extends Questions {
  /** What was ranked without a catalog. @internal */
  protected readonly lists = new Lists();

  /**
   * A site's own items, indexed once for many rankings; up to 100,000. What ranks is loaded when
   * it is first asked for. More than 10,000 items get a thread of their own, where the page may
   * start one (its security policy needs `worker-src blob:`), with the same results.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const loop = await Moodloop.open({ name: "my-site" });
   * const catalog = await loop.catalog([
   *   { id: "g1", title: "Chess", content_type: "game", genres: ["strategy"],
   *     energy: 0.3, valence: 0.5, popularity: 90 },
   * ]);
   * const [first] = await loop.rank(catalog, loop.recommend({ content_type: "game" }));
   * console.assert(catalog.size === 1 && first.id === "g1");
   * catalog.free();
   * await loop.close();
   * ```
   *
   * @throws MoodloopError `invalid_item` naming the first item that is not one.
   */
  async catalog(items: readonly Item[]): Promise<Indexed> {
    this.ask();
    check("items", Array.isArray(items), "a list");
    return indexed(items);
  }

  /**
   * The items that fit a decision best, by its parameters and by what this visitor liked.
   *
   * ```js
   * import { Moodloop } from "moodloop";
   *
   * const catalog = [
   *   { id: "m1", title: "Clair de lune", creator: "Debussy", content_type: "music",
   *     genres: ["classical"], energy: 0.2, valence: 0.5, popularity: 80 },
   * ];
   * const loop = await Moodloop.open({ name: "my-site" });
   * const pick = loop.recommend({ content_type: "music", mood: "calm" });
   * const [first] = await loop.rank(catalog, pick, { limit: 10 });
   * console.assert(first.id === "m1" && first.match_score <= 100);
   * await loop.close();
   * ```
   *
   * @param items A catalog of {@link Moodloop.catalog}, or a list, which is indexed once as long
   * as it is the same list.
   * @throws MoodloopError `invalid_item`, `invalid_options`, `unknown_decision`.
   */
  async rank(
    items: Indexed | readonly Item[],
    pick: Decided,
    options: RankOptions = {},
  ): Promise<Recommendation[]> {
    check("pick", isObject(pick), "what recommend() gave");
    const agent = this.ask();
    const brief = this.unprofiled.brief(pick) ?? agent.brief(pick.decision_id);
    check("items", isObject(items) || Array.isArray(items), "a catalog or a list");
    const catalog = "rank" in items ? items : await this.lists.index(items);
    return catalog.rank(brief, options);
  }
}
