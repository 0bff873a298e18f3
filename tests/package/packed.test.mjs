// The wasm files as text inside scripts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pack } from "../../pkg/scripts/pack.mjs";
import { bytesOf } from "../../pkg/src/packed.ts";

const every = Array.from({ length: 256 }, (_, byte) => byte);
const inputs = {
  nothing: [],
  "every byte once": every,
  "every byte, the upper ones more often": every.flatMap((byte) =>
    new Array(1 + (byte >> 4)).fill(byte),
  ),
  "printable text": new TextEncoder().encode("</script>\"'`$\\n~}"),
  "core.wasm": readFileSync(new URL("../../pkg/wasm/core.wasm", import.meta.url)),
};

for (const [name, input] of Object.entries(inputs)) {
  test(`${name}: packed into text that nothing rewrites, and back`, () => {
    const bytes = Uint8Array.from(input);
    const text = pack(bytes);
    assert.match(text, /^[ -~]*$/);
    assert.doesNotMatch(text, /["$<\\`]/);
    assert.deepEqual(bytesOf(text), bytes);
  });
}
