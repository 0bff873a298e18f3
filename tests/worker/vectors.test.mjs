// The shared vectors, as far as the API shows what they are about: rewards of feedback, the
// control arm, and the parameters of what it serves.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { start } from "./harness.mjs";

const VECTORS = path.resolve(import.meta.dirname, "../vectors");

async function cases(name) {
  return JSON.parse(await readFile(path.join(VECTORS, `${name}.json`), "utf8")).cases;
}

let service;
before(async () => {
  service = await start();
});
after(() => service.stop());

test("every reward that the vectors name", async () => {
  // Without a mood before, the decision's mood stands in, which a bare reward has not.
  const usable = (await cases("reward")).filter(
    ({ args: [feedback] }) => feedback.mood_before || !feedback.mood_after,
  );
  assert.ok(usable.length > 200, `${usable.length} cases`);
  let decision = { recommendations: [] };
  for (const { name, args, gives } of usable) {
    if (decision.recommendations.length === 0) {
      decision = (await service.recommend("vectors", "limit=50")).json;
    }
    const item = decision.recommendations.pop();
    const { status, json } = await service.interact("vectors", {
      content_type: "music",
      content_id: item.id,
      decision_id: decision.decision_id,
      ...args[0],
    });
    assert.equal(status, 201, name);
    assert.equal(json.reward, gives, name);
  }
});

/** The query that asks for a context. */
function query({ mood, time_of_day, personality }) {
  const fields = { time_of_day, ...(mood && { mood }), ...personality, limit: 1 };
  return new URLSearchParams(fields).toString();
}

test("the control arm of every vector, and the parameters it serves", async () => {
  await service.admin("PUT", "experiment", { name: "vectors", agent_per_mille: 0 });
  for (const { name, args, gives } of await cases("baseline")) {
    const [context] = args;
    const { json } = await service.recommend("control", query(context), context.content_type);
    assert.deepEqual([json.metadata.source, json.metadata.strategy], ["baseline", gives], name);
  }
  let compared = 0;
  for (const { name, args, gives } of await cases("parameters")) {
    const [strategy, context] = args;
    const { status, json } = await service.recommend(
      "control",
      query(context),
      context.content_type,
    );
    assert.equal(status, 200, name);
    if (json.metadata.strategy === strategy) {
      assert.deepEqual(json.metadata.rl_params, gives, name);
      compared += 1;
    }
  }
  assert.ok(compared >= 5, `${compared} compared`);
});
