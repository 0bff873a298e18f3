// The owner's guide, as a person with curl and a database console would walk through it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unstable_splitSqlQuery } from "wrangler";
import { DAY, DEVELOPMENT_KEY, start } from "./harness.mjs";
import { decision, interaction, STRATEGIES, send } from "./history.mjs";

let service;
before(async () => {
  service = await start();
});
after(() => service.stop());

const PARAMETERS = [
  "min_energy",
  "max_energy",
  "valence",
  "genre_count",
  "exploration_rate",
  "popularity_min",
  "popularity_max",
];

test("the guide from a personality to a different strategy", async () => {
  const put = await service.call("PUT", "/api/v1/users/user-123/personality", {
    body: { openness: 85, extraversion: 35, neuroticism: 25 },
  });
  assert.equal(put.status, 200);
  assert.equal(put.json.personality.conscientiousness, 50);

  const first = await service.recommend("user-123");
  assert.equal(first.status, 200);
  assert.equal(first.json.recommendations.length, 10);
  const { decision_id, recommendations } = first.json;
  for (const item of recommendations) {
    assert.deepEqual(Object.keys(item.metadata.rl_params).sort(), [...PARAMETERS].sort());
    assert.equal(item.metadata.decision_id, decision_id);
    assert.equal(item.metadata.time_of_day, "evening");
    assert.equal(item.metadata.source, "agent");
    assert.equal(item.metadata.provider, "catalog");
    assert.deepEqual(item.metadata.honoured, ["energy", "diversity", "novelty"]);
    assert.match(item.reasoning, /this \w+ track/);
    assert.ok(item.title && item.artist && item.genre && item.mood && item.url);
    for (const per_cent of [item.energy_level, item.confidence, item.match_score]) {
      assert.ok(per_cent >= 0 && per_cent <= 100);
    }
  }

  const liked = await service.interact("user-123", {
    content_type: "music",
    content_id: recommendations[0].id,
    interaction_type: "like",
    completion_percentage: 95,
    mood_before: "neutral",
    mood_after: "relaxed",
  });
  assert.equal(liked.status, 201);
  assert.equal(liked.json.decision_id, decision_id);
  // like 1.0 + complete 0.5 (95 ≥ 90) + 0.475 + mood 0.3
  assert.equal(liked.json.reward, 2.275);

  for (const item of recommendations.slice(1, 5)) {
    await service.interact("user-123", {
      content_type: "music",
      content_id: item.id,
      interaction_type: "complete",
    });
  }
  const trained = await service.train();
  assert.equal(trained.status, 200);
  assert.equal(trained.json.status, "completed");

  const history = await fetch(`${service.origin}/api/v1/admin/tasks/history`, {
    headers: { "X-Admin-Key": "admin-dev-key-change-in-production" },
  });
  const [run] = (await history.json()).tasks;
  assert.equal(run.task_name, "rl_training");
  assert.equal(run.status, "completed");
  assert.equal(run.users_processed, 1);
  assert.equal(run.records_processed, 5);
  assert.equal(run.metadata.training.users_trained, 1);
  assert.equal(run.metadata.training.total_interactions, 5);
  assert.equal(run.metadata.training.average_reward, (2.275 + 4 * 1.0) / 5);
  assert.deepEqual(Object.keys(run.metadata.training.agent_stats).sort(), [
    "avg_q_value",
    "max_q_value",
    "total_state_actions",
    "total_states",
  ]);
  assert.equal(run.metadata.training.agent_stats.total_states, 1);

  const second = await service.recommend("user-123");
  assert.equal(second.json.metadata.policy_version, 1);
});

test("enough likes of one strategy make it the likeliest", async () => {
  // Every strategy five times, so that what is drawn after the training is all that is left to
  // chance.
  const begin = Date.now() - DAY;
  const context = { mood: "happy", time_of_day: "night" };
  const events = Array.from({ length: 5 * STRATEGIES.length }, (_, n) => {
    const action_index = n % STRATEGIES.length;
    const interaction_type = STRATEGIES[action_index].startsWith("high_") ? "like" : "dislike";
    return [
      decision(`fan-${n}`, begin + n, { context, action_index }),
      interaction(`fan-${n}`, begin + n, { interaction_type }),
    ];
  });
  await send(service, "fan", events.flat());
  await service.train();
  for (let draw = 0; draw < 5; draw++) {
    const { json } = await service.recommend("fan", "mood=happy&time_of_day=night&limit=1");
    const { strategy, propensity } = json.metadata;
    const [least, most] = strategy.startsWith("high_") ? [1.5 / 27, 1] : [0, 0.5 / 27];
    assert.ok(propensity >= least && propensity <= most, `${strategy}: ${propensity}`);
  }
});

test("the guide's SQL runs as written", async () => {
  // As `wrangler d1 execute` takes it: comments and semicolons belong to it.
  const run = (sql) => service.rows(unstable_splitSqlQuery(sql)[0]);
  const [before] = await run(`
SELECT 
  AVG(CASE WHEN interaction_type = 'like' THEN 1 ELSE 0 END) as like_rate,
  AVG(completion_percentage) as avg_completion,
  COUNT(*) as total_interactions
FROM entertainment_interactions
WHERE created_at < '2025-10-01';  -- Before RL deployment
`);
  assert.equal(before.total_interactions, 0);
  const [after] = await run(`
SELECT 
  AVG(CASE WHEN interaction_type = 'like' THEN 1 ELSE 0 END) as like_rate,
  AVG(completion_percentage) as avg_completion,
  COUNT(*) as total_interactions
FROM entertainment_interactions
WHERE created_at >= '2025-10-01';  -- After RL deployment
`);
  assert.equal(after.total_interactions, 140);
  assert.equal(after.avg_completion, 95);
  const served = await run(`
SELECT 
  content_id,
  title,
  metadata->'rl_params' as rl_params,
  metadata->'time_of_day' as time_context
FROM entertainment_recommendations
WHERE user_id = 'user-123'
ORDER BY created_at DESC
LIMIT 5;
`);
  assert.equal(served.length, 5);
  assert.deepEqual(Object.keys(JSON.parse(served[0].rl_params)).sort(), [...PARAMETERS].sort());
  assert.equal(JSON.parse(served[0].time_context), "evening");
});

test("the stored interaction holds what the guide asks for", async () => {
  const [row] = await service.rows(
    `SELECT metadata FROM entertainment_interactions
     WHERE user_id = 'user-123' AND interaction_type = 'like'`,
  );
  const metadata = JSON.parse(row.metadata);
  assert.equal(metadata.personality.openness, 85);
  assert.equal(metadata.time_of_day, "evening");
  assert.ok(metadata.rl_params.genre_count >= 2);
});

test("every content type is served, each with its own words", async () => {
  const creators = { music: "artist", video: "channel", game: "creator" };
  for (const type of ["music", "video", "game", "podcast", "article"]) {
    const { status, json } = await service.recommend("someone", "limit=5", type);
    assert.equal(status, 200);
    assert.equal(json.recommendations.length, 5, type);
    assert.ok(json.recommendations.every((item) => item[creators[type] ?? "creator"]));
  }
});

test("health is green, and says what comes next", async () => {
  const { json } = await service.call("GET", "/api/v1/admin/system/health", {
    headers: { "X-Admin-Key": DEVELOPMENT_KEY },
  });
  assert.equal(json.status, "green");
  assert.match(json.next_run, /T01:00:00\.000Z$/);
  assert.equal(new Date(json.next_run).getUTCDay(), 1);
});
