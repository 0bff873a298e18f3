// Each field of each entry of `moodloop/lab` wrong in turn: an error with code and field.

import { describe, test } from "node:test";
import { arm, compare, Evaluator, plan, Simulation, Trainer, verdict } from "moodloop/lab";
import { all, but, tryWrong, wrong } from "./wrong.mjs";

const codes = ["invalid_options"];
const tally = { units: 9000, hits: 1800 };
const sums = { units: 500, sum: 20, sum_squares: 40 };
const users = {
  users: 100,
  units: 9000,
  sum: 1800,
  units_squared: 8.1e5,
  units_times_sum: 1.62e5,
  sum_squared: 3.3e4,
};
const trial = {
  metric: "like_rate",
  days: [{ agent: tally, baseline: tally }],
  users: { agent: users, baseline: users },
};
const phase = { agent: 100, baseline: 110, expected_agent_share: 0.5 };
/** What a count may be but 101. */
const count = but("101");

const entries = [
  {
    entry: "new Evaluator",
    call: (given) => new Evaluator(given).free(),
    good: { policies: ["uniform"], clip: 5, skip_bad_lines: true },
    fields: {
      policies: but("a list"),
      actions: but("missing", "101"),
      clip: but("missing", "101"),
      skip_bad_lines: wrong.flag,
      extras: wrong.object,
    },
  },
  {
    entry: "new Trainer",
    call: (given) => new Trainer(given).free(),
    good: { skip_bad_lines: false, decide_by: "taste", q: { alpha: 0.5 } },
    fields: {
      skip_bad_lines: wrong.flag,
      decide_by: wrong.optionalWord,
      q: wrong.object,
      "q.alpha": but("missing"),
      taste: wrong.object,
      reward: wrong.object,
      extras: wrong.object,
    },
  },
  {
    entry: "new Simulation",
    call: (given) => new Simulation(given).free(),
    good: { audience: "null", users: 3, rounds: 60, learners: ["uniform"] },
    fields: {
      audience: wrong.optionalWord,
      users: but("missing", "101"),
      rounds: but("missing", "101"),
      rounds_per_week: but("missing", "101"),
      seed: wrong.whole,
      drift: wrong.flag,
      delay: wrong.whole,
      response: but("missing"),
      learners: but("missing"),
      q: wrong.object,
      taste: wrong.object,
    },
  },
  {
    entry: "compare",
    call: compare,
    good: trial,
    fields: {
      metric: all,
      days: all,
      "days.0.agent": all,
      "days.0.agent.units": all,
      // Without hits, a sum is asked for.
      "days.0.agent.hits": but("missing", "101"),
      "days.0.baseline": all,
      users: wrong.object,
      "users.agent": all,
      "users.agent.users": count,
      "users.agent.sum": but("-1", "101"),
    },
  },
  {
    entry: "compare, a mean",
    call: compare,
    good: { metric: "mean_reward", days: [{ agent: sums, baseline: sums }] },
    fields: {
      "days.0.agent.units": but("101"),
      "days.0.agent.sum": but("-1", "101"),
      // What no units can have, the sentence says in words.
      "days.0.agent.sum_squares": but("-1", "101"),
    },
  },
  {
    entry: "verdict",
    call: verdict,
    good: { primary: trial, guardrails: [{ ...trial, metric: "skip_rate" }], phases: [phase] },
    fields: {
      primary: all,
      "primary.metric": all,
      guardrails: but("missing"),
      "guardrails.0.metric": all,
      phases: but("missing"),
      "phases.0.agent": count,
      "phases.0.baseline": count,
      "phases.0.expected_agent_share": all,
    },
  },
  {
    entry: "plan",
    call: (given) => plan(given, 0.02),
    good: {
      metric: "like_rate",
      baseline: 0.2,
      users: 2000,
      units_per_user_week: 10,
      agent_per_mille: 500,
      intraclass: 0.1,
    },
    fields: {
      metric: all,
      baseline: all,
      users: count,
      units_per_user_week: count,
      agent_per_mille: count,
      intraclass: but("missing"),
    },
  },
  {
    entry: "arm",
    call: (given) => arm(given, "ada"),
    good: { name: "launch", agent_per_mille: 500, holdout_per_mille: 50 },
    fields: {
      name: but("an unknown word"),
      agent_per_mille: count,
      holdout_per_mille: but("missing", "101"),
    },
  },
];

describe("bad input to the lab", () => {
  for (const entry of entries) {
    test(entry.entry, () => tryWrong({ codes, ...entry }));
  }
});
