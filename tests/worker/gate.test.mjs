// A policy that would earn less than the serving one, as far as the log tells, does not take over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, start } from "./harness.mjs";

const CONTEXT = JSON.stringify({
  personality: {
    openness: 50,
    conscientiousness: 50,
    extraversion: 50,
    agreeableness: 50,
    neuroticism: 50,
  },
  content_type: "music",
  mood: "neutral",
  time_of_day: "evening",
});

/** Puts decisions with one interaction each into D1, as the API leaves them. */
async function log(service, arm, entries) {
  const at = Date.now() - 2 * DAY;
  const week = Math.floor((Math.floor(at / DAY) + 3) / 7);
  const rows = entries.map(({ user, action, kind }, i) => [
    `${arm}-${i}`,
    user,
    at + i,
    action,
    kind,
  ]);
  const list = JSON.stringify(rows);
  await service.rows(
    `INSERT INTO decisions (decision_id, user_id, decided_at, week, context, action_index,
       content_type, propensity, source, policy_version, executed, arm)
     SELECT value ->> 0, value ->> 1, value ->> 2, ?3, ?4, value ->> 3, 'music', 1.0 / 27, 'agent',
       0, 1, ?2 FROM json_each(?1)`,
    list,
    arm,
    week,
    CONTEXT,
  );
  await service.rows(
    `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
       content_id, interaction_type, arm, at, body_hash, created_at)
     SELECT value ->> 1, value ->> 0, value ->> 0, 'music', 'c', value ->> 4, ?2, value ->> 2, '',
       '2026-01-01T00:00:00.000Z' FROM json_each(?1)`,
    list,
    arm,
  );
  await service.rows(
    `INSERT INTO pairs (decision_id, content_id, user_id, week, decided_at, revision, dirty)
     SELECT value ->> 0, 'c', value ->> 1, ?2, value ->> 2, 1, 1 FROM json_each(?1)`,
    list,
    week,
  );
}

test("what the drawn log speaks against is refused, and everybody's layer stays usable", async () => {
  const service = await start();
  try {
    // The agent drew all strategies, and only the first was liked.
    const drawn = Array.from({ length: 2000 }, (_, i) => ({
      user: `drawn-${i % 20}`,
      action: i % 27,
      kind: i % 27 === 0 ? "like" : "dislike",
    }));
    await log(service, "agent", drawn);
    const first = (await service.train()).json;
    assert.deepEqual(first.metadata.publication, { version: 1, published: true });
    // Clients declare, again and again, that the last one is the best and the first the worst.
    const declared = Array.from({ length: 4000 }, (_, i) => ({
      user: `declared-${i % 10}`,
      action: i % 2 ? 26 : 0,
      kind: i % 2 ? "like" : "dislike",
    }));
    await log(service, "client", declared);
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
