// Killed at every await, before and after each store operation, and run again: everything that
// was acknowledged is there, trained once, and the bytes are those of an undisturbed run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Behind, DAY, start } from "./harness.mjs";
import { history, send } from "./history.mjs";

let behind;
before(async () => {
  behind = await Behind.copy("faulty.mjs");
});
after(() => behind.remove());

const open = () => start({ catalog: [], entry: behind.entry, log: () => {} });

const BEGIN = Date.now() - 3 * DAY;

async function fill(service) {
  for (const user of ["ann", "bobby", "charlie"]) {
    await send(service, user, history(user, 8, { begin: BEGIN }));
  }
}

/** A lease of a killed invocation runs out. */
const expire = (service) => service.rows("UPDATE leases SET expires_at = 0");

/** Tries an operation with each of its store operations failing, then lets it finish. */
async function atEveryPoint({ prepare, disturb, finish, compare }) {
  const service = await open();
  const run = async (fault) => {
    await service.reset();
    await prepare(service);
    const answer = await disturb(service, fault ? { "x-fault": fault } : {});
    assert.ok([200, 202, 503].includes(answer.status), `${fault}: ${answer.status}`);
    await expire(service);
    await finish(service);
    return { answer, found: await compare(service) };
  };
  try {
    const calm = await run();
    const operations = calm.answer.headers.get("x-operations").split(" ");
    assert.ok(operations.length >= 5, `${operations}`);
    for (const [i, kind] of operations.entries()) {
      // Whoever does not hear the answer to a read has done as little as if it never arrived.
      for (const when of kind === "read" ? ["before"] : ["before", "after"]) {
        const { found } = await run(`${i + 1} ${when}`);
        assert.deepEqual(found, calm.found, `operation ${i + 1} (${kind}) ${when}`);
      }
    }
    const writes = operations.filter((kind) => kind === "write").length;
    assert.ok(writes >= 3, `${operations}`);
    return `${operations.length} points, ${writes} of which write`;
  } finally {
    await service.stop();
  }
}

test("a training that dies at any store operation counts everything once", async (t) => {
  const points = await atEveryPoint({
    prepare: fill,
    disturb: (service, fault) => service.train(fault),
    finish: async (service) => {
      const { status, json } = await service.train();
      assert.equal(status, 200, JSON.stringify(json));
      assert.equal(json.status, "completed");
    },
    compare: async (service) => {
      const [sum] = await service.rows(
        `SELECT sum(records_processed) AS n FROM system_tasks WHERE status = 'completed'`,
      );
      assert.equal(sum.n, 24, "every interaction is reported once");
      return service.learned();
    },
  });
  t.diagnostic(points);
});

test("an erasure that dies at any store operation ends the same", async (t) => {
  const points = await atEveryPoint({
    prepare: async (service) => {
      await fill(service);
      const { status } = await service.train();
      assert.equal(status, 200);
    },
    disturb: (service, fault) =>
      service.call("DELETE", "/api/v1/users/bobby/data", { headers: fault }),
    finish: async (service) => {
      const { status, json } = await service.call("DELETE", "/api/v1/users/bobby/data");
      assert.deepEqual([status, json.status], [200, "erased"]);
    },
    compare: async (service) => {
      const { evidence, layers, policies } = await service.learned();
      assert.ok(!("policy/v/1" in policies), "the version that held them is gone");
      return { evidence, layers, current: policies["policy/current"] };
    },
  });
  t.diagnostic(points);
});

test("feedback that was acknowledged is stored, and a retry stores it once", async () => {
  const service = await open();
  try {
    await fill(service);
    for (const when of ["before", "after"]) {
      const body = { content_type: "music", content_id: "c1", interaction_type: "share" };
      const route = "/api/v1/entertainment/interactions/ann";
      const key = { "idempotency-key": `key ${when}` };
      const full = { ...body, decision_id: "ann-1" };
      const failed = await service.call("POST", route, {
        body: full,
        headers: { ...key, "x-fault": `1 ${when}` },
      });
      assert.deepEqual([failed.status, failed.json.error.code], [503, "unavailable"]);
      assert.equal(failed.headers.get("retry-after"), "5");
      const retried = await service.call("POST", route, { body: full, headers: key });
      assert.equal(retried.status, when === "before" ? 201 : 200);
      const rows = await service.rows(
        "SELECT decision_id FROM entertainment_interactions WHERE interaction_id = ?",
        `key ${when}`,
      );
      assert.deepEqual(rows, [{ decision_id: "ann-1" }]);
    }
  } finally {
    await service.stop();
  }
});

test("a decision that cannot be recorded is not served", async () => {
  const service = await start({ entry: behind.entry });
  try {
    const route = "/api/v1/entertainment/music/recommendations/ann";
    // The first request reads the catalog, too; the second is like all that follow.
    await service.call("GET", route);
    const fine = await service.call("GET", route);
    const operations = fine.headers.get("x-operations").split(" ").length;
    const { status, json } = await service.call("GET", route, {
      headers: { "x-fault": `${operations} before` },
    });
    assert.deepEqual([status, json.error.code], [503, "unavailable"]);
    assert.ok(!json.error.message.includes("fault"), "what the store said stays inside");
    const [row] = await service.rows("SELECT count(*) AS n FROM decisions");
    assert.equal(row.n, 2);
  } finally {
    await service.stop();
  }
});
