import { initSync } from "../wasm/catalog.js";
import module from "../wasm/catalog.wasm";

/** Makes the ranking ready from a compiled module: workerd makes no code from bytes. */
export function startCatalog(): void {
  initSync({ module });
}
