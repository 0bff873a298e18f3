import { initSync } from "../wasm/core.js";
import text from "../wasm/core.wasm?packed";
import { bytesOf } from "./packed.js";

/** Makes the core ready from bytes inside the script, which every bundler and page loads alike. */
export function start(): void {
  initSync({ module: bytesOf(text) });
}
