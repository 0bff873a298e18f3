// What the Worker writes into its log: enough to operate it, nothing about anybody.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start, token } from "./harness.mjs";
import { CLIENT, KEY, Upstream, wrong } from "./upstream.mjs";

const USER = "user-who-must-not-be-named";
const ADMIN_KEY = "a-long-production-admin-key-1";
const SECRET = "a-long-production-token-secret-1";
const BEARER = token({ sub: USER, exp: Math.floor(Date.now() / 1000) + 600 }, SECRET);

let upstream;
let service;
const lines = [];
before(async () => {
  upstream = await Upstream.start();
  const vars = {
    ENVIRONMENT: "production",
    ADMIN_KEY,
    TOKEN_SECRET: SECRET,
    ...upstream.vars(),
  };
  service = await start({ vars, log: (line) => lines.push(line) });
});
after(async () => {
  await service.stop();
  await upstream.stop();
});

const call = (method, route, body) =>
  service.call(method, route, { body, headers: { authorization: `Bearer ${BEARER}` } });
const recommend = (type) =>
  call(
    "GET",
    `/api/v1/entertainment/${type}/recommendations/${USER}?mood=anxious&openness=73.25&limit=3`,
  );

test("lines are JSON, name the request, and hold neither people nor secrets", async () => {
  await call("PUT", `/api/v1/users/${USER}/personality`, { openness: 81.5, neuroticism: 77.5 });
  const { headers, json } = await recommend("music");
  await recommend("video");
  upstream.instead = wrong.broken;
  await recommend("video");
  await recommend("music");
  await call("POST", `/api/v1/entertainment/interactions/${USER}`, {
    content_type: "music",
    content_id: json.recommendations[0].id,
    interaction_type: "like",
    mood_after: "peaceful",
  });
  await call("POST", `/api/v1/entertainment/interactions/${USER}`, { mood_after: "elated" });
  await call("GET", `/api/v1/users/${USER}/data`);
  await service.call("POST", "/api/v1/admin/tasks/rl-training/trigger", {
    headers: { "x-admin-key": ADMIN_KEY },
  });
  await service.call("GET", "/api/v1/admin/models", { headers: { "x-admin-key": "wrong-key" } });
  await call("DELETE", `/api/v1/users/${USER}/data`);
  await service.call("GET", `/api/v1/nowhere/${USER}`);

  const events = lines.map((line) => JSON.parse(line));
  const kinds = new Set(events.map(({ event }) => event));
  for (const kind of ["request", "provider_failed", "rl_training"]) {
    assert.ok(kinds.has(kind), kind);
  }
  const id = headers.get("x-request-id");
  const [request] = events.filter((e) => e.event === "request" && e.request_id === id);
  assert.equal(request.route, "/api/v1/entertainment/{content_type}/recommendations/{user_id}");
  assert.equal(request.status, 200);
  assert.deepEqual(Object.keys(request.decision).sort(), [
    "arm",
    "decision_id",
    "policy_version",
    "provider",
    "source",
  ]);

  const all = lines.join("\n");
  const held = [
    ...[USER, "73.25", "81.5", "77.5", "anxious", "peaceful", "elated"],
    ...[ADMIN_KEY, SECRET, BEARER, "wrong-key", CLIENT.id, CLIENT.secret, KEY],
    ...upstream.tokens,
    ...Object.values(json.metadata.rl_params).filter((number) => !Number.isInteger(number)),
    json.metadata.strategy,
    json.recommendations[0].title,
  ];
  for (const word of held) assert.ok(!all.includes(String(word)), `the log holds ${word}`);
});
