// Numbers in LEB128 as digits, and back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { packNumbers } from "../../pkg/scripts/pack.mjs";
import { spelled, written } from "../../pkg/src/numbers.ts";
import { digitsOf } from "../../pkg/src/packed.ts";

/** `value` in at least `count` bytes of LEB128. */
function leb(value, count = 1) {
  const more = value >= 128n || count > 1;
  const byte = Number(value & 127n) + (more ? 128 : 0);
  return more ? [byte, ...leb(value >> 7n, count - 1)] : [byte];
}

const values = [0n, 1n, 55n, 56n, 127n, 128n, 951n, 952n, 2n ** 63n, 2n ** 64n - 1n];
for (let bits = 8n; bits < 64n; bits += 1n) {
  values.push(2n ** bits - 1n, 2n ** bits);
}
const numbers = values.flatMap((value) => [1, 2, 5, 10].map((count) => leb(value, count)));

test("every number comes back byte for byte, those with more bytes than they need too", () => {
  for (const bytes of numbers) {
    const digits = spelled(bytes);
    assert.ok(Math.max(...digits) < 87, `${bytes}: as many digits as there are characters`);
    assert.deepEqual(Array.from(written(Uint8Array.from(digits))), bytes);
  }
});

test("many come back from one text that nothing rewrites", () => {
  const bytes = Uint8Array.from(numbers.flat());
  const text = packNumbers(bytes);
  assert.match(text, /^[ -~]*$/);
  assert.doesNotMatch(text, /["$<\\`}~]/);
  assert.deepEqual(written(digitsOf(text)), bytes);
});

test("a small number is one character, and nearly every other two", () => {
  const lengths = [0n, 55n, 56n, 951n, 952n].map((value) => spelled(leb(value)).length);
  assert.deepEqual(lengths, [1, 1, 2, 2, 3]);
});
