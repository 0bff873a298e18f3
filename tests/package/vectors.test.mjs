// The shared vectors through the built package, in Node.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as moodloop from "moodloop/agent";
import { answer } from "./vectors.mjs";

const folder = new URL("../vectors/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
assert.ok(files.length >= 7, "the shared vectors are there");

for (const file of files) {
  test(`vectors of ${file}`, () => {
    const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    assert.ok(cases.length > 0);
    for (const { name, call, args, gives } of cases) {
      assert.deepEqual(answer(moodloop, call, args), gives, `${file}, ${name}`);
    }
  });
}
