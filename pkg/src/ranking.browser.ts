import { OffThread } from "./off-thread.js";
import type { Item } from "./ranked.js";
import { catalogBytes } from "./start-catalog.browser.js";

export { Catalog } from "./catalog.browser.js";

/** Indexes in a thread of its own, where the page may start one. */
export function offThread(items: readonly Item[]): Promise<OffThread | undefined> {
  return OffThread.start(catalogBytes(), items);
}
