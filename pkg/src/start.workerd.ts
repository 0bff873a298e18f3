import { initSync } from "../wasm/core.js";
import module from "../wasm/core.wasm";

/** Makes the core ready from a compiled module: workerd makes no code from bytes. */
export function start(): void {
  initSync({ module });
}
