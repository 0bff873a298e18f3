// The shared vectors through the built package, in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as moodloop from "moodloop/agent";
import { files, readCases } from "./vector-files.mjs";
import { answer } from "./vectors.mjs";

for (const file of files) {
  test(`vectors of ${file}`, () => {
    for (const { name, call, args, gives } of readCases(file)) {
      assert.deepEqual(answer(moodloop, call, args), gives, `${file}, ${name}`);
    }
  });
}
