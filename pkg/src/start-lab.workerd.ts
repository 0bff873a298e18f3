import { initSync } from "../wasm/lab.js";
import module from "../wasm/lab.wasm";

/** Makes the lab ready from a compiled module: workerd makes no code from bytes. */
export function startLab(): void {
  initSync({ module });
}
