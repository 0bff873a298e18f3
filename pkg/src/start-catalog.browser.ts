import { initSync } from "../wasm/catalog.js";
import texts from "../wasm/catalog.wasm?packed";
import { unpacked } from "./unpacked.js";

/** Makes the ranking ready from bytes inside the script, which every bundler and page loads alike. */
export function startCatalog(): void {
  initSync({ module: catalogBytes() });
}

/** The bytes of catalog.wasm. */
export function catalogBytes(): Uint8Array<ArrayBuffer> {
  return unpacked(texts);
}
