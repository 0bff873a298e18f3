import * as core from "../wasm/core.js";
import { guarded, MoodloopError } from "./error.js";
import type { Item } from "./types.js";

/**
 * The index behind a catalog, for those inside this package who hand it to the core.
 *
 * @internal
 */
export let indexOf: (catalog: Catalog) => core.Catalog;

/**
 * A site's own items, indexed once for many rankings; up to 100,000.
 *
 * ```js
 * import { Catalog } from "moodloop/agent";
 *
 * const catalog = new Catalog([
 *   { id: "a1", title: "On Walking", content_type: "article", genres: ["essay"],
 *     energy: 0.2, valence: 0.6, popularity: 40 },
 * ]);
 * console.assert(catalog.size === 1);
 * catalog.free();
 * ```
 */
export class Catalog {
  #index: core.Catalog | undefined;

  static {
    indexOf = (catalog) => {
      if (!(catalog instanceof Catalog)) {
        throw new MoodloopError("invalid_options", "`catalog` must be a Catalog");
      }
      return catalog.#held();
    };
  }

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

  /** Gives the memory back. Freeing twice is fine; using it afterwards is the error `closed`. */
  free(): void {
    this.#index?.free();
    this.#index = undefined;
  }
}
