// The loop in Node, where there is no IndexedDB: it lives in memory and says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, Moodloop, MoodloopError } from "moodloop";
import { items } from "./helpers.mjs";

const catalog = items(40);

test("context to strategy to items to feedback", async () => {
  const loop = await Moodloop.open({ name: "main-job" });
  assert.equal(loop.storage, "memory");
  const pick = loop.recommend({
    content_type: "music",
    mood: "relaxed",
    personality: { openness: 75 },
  });
  const ranked = await loop.rank(catalog, pick, { limit: 10 });
  assert.equal(ranked.length, 10);
  const done = await loop.feedback(pick.decision_id, {
    interaction_type: "like",
    content_id: ranked[0].id,
    completion_percentage: 95,
    mood_after: "peaceful",
  });
  assert.deepEqual(done, { reward: 2.275, revised: false, repeated: false, stored: false });
  assert.equal(loop.stats().total_state_actions, 1);
  assert.equal(loop.table()[0].cells[0].strategy, pick.strategy);
  assert.equal(loop.explain(pick.decision_id).strategy, pick.strategy);
  await loop.close();
});

test("the time of day is the visitor's", async () => {
  const at = (hour) => new Date(2026, 5, 1, hour, 30).getTime();
  for (const [hour, part] of [
    [5, "morning"],
    [12, "afternoon"],
    [17, "evening"],
    [23, "night"],
    [4, "night"],
  ]) {
    const loop = await Moodloop.open({ name: "clock", now: () => at(hour) });
    const { decision_id, decided_at } = loop.recommend({ content_type: "game" });
    const [{ decision }] = loop.export("json").decisions;
    assert.equal(decision.decision_id, decision_id);
    assert.equal(decision.context.time_of_day, part);
    assert.equal(decided_at, at(hour));
    await loop.close();
  }
});

test("a strategy that is liked comes more often", async () => {
  const loop = await Moodloop.open({ name: "learning", seed: 1 });
  const share = (rounds, learn) => {
    let hits = 0;
    const waiting = [];
    for (let i = 0; i < rounds; i++) {
      const pick = loop.recommend({ content_type: "music", time_of_day: "evening", mood: "calm" });
      const wanted = pick.strategy.startsWith("low_diverse");
      hits += wanted ? 1 : 0;
      if (learn) {
        const interaction_type = wanted ? "like" : "dislike";
        waiting.push(loop.feedback(pick.decision_id, { interaction_type }));
      }
    }
    return Promise.all(waiting).then(() => hits / rounds);
  };
  const before = await share(100, false);
  await share(150, true);
  const after = await share(100, false);
  assert.ok(after > 0.6 && after > before + 0.3, `from ${before} to ${after}`);
  await loop.close();
});

test("without profiling nothing is used and nothing is kept", async () => {
  const loop = await Moodloop.open({ name: "neutral", profiling: false });
  const pick = loop.recommend({ content_type: "music", personality: { openness: 100 } });
  assert.equal(pick.params.genre_count <= 5, true);
  const ranked = await loop.rank(catalog, pick, { limit: 5 });
  assert.equal(ranked.length, 5);
  const { stored } = await loop.feedback(pick.decision_id, {
    interaction_type: "like",
    content_id: ranked[0].id,
  });
  assert.equal(stored, false);
  assert.deepEqual(loop.export("json").decisions, []);
  assert.equal(loop.stats().total_states, 0);
  loop.profiling = true;
  const { decision_id } = loop.recommend({ content_type: "music", personality: { openness: 100 } });
  const [{ decision }] = loop.export("json").decisions;
  assert.equal(decision.decision_id, decision_id);
  assert.equal(decision.context.personality.openness, 100);
  await loop.close();
});

test("without profiling personality does not change a decision", async () => {
  const loop = await Moodloop.open({ name: "neutral", profiling: false, seed: 8 });
  const request = { content_type: "music", time_of_day: "night", decision_id: "same" };
  const plain = loop.recommend(request);
  const profiled = loop.recommend({ ...request, personality: { openness: 100 }, user_id: "u" });
  assert.deepEqual(profiled.params, plain.params);
  assert.deepEqual(profiled.propensities, plain.propensities);
  await loop.close();
});

test("of two reports within a millisecond the second counts", async () => {
  const loop = await Moodloop.open({ name: "twice", now: () => 1 });
  for (let i = 0; i < 20; i++) {
    const { decision_id } = loop.recommend({ content_type: "music" });
    const about = { content_id: "m1" };
    await loop.feedback(decision_id, { ...about, interaction_type: "like" });
    const { reward } = await loop.feedback(decision_id, { ...about, interaction_type: "dislike" });
    assert.equal(reward, -1);
  }
  await loop.close();
});

test("a model moves to another device, as a file and as JSON", async () => {
  const old = await Moodloop.open({ name: "old" });
  for (const content_id of ["a", "b", "c"]) {
    const { decision_id } = old.recommend({ content_type: "video", time_of_day: "night" });
    await old.feedback(decision_id, { interaction_type: "share", content_id });
  }
  await old.fold();
  for (const file of [old.export(), JSON.parse(JSON.stringify(old.export("json")))]) {
    const young = await Moodloop.open({ name: "young" });
    const { decision_id } = young.recommend({ content_type: "video", time_of_day: "morning" });
    await young.import(file);
    await young.import(file);
    assert.equal(young.stats().total_state_actions, old.stats().total_state_actions);
    assert.equal(young.explain(decision_id).decision_id, decision_id);
    await young.close();
  }
  await old.close();
});

test("a file of an agent is a file of a loop", async () => {
  const agent = new Agent();
  const { decision_id } = agent.decide({ content_type: "article", time_of_day: "morning" });
  const loop = await Moodloop.open({ name: "from-agent" });
  await loop.import(agent.snapshot());
  assert.equal(loop.explain(decision_id).decision_id, decision_id);
  await loop.close();
});

test("forgetting one and forgetting all", async () => {
  const loop = await Moodloop.open({ name: "forget" });
  const causes = [];
  const off = loop.on("change", ({ cause }) => causes.push(cause));
  const { decision_id } = loop.recommend({ content_type: "music" });
  await loop.feedback(decision_id, { interaction_type: "like" });
  assert.equal(await loop.forget(decision_id), true);
  assert.equal(await loop.forget(decision_id), false);
  assert.equal(loop.stats().total_states, 0);
  const other = loop.recommend({ content_type: "music" });
  await loop.erase();
  assert.throws(() => loop.explain(other.decision_id), { code: "unknown_decision" });
  off();
  loop.recommend({ content_type: "music" });
  assert.deepEqual(causes, ["feedback", "forget", "forget", "erase"]);
  await loop.close();
});

test("consent where nothing can be stored is no error", async () => {
  const loop = await Moodloop.open({ name: "consent", consent: "granted", persist: true });
  assert.equal(loop.consent, "granted");
  assert.equal(loop.storage, "memory");
  const said = [];
  loop.on("storage", (told) => said.push(told));
  loop.consent = "denied";
  loop.consent = "granted";
  await loop.fold();
  assert.deepEqual(
    said.map(({ reason }) => reason),
    ["consent", "unavailable"],
  );
  await loop.close();
});

test("use after close is a clear error", async () => {
  const loop = await Moodloop.open({ name: "closed" });
  await loop.close();
  await loop.close();
  assert.throws(() => loop.recommend({ content_type: "music" }), MoodloopError);
  assert.throws(() => loop.stats(), { code: "closed" });
  await assert.rejects(loop.feedback("d", { interaction_type: "like" }), { code: "closed" });
  await assert.rejects(loop.erase(), { code: "closed" });
});
