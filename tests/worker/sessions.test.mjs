// With sessions, what a user asks for next within 30 minutes is the next state of the Q-table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, start } from "./harness.mjs";
import { decision, interaction } from "./history.mjs";

const MINUTE = 60_000;

/** A decision of a client in a mood, liked or not reacted to. */
function event(id, at, mood, liked = true) {
  const decided = decision(id, at, { context: { mood } });
  return liked ? [decided, interaction(id, at + 1000)] : [decided];
}

async function learned(service) {
  const { status, json } = await service.train();
  assert.deepEqual([status, json.status], [200, "completed"]);
  const { avg_q_value, max_q_value, total_states } = json.metadata.training.agent_stats;
  return [avg_q_value, max_q_value, total_states].map((value) => Math.round(value * 1e6) / 1e6);
}

test("the next context of a session counts, a late one too", async () => {
  const session = await start({ catalog: [], vars: { EPISODES: "session" } });
  const plain = await start({ catalog: [] });
  try {
    const begin = Date.now() - 10 * DAY;
    const events = [
      // Alone, so that its state is worth 0.1.
      ...event("a", begin, "sad"),
      // Followed by the same state within 30 minutes: 0.1 · (1 + 0.95 · 0.1).
      ...event("b", begin + 120 * MINUTE, "happy"),
      ...event("c", begin + 130 * MINUTE, "sad"),
      // 31 minutes are too long.
      ...event("d", begin + 161 * MINUTE + 1, "calm"),
      ...event("e", begin + 300 * MINUTE, "calm"),
    ];
    for (const service of [session, plain]) {
      const { status } = await service.call("POST", "/api/v1/sync/ann", { body: { events } });
      assert.equal(status, 200);
    }
    const mean = (...values) => Math.round((values.reduce((a, b) => a + b) / 3) * 1e6) / 1e6;
    assert.deepEqual(await learned(plain), [mean(0.19, 0.1, 0.19), 0.19, 3]);
    assert.deepEqual(await learned(session), [mean(0.19, 0.1095, 0.19), 0.19, 3]);
    // What was asked for in between, known only later and without a reaction.
    const late = event("x", begin + 125 * MINUTE, "calm", false);
    await session.call("POST", "/api/v1/sync/ann", { body: { events: late } });
    assert.deepEqual(await learned(session), [mean(0.19, 0.1, 0.19), 0.19, 3]);
  } finally {
    await session.stop();
    await plain.stop();
  }
});
