// The served description of the API holds for what the API answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

let service;
let document;
before(async () => {
  service = await start();
  document = (await service.call("GET", "/openapi.json")).json;
});
after(() => service.stop());

/** What in `value` contradicts a schema: the keywords that the document uses, and no others. */
function* faults(schema, value, at = "answer") {
  if (schema.$ref) {
    yield* faults(document.components.schemas[schema.$ref.split("/").pop()], value, at);
    return;
  }
  const known = ["type", "properties", "required", "additionalProperties", "items", "enum"];
  known.push("minimum", "maximum", "minLength", "maxLength", "maxItems", "format", "pattern");
  for (const keyword of Object.keys(schema)) {
    if (!known.includes(keyword)) yield `${at}: this test does not know ${keyword}`;
  }
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const kinds = [schema.type].flat();
  const fits = kinds.some(
    (type) => type === kind || (type === "integer" && Number.isInteger(value)),
  );
  if (schema.type && !fits) yield `${at} is ${kind}, not ${kinds}`;
  if (value === null) return;
  if (schema.enum && !schema.enum.includes(value)) yield `${at} is ${value}`;
  if (kind === "number" && !(value >= (schema.minimum ?? -Infinity))) yield `${at} is ${value}`;
  if (kind === "number" && !(value <= (schema.maximum ?? Infinity))) yield `${at} is ${value}`;
  if (kind === "string" && schema.format === "date-time" && Number.isNaN(Date.parse(value))) {
    yield `${at} is ${value}`;
  }
  if (kind === "string" && schema.pattern && !new RegExp(schema.pattern, "u").test(value)) {
    yield `${at} is ${value}`;
  }
  if (kind === "array" && schema.items) {
    for (const [i, item] of value.entries()) yield* faults(schema.items, item, `${at}[${i}]`);
  }
  if (kind === "object") {
    for (const name of schema.required ?? []) {
      if (!(name in value)) yield `${at}.${name} is missing`;
    }
    for (const [name, inner] of Object.entries(value)) {
      const property = schema.properties?.[name];
      if (property) yield* faults(property, inner, `${at}.${name}`);
      else if (schema.properties) yield `${at}.${name} is not described`;
    }
  }
}

/** Calls an operation and checks the answer against its description. */
async function check(method, path, values, options) {
  const route = path.replace(/\{(\w+)\}/g, (_, name) => values[name]) + (values.query ?? "");
  const answer = await service.call(method, route, {
    headers: { "x-admin-key": "admin-dev-key-change-in-production" },
    ...options,
  });
  const described = document.paths[path][method.toLowerCase()].responses[answer.status];
  assert.ok(described, `${method} ${path} answers ${answer.status}, which is not described`);
  const schema = described.content?.["application/json"]?.schema;
  if (schema) assert.deepEqual([...faults(schema, answer.json)], [], `${method} ${path}`);
  return answer;
}

test("every operation answers as described, and none is left out", async () => {
  const tried = new Set();
  const call = (method, path, values = {}, options = {}) => {
    tried.add(`${method} ${path}`);
    return check(method, path, values, options);
  };
  const user = { user_id: "ada" };
  const music = { content_type: "music", user_id: "ada" };
  const recommendations = "/api/v1/entertainment/{content_type}/recommendations/{user_id}";
  const interactions = "/api/v1/entertainment/interactions/{user_id}";
  await call("PUT", "/api/v1/users/{user_id}/personality", user, { body: { openness: 80 } });
  const { json } = await call("GET", recommendations, music);
  await call("GET", recommendations, { ...music, query: "?mood=x" });
  for (const item of json.recommendations.slice(0, 6)) {
    const body = { content_type: "music", content_id: item.id, interaction_type: "like" };
    await call("POST", interactions, user, { body });
  }
  await call("POST", interactions, user, { body: {} });
  await call("POST", interactions, user, { body: "x".repeat(20_000) });
  await call("POST", "/api/v1/sync/{user_id}", user, { body: { events: [] } });
  await call("GET", "/api/v1/policy");
  await call("POST", "/api/v1/admin/tasks/rl-training/trigger");
  await call("GET", "/api/v1/policy");
  await call("GET", "/api/v1/admin/tasks/history");
  await call("GET", "/api/v1/admin/system/health");
  await call("GET", "/api/v1/admin/agent/stats");
  await call("GET", "/api/v1/admin/models");
  await call("POST", "/api/v1/admin/models/{version}/activate", { version: 1 });
  await call("POST", "/api/v1/admin/models/{version}/activate", { version: 9 });
  await call("GET", "/api/v1/admin/engagement", { query: "?split=2026-01-01" });
  const evaluated = `?policies=current,q_table,version-1,uniform,low_focused_familiar`;
  await call("GET", "/api/v1/admin/evaluate", { query: evaluated });
  await call("GET", "/api/v1/admin/evaluate", { query: "?policies=version-9" });
  await call("GET", "/api/v1/admin/experiment");
  await call("GET", "/api/v1/admin/experiment", {}, { headers: {} });
  const body = { name: "launch", agent_per_mille: 1000 };
  await call("PUT", "/api/v1/admin/experiment", {}, { body });
  await call("GET", "/api/v1/users/{user_id}/data", user);
  await call("DELETE", "/api/v1/users/{user_id}/data", user);
  await call("GET", "/openapi.json");
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual([...tried].sort(), described.sort());
});

test("what the description calls required or limited is", async () => {
  const schema = document.components.schemas.Interaction;
  for (const name of schema.required) {
    const good = { content_type: "music", content_id: "x", interaction_type: "like" };
    delete good[name];
    const { status } = await service.interact("ada", good);
    assert.equal(status, 400, name);
  }
  assert.equal(schema.additionalProperties, false);
});

test("answers carry a request id and may not be cached or sniffed", async () => {
  const { headers } = await service.recommend("ada");
  assert.ok(headers.get("x-request-id"));
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.match(headers.get("server-timing"), /^total;dur=\d+/);
});

test("only allowed origins may call from a browser", async () => {
  const site = await start({ vars: { ALLOWED_ORIGINS: "https://a.example, https://b.example" } });
  try {
    const route = "/api/v1/entertainment/interactions/ada";
    const ask = (origin, method = "OPTIONS") =>
      site.call(method, route, { headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await ask("https://b.example");
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get("access-control-allow-origin"), "https://b.example");
    assert.match(allowed.headers.get("access-control-allow-headers"), /idempotency-key/);
    for (const origin of ["https://c.example", "https://a.example.evil", "null", ""]) {
      const refused = await ask(origin);
      assert.equal(refused.status, 405, origin);
      assert.equal(refused.headers.get("access-control-allow-origin"), null);
    }
  } finally {
    await site.stop();
  }
});

test("beyond its limit a user waits, and others do not", async () => {
  const ratelimits = { USER_LIMIT: { namespace_id: "1001", simple: { limit: 3, period: 60 } } };
  const busy = await start({ catalog: [], ratelimits });
  try {
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await busy.recommend("eager")).status);
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
    const refused = await busy.recommend("eager");
    assert.equal(refused.json.error.code, "rate_limited");
    assert.equal(refused.headers.get("retry-after"), "60");
    assert.equal((await busy.recommend("patient")).status, 200);
  } finally {
    await busy.stop();
  }
});

test("beyond its limit an address waits, whoever it asks for", async () => {
  const simple = { limit: 2, period: 60 };
  const busy = await start({
    catalog: [],
    ratelimits: { ADDRESS_LIMIT: { namespace_id: "1002", simple } },
  });
  try {
    const from = async (address, user) => {
      const route = `/api/v1/entertainment/music/recommendations/${user}`;
      return (await busy.call("GET", route, { headers: { "cf-connecting-ip": address } })).status;
    };
    assert.equal(await from("192.0.2.1", "ann"), 200);
    assert.equal(await from("192.0.2.1", "bob"), 200);
    assert.equal(await from("192.0.2.1", "carl"), 429);
    assert.equal(await from("192.0.2.2", "ann"), 200);
  } finally {
    await busy.stop();
  }
});
