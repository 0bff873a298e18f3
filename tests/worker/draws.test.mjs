// The logged probability is the frequency: before anything is learned all strategies are equal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./harness.mjs";

test("served strategies are as frequent as their logged probabilities say", async () => {
  const service = await start();
  try {
    const count = 540;
    let left = count;
    const visitor = async () => {
      while (left-- > 0) {
        const { status } = await service.recommend(`user-${left}`, "limit=1&mood=neutral");
        assert.equal(status, 200);
      }
    };
    await Promise.all(Array.from({ length: 8 }, visitor));
    const rows = await service.rows(
      "SELECT action_index, propensity, count(*) AS n FROM decisions GROUP BY 1, 2",
    );
    let square = 0;
    let probability = 0;
    for (const { propensity, n } of rows) {
      square += (n - count * propensity) ** 2 / (count * propensity);
      probability += propensity;
    }
    assert.ok(probability <= 1 + 1e-9, "one probability for each strategy");
    // What was never served is missing above: its expectation is its deviation.
    square += count * (1 - probability);
    // χ² with 26 degrees of freedom exceeds 95 once in a billion runs; ids are random here, the
    // native test of the draw (tests/draws.rs) has fixed seeds.
    assert.ok(square < 95, `χ² = ${square}`);
  } finally {
    await service.stop();
  }
});
