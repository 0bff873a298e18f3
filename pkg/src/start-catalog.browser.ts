import { initSync } from "../wasm/catalog.js";
import text from "../wasm/catalog.wasm?packed";
import { bytesOf } from "./packed.js";

/** Makes the ranking ready from bytes inside the script, which every bundler and page loads alike. */
export function startCatalog(): void {
  initSync({ module: catalogBytes() });
}

/** The bytes of catalog.wasm. */
export function catalogBytes(): Uint8Array<ArrayBuffer> {
  return bytesOf(text);
}
