// A person's data: shown in full, and erased so that nothing learned from them remains.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, start } from "./harness.mjs";
import { entries, history, send, store } from "./history.mjs";

const CONTEXTS = ["mood=relaxed&time_of_day=evening", "mood=happy&time_of_day=morning"];

test("erasing leaves every byte as if the person had never been there", async () => {
  const [held, never] = [await start({ catalog: [] }), await start({ catalog: [] })];
  try {
    const now = Date.now();
    const others = ["ann", "bobby", "charlie"];
    for (const user of others) {
      const events = history(user, 12, { begin: now - 20 * DAY });
      await send(held, user, events);
      await send(never, user, events);
    }
    await held.train();
    await never.train();
    await send(held, "someone", history("someone", 40, { begin: now - 10 * DAY }));
    await held.train();
    for (const user of others) {
      const events = history(`${user}2`, 6, { begin: now - 5 * DAY });
      await send(held, user, events);
      await send(never, user, events);
    }
    await held.train();
    await never.train();
    await send(held, "someone", history("someone-else", 3, { begin: now - DAY }));

    assert.notDeepEqual((await held.learned()).evidence, (await never.learned()).evidence);
    const erased = await held.call("DELETE", "/api/v1/users/someone/data");
    assert.deepEqual([erased.status, erased.json.status], [200, "erased"]);

    const [a, b] = [await held.learned(), await never.learned()];
    assert.deepEqual(a.evidence, b.evidence);
    assert.deepEqual(
      a.layers.map(({ user_id, layer }) => ({ user_id, layer })),
      b.layers.map(({ user_id, layer }) => ({ user_id, layer })),
    );
    // Versions 2 and 3 held the person and are gone, 1 did not; 4 equals what the other
    // database calls 2, but for that number.
    const versions = (found) => Object.keys(found.policies).filter((key) => key.includes("/v/"));
    assert.deepEqual(versions(a), ["policy/v/1", "policy/v/4"]);
    assert.deepEqual(a.policies["policy/v/1"], b.policies["policy/v/1"]);
    const numbered = (text, version) => {
      const bytes = Buffer.from(text, "base64");
      // The body starts after magic, format version, layout hash and length, with the version.
      assert.equal(bytes[18], version);
      return bytes.subarray(19, -8).toString("base64");
    };
    for (const kind of ["v", "public"]) {
      assert.equal(
        numbered(a.policies[`policy/${kind}/4`], 4),
        numbered(b.policies[`policy/${kind}/2`], 2),
      );
    }
    assert.equal(a.policies["policy/current"], a.policies["policy/v/4"]);

    const tables = await held.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%user_id%'",
    );
    assert.ok(tables.length >= 5);
    for (const { name } of tables) {
      const [row] = await held.rows(`SELECT count(*) AS n FROM ${name} WHERE user_id = 'someone'`);
      assert.equal(row.n, 0, name);
    }
    const gone = await held.admin("POST", "models/3/activate");
    assert.deepEqual([gone.status, gone.json.error.code], [409, "conflict"]);
  } finally {
    await held.stop();
    await never.stop();
  }
});

test("everything held is shown, page by page", async () => {
  const service = await start();
  try {
    const body = { openness: 70 };
    await service.call("PUT", "/api/v1/users/ada/personality", { body });
    for (const query of CONTEXTS) {
      const { json } = await service.recommend("ada", query);
      await service.interact("ada", {
        content_type: "music",
        content_id: json.recommendations[0].id,
        interaction_type: "like",
      });
    }
    const { json } = await service.call("GET", "/api/v1/users/ada/data");
    assert.equal(json.profile.personality.openness, 70);
    assert.equal(json.decisions.length, 2);
    assert.equal(json.decisions[0].recommendations.length, 10);
    assert.equal(json.interactions.length, 2);
    assert.equal(json.interactions[0].interaction_type, "like");
    assert.equal(json.next, null);
    await send(service, "long", history("long", 510, { begin: Date.now() - DAY }));
    const first = await service.call("GET", "/api/v1/users/long/data");
    assert.equal(first.json.decisions.length, 500);
    const second = await service.call("GET", `/api/v1/users/long/data?after=${first.json.next}`);
    assert.equal(second.json.decisions.length, 10);
    const ids = [...first.json.decisions, ...second.json.decisions].map((d) => d.decision_id);
    assert.equal(new Set(ids).size, 510);
  } finally {
    await service.stop();
  }
});

test("an erasure that meets a training is continued by the frequent trigger", async () => {
  const service = await start({ catalog: [] });
  try {
    await send(service, "ada", history("ada", 10, { begin: Date.now() - DAY }));
    await service.train();
    await service.rows("UPDATE leases SET holder = 'busy', expires_at = ?", Date.now() + 60_000);
    const { status, json } = await service.call("DELETE", "/api/v1/users/ada/data");
    assert.deepEqual([status, json.status], [202, "pending"]);
    assert.equal((await service.admin("GET", "system/health")).json.pending_erasures, 1);
    await service.rows("UPDATE leases SET expires_at = 0");
    await service.cron("*/10 * * * *", Date.now());
    assert.equal((await service.admin("GET", "system/health")).json.pending_erasures, 0);
    assert.deepEqual(await service.rows("SELECT * FROM evidence"), []);
  } finally {
    await service.stop();
  }
});

test("ten thousand events are erased within one request", async () => {
  const service = await start({ catalog: [], log: () => {} });
  try {
    const made = { begin: Date.now() - 80 * DAY, kinds: ["skip", "like", "like"] };
    await store(service, "client", entries("ann", 50, { ...made, step: DAY }));
    await service.train();
    const without = (await service.learned()).evidence;
    // Five thousand decisions and as many interactions, over eleven weeks.
    const step = (78 * DAY) / 5000;
    await store(service, "client", entries("someone", 5000, { ...made, step }));
    assert.equal((await service.train()).json.status, "completed");
    assert.notDeepEqual((await service.learned()).evidence, without);
    const { status, json } = await service.call("DELETE", "/api/v1/users/someone/data");
    assert.deepEqual([status, json.status], [200, "erased"]);
    assert.deepEqual((await service.learned()).evidence, without);
    const [row] = await service.rows("SELECT count(*) AS n FROM decisions");
    assert.equal(row.n, 50);
  } finally {
    await service.stop();
  }
});
