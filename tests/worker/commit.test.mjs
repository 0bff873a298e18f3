// Writes that are due at the same time go together: each is answered with what became of itself, and
// neither a refused neighbour nor a client that goes away takes another with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startBehind } from "./harness.mjs";

let service;
before(async () => {
  service = await startBehind("counting.mjs");
});
after(() => service.stop());

const trips = async () => {
  const { headers } = await service.call("GET", "/openapi.json");
  return Number(headers.get("x-trips"));
};

/** So many users, each with a decision of their own. */
async function users(name, count) {
  const list = [];
  for (let n = 0; n < count; n++) {
    const user = `${name}-${n}`;
    const { json } = await service.recommend(user);
    const content_id = json.recommendations[n % json.recommendations.length].id;
    list.push({ user, decision_id: json.decision_id, content_id });
  }
  return list;
}

const like = ({ user, decision_id, content_id }, headers) =>
  service.interact(
    user,
    { content_type: "music", content_id, decision_id, interaction_type: "like" },
    { "idempotency-key": `like-of-${user}`, ...headers },
  );

const stored = async (name) => {
  const [{ n }] = await service.rows(
    "SELECT count(*) AS n FROM entertainment_interactions WHERE user_id LIKE ?",
    `${name}-%`,
  );
  return n;
};

test("what is sent at once is answered each for itself, in fewer round trips", async () => {
  const crowd = await users("ann", 40);
  const [first, ...rest] = crowd;
  assert.equal(Number((await like(first)).headers.get("x-trips")), 1, "alone, at once");
  const answers = await Promise.all(rest.map((one) => like(one)));
  for (const [n, { status, json }] of answers.entries()) {
    assert.equal(status, 201);
    assert.equal(json.interaction_id, `like-of-${rest[n].user}`);
    assert.equal(json.decision_id, rest[n].decision_id);
    assert.equal(json.content_id, rest[n].content_id);
    assert.deepEqual([json.organic, json.repeated, json.reward], [false, false, 1]);
  }
  assert.equal(await stored("ann"), 40);
  const most = Math.max(...answers.map(({ headers }) => Number(headers.get("x-trips"))));
  assert.ok(most < 20, `${most} round trips for 39`);
  assert.equal(await trips(), 0);
});

test("recommendations at once are recorded each for itself", async () => {
  await users("bob", 30);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => service.recommend(`bob-${n}`)),
  );
  for (const { json } of answers) {
    const [row] = await service.rows(
      "SELECT user_id FROM decisions WHERE decision_id = ?",
      json.decision_id,
    );
    assert.equal(row.user_id, json.user_id);
  }
});

test("where D1 refuses them together, each is written by itself", async () => {
  const crowd = await users("cat", 30);
  await service.call("GET", "/openapi.json", { headers: { "x-refuse": "batches" } });
  const answers = await Promise.all(crowd.map((one) => like(one)));
  await service.call("GET", "/openapi.json", { headers: { "x-refuse": "none" } });
  for (const { status, json } of answers) {
    assert.deepEqual([status, json.repeated], [201, false]);
  }
  assert.equal(await stored("cat"), 30);
});

test("one key sent by many at once is stored once", async () => {
  const [one] = await users("dan", 1);
  const answers = await Promise.all(Array.from({ length: 12 }, () => like(one)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array(11).fill(200), 201]);
  assert.equal(await stored("dan"), 1);
});

test("a client that goes away takes nobody with it", async () => {
  for (let round = 0; round < 5; round++) {
    const crowd = await users(`eve${round}`, 24);
    const answers = crowd.map((one, n) => {
      if (n % 2) return like(one);
      const gone = new AbortController();
      pause(n % 6).then(() => gone.abort());
      const body = {
        content_type: "music",
        content_id: one.content_id,
        decision_id: one.decision_id,
        interaction_type: "like",
      };
      const route = `${service.origin}/api/v1/entertainment/interactions/${one.user}`;
      return fetch(route, { method: "POST", body: JSON.stringify(body), signal: gone.signal }).then(
        () => undefined,
        () => undefined,
      );
    });
    const left = (await Promise.all(answers)).filter((answer) => answer !== undefined);
    assert.equal(left.length, 12);
    for (const { status, json } of left) assert.equal(status, 201, JSON.stringify(json));
    assert.ok((await stored(`eve${round}`)) >= 12);
  }
});
