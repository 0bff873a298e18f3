import { initSync } from "../wasm/core.js";
import text from "../wasm/core.wasm?hex";

/** Makes the core ready from bytes inside the script, which every bundler and page loads alike. */
export function start(): void {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1);
  }
  initSync({ module: bytes });
}

/** The hexadecimal digit at `at`: `0` is 48, `a` is 97. */
function digit(at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}
