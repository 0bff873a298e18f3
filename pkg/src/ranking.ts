import type { Catalog } from "./catalog.js";
import { MoodloopError } from "./error.js";

/** What ranks: loaded when something is ranked for the first time. */
export interface Ranking {
  Catalog: typeof Catalog;
}

let load: (() => Promise<Ranking>) | undefined;

/** Says how this runtime loads what ranks. */
export function rankWith(loading: () => Promise<Ranking>): void {
  load = loading;
}

/** What ranks. */
export async function ranking(): Promise<Ranking> {
  if (load === undefined) {
    throw new MoodloopError("unavailable", "nothing says how to load the ranking");
  }
  try {
    return await load();
  } catch (error) {
    throw MoodloopError.from(error);
  }
}
