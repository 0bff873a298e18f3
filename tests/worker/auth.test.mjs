// Who may ask what, in production: every route × every kind of wrong key or token.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DEVELOPMENT_KEY, start, token } from "./harness.mjs";

const ADMIN_KEY = "a-long-production-admin-key-1";
const SECRET = "a-long-production-token-secret-1";
const now = Math.floor(Date.now() / 1000);

const USER_ROUTES = [
  ["GET", "/api/v1/entertainment/music/recommendations/ada"],
  ["POST", "/api/v1/entertainment/interactions/ada"],
  ["PUT", "/api/v1/users/ada/personality"],
  ["GET", "/api/v1/users/ada/data"],
  ["DELETE", "/api/v1/users/ada/data"],
  ["POST", "/api/v1/sync/ada"],
];
const ADMIN_ROUTES = [
  ["POST", "/api/v1/admin/tasks/rl-training/trigger"],
  ["GET", "/api/v1/admin/tasks/history"],
  ["GET", "/api/v1/admin/system/health"],
  ["GET", "/api/v1/admin/agent/stats"],
  ["GET", "/api/v1/admin/models"],
  ["POST", "/api/v1/admin/models/1/activate"],
  ["GET", "/api/v1/admin/engagement"],
  ["GET", "/api/v1/admin/evaluate"],
  ["GET", "/api/v1/admin/experiment"],
  ["PUT", "/api/v1/admin/experiment"],
];

let service;
before(async () => {
  const vars = { ENVIRONMENT: "production", ADMIN_KEY, TOKEN_SECRET: SECRET };
  service = await start({ vars });
});
after(() => service.stop());

async function refused(method, route, headers, status) {
  const { status: got, json } = await service.call(method, route, { headers });
  assert.equal(got, status, `${method} ${route} ${JSON.stringify(headers)}`);
  assert.equal(json.error.code, status === 401 ? "unauthorized" : "forbidden");
}

test("the routes tried here are all that need a key or a token", async () => {
  const { json } = await service.call("GET", "/openapi.json");
  const guarded = [];
  for (const methods of Object.values(json.paths)) {
    for (const operation of Object.values(methods)) {
      if (operation.security) guarded.push(operation.operationId);
    }
  }
  assert.equal(guarded.length, USER_ROUTES.length + ADMIN_ROUTES.length);
});

test("user routes open to the user's own token only", async () => {
  const bearer = (claims, secret = SECRET, header) => ({
    authorization: `Bearer ${token(claims, secret, header)}`,
  });
  const good = { sub: "ada", exp: now + 600 };
  const tampered = bearer(good).authorization.split(".");
  tampered[1] = Buffer.from(JSON.stringify({ ...good, sub: "ada2" })).toString("base64url");
  for (const [method, route] of USER_ROUTES) {
    await refused(method, route, {}, 401);
    await refused(method, route, { authorization: "Bearer nonsense" }, 401);
    await refused(method, route, { authorization: token(good, SECRET) }, 401);
    await refused(method, route, bearer({ ...good, exp: now - 1 }), 401);
    await refused(method, route, bearer({ sub: "ada" }), 401);
    await refused(method, route, bearer({ ...good, nbf: now + 600 }), 401);
    await refused(method, route, bearer(good, "another-long-token-secret-11"), 401);
    await refused(method, route, bearer(good, SECRET, { alg: "none" }), 401);
    await refused(method, route, bearer(good, SECRET, { alg: "HS512" }), 401);
    await refused(method, route, { authorization: tampered.join(".") }, 401);
    await refused(method, route, bearer({ ...good, sub: "bob" }), 403);
    await refused(method, route, { "x-admin-key": ADMIN_KEY }, 401);
  }
  const { status } = await service.call("GET", USER_ROUTES[0][1], { headers: bearer(good) });
  assert.equal(status, 200);
});

test("admin routes open to the admin key only", async () => {
  for (const [method, route] of ADMIN_ROUTES) {
    await refused(method, route, {}, 401);
    await refused(method, route, { "x-admin-key": "" }, 401);
    await refused(method, route, { "x-admin-key": ADMIN_KEY.slice(0, -1) }, 401);
    await refused(method, route, { "x-admin-key": DEVELOPMENT_KEY }, 401);
    const user = token({ sub: "ada", exp: now + 600 }, SECRET);
    await refused(method, route, { authorization: `Bearer ${user}` }, 401);
  }
  const headers = { "x-admin-key": ADMIN_KEY };
  const { status } = await service.call("GET", "/api/v1/admin/models", { headers });
  assert.equal(status, 200);
});

test("missing, short and published secrets close their routes", async () => {
  for (const vars of [
    { ENVIRONMENT: "production" },
    { ENVIRONMENT: "production", ADMIN_KEY: "short", TOKEN_SECRET: "short" },
    { ENVIRONMENT: "production", ADMIN_KEY: DEVELOPMENT_KEY },
    { ENVIRONMENT: "Development", ADMIN_KEY: DEVELOPMENT_KEY },
  ]) {
    const closed = await start({ vars, catalog: [] });
    try {
      const headers = { "x-admin-key": vars.ADMIN_KEY ?? DEVELOPMENT_KEY };
      const admin = await closed.call("GET", "/api/v1/admin/models", { headers });
      assert.equal(admin.status, 403, JSON.stringify(vars));
      const claims = { sub: "ada", exp: now + 600 };
      const user = await closed.call("GET", "/api/v1/users/ada/data", {
        headers: { authorization: `Bearer ${token(claims, vars.TOKEN_SECRET ?? "x")}` },
      });
      assert.equal(user.status, 403, JSON.stringify(vars));
    } finally {
      await closed.stop();
    }
  }
});
