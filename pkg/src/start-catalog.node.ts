import { readFileSync } from "node:fs";
import { initSync } from "../wasm/catalog.js";

/** Makes the ranking ready from the file beside this one. */
export function startCatalog(): void {
  initSync({ module: readFileSync(new URL("../wasm/catalog.wasm", import.meta.url)) });
}
