// Five of the kills that `cargo xtask soak --worker` does fifty of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crashes } from "./crashes.mjs";

test("killed in mid-write and in mid-training, the log and what it taught are whole", async () => {
  const { wrong } = await crashes(5);
  assert.deepEqual(wrong, []);
});
