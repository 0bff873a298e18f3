// Each field of each entry wrong in turn: an error with code and field, the instance usable
// afterwards, nothing written.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  Agent,
  baseline,
  discretise,
  Moodloop,
  parameters,
  reward,
  strategyFromParams,
  timeOfDay,
} from "moodloop";
import { Catalog } from "moodloop/catalog";
import { contexts, items } from "./helpers.mjs";
import { all, but, refusal, tryWrong, values, wrong } from "./wrong.mjs";

const request = {
  ...contexts[0],
  personality: {
    openness: 1,
    conscientiousness: 2,
    extraversion: 3,
    agreeableness: 4,
    neuroticism: 5,
  },
  user_id: "u",
  decision_id: "d",
  decided_at: 7,
  explore: true,
};
const { user_id: _u, decision_id: _d, decided_at: _t, explore: _e, ...context } = request;
const feedback = {
  interaction_type: "like",
  completion_percentage: 50,
  mood_before: "sad",
  mood_after: "happy",
};
const report = { ...feedback, content_id: "c", interaction_id: "i", at: 9 };
const [item] = items(1);
const params = parameters(0, context);
const contextFields = {
  content_type: wrong.word,
  time_of_day: wrong.word,
  mood: wrong.optionalWord,
  personality: wrong.object,
  "personality.openness": wrong.percent,
  "personality.neuroticism": wrong.percent,
  extras: wrong.object,
};
const requestFields = {
  ...contextFields,
  user_id: wrong.id,
  decision_id: wrong.id,
  decided_at: wrong.time,
  explore: wrong.flag,
};
const feedbackFields = {
  interaction_type: wrong.word,
  completion_percentage: wrong.percent,
  mood_before: wrong.optionalWord,
  mood_after: wrong.optionalWord,
};
const reportFields = {
  ...feedbackFields,
  content_id: wrong.id,
  interaction_id: wrong.id,
  at: wrong.time,
};

/** The agent and the loop that all bad input goes to. */
let agent;
let catalog;
let loop;
const open = { decision_id: "open" };

const entries = [
  {
    entry: "new Agent",
    call: (options) => new Agent(options),
    codes: ["invalid_options"],
    good: { seed: 1, explore: true, decide_by: "taste", q: { alpha: 0.5 }, reward: { like: 2 } },
    fields: {
      seed: wrong.whole,
      explore: wrong.flag,
      decide_by: wrong.optionalWord,
      q: wrong.object,
      "q.alpha": but("missing"),
      "q.episodes": but("missing"),
      taste: wrong.object,
      reward: wrong.object,
      "reward.like": wrong.signed,
      extras: wrong.object,
    },
  },
  {
    entry: "agent.decide",
    call: (given) => agent.decide(given),
    codes: ["invalid_context"],
    good: request,
    fields: requestFields,
  },
  {
    entry: "agent.values",
    call: (given) => agent.values(given),
    codes: ["invalid_context"],
    good: request,
    fields: requestFields,
  },
  {
    entry: "agent.learn",
    call: (given) => agent.learn(open.decision_id, given),
    codes: ["invalid_feedback", "invalid_reward"],
    good: report,
    fields: reportFields,
  },
  {
    entry: "agent.learn, a reward",
    call: (given) => agent.learn(open.decision_id, given),
    codes: ["invalid_feedback", "invalid_reward"],
    good: { reward: 1, content_id: "r" },
    fields: { reward: but("missing", "-1"), content_id: wrong.id },
  },
  {
    entry: "catalog.rank",
    call: (given) => catalog.rank(agent.brief("open"), given),
    codes: ["invalid_options"],
    good: { limit: 3, seed: 1, seen: ["m0"], exclude: ["m1"] },
    fields: {
      limit: but("missing"),
      seed: wrong.whole,
      seen: but("missing"),
      exclude: but("missing"),
    },
  },
  {
    entry: "catalog.rank, a brief",
    call: (given) => catalog.rank(given),
    codes: ["invalid_options", "invalid_params"],
    good: () => agent.brief("open"),
    fields: {
      decision_id: wrong.requiredId,
      params: all,
      "params.valence": all,
      content_type: wrong.word,
      time_of_day: wrong.word,
      personality: wrong.object,
      strategy: wrong.requiredId,
      propensity: all,
      policy_version: but("101"),
      source: all,
      confidence: all,
      liked: all,
      disliked: all,
      met: all,
    },
  },
  {
    entry: "agent.absorb, an interaction",
    call: (interaction) => agent.absorb({ interaction }),
    codes: ["corrupt_log", "invalid_feedback", "invalid_reward", "unknown_decision"],
    good: { ...report, ...open },
    fields: {
      ...reportFields,
      decision_id: wrong.requiredId,
      interaction_id: wrong.requiredId,
      at: but("-1", "101"),
    },
  },
  {
    entry: "agent.absorb, a decision",
    call: (decision) => agent.absorb({ decision }),
    codes: ["corrupt_log", "invalid_context"],
    good: {
      decision_id: "open",
      decided_at: 1,
      context,
      action_index: 3,
      propensity: 0.5,
      source: "agent",
      policy_version: 0,
      executed: true,
    },
    fields: {
      decision_id: wrong.requiredId,
      decided_at: but("-1", "101"),
      context: all,
      "context.mood": wrong.optionalWord,
      action_index: all,
      propensity: all,
      source: all,
      policy_version: but("101"),
      executed: all,
    },
  },
  {
    entry: "new Catalog",
    call: (given) => new Catalog([given]),
    codes: ["invalid_item"],
    good: { ...item, url: "/m0", thumbnail: "/m0.png" },
    fields: {
      id: wrong.requiredId,
      title: wrong.text,
      creator: but("missing", "an unknown word"),
      content_type: wrong.word,
      genres: all,
      energy: all,
      valence: all,
      popularity: all,
      url: but("missing"),
      thumbnail: but("missing"),
    },
  },
  {
    entry: "parameters",
    call: (given) => parameters("low_focused_familiar", given),
    codes: ["invalid_context"],
    good: context,
    fields: contextFields,
  },
  {
    entry: "baseline",
    call: baseline,
    codes: ["invalid_context"],
    good: context,
    fields: contextFields,
  },
  {
    entry: "discretise",
    call: discretise,
    codes: ["invalid_context"],
    good: context,
    fields: contextFields,
  },
  {
    entry: "strategyFromParams",
    call: (given) => strategyFromParams(given),
    codes: ["invalid_params"],
    good: params,
    fields: {
      min_energy: all,
      max_energy: all,
      valence: all,
      genre_count: all,
      exploration_rate: all,
      popularity_min: all,
      popularity_max: all,
    },
  },
  {
    entry: "reward",
    call: reward,
    codes: ["invalid_feedback"],
    good: feedback,
    fields: feedbackFields,
  },
  {
    entry: "loop.recommend",
    call: (given) => loop.recommend(given),
    codes: ["invalid_context"],
    good: request,
    fields: { ...requestFields, time_of_day: wrong.optionalWord },
  },
  {
    entry: "loop.feedback",
    call: (given) => loop.feedback(open.decision_id, given),
    codes: ["invalid_feedback", "invalid_reward"],
    good: report,
    fields: reportFields,
  },
  {
    entry: "loop.rank",
    call: (given) => loop.rank(catalog, { decision_id: "open" }, given),
    codes: ["invalid_options"],
    good: { limit: 3 },
    fields: { limit: but("missing"), seen: but("missing") },
  },
  {
    entry: "Moodloop.open",
    call: async (given) => (await Moodloop.open(given)).close(),
    codes: ["invalid_options"],
    good: {
      name: "bad-input",
      consent: "denied",
      profiling: true,
      persist: false,
      now: () => 1,
      seed: 1,
    },
    fields: {
      name: but("an unknown word"),
      consent: wrong.optionalWord,
      profiling: wrong.flag,
      persist: wrong.flag,
      now: but("missing", "a function"),
      seed: wrong.whole,
    },
  },
];

describe("bad input", () => {
  let bytes;
  before(async () => {
    agent = new Agent({ seed: 1 });
    catalog = new Catalog(items(20));
    loop = await Moodloop.open({ name: "bad-input", now: () => 1_000 });
    agent.decide({ ...context, ...open });
    loop.recommend({ ...context, ...open });
    bytes = [agent.snapshot(), loop.export()];
  });

  after(async () => {
    assert.deepEqual([agent.snapshot(), loop.export()], bytes, "bad input changed a model");
    agent.decide({ ...context, decision_id: "next" });
    assert.equal(agent.learn("next", report).reward, agent.learn("next", report).reward);
    await loop.close();
  });

  for (const entry of entries) {
    test(entry.entry, () => tryWrong(entry));
  }

  test("ids", async () => {
    const calls = {
      learn: (id) => agent.learn(id, feedback),
      explain: (id) => agent.explain(id),
      forget: (id) => agent.forget(id),
      events: (id) => agent.events(id),
      "loop.explain": (id) => loop.explain(id),
      "loop.forget": (id) => loop.forget(id),
      "loop.feedback": (id) => loop.feedback(id, feedback),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const value of but("missing", "an unknown word")) {
        await refusal(() => call(values[value]), ["unknown_decision"], `${name}(${value})`);
      }
    }
    for (const value of ["null", "NaN", "a 1 MB string", "a lone surrogate"]) {
      await refusal(
        () => agent.forgetUser(values[value]),
        ["invalid_context"],
        `forgetUser(${value})`,
      );
    }
  });

  test("bytes", async () => {
    const bad = ["corrupt_model"];
    for (const given of [null, undefined, "MLag", [1, 2], new ArrayBuffer(8), new Uint8Array()]) {
      await refusal(() => Agent.restore(given), bad, `restore(${String(given)})`);
    }
    const whole = agent.snapshot();
    for (let length = 0; length < whole.length; length += 97) {
      await refusal(
        () => Agent.restore(whole.slice(0, length)),
        bad,
        `${length} bytes of a snapshot`,
      );
    }
    for (let at = 0; at < whole.length; at += 53) {
      const flipped = whole.slice();
      flipped[at] ^= 0x40;
      await refusal(
        () => Agent.restore(flipped),
        [...bad, "unsupported_version"],
        `a flip at ${at}`,
      );
      await refusal(() => loop.import(flipped), [...bad, "unsupported_version"], `a flip at ${at}`);
    }
  });

  test("times, hours and strategies", async () => {
    for (const now of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      9e15,
      0.5,
      "now",
      null,
      {},
    ]) {
      await refusal(() => agent.fold(now), ["invalid_options"], `fold(${String(now)})`);
    }
    for (const hour of [-1, 24, 0.5, Number.NaN, "7", null, undefined]) {
      await refusal(() => timeOfDay(hour), ["invalid_context"], `timeOfDay(${String(hour)})`);
    }
    for (const strategy of [-1, 27, 0.5, Number.NaN, "low", "", null, undefined, {}]) {
      const what = `parameters(${String(strategy)})`;
      await refusal(() => parameters(strategy, context), ["invalid_params"], what);
    }
    const broken = await Moodloop.open({ name: "bad-clock", now: () => Number.NaN });
    await refusal(() => broken.recommend(context), ["invalid_options"], "a clock that gives NaN");
    await broken.close();
  });

  test("exports", async () => {
    const good = agent.export();
    for (const given of [
      null,
      7,
      "json",
      [],
      {},
      { ...good, version: 1e9 },
      { ...good, format: "x" },
    ]) {
      const codes = ["corrupt_log", "unsupported_version"];
      await refusal(
        () => agent.import(given),
        codes,
        `import(${JSON.stringify(given)?.slice(0, 80)})`,
      );
      await refusal(() => loop.import(given), codes, "the same into a loop");
    }
  });
});
