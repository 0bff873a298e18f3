// Wasm files sorted into streams, and assembled again.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { sorted } from "../../pkg/scripts/streams.mjs";
import { assembled } from "../../pkg/src/streams.ts";

const built = (name) => readFileSync(new URL(`../../pkg/wasm/${name}.wasm`, import.meta.url));

/** A module with one function, of type `() -> ()`, over one memory and one table. */
function moduleOf(code) {
  const body = [1, 2, 0x7f, ...code, 0x0b];
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, 4, 1, 0x60, 0, 0],
      [3, 2, 1, 0],
      [4, 4, 1, 0x70, 0, 0],
      [5, 3, 1, 0, 1],
      [10, body.length + 2, 1, body.length, ...body],
      [0, 3, 1, 0x78, 7],
    ].flat(),
  );
}

const zero = [0x41, 0];
const drop = 0x1a;
const codes = {
  "constants of every type, long and short": [
    [0x41, 0xff, 0x7e, drop],
    [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, drop],
    [0x43, 0, 0, 0x80, 0x3f, drop],
    [0x44, 1, 2, 3, 4, 5, 6, 0xf0, 0x3f, drop],
  ].flat(),
  "loads and stores with the usual alignment and with others": [
    [...zero, 0x28, 2, 0, drop],
    [...zero, 0x28, 0, 0x90, 1, drop],
    [...zero, 0x29, 1, 4, drop],
    [...zero, ...zero, 0x36, 0, 8],
    [...zero, ...zero, 0x3a, 0, 1],
  ].flat(),
  "a table of branches in nested blocks": [
    [0x02, 0x40, 0x03, 0x40, ...zero, 0x04, 0x40, 0x05, 0x0b],
    [...zero, 0x0e, 2, 0, 1, 0, 0x0b, 0x0b],
  ].flat(),
  "locals, a typed selection, references, a copy and calls": [
    [0x20, 0, 0x22, 1, 0x21, 0, 0xd0, 0x70, drop, 0xd2, 0, drop],
    [0x20, 0, 0x20, 1, 0x20, 0, 0x1c, 1, 0x7f, drop],
    [...zero, ...zero, ...zero, 0xfc, 10, 0, 0],
    [0x10, 0, ...zero, 0x11, 0, 0, 0x3f, 0, 0x40, 0, drop],
  ].flat(),
};

for (const [name, code] of Object.entries(codes)) {
  test(`${name} come back`, () => {
    // Functions that are referred to must be declared, which is not what is tested here.
    const file = moduleOf(code);
    assert.ok(WebAssembly.validate(file) || code.includes(0xd2), "the test's own module");
    assert.deepEqual(assembled(...sorted(file)), file);
  });
}

for (const name of ["core", "catalog", "lab"]) {
  test(`${name}.wasm comes back, and compresses better in between`, () => {
    const file = built(name);
    const parts = sorted(file);
    assert.ok(Buffer.compare(assembled(...parts), file) === 0);
    assert.ok(brotliCompressSync(Buffer.concat(parts)).length < brotliCompressSync(file).length);
  });
}

test("what would not come back is refused", () => {
  const vector = [0xfd, 12, ...new Array(16).fill(0x0b), drop];
  assert.throws(() => sorted(moduleOf(vector)), /does not know/);
});
