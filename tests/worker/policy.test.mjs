// The policy that serves: published, rolled back, missing, broken, behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

let service;
let policies;
before(async () => {
  service = await start();
  policies = await service.miniflare.getKVNamespace("POLICY");
});
after(() => service.stop());

/** Likes and dislikes of `user`, then a training. */
async function teach(user) {
  for (let i = 0; i < 6; i++) {
    const { json } = await service.recommend(user, "limit=1");
    await service.interact(user, {
      content_type: "music",
      content_id: json.recommendations[0].id,
      decision_id: json.decision_id,
      interaction_type: i % 2 ? "like" : "dislike",
    });
  }
  return (await service.train()).json;
}

const served = async () => (await service.recommend("reader", "limit=1")).json.metadata;
const health = async () => (await service.admin("GET", "system/health")).json;

test("before the first training the prior serves, and browsers find nothing", async () => {
  const metadata = await served();
  assert.deepEqual([metadata.source, metadata.policy_version], ["agent", 0]);
  const { status, json } = await service.call("GET", "/api/v1/policy");
  assert.deepEqual([status, json.error.code], [404, "not_found"]);
  assert.equal((await health()).policy.standing, "prior");
});

test("browsers get the published policy, and 304 when they have it", async () => {
  await teach("ann-of-the-first-training");
  const first = await service.call("GET", "/api/v1/policy");
  assert.equal(first.status, 200);
  assert.equal(first.bytes.subarray(0, 4).toString(), "MLpo");
  assert.ok(first.bytes.length <= 250_000, `${first.bytes.length} bytes`);
  const tag = first.headers.get("etag");
  for (const given of [tag, `"x", ${tag}`, `W/${tag}`, "*"]) {
    const again = await service.call("GET", "/api/v1/policy", {
      headers: { "if-none-match": given },
    });
    assert.equal(again.status, 304, given);
    assert.equal(again.bytes.length, 0);
  }
  await teach("bob-of-the-second-training");
  const changed = await service.call("GET", "/api/v1/policy", {
    headers: { "if-none-match": tag },
  });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), tag);
});

test("what browsers get names nobody and no cell seen by fewer than five users", async () => {
  const { bytes } = await service.call("GET", "/api/v1/policy");
  for (const name of ["ann-of-the", "bob-of-the"]) assert.ok(!bytes.includes(name));
  const whole = Buffer.from(await policies.get("policy/v/2", "arrayBuffer"));
  assert.ok(whole.length > bytes.length, "the rare cells are in the whole version only");
});

test("any kept version can be made to serve again", async () => {
  assert.equal((await served()).policy_version, 2);
  const { json } = await service.admin("POST", "models/1/activate");
  assert.deepEqual(json, { version: 1, active: true });
  assert.equal((await served()).policy_version, 1);
  const { models, current } = (await service.admin("GET", "models")).json;
  assert.equal(current, 1);
  assert.deepEqual(
    models.map(({ version, active }) => [version, active]),
    [
      [2, false],
      [1, true],
    ],
  );
  await service.admin("POST", "models/2/activate");
  assert.equal((await served()).policy_version, 2);
  const wrong = [
    ["3", 404],
    ["0", 400],
    ["x", 400],
    ["1.5", 400],
  ];
  for (const [version, status] of wrong) {
    assert.equal((await service.admin("POST", `models/${version}/activate`)).status, status);
  }
});

test("a policy that cannot be read: the last good one, and red health", async () => {
  const good = Buffer.from(await policies.get("policy/current", "arrayBuffer"));
  const second = await start({ persist: service.persist, catalog: [] });
  try {
    // This isolate has never seen a good one.
    await policies.put("policy/current", "broken");
    const { json } = await second.recommend("reader", "limit=1");
    assert.equal(json.metadata.source, "baseline");
    const red = (await second.admin("GET", "system/health")).json;
    assert.equal(red.policy.standing, "unreadable");
    assert.equal(red.status, "red");
  } finally {
    await second.miniflare.dispose();
  }
  // This one has, and D1 tells it that KV should hold another version than it has.
  await service.rows("UPDATE settings SET value = '1' WHERE name = 'current_version'");
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const metadata = await served();
  assert.deepEqual([metadata.source, metadata.policy_version], ["agent", 2]);
  const red = await health();
  assert.deepEqual([red.status, red.policy.standing], ["red", "last_good"]);
  await service.rows("UPDATE settings SET value = '2' WHERE name = 'current_version'");
  await policies.put("policy/current", good);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  assert.equal((await health()).status, "green");
});

test("no policy where D1 knows of one: a new isolate decides by personality, an old one goes on", async () => {
  const good = Buffer.from(await policies.get("policy/current", "arrayBuffer"));
  await policies.delete("policy/current");
  const second = await start({ persist: service.persist, catalog: [] });
  try {
    const { json } = await second.recommend("reader", "limit=1");
    assert.equal(json.metadata.source, "baseline");
    const red = (await second.admin("GET", "system/health")).json;
    assert.deepEqual([red.status, red.policy.standing], ["red", "unreadable"]);
  } finally {
    await second.miniflare.dispose();
    await policies.put("policy/current", good);
  }
});

test("KV behind by one version: the older one serves, and says which it is", async () => {
  const latest = Buffer.from(await policies.get("policy/v/2", "arrayBuffer"));
  await policies.put("policy/current", await policies.get("policy/v/1", "arrayBuffer"));
  const second = await start({ persist: service.persist, catalog: [] });
  try {
    const { json } = await second.recommend("reader", "limit=1");
    assert.deepEqual([json.metadata.source, json.metadata.policy_version], ["agent", 1]);
    const [row] = await second.rows(
      "SELECT policy_version FROM decisions WHERE decision_id = ?",
      json.decision_id,
    );
    assert.equal(row.policy_version, 1, "the log tells which policy drew");
    const found = (await second.admin("GET", "system/health")).json;
    assert.deepEqual([found.status, found.policy.version], ["green", 1], "KV takes a minute");
    await second.rows("UPDATE policies SET created_at = '2026-01-01T00:00:00.000Z'");
    const late = (await second.admin("GET", "system/health")).json;
    assert.equal(late.status, "red");
    assert.match(late.problems.join(), /version 1 serves where version 2 should/);
    await policies.put("policy/current", latest);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const after = await second.recommend("reader", "limit=1");
    assert.equal(after.json.metadata.policy_version, 2);
  } finally {
    await second.miniflare.dispose();
    await policies.put("policy/current", latest);
  }
});

test("a profile that cannot be read: the fallback, never trained on", async () => {
  await service.call("PUT", "/api/v1/users/torn/personality", { body: { openness: 90 } });
  await service.rows("UPDATE users SET personality = '{' WHERE user_id = 'torn'");
  const { json } = await service.recommend("torn");
  assert.equal(json.metadata.source, "fallback");
  assert.equal(json.metadata.strategy, null);
  assert.equal(json.recommendations[0].confidence, null);
  assert.deepEqual(json.metadata.rl_params, {
    min_energy: 0.3,
    max_energy: 0.7,
    valence: 0.5,
    genre_count: 3,
    exploration_rate: 0.3,
    popularity_min: 20,
    popularity_max: 80,
  });
  const liked = await service.interact("torn", {
    content_type: "music",
    content_id: json.recommendations[0].id,
    interaction_type: "like",
  });
  assert.equal(liked.json.decision_id, json.decision_id);
  assert.deepEqual(await service.rows("SELECT * FROM pairs WHERE user_id = 'torn'"), []);
});
