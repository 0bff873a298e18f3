// Writes bytes and numbers as the text that pkg/src/packed.ts reads.

import { spelled } from "../src/numbers.ts";
import { COMMON, PLAIN, spellings } from "../src/packed.ts";

/** The text that stands for `bytes`. */
export function pack(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) {
    counts[byte] += 1;
  }
  const byFrequency = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  const common = new Set(byFrequency.slice(0, COMMON));
  const spelling = spellings((byte) => common.has(byte));
  let head = "";
  for (let first = 0; first < 256; first += 4) {
    const digit = [0, 1, 2, 3].reduce((sum, i) => sum + (common.has(first + i) ? 1 << i : 0), 0);
    head += digit.toString(16);
  }
  return head + Array.from(bytes, (byte) => spelling[byte]).join("");
}

/** The text that stands for numbers in LEB128. */
export function packNumbers(bytes) {
  const numbers = [[]];
  for (const byte of bytes) {
    numbers.at(-1).push(byte);
    if (byte < 128) {
      numbers.push([]);
    }
  }
  numbers.pop();
  const digits = numbers.flatMap(spelled);
  return digits.map((digit) => PLAIN[digit]).join("");
}
