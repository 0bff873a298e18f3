// D1 away for a minute: what can be decided is decided and recorded, what cannot be recorded is
// not served, and nothing that was acknowledged is lost.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

const DIST = path.resolve(import.meta.dirname, "../../worker/dist");

let modules;
let service;
before(async () => {
  modules = await mkdtemp(path.join(os.tmpdir(), "moodloop-outage-"));
  for (const name of ["worker.js", "worker.wasm"]) {
    await copyFile(path.join(DIST, name), path.join(modules, name));
  }
  await copyFile(path.join(import.meta.dirname, "outage.mjs"), path.join(modules, "outage.mjs"));
  service = await start({ entry: path.join(modules, "outage.mjs") });
});
after(async () => {
  await service.stop();
  await rm(modules, { recursive: true, force: true });
});

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
