// Writes bytes as the text that pkg/src/packed.ts reads.

import { COMMON, spellings } from "../src/packed.ts";

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
