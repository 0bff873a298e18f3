import { initSync } from "../wasm/lab.js";
import texts from "../wasm/lab.wasm?packed";
import { unpacked } from "./unpacked.js";

/** Makes the lab ready from bytes inside the script, which every bundler and page loads alike. */
export function startLab(): void {
  initSync({ module: unpacked(texts) });
}
