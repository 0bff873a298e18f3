import { initSync } from "../wasm/core.js";
import texts from "../wasm/core.wasm?packed";
import { unpacked } from "./unpacked.js";

/** Makes the core ready from bytes inside the script, which every bundler and page loads alike. */
export function start(): void {
  initSync({ module: unpacked(texts) });
}
