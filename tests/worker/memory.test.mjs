// What an isolate remembers of a user spares D1 a reading, and is never decided by once it does not
// hold any more, whoever changed what it was read from.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBehind } from "./harness.mjs";

let service;
before(async () => {
  service = await startBehind("counting.mjs");
});
after(() => service.stop());

/** A recommendation, and in how many round trips to D1 it came. */
async function ask(user, type = "music") {
  const { status, headers, json } = await service.recommend(user, undefined, type);
  assert.equal(status, 200);
  return { trips: Number(headers.get("x-trips")), ...json };
}

test("a second request reads nothing, and is recorded as the first", async () => {
  assert.equal(
    (await ask("zoe")).trips,
    4,
    "user, catalog (its size, its items), and the decision",
  );
  assert.equal((await ask("ann")).trips, 2);
  const asked = [];
  for (let n = 0; n < 4; n++) asked.push(await ask("ann"));
  assert.deepEqual(
    asked.map(({ trips }) => trips),
    [1, 1, 1, 1],
  );
  const rows = await service.rows(
    "SELECT decision_id FROM decisions WHERE user_id = 'ann' ORDER BY decided_at, decision_id",
  );
  assert.deepEqual(
    rows.slice(1).map((row) => row.decision_id),
    asked.map((answer) => answer.decision_id),
  );
});

test("each content type is remembered for itself", async () => {
  assert.equal((await ask("bea")).trips, 2);
  const video = await ask("bea", "video");
  assert.ok(video.trips > 1);
  for (const type of ["music", "video", "music", "video"]) {
    assert.equal((await ask("bea", type)).trips, 1, type);
  }
});

const CHANGES = {
  "their scores": `UPDATE users SET personality = '{"openness":90}' WHERE user_id = ?`,
  "their layer": "UPDATE users SET layer_version = 7 WHERE user_id = ?",
  "a training": "UPDATE users SET trained_by = 7 WHERE user_id = ?",
  "a decision elsewhere": `INSERT INTO decisions SELECT 'elsewhere', user_id, decided_at + 1, week,
     content_type, context, action_index, propensity, source, policy_version, executed, arm,
     shadow_index, shadow_propensity, shadow_gain, served, metadata, contents, labels, packed
     FROM decisions WHERE user_id = ? ORDER BY decided_at DESC LIMIT 1`,
  "a like elsewhere": `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id,
     content_type, content_id, interaction_type, at, body_hash, created_at)
     SELECT user_id, 'elsewhere', NULL, 'music', 'x', 'like', 5, '', '' FROM users WHERE user_id = ?`,
  "a skip elsewhere": `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id,
     content_type, content_id, interaction_type, at, body_hash, created_at)
     SELECT user_id, 'skip', decision_id, 'music', contents ->> 0, 'skip', 5, '', ''
     FROM decisions WHERE user_id = ? LIMIT 1`,
  "a fold": "UPDATE pairs SET dirty = 0 WHERE user_id = ?",
  "an operator's setting": `INSERT INTO settings (name, value) SELECT 'catalog_revision', '"new"'
     FROM users WHERE user_id = ?`,
};

test("what was changed elsewhere is read again", async () => {
  const scores = { openness: 10 };
  await service.call("PUT", "/api/v1/users/dan/personality", { body: scores });
  const first = await ask("dan");
  const content_id = first.recommendations[0].id;
  const like = { content_type: "music", content_id, interaction_type: "like" };
  const { json } = await service.interact("dan", { ...like, decision_id: first.decision_id });
  assert.equal(json.organic, false);
  await ask("dan");
  for (const [what, sql] of Object.entries(CHANGES)) {
    assert.equal((await ask("dan")).trips, 1, `before ${what}`);
    const { meta } = await service.database.prepare(sql).bind("dan").run();
    assert.ok(meta.changes > 0, what);
    const { trips } = await ask("dan");
    assert.ok(trips >= 3, `${what}: one that was not recorded, a reading, one that was`);
  }
});

test("what was not recorded leaves no trace, and one decision is recorded an answer", async () => {
  await ask("eve");
  const count = async () =>
    (await service.rows("SELECT count(*) AS n FROM decisions WHERE user_id = 'eve'"))[0].n;
  assert.equal(await count(), 1);
  await service.rows("INSERT INTO settings (name, value) VALUES ('x', '1')");
  const { trips, decision_id } = await ask("eve");
  assert.equal(trips, 3);
  assert.equal(await count(), 2);
  assert.equal(
    (await service.rows("SELECT user_id FROM decisions WHERE decision_id = ?", decision_id)).length,
    1,
  );
});

test("many at once are all recorded, and known afterwards", async () => {
  await ask("fay");
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask("fay")));
  const ids = new Set(answers.map(({ decision_id }) => decision_id));
  assert.equal(ids.size, 12);
  const [{ n }] = await service.rows("SELECT count(*) AS n FROM decisions WHERE user_id = 'fay'");
  assert.equal(n, 13);
});

test("feedback, scores and erasing are felt by the next request, without a vain one", async () => {
  const first = await ask("gil");
  const feedback = {
    content_type: "music",
    content_id: first.recommendations[0].id,
    decision_id: first.decision_id,
    interaction_type: "dislike",
  };
  assert.equal((await service.interact("gil", feedback)).status, 201);
  const second = await ask("gil");
  assert.equal(second.trips, 2);
  assert.ok(second.recommendations.every(({ id }) => id !== feedback.content_id));
  await service.call("PUT", "/api/v1/users/gil/personality", { body: { openness: 90 } });
  assert.equal((await ask("gil")).trips, 2);
  await service.call("DELETE", "/api/v1/users/gil/data");
  assert.equal((await ask("gil")).trips, 2);
  const [{ n }] = await service.rows("SELECT count(*) AS n FROM decisions WHERE user_id = 'gil'");
  assert.equal(n, 1);
});
