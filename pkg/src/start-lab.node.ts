import { readFileSync } from "node:fs";
import { initSync } from "../wasm/lab.js";

/** Makes the lab ready from the file beside this one. */
export function startLab(): void {
  initSync({ module: readFileSync(new URL("../wasm/lab.wasm", import.meta.url)) });
}
