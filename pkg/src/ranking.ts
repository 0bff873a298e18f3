import type { Catalog } from "./catalog.js";
import { MoodloopError } from "./error.js";
import type { Brief, Item, RankOptions, Recommendation } from "./ranked.js";

/** A site's own items, indexed once for many rankings, on this thread or on one of its own. */
export interface Indexed {
  /** How many items it holds. */
  readonly size: number;
  /** The items that fit a decision best; {@link Moodloop.rank} asks this. */
  rank(brief: Brief, options?: RankOptions): Recommendation[] | Promise<Recommendation[]>;
  /** Gives the memory back. Freeing twice is fine; using it afterwards is an error. */
  free(): void;
}

/** What ranks: loaded when something is ranked for the first time. */
export interface Ranking {
  Catalog: typeof Catalog;
  /** Indexes on a thread of its own; nothing where there can be none. */
  offThread?: (items: readonly Item[]) => Promise<Indexed | undefined>;
}

/** Larger catalogs take long enough to be noticed: they get a thread of their own. */
const LARGE = 10_000;

let load: (() => Promise<Ranking>) | undefined;

/** Says how this runtime loads what ranks. */
export function rankWith(loading: () => Promise<Ranking>): void {
  load = loading;
}

/**
 * Indexes items.
 *
 * @throws MoodloopError `invalid_item`, `invalid_options`; `unavailable` where nothing says how to
 * load what ranks.
 */
export async function indexed(items: readonly Item[]): Promise<Indexed> {
  if (load === undefined) {
    throw new MoodloopError("unavailable", "nothing says how to load the ranking");
  }
  try {
    const { Catalog, offThread } = await load();
    const apart = items.length > LARGE ? await offThread?.(items) : undefined;
    return apart ?? new Catalog(items);
  } catch (error) {
    throw MoodloopError.from(error);
  }
}

/** Lists that are ranked as they are, each indexed once as long as it is held. */
export class Lists {
  readonly #known = new WeakMap<readonly Item[], Promise<Indexed>>();
  readonly #made = new Set<Indexed>();

  /** The index of a list. */
  index(items: readonly Item[]): Promise<Indexed> {
    const known = this.#known.get(items);
    if (known !== undefined) {
      return known;
    }
    const made = indexed(items);
    this.#known.set(items, made);
    made.then(
      (index) => this.#made.add(index),
      () => this.#known.delete(items),
    );
    return made;
  }

  /** Gives all of them back. */
  free(): void {
    for (const index of this.#made) {
      index.free();
    }
    this.#made.clear();
  }
}
