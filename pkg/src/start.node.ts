import { readFileSync } from "node:fs";
import { initSync } from "../wasm/core.js";

/** Makes the core ready from the file beside this one. */
export function start(): void {
  initSync({ module: readFileSync(new URL("../wasm/core.wasm", import.meta.url)) });
}
