// D1 away for a minute: what can be decided is decided and recorded, what cannot be recorded is
// not served, and nothing that was acknowledged is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DAY, startBehind } from "./harness.mjs";
import { history, send } from "./history.mjs";

let service;
before(async () => {
  service = await startBehind("outage.mjs");
});
after(() => service.stop());

const recommend = (outage) =>
  service.call("GET", "/api/v1/entertainment/music/recommendations/ann?limit=5", {
    headers: outage ? { "x-outage": outage } : {},
  });
const like = (json, outage, key) =>
  service.call("POST", "/api/v1/entertainment/interactions/ann", {
    body: {
      content_type: "music",
      content_id: json.recommendations[0].id,
      decision_id: json.decision_id,
      interaction_type: "like",
    },
    headers: { "idempotency-key": key, ...(outage ? { "x-outage": outage } : {}) },
  });
const admin = (route, outage) =>
  service.call("GET", `/api/v1/admin/${route}`, {
    headers: { "x-admin-key": "admin-dev-key-change-in-production", "x-outage": outage },
  });

test("while D1 cannot be read, the fallback serves, recorded and never trained on", async () => {
  // Before this isolate has read a catalog there is nothing to serve.
  assert.equal((await recommend("reads")).status, 503);
  const before = await recommend();
  assert.equal(before.json.metadata.source, "agent");

  const { status, json } = await recommend("reads");
  assert.equal(status, 200);
  assert.deepEqual([json.metadata.source, json.metadata.strategy], ["fallback", null]);
  assert.equal(json.recommendations.length, 5);
  const [row] = await service.rows(
    "SELECT source FROM decisions WHERE decision_id = ?",
    json.decision_id,
  );
  assert.equal(row.source, "fallback");
  const health = await admin("system/health", "reads");
  assert.deepEqual([health.status, health.json.error.code], [503, "unavailable"]);

  assert.equal((await like(json, undefined, "after-fallback")).status, 201);
  assert.deepEqual(await service.rows("SELECT * FROM pairs"), []);
  assert.equal((await recommend()).json.metadata.source, "agent", "it is over");
});

test("while D1 cannot be written, nothing is served or acknowledged, and a retry counts once", async () => {
  const { json } = await recommend();
  const known = async () => (await service.rows("SELECT count(*) AS n FROM decisions"))[0].n;
  const before = await known();
  for (const answer of [await recommend("all"), await like(json, "all", "press-1")]) {
    assert.deepEqual([answer.status, answer.json.error.code], [503, "unavailable"]);
    assert.equal(answer.headers.get("retry-after"), "5");
    assert.ok(!answer.json.error.message.includes("outage"), "what D1 said stays inside");
  }
  assert.equal(await known(), before);
  assert.equal((await like(json, undefined, "press-1")).status, 201);
  const again = await like(json, undefined, "press-1");
  assert.deepEqual([again.status, again.json.repeated], [200, true]);
});

test("a policy browsers start from is away with D1, and says so", async () => {
  const { status, headers } = await service.call("GET", "/api/v1/policy", {
    headers: { "x-outage": "reads" },
  });
  assert.deepEqual([status, headers.get("retry-after")], [503, "5"]);
});

test("a weekly trigger that meets D1 away opens its run when D1 is back", async () => {
  await send(service, "carl", history("carl", 6, { begin: Date.now() - DAY }));
  const crons = (outage) =>
    service.call("GET", "/openapi.json", { headers: { "x-outage-of-crons": outage } });
  const due = new Date("2026-10-05T01:00:00.000Z");
  const runs = () =>
    service.rows(
      "SELECT status, records_processed AS n FROM system_tasks WHERE executed_at = ?",
      due.toISOString(),
    );
  await crons("all");
  const fired = service.cron("0 1 * * mon", due.getTime());
  await pause(1500);
  assert.deepEqual(await runs(), []);
  await crons("none");
  await fired;
  const [run] = await runs();
  assert.equal(run.status, "completed");
  assert.ok(run.n >= 6, `${run.n}`);
});

test("a run that D1 leaves in the middle is finished by the frequent trigger", async () => {
  await send(service, "bob", history("bob", 6, { begin: Date.now() - DAY }));
  const crons = (outage) =>
    service.call("GET", "/openapi.json", { headers: { "x-outage-of-crons": outage } });
  const due = new Date("2026-10-12T01:00:00.000Z");
  const run = async () =>
    (
      await service.rows(
        "SELECT status, records_processed AS n FROM system_tasks WHERE executed_at = ?",
        due.toISOString(),
      )
    )[0];
  // It is opened, and the lease taken; then nothing can be written any more.
  await crons("after 2 writes");
  await service.cron("0 1 * * mon", due.getTime());
  assert.deepEqual(await run(), { status: "running", n: 0 });
  await service.cron("*/10 * * * *", Date.now());
  assert.equal((await run()).status, "running", "it is still away");
  await crons("none");
  await service.rows("UPDATE leases SET expires_at = 0");
  await service.cron("*/10 * * * *", Date.now());
  assert.deepEqual(await run(), { status: "completed", n: 6 });
});
