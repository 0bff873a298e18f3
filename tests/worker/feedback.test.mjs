// Feedback under retries, races, reordering and lies.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DAY, start } from "./harness.mjs";
import { decision, STRATEGIES, send } from "./history.mjs";

let service;
before(async () => {
  service = await start();
});
after(() => service.stop());

const like = (content_id, more) => ({
  content_type: "music",
  content_id,
  interaction_type: "like",
  ...more,
});

test("a retry under the same key changes nothing and gives the same answer", async () => {
  const { json } = await service.recommend("retry");
  const body = like(json.recommendations[0].id, { decision_id: json.decision_id });
  const headers = { "idempotency-key": "key-1" };
  const first = await service.interact("retry", body, headers);
  const again = await service.interact("retry", body, headers);
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.json.repeated, true);
  assert.deepEqual({ ...again.json, repeated: false }, first.json);
  const other = await service.interact("retry", { ...body, interaction_type: "dislike" }, headers);
  assert.deepEqual([other.status, other.json.error.code], [409, "conflict"]);
  const [{ n }] = await service.rows(
    "SELECT count(*) AS n FROM entertainment_interactions WHERE user_id = 'retry'",
  );
  assert.equal(n, 1);
  const someoneElse = await service.interact("retry-2", body, headers);
  assert.equal(someoneElse.status, 201, "keys belong to a user");
});

test("twenty copies at once are stored once", async () => {
  const { json } = await service.recommend("race");
  const body = like(json.recommendations[0].id, { decision_id: json.decision_id });
  const copies = Array.from({ length: 20 }, () =>
    service.interact("race", body, { "idempotency-key": "one" }),
  );
  const statuses = (await Promise.all(copies)).map((answer) => answer.status);
  assert.equal(statuses.filter((status) => status === 201).length, 1);
  assert.equal(statuses.filter((status) => status === 200).length, 19);
});

test("interactions of one pair merge to one reward", async () => {
  const { json } = await service.recommend("merge");
  const body = like(json.recommendations[0].id, { decision_id: json.decision_id });
  const reward = async (more) =>
    (await service.interact("merge", { ...body, ...more })).json.reward;
  assert.equal(await reward({}), 1);
  assert.equal(await reward({}), 1, "each kind once");
  assert.equal(await reward({ interaction_type: "skip" }), 0.7);
  assert.equal(await reward({ interaction_type: "complete" }), 2, "complete cancels skip");
  assert.equal(await reward({ interaction_type: "dislike" }), 0, "the latest of like and dislike");
  assert.equal(await reward({ mood_after: "sad" }), 1 + 1 - 0.5, "relaxed to sad crosses zero");
  const pairs = await service.rows("SELECT revision FROM pairs WHERE user_id = 'merge'");
  assert.deepEqual(pairs, [{ revision: 6 }]);
});

test("content alone means the user's latest decision showing it within 30 days", async () => {
  const first = (await service.recommend("latest", "limit=50")).json;
  const second = (await service.recommend("latest", "limit=50")).json;
  const shown = new Set(second.recommendations.map((item) => item.id));
  const both = first.recommendations.find((item) => shown.has(item.id)).id;
  const alone = first.recommendations.find((item) => !shown.has(item.id));
  assert.equal((await service.interact("latest", like(both))).json.decision_id, second.decision_id);
  if (alone) {
    const { json } = await service.interact("latest", like(alone.id));
    assert.equal(json.decision_id, first.decision_id);
  }
  const named = await service.interact("latest", like(both, { decision_id: first.decision_id }));
  assert.equal(named.json.decision_id, first.decision_id);
  const old = Date.now() - 31 * DAY;
  await service.rows("UPDATE decisions SET decided_at = ? WHERE user_id = 'latest'", old);
  assert.equal((await service.interact("latest", like(both))).json.organic, true);
});

test("what no decision showed is organic and never trained on", async () => {
  const { json } = await service.recommend("mallory", "limit=1");
  const [item] = json.recommendations;
  for (const body of [
    like("never-shown"),
    like(item.id, { decision_id: "no-such-decision" }),
    like("never-shown", { decision_id: json.decision_id }),
    like(item.id, { content_type: "video" }),
  ]) {
    const { status, json: stored } = await service.interact("mallory", body);
    assert.equal(status, 201);
    assert.equal(stored.organic, true, JSON.stringify(body));
    assert.equal(stored.decision_id, null);
    assert.equal(stored.reward, null);
  }
  const stolen = await service.interact("eve", like(item.id, { decision_id: json.decision_id }));
  assert.equal(stolen.json.organic, true, "another user's decision");
  assert.deepEqual(
    await service.rows("SELECT * FROM pairs WHERE user_id IN ('mallory', 'eve')"),
    [],
  );
});

test("a pair takes in a hundred interactions and no more", async () => {
  const { json } = await service.recommend("spam", "limit=1");
  const body = like(json.recommendations[0].id, { decision_id: json.decision_id });
  const answers = [];
  for (let i = 0; i < 105; i++) answers.push((await service.interact("spam", body)).json.organic);
  assert.equal(answers.filter((organic) => !organic).length, 100);
  const pairs = await service.rows("SELECT revision FROM pairs WHERE user_id = 'spam'");
  assert.deepEqual(pairs, [{ revision: 100 }]);
});

test("feedback moves the user's next request, and nobody else's", async () => {
  const begin = Date.now() - 30 * DAY;
  const context = { mood: "happy", time_of_day: "night" };
  const served = async (user) =>
    (await service.recommend(user, "mood=happy&time_of_day=night&limit=1")).json.metadata;
  // Every strategy once, so that what is drawn later is the only thing left to chance; over
  // four weeks, each of which counts.
  const id = (action_index) => `mover-${action_index}`;
  const decisions = STRATEGIES.map((_, n) =>
    decision(id(n), begin + n * DAY, { context, action_index: n }),
  );
  await send(service, "mover", decisions);
  assert.ok(Math.abs((await served("mover")).propensity - 1 / 27) < 1e-9, "no feedback yet");
  for (const [n, strategy] of STRATEGIES.entries()) {
    const interaction_type = strategy.startsWith("low_") ? "like" : "dislike";
    const body = like("a", { decision_id: id(n), interaction_type });
    assert.equal(
      (await service.interact("mover", body)).json.reward,
      interaction_type === "like" ? 1 : -1,
    );
  }
  for (let draw = 0; draw < 5; draw++) {
    const { strategy, propensity } = await served("mover");
    const [least, most] = strategy.startsWith("low_") ? [1.5 / 27, 1] : [0, 0.5 / 27];
    assert.ok(propensity >= least && propensity <= most, `${strategy}: ${propensity}`);
    const still = (await served("bystander")).propensity;
    assert.ok(Math.abs(still - 1 / 27) < 1e-9, "the prior is uniform");
  }
});

test("what was disliked does not come again", async () => {
  const { json } = await service.recommend("picky", "limit=50");
  const disliked = json.recommendations.slice(0, 5).map((item) => item.id);
  for (const id of disliked) {
    await service.interact("picky", { ...like(id), interaction_type: "dislike" });
  }
  for (let i = 0; i < 5; i++) {
    const again = (await service.recommend("picky", "limit=50")).json.recommendations;
    assert.ok(!again.some((item) => disliked.includes(item.id)));
  }
});
