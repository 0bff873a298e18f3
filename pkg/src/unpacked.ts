import { written } from "./numbers.js";
import { bytesOf, digitsOf } from "./packed.js";
import { assembled } from "./streams.js";

/** The bytes of a wasm file that this package carries as text. */
export function unpacked([opcodes, numbers, bytes]: [
  opcodes: string,
  numbers: string,
  bytes: string,
]): Uint8Array<ArrayBuffer> {
  return assembled(bytesOf(opcodes), written(digitsOf(numbers)), bytesOf(bytes));
}
