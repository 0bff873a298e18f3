import { catalog } from "moodloop/url";
import { pages } from "./pages.ts";
import { shelf, start } from "./session.ts";

/**
 * Asks at once for what the script of a page is going to need, and not only when that script is
 * there. Where it fails, it is asked for again by whoever needs it, and told of there.
 */
export function askAhead(path: string): void {
  const needs = pages.find((page) => page.path === path)?.needs ?? [];
  const asks = {
    "core.wasm": start,
    // Compiled when something is ranked, then out of the browser's cache.
    "catalog.wasm": () => fetch(catalog),
    "catalog/music.json": () => shelf("music"),
  };
  for (const need of needs) {
    asks[need]().catch(() => undefined);
  }
}
