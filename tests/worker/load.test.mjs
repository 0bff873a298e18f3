// Four seconds of the load that `cargo xtask soak --worker` keeps up for minutes.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { soak } from "../../xtask/node/soak-worker.mjs";
import { demoCatalog } from "./harness.mjs";

test("at half of what it can carry, every request is answered", async () => {
  const persist = await mkdtemp(path.join(os.tmpdir(), "moodloop-load-"));
  try {
    const { done, errors, memory } = await soak(persist, await demoCatalog(), 4);
    assert.deepEqual(errors, {});
    assert.ok(done > 0);
    assert.ok(memory.length > 1 && memory.every((bytes) => bytes > 0), "memory is watched");
  } finally {
    await rm(persist, { recursive: true, force: true });
  }
});
