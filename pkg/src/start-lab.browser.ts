import { initSync } from "../wasm/lab.js";
import text from "../wasm/lab.wasm?packed";
import { bytesOf } from "./packed.js";

/** Makes the lab ready from bytes inside the script, which every bundler and page loads alike. */
export function startLab(): void {
  initSync({ module: bytesOf(text) });
}
