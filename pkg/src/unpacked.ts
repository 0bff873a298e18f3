import { bytesOf } from "./packed.js";
import { assembled } from "./streams.js";

/** The bytes of a wasm file that this package carries as text. */
export function unpacked([opcodes, rest]: [
  opcodes: string,
  rest: string,
]): Uint8Array<ArrayBuffer> {
  return assembled(bytesOf(opcodes), bytesOf(rest));
}
