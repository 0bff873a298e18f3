// The shared vectors of tests/vectors/, for the tests that run on Node.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../vectors/", import.meta.url);

/** The names of the files. */
export const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
assert.ok(files.length >= 7, "the shared vectors are there");

/** The cases of one of them. */
export function readCases(file) {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  assert.ok(cases.length > 0);
  return cases;
}
