// Evaluation, training, experiments and simulation, as a Node program uses them.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Agent, MoodloopError } from "moodloop/agent";
import {
  arm,
  compare,
  convert,
  Evaluator,
  inspect,
  logOf,
  plan,
  Simulation,
  Trainer,
  verdict,
} from "moodloop/lab";
import { contexts } from "./helpers.mjs";
import { effective, items, openBandit, reference } from "./open-bandit.mjs";

const bytes = (text) => new TextEncoder().encode(text);

/** A log of the uniform policy on a simulated audience. */
function simulatedLog(rounds) {
  const simulation = new Simulation({ rounds, audience: "null", learners: ["uniform"] });
  const log = simulation.advanceLogged(rounds);
  simulation.free();
  return log;
}

/** Reads a log in pieces of `size` bytes. */
function evaluated(log, options, size) {
  const evaluator = new Evaluator(options);
  const all = bytes(log);
  for (let at = 0; at < all.length; at += size) {
    evaluator.push(all.subarray(at, at + size));
  }
  return evaluator.finish();
}

const estimated = ({ report }, name) => report.estimates.find((e) => e.estimator === name).value;

describe("evaluation", () => {
  let log;
  before(() => {
    log = simulatedLog(2000);
  });

  test("Open Bandit's reference numbers come out", (t) => {
    const bandit = openBandit();
    if (bandit === undefined) {
      t.skip("../shared/data/open_bandit_men_bts.csv is not there");
      return;
    }
    const { counts, policies } = evaluated(bandit, { policies: ["uniform"], actions: items }, 4096);
    assert.equal(counts.rows, 10_000);
    for (const [name, value] of Object.entries(reference)) {
      const off = Math.abs(estimated(policies[0], name) - value);
      assert.ok(off < 1e-9, `${name} is off by ${off}`);
    }
    const { overlap } = policies[0].report;
    assert.equal(overlap.effective_sample_size.toFixed(2), effective);
  });

  test("where bytes are cut makes no difference, and a log's own policy is itself", () => {
    const options = { policies: ["uniform", "baseline"] };
    const whole = evaluated(log, options, 1 << 20);
    assert.deepEqual(evaluated(log, options, 97), whole);
    const [uniform] = whole.policies;
    const mean = log
      .trim()
      .split("\n")
      .reduce((sum, line) => sum + JSON.parse(line).reward / 2000, 0);
    assert.ok(Math.abs(estimated(uniform, "ips") - mean) < 1e-12);
    assert.ok(Math.abs(uniform.report.logged.value - mean) < 1e-12);
    assert.equal(whole.counts.skipped.first ?? null, null);
  });

  test("a policy trained on the first half earns more on the second; its Q-table is judged too", () => {
    const lines = simulatedLog(12_000).split("\n");
    const trainer = new Trainer();
    trainer.push(bytes(lines.slice(0, 6000).join("\n")));
    const { policy } = trainer.finish();
    const later = lines.slice(6000).join("\n");
    const policies = [
      { name: "trained", policy },
      { name: "table", q_table: policy },
    ];
    const [trained, table] = evaluated(later, { policies }, 1 << 16).policies;
    const gain = trained.report.estimates.find((e) => e.estimator === "doubly_robust").gain;
    assert.ok(gain.sequence.low > 0, JSON.stringify(gain));
    assert.equal(table.policy, "table");
    assert.equal(table.report.refusal ?? null, null);
  });
});

describe("training", () => {
  test("gives the bytes of an agent that learned the same", () => {
    const agent = new Agent({ seed: 3 });
    const lines = [];
    for (let i = 0; i < 200; i++) {
      const context = contexts[i % contexts.length];
      const decided_at = 1_767_571_200_000 + i * 7_200_000;
      const { decision_id, strategy, propensity } = agent.decide({ ...context, decided_at });
      const reward = ((i * 37) % 23) / 8 - 1;
      agent.learn(decision_id, { reward });
      lines.push(
        JSON.stringify({ decision_id, decided_at, context, strategy, propensity, reward }),
      );
    }
    agent.fold();
    const trainer = new Trainer();
    trainer.push(bytes(`${lines.join("\n")}\n`));
    const { policy, counts } = trainer.finish();
    assert.equal(counts.decisions, 200);
    assert.deepEqual(policy, agent.policy());
    const again = new Trainer();
    again.push(bytes(logOf(JSON.parse(JSON.stringify(agent.export())))));
    assert.deepEqual(again.finish().policy, policy);
    const { learned, policy_version, q_table } = inspect(policy);
    assert.deepEqual([learned, policy_version], [200, 200]);
    assert.deepEqual(q_table, agent.stats());
  });
});

describe("simulation", () => {
  test("goes on from step to step, and can be left", () => {
    const simulation = new Simulation({ users: 3, rounds: 600, seed: 5, audience: "additive" });
    assert.equal(simulation.report().done, 0);
    simulation.advance(250);
    const { done, rounds, learners } = simulation.report();
    assert.deepEqual([done, rounds], [250, 600]);
    assert.deepEqual(
      learners.map(({ learner }) => learner),
      ["agent", "baseline", "q_table", "uniform"],
    );
    assert.equal(learners[0].curve.at(-1).round, 250);
    simulation.free();
    simulation.free();
    assert.throws(() => simulation.advance(1), { code: "closed" });
  });

  test("the agent learns what drifts, and blind choice scores about nothing", () => {
    const simulation = new Simulation({ users: 1, rounds: 1500, drift: true, audience: "rules" });
    simulation.advance(1500);
    const [agent, , , uniform] = simulation.report().learners;
    assert.ok(agent.score > 0.4, `the agent scores ${agent.score}`);
    assert.ok(Math.abs(uniform.score) < 0.1, `uniform scores ${uniform.score}`);
    assert.ok(agent.curve.every(({ uniform: low, best }) => low < best));
  });
});

describe("experiments", () => {
  const better = {
    metric: "like_rate",
    days: [{ agent: { units: 9000, hits: 2400 }, baseline: { units: 9000, hits: 1800 } }],
  };

  test("are compared, judged in words, planned and assigned", () => {
    const { outcome, difference } = compare(better);
    assert.equal(outcome, "better");
    assert.ok(difference.sequence.low > 0);
    const phases = [{ agent: 700, baseline: 100, expected_agent_share: 0.5 }];
    assert.equal(verdict({ primary: better, phases }).decision, "sample_ratio_broken");
    const harmed = { ...better, metric: "skip_rate" };
    const judged = verdict({ primary: better, guardrails: [harmed] });
    assert.equal(judged.decision, "worse");
    assert.match(judged.sentence, /skip rate is higher/);
    const site = { metric: "like_rate", baseline: 0.2, users: 2000, units_per_user_week: 10 };
    const { found, days_to_detect } = plan({ ...site, agent_per_mille: 500 }, 0.02);
    assert.ok(days_to_detect <= 28);
    const at = found.find(({ days }) => days === 28).minimum_detectable_effect;
    assert.ok(at > 0 && at < 0.02);
    const launch = { name: "launch", agent_per_mille: 500, holdout_per_mille: 50 };
    assert.deepEqual(
      ["ann", "bob", "dora", "user-15"].map((user) => arm(launch, user)),
      ["baseline", "agent", "baseline", "holdout"],
    );
  });
});

describe("bad input", () => {
  const refused = (call, code, named) =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof MoodloopError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(named), `${error.message} names ${named}`);
      return true;
    });

  test("options are refused by name", () => {
    const cyclic = {};
    cyclic.self = cyclic;
    for (const [make, named] of [
      [() => new Evaluator(), "policies"],
      [() => new Evaluator({ policies: ["joy"] }), "`joy`"],
      [() => new Evaluator({ policies: [7] }), "policy"],
      [() => new Evaluator({ policies: [null] }), "policy"],
      [() => new Evaluator({ policies: ["baseline"], actions: 3 }), "numbered"],
      [() => new Evaluator({ policies: [], clip: 0 }), "clip"],
      [() => new Evaluator({ policies: [], actions: 1.5 }), "actions"],
      [() => new Evaluator({ policies: [], colour: 1 }), "colour"],
      [() => new Trainer({ q: { episodes: "session" } }), "episodes"],
      [() => new Trainer({ skip_bad_lines: "yes" }), "skip_bad_lines"],
      [() => new Trainer(cyclic), "nested"],
      [() => new Simulation({ rounds: Number.NaN }), "rounds"],
      [() => new Simulation({ users: 1e9 }), "users"],
      [() => new Simulation({ audience: "martians" }), "audience"],
      [() => compare({ metric: "joy", days: [] }), "metric"],
      [() => verdict({}), "primary"],
      [() => plan({ metric: "like_rate", baseline: 2 }), "baseline"],
      [() => arm({ name: "a", agent_per_mille: 1 }, ""), "user_id"],
      [() => inspect("policy"), "policy"],
      [() => convert(undefined), "json"],
    ]) {
      refused(make, "invalid_options", named);
    }
  });

  test("bytes that are no policy and no table are refused", () => {
    const policy = new Agent().policy();
    for (const bad of [
      new Uint8Array(),
      policy.subarray(0, policy.length - 1),
      policy.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
    ]) {
      refused(() => inspect(bad), "corrupt_model", "");
      refused(() => new Evaluator({ policies: [{ name: "x", policy: bad }] }), "corrupt_model", "");
    }
    refused(() => convert(bytes("{")), "corrupt_model", "JSON");
    refused(() => logOf({ format: "other" }), "corrupt_log", "config");
    refused(() => logOf({ ...new Agent().export(), version: 9 }), "unsupported_version", "`9`");
    refused(() => convert(bytes('{"sad": {"8": 1}}')), "corrupt_model", "`sad`");
  });

  test("bad lines are named, or counted and skipped, and the estimates are those of the good ones", () => {
    const good = simulatedLog(60).trimEnd().split("\n");
    const other = JSON.parse(good[59]);
    const changed = (change) => JSON.stringify({ ...other, decision_id: "x", ...change });
    const bad = [
      [changed({ propensity: 0 }), "propensity"],
      [changed({ propensity: 1.01 }), "propensity"],
      [changed({ propensity: undefined }), "`line.propensity` is missing"],
      [changed({ reward: null }), "reward"],
      [changed({}).replace(/"reward":[^}]*/, '"reward":NaN'), "is not JSON"],
      [changed({ version: 2 }), "log version `2`"],
      [changed({ decided_at: 1 }), "before the line above"],
      [changed({ context: undefined }), "lacks `context`"],
      [good[3], "repeats decision"],
      [good[59].slice(0, 40), "cut off"],
      ["\u0000", "is not JSON"],
    ];
    const options = { policies: ["uniform", "baseline"] };
    const clean = evaluated(good.join("\n"), options, 512);
    for (const [line, named] of bad) {
      const log = `${good.join("\n")}\n${line}\n`;
      assert.throws(
        () => evaluated(log, options, 512),
        ({ code, message }) =>
          /corrupt_log|unsupported_version/.test(code) &&
          message.startsWith("line 61: ") &&
          message.includes(named),
        named,
      );
      const skipping = evaluated(log, { ...options, skip_bad_lines: true }, 512);
      assert.deepEqual(skipping.policies, clean.policies);
      const { first, ...counts } = skipping.counts.skipped;
      assert.match(first, /^line 61: /);
      assert.equal(
        Object.values(counts).reduce((a, b) => a + b),
        1,
      );
    }
  });

  test("a finished one is closed", () => {
    const evaluator = new Evaluator({ policies: ["uniform"] });
    assert.equal(evaluator.finish().policies[0].report.refusal.code, "not_enough_decisions");
    refused(() => evaluator.push(bytes("")), "closed", "evaluator");
    const trainer = new Trainer();
    refused(() => trainer.push("text"), "invalid_options", "bytes");
    assert.equal(trainer.finish().counts.rows, 0);
    refused(() => trainer.finish(), "closed", "trainer");
  });
});
