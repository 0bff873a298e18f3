// A training that runs out of time or of queries, or is given only so much at once, comes out as one
// that has all it wants.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Behind, DAY, start } from "./harness.mjs";
import { entries, history, send, store } from "./history.mjs";

test("out of time after every slice, or under a clock that jumps: the same bytes", async () => {
  const behind = await Behind.copy("faulty.mjs");
  const service = await start({ catalog: [], entry: behind.entry });
  try {
    const begin = Date.now() - 25 * DAY;
    const trained = async (jump) => {
      await service.reset();
      for (const user of ["ann", "bobby", "charlie"]) {
        await send(service, user, history(user, 20, { begin, step: DAY }));
      }
      let rounds = 0;
      for (;;) {
        rounds += 1;
        assert.ok(rounds < 30, `${jump}: it does not end`);
        const { status, json } = await service.train({ "x-jump": String(jump) });
        if (status === 202) continue;
        assert.deepEqual([status, json.status], [200, "completed"], JSON.stringify(json));
        assert.equal(json.records_processed, 60);
        return { rounds, learned: await service.learned() };
      }
    };
    const calm = await trained(0);
    assert.equal(calm.rounds, 1);
    // Twenty-one seconds with every look at a store: each invocation gets one slice done.
    const slow = await trained(21_000);
    assert.ok(slow.rounds >= 5, `${slow.rounds} invocations`);
    assert.deepEqual(slow.learned, calm.learned);
    const back = await trained(-3_600_000);
    assert.deepEqual(back.learned, calm.learned);
  } finally {
    await service.stop();
    await behind.remove();
  }
});

test("a D1 that gives short rows only, and 1,000 queries an invocation: the same bytes", async () => {
  const behind = await Behind.copy("narrow.mjs");
  const service = await start({ catalog: [], entry: behind.entry });
  try {
    const begin = Date.now() - 40 * DAY;
    const users = Array.from({ length: 12 }, (_, i) => `user-${i}`);
    const kinds = ["like", "skip", "complete"];
    const step = (35 * DAY) / 500;
    const events = users.flatMap((user) => entries(user, 500, { begin, step, kinds }));
    const trained = async (row) => {
      await service.reset();
      await store(service, "agent", events);
      const refused = [];
      for (;;) {
        const answer = await service.train({ "x-row": String(row) });
        const { status, json } = answer;
        assert.ok(Number(answer.headers.get("x-queries")) <= 1000);
        refused.push(Number(answer.headers.get("x-refused")));
        assert.ok(refused.length < 10, "it does not end");
        if (status === 202) continue;
        assert.deepEqual([status, json.status], [200, "completed"], JSON.stringify(json));
        assert.equal(json.records_processed, events.length);
        return { refused, learned: await service.learned() };
      }
    };
    const wide = await trained(2_000_000);
    assert.deepEqual(wide.refused, [0]);
    const narrow = await trained(40_000);
    assert.ok(narrow.refused.length > 1 && narrow.refused[0] > 2, String(narrow.refused));
    assert.deepEqual(narrow.learned, wide.learned);
  } finally {
    await service.stop();
    await behind.remove();
  }
});

test("whoever says as much as they can of all that teaches them is still read by such a D1", async () => {
  const behind = await Behind.copy("narrow.mjs");
  const service = await start({ catalog: [], entry: behind.entry });
  try {
    const begin = Date.now() - DAY;
    const told = entries("user", 200, { begin, kinds: ["like"] });
    await store(service, "agent", told);
    const often = Array.from({ length: 99 }, (_, i) => `${i}`.padStart(128, "x"));
    await service.rows(
      `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
         content_id, interaction_type, arm, at, body_hash, created_at)
       SELECT user_id, value || substr(decision_id, 5), decision_id, content_type, content_id,
         'complete', arm, at + 1, body_hash, created_at
       FROM entertainment_interactions, json_each(?)`,
      JSON.stringify(often),
    );
    const [{ n }] = await service.rows("SELECT min(revision) AS n FROM pairs");
    assert.equal(n, 100);
    const { status, headers } = await service.recommend("user");
    assert.deepEqual([status, headers.get("x-refused")], [200, "0"]);
  } finally {
    await service.stop();
    await behind.remove();
  }
});
