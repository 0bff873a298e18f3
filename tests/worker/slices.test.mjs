// A training that runs out of time, and one whose clock jumps, comes out as one that does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Behind, DAY, DEVELOPMENT_KEY, start } from "./harness.mjs";
import { history, send } from "./history.mjs";

const TRIGGER = "/api/v1/admin/tasks/rl-training/trigger";

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
        const headers = { "x-admin-key": DEVELOPMENT_KEY, "x-jump": String(jump) };
        const { status, json } = await service.call("POST", TRIGGER, { headers });
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
