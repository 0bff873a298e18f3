// Each field of each entry wrong in turn: an error with code and field, and nothing written.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { start } from "./harness.mjs";
import { decision, interaction } from "./history.mjs";

let service;
let untouched;

/** How many rows every table has. */
async function counts() {
  const tables = await service.rows(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  );
  const found = {};
  for (const { name } of tables) {
    const [row] = await service.rows(`SELECT count(*) AS n FROM "${name}"`);
    found[name] = row.n;
  }
  return found;
}

before(async () => {
  service = await start();
});
after(() => service.stop());
beforeEach(async () => {
  untouched = await counts();
});
afterEach(async () => {
  assert.deepEqual(await counts(), untouched, "something was written");
  const { status } = await service.call("GET", "/openapi.json");
  assert.equal(status, 200, "the Worker answers afterwards");
});

const HUGE = "x".repeat(1_000_000);
/** What no field of numbers or words may be, as JSON text. */
const WRONG = ["null", "true", "[]", "{}", "1e309", '"\\ud800"', '""', '"no such word"'];
const WRONG_NUMBER = [...WRONG, "-1", "101", '"50"'];
const WRONG_ID = ["null", "7", "[]", '""', '"\\ud800"', '"a\\u0000b"', `"${"x".repeat(129)}"`];

async function refused(method, route, text, code, field) {
  const { status, json } = await service.call(method, route, { body: text });
  const what = `${method} ${route} ${text?.slice(0, 200)}: ${JSON.stringify(json)?.slice(0, 200)}`;
  assert.equal(status, 400, what);
  assert.match(json.error.code, code instanceof RegExp ? code : new RegExp(`^${code}$`), what);
  assert.ok(json.error.message.includes(field), what);
  assert.ok(json.error.message.length < 1000, what);
}

/**
 * Tries an object with each of its fields wrong, missing and misspelt.
 *
 * @param wrap Makes a body of the object's JSON.
 */
async function everyField(method, route, code, good, fields, wrap = (text) => text) {
  const refuses = (text, field) => refused(method, route, text, code, field);
  for (const [name, { wrong, required }] of Object.entries(fields)) {
    for (const value of wrong) {
      const others = Object.entries(good).filter(([key]) => key !== name);
      const parts = others.map(([key, other]) => `${JSON.stringify(key)}:${JSON.stringify(other)}`);
      const text = `{${[...parts, `${JSON.stringify(name)}:${value}`].join(",")}}`;
      // What JSON itself cannot hold is refused before any field is looked at.
      const unreadable = value.includes("1e309") || value.includes("\\ud800");
      await refuses(wrap(text), unreadable ? "not JSON" : name);
    }
    if (required) {
      const { [name]: _, ...rest } = good;
      await refuses(wrap(JSON.stringify(rest)), name);
    }
    const { [name]: value, ...rest } = good;
    await refuses(wrap(JSON.stringify({ ...rest, [`${name}x`]: value ?? 1 })), name);
  }
  const text = wrap(JSON.stringify(good));
  for (const body of [text.slice(0, -1), "", "[]", "null", `${text}x`, '{"a":1,"a":2}', "\xff"]) {
    await refuses(body, "");
  }
}

test("every field of an interaction", async () => {
  const good = {
    content_type: "music",
    content_id: "track-123",
    decision_id: "d1",
    interaction_type: "like",
    completion_percentage: 95,
    mood_before: "neutral",
    mood_after: "relaxed",
  };
  await everyField("POST", "/api/v1/entertainment/interactions/ada", "invalid_feedback", good, {
    content_type: { wrong: WRONG, required: true },
    content_id: { wrong: WRONG_ID, required: true },
    decision_id: { wrong: WRONG_ID },
    interaction_type: { wrong: WRONG, required: true },
    completion_percentage: { wrong: WRONG_NUMBER },
    mood_before: { wrong: WRONG },
    mood_after: { wrong: WRONG },
  });
});

test("every trait of a personality", async () => {
  const traits = ["openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"];
  const good = Object.fromEntries(traits.map((trait) => [trait, 50]));
  const fields = Object.fromEntries(traits.map((trait) => [trait, { wrong: WRONG_NUMBER }]));
  await everyField("PUT", "/api/v1/users/ada/personality", "invalid_context", good, fields);
});

test("every field of an experiment", async () => {
  const headers = { "x-admin-key": "admin-dev-key-change-in-production" };
  const call = service.call;
  service.call = (method, route, options) =>
    call.call(service, method, route, { headers, ...options });
  try {
    const good = { name: "launch", agent_per_mille: 500, holdout_per_mille: 50 };
    const wrong = [...WRONG, "-1", "1001", "0.5"];
    await everyField("PUT", "/api/v1/admin/experiment", "invalid_options", good, {
      name: { wrong: WRONG_ID, required: true },
      agent_per_mille: { wrong, required: true },
      holdout_per_mille: { wrong },
    });
  } finally {
    service.call = call;
  }
});

test("every parameter of a request for recommendations", async () => {
  const route = "/api/v1/entertainment/music/recommendations/ada";
  const words = ["", "x", "Relaxed", "null", "%00", "%ED%A0%80"];
  const numbers = ["", "x", "NaN", "Infinity", "-1", "101", "1e309", "null"];
  for (const [name, values, code] of [
    ["mood", words, "invalid_context"],
    ["time_of_day", words, "invalid_context"],
    ["openness", numbers, "invalid_context"],
    ["conscientiousness", numbers, "invalid_context"],
    ["extraversion", numbers, "invalid_context"],
    ["agreeableness", numbers, "invalid_context"],
    ["neuroticism", numbers, "invalid_context"],
    ["limit", [...numbers, "0", "51", "1.5"], "invalid_options"],
    ["moood", ["relaxed"], "invalid_options"],
  ]) {
    for (const value of values) {
      await refused("GET", `${route}?${name}=${value}`, undefined, code, name);
    }
  }
  await refused("GET", `${route}?mood=sad&mood=happy`, undefined, "invalid_options", "mood");
  const musik = "/api/v1/entertainment/musik/recommendations/ada";
  await refused("GET", musik, undefined, "invalid_context", "content_type");
  for (const user of ["%00", "x".repeat(129), "%ED%A0%80"]) {
    const { status } = await service.call("GET", route.replace("ada", user));
    assert.ok(status === 400 || status === 404, user);
  }
});

/** What a synced event may be refused as: itself, or the part of it that is wrong. */
const EVENT = /^(corrupt_log|invalid_context|invalid_feedback|invalid_reward)$/;

test("every field of a synced decision", async () => {
  const good = decision("d1", Date.now(), { user_id: "ada" }).decision;
  const wrap = (text) => `{"events":[{"decision":${text}}]}`;
  const whole = [...WRONG, "-1", "0.5"];
  await everyField(
    "POST",
    "/api/v1/sync/ada",
    EVENT,
    good,
    {
      decision_id: { wrong: WRONG_ID, required: true },
      decided_at: { wrong: [...whole, "0", `${Date.now() + 1e9}`], required: true },
      context: { wrong: [...WRONG, '{"mood":"x"}', "7"], required: true },
      action_index: { wrong: [...whole, "27"], required: true },
      propensity: { wrong: [...WRONG, "-1", "0", "1.1", '"0.5"'], required: true },
      source: { wrong: [...WRONG, "7"], required: true },
      policy_version: { wrong: whole, required: true },
      executed: { wrong: [...WRONG, "1"].filter((value) => value !== "true"), required: true },
      user_id: { wrong: [...WRONG_ID, '"bob"'] },
    },
    wrap,
  );
});

test("every field of a synced interaction", async () => {
  const more = { completion_percentage: 50, mood_before: "sad", mood_after: "calm" };
  const good = interaction("d1", Date.now(), more).interaction;
  const wrap = (text) => `{"events":[{"interaction":${text}}]}`;
  await everyField(
    "POST",
    "/api/v1/sync/ada",
    EVENT,
    good,
    {
      decision_id: { wrong: WRONG_ID, required: true },
      interaction_id: { wrong: WRONG_ID, required: true },
      at: { wrong: [...WRONG, "-1", "0", "0.5"], required: true },
      content_id: { wrong: WRONG_ID.filter((value) => value !== '""') },
      interaction_type: { wrong: WRONG, required: true },
      completion_percentage: { wrong: WRONG_NUMBER },
      mood_before: { wrong: WRONG },
      mood_after: { wrong: WRONG },
    },
    wrap,
  );
  for (const reward of [...WRONG, "1e9", "-101"]) {
    const { interaction_type: _, ...rest } = good;
    const text = JSON.stringify(rest).replace(/}$/, `,"reward":${reward}}`);
    await refused("POST", "/api/v1/sync/ada", wrap(text), EVENT, "");
  }
});

test("lists of synced events that are none", async () => {
  for (const body of [{}, { events: {} }, { events: [{}] }, { events: Array(101).fill({}) }]) {
    await refused("POST", "/api/v1/sync/ada", JSON.stringify(body), EVENT, "event");
  }
});

test("bodies over 16 KB, with and without a length", async () => {
  const route = "/api/v1/entertainment/interactions/ada";
  const plain = await service.call("POST", route, { body: `{"content_id":"${HUGE}"}` });
  assert.deepEqual([plain.status, plain.json.error.code], [413, "payload_too_large"]);
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 100; i++) controller.enqueue(new TextEncoder().encode("x".repeat(1000)));
      controller.close();
    },
  });
  const response = await fetch(service.origin + route, {
    method: "POST",
    body: stream,
    duplex: "half",
  });
  assert.equal(response.status, 413);
});

test("unknown addresses and methods", async () => {
  for (const [method, route, status] of [
    ["GET", "/api/v1/nothing", 404],
    ["GET", "/api/v1/users//personality/x", 404],
    ["GET", "/api/%ED%A0%80", 404],
    ["PATCH", "/api/v1/admin/experiment", 405],
    ["QUERY", "/api/v1/policy", 405],
    ["GET", "/api/v1/sync/ada", 405],
  ]) {
    const { status: got, json, headers } = await service.call(method, route);
    assert.equal(got, status, route);
    assert.ok(json.error.message);
    // RFC 9110, section 15.5.6.
    assert.equal(/^[A-Z]+(, [A-Z]+)*$/.test(headers.get("allow") ?? ""), status === 405, route);
  }
});

test("an idempotency key that is no id", async () => {
  const { status, json } = await service.interact(
    "ada",
    { content_type: "music", content_id: "c", interaction_type: "like" },
    { "idempotency-key": "x".repeat(129) },
  );
  assert.equal(status, 400);
  assert.ok(json.error.message.includes("idempotency-key"));
});
