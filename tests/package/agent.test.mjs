// The storage-free agent, as a Node program uses it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, MoodloopError } from "moodloop/agent";
import { Catalog } from "moodloop/catalog";
import { contexts, items, learnSomething } from "./helpers.mjs";

test("a decision carries all that a later evaluation needs", () => {
  const agent = new Agent({ seed: 1 });
  const decided = agent.decide(contexts[0]);
  assert.equal(decided.propensities.length, 27);
  const sum = decided.propensities.reduce((a, b) => a + b);
  assert.ok(Math.abs(sum - 1) < 1e-12, `probabilities sum to ${sum}`);
  assert.equal(decided.propensity, decided.propensities[decided.action_index]);
  assert.equal(decided.source, "agent");
  assert.equal(decided.policy_version, 0);
  agent.free();
});

test("the same seed and inputs give the same decisions and bytes", () => {
  const [one, other] = [new Agent({ seed: 5 }), new Agent({ seed: 5 })];
  assert.deepEqual(learnSomething(one, 60), learnSomething(other, 60));
  assert.deepEqual(one.snapshot(), other.snapshot());
});

test("a restored agent goes on as the first would have", () => {
  const one = new Agent({ seed: 9 });
  learnSomething(one, 40);
  const other = Agent.restore(one.snapshot());
  assert.deepEqual(learnSomething(one, 25), learnSomething(other, 25));
  assert.deepEqual(one.snapshot(), other.snapshot());
});

test("the drawn strategies follow the logged probabilities", () => {
  const agent = new Agent({ seed: 3 });
  const draws = 6000;
  const counts = new Array(27).fill(0);
  let expected;
  for (let i = 0; i < draws; i++) {
    const { action_index, propensities } = agent.decide({ ...contexts[0], decision_id: `d${i}` });
    counts[action_index] += 1;
    expected = propensities;
  }
  const chi2 = counts.reduce(
    (sum, n, i) => sum + (n - draws * expected[i]) ** 2 / (draws * expected[i]),
    0,
  );
  assert.ok(chi2 < 54.05, `chi² with 26 degrees of freedom is ${chi2}: above its 99.9 % point`);
});

test("events of another writer are taken in once", () => {
  const [one, other] = [new Agent({ seed: 1 }), new Agent({ seed: 1 })];
  learnSomething(one, 30);
  const events = one.events();
  assert.ok(events.every((event) => other.absorb(event)));
  assert.ok(events.every((event) => !other.absorb(event)));
  one.fold();
  other.fold();
  assert.deepEqual(one.policy(), other.policy());
});

test("forgetting leaves what would be there without", () => {
  const [one, other] = [new Agent({ seed: 1 }), new Agent({ seed: 1 })];
  learnSomething(one, 20);
  for (const event of one.events()) {
    other.absorb(event);
  }
  other.fold();
  const { decision_id } = one.decide({ ...contexts[1], user_id: "gone" });
  one.learn(decision_id, { interaction_type: "dislike", content_id: "x" });
  assert.equal(one.forgetUser("gone"), 1);
  assert.equal(one.forget(decision_id), false);
  assert.deepEqual(one.policy(), other.policy());
});

test("reports about one pair merge", () => {
  const agent = new Agent();
  const { decision_id } = agent.decide(contexts[0]);
  const about = { content_id: "m1" };
  assert.deepEqual(agent.learn(decision_id, { ...about, at: 1, interaction_type: "like" }), {
    reward: 1,
    revised: false,
    repeated: false,
  });
  const second = agent.learn(decision_id, { ...about, at: 2, interaction_type: "dislike" });
  assert.equal(second.reward, -1);
  assert.equal(second.revised, true);
});

test("data out and in: export as JSON", () => {
  const agent = new Agent({ seed: 2 });
  learnSomething(agent, 15);
  const exported = JSON.parse(JSON.stringify(agent.export()));
  const other = new Agent({ seed: 2 });
  assert.ok(other.import(exported) > 15);
  assert.equal(other.import(exported), 0);
  agent.fold();
  assert.deepEqual(agent.policy(), other.policy());
});

test("old decisions leave with their week", () => {
  const agent = new Agent();
  const day = 24 * 60 * 60 * 1000;
  const old = agent.decide({ ...contexts[0], decided_at: 0 });
  const young = agent.decide({ ...contexts[0], decided_at: 100 * day });
  agent.fold(120 * day);
  assert.throws(() => agent.explain(old.decision_id), { code: "unknown_decision" });
  assert.equal(agent.explain(young.decision_id).decision_id, young.decision_id);
});

test("a catalog is ranked for a decision", () => {
  const agent = new Agent({ seed: 4 });
  const catalog = new Catalog(items(60));
  assert.equal(catalog.size, 60);
  const { decision_id, params, strategy } = agent.decide(contexts[0]);
  const brief = agent.brief(decision_id);
  const ranked = catalog.rank(brief, { limit: 7 });
  assert.equal(ranked.length, 7);
  for (const one of ranked) {
    assert.deepEqual(one.metadata.rl_params, params);
    assert.equal(one.metadata.strategy, strategy);
    assert.ok(one.match_score >= 0 && one.match_score <= 100 && one.reasoning.length > 0);
  }
  assert.deepEqual(catalog.rank(brief, { limit: 7 }), ranked);
  catalog.free();
  assert.throws(() => catalog.rank(brief), { code: "closed" });
});

test("undefined fields are absent fields", () => {
  const agent = new Agent({ seed: undefined, taste: undefined });
  const { decision_id } = agent.decide({ ...contexts[0], mood: undefined, user_id: undefined });
  agent.learn(decision_id, { interaction_type: "skip", content_id: undefined });
});

test("use after free is a clear error", () => {
  const agent = new Agent();
  agent.free();
  agent.free();
  assert.throws(
    () => agent.decide(contexts[0]),
    (error) => {
      assert.ok(error instanceof MoodloopError && error instanceof Error);
      assert.equal(error.name, "MoodloopError");
      assert.equal(error.code, "closed");
      return true;
    },
  );
});
