// A policy that would earn less than the serving one, as far as the log tells, does not take over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, start } from "./harness.mjs";
import { store } from "./history.mjs";

const BEGIN = Date.now() - 2 * DAY;

test("what the drawn log speaks against is refused, and everybody's layer stays usable", async () => {
  const service = await start();
  try {
    // The agent drew all strategies, and only the first was liked.
    const drawn = Array.from({ length: 2000 }, (_, i) => ({
      id: `agent-${i}`,
      at: BEGIN + i,
      user: `drawn-${i % 20}`,
      action: i % 27,
      kind: i % 27 === 0 ? "like" : "dislike",
    }));
    await store(service, "agent", drawn);
    const first = (await service.train()).json;
    assert.deepEqual(first.metadata.publication, { version: 1, published: true });
    // Clients declare, again and again, that the last one is the best and the first the worst.
    const declared = Array.from({ length: 4000 }, (_, i) => ({
      id: `client-${i}`,
      at: BEGIN + i,
      user: `declared-${i % 10}`,
      action: i % 2 ? 26 : 0,
      kind: i % 2 ? "like" : "dislike",
    }));
    await store(service, "client", declared);
    const { status, metadata } = (await service.train()).json;
    assert.equal(status, "completed");
    const { version, published, reason, gain } = metadata.publication;
    assert.deepEqual([version, published], [1, false]);
    assert.match(reason, /earn less/);
    assert.ok(gain.gain.interval.high < 0, JSON.stringify(gain));
    const { models } = (await service.admin("GET", "models")).json;
    assert.deepEqual(
      models.map((model) => [model.version, model.status, model.active]),
      [
        [2, "rejected", false],
        [1, "published", true],
      ],
    );
    assert.deepEqual(
      await service.rows("SELECT DISTINCT layer_version, layer IS NULL AS missing FROM users"),
      [{ layer_version: 1, missing: 0 }],
    );
    const { json } = await service.recommend("declared-1", "limit=1");
    assert.deepEqual([json.metadata.source, json.metadata.policy_version], ["agent", 1]);
  } finally {
    await service.stop();
  }
});
