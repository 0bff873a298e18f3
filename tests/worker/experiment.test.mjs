// Agent against baseline: sticky arms, a shadow, and a verdict that is not hasty.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

let service;
before(async () => {
  service = await start();
});
after(() => service.stop());

const users = Array.from({ length: 60 }, (_, i) => `user-${i}`);
const arms = async () => {
  const found = new Map();
  for (const user of users) {
    const { json } = await service.recommend(user, "limit=1&openness=80&extraversion=20");
    found.set(user, json.metadata);
  }
  return found;
};
const set = (agent_per_mille, holdout_per_mille = 50) =>
  service.admin("PUT", "experiment", { name: "launch", agent_per_mille, holdout_per_mille });

test("a growing share keeps everyone who is on the agent", async () => {
  assert.deepEqual((await service.admin("GET", "experiment")).json, {
    name: "default",
    agent_per_mille: 1000,
    holdout_per_mille: 0,
  });
  await set(100);
  const ten = await arms();
  await set(500);
  const fifty = await arms();
  await set(1000);
  const all = await arms();
  const count = (found, arm) => [...found.values()].filter((m) => m.arm === arm).length;
  assert.ok(count(ten, "agent") < count(fifty, "agent"));
  assert.equal(count(all, "baseline"), 0);
  for (const user of users) {
    const path = [ten, fifty, all].map((found) => found.get(user).arm);
    assert.match(path.join(" "), /^(holdout ?)+$|^(baseline ?)*(agent ?)+$/, user);
  }
  for (const { arm, source, strategy, propensity } of [...ten.values(), ...fifty.values()]) {
    if (arm === "agent") {
      assert.ok(source === "agent" && propensity > 0 && propensity < 1);
    } else {
      assert.deepEqual(
        [source, strategy, propensity],
        ["baseline", "low_diverse_exploratory", null],
      );
    }
  }
});

test("beside the control arms the agent decides silently", async () => {
  const rows = await service.rows(
    "SELECT arm, shadow_index, shadow_propensity, shadow_gain FROM decisions",
  );
  for (const row of rows) {
    assert.equal(row.shadow_index === null, row.arm === "agent");
    if (row.arm !== "agent") assert.ok(Math.abs(row.shadow_propensity - 1 / 27) < 1e-9);
  }
  const { shadow } = (await service.admin("GET", "engagement")).json;
  assert.equal(shadow.decisions, rows.filter((row) => row.arm !== "agent").length);
  assert.ok(shadow.agreement >= 0 && shadow.agreement < 0.3);
});

/** Interactions of `n` users on `arm`, ten each, of which `likes` are likes. */
async function flood(arm, n, likes, day) {
  const rows = [];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 10; k++) {
      rows.push([`${arm}-${i}`, `${arm}-${i}-${k}-${day}`, k < likes ? "like" : "skip", arm, day]);
    }
  }
  await service.rows(
    `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
       content_id, interaction_type, arm, at, body_hash, created_at)
     SELECT value ->> 0, value ->> 1, 'd', 'music', 'c', value ->> 2, value ->> 3, 0, '',
       (value ->> 4) || 'T12:00:00.000Z' FROM json_each(?)`,
    JSON.stringify(rows),
  );
}

test("the verdict waits for data, then says in words what is real", async () => {
  const early = (await service.admin("GET", "engagement")).json;
  assert.equal(early.verdict.decision, "not_enough_data");
  await flood("agent", 200, 4, "2026-01-05");
  await flood("baseline", 200, 2, "2026-01-05");
  const { arms, verdict, comparisons, before_after } = (
    await service.admin("GET", "engagement?split=2026-01-06")
  ).json;
  assert.equal(arms.agent.like_rate, 0.4);
  assert.equal(arms.baseline.like_rate, 0.2);
  assert.equal(comparisons.find((c) => c.metric === "like_rate").outcome, "better");
  assert.equal(verdict.decision, "better");
  assert.match(verdict.sentence, /like rate is higher/);
  assert.equal(before_after.like_rate.outcome, "not_enough_data", "nothing came after");
  await flood("agent", 200, 6, "2026-01-08");
  const later = (await service.admin("GET", "engagement?split=2026-01-06")).json;
  assert.equal(later.before_after.like_rate.outcome, "better");
  assert.equal(later.before_after.like_rate.agent.mean, 0.6);
  assert.match(
    later.before_after.like_rate.sentence,
    /^The like rate is higher than before: 60\.0 % against 30\.0 %, \+30\.0 points/,
  );
  assert.match(
    before_after.like_rate.sentence,
    /^Not enough data yet .* 0 units after, 4000 before/,
  );
  const wrong = await service.admin("GET", "engagement?split=yesterday");
  assert.deepEqual([wrong.status, wrong.json.error.code], [400, "invalid_options"]);
});
