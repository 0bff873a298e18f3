// Decisions and interactions as a client's log has them, made up by tests.
import assert from "node:assert/strict";

/** How many events one request brings: its body must stay below 16 KB. */
const EVENTS = 40;

/** A decision of a client; `more` replaces fields, those of its context one by one. */
export function decision(decision_id, decided_at, { context, ...more } = {}) {
  return {
    decision: {
      decision_id,
      decided_at,
      context: { content_type: "music", time_of_day: "evening", ...context },
      action_index: 3,
      propensity: 0.1,
      source: "agent",
      policy_version: 0,
      executed: true,
      ...more,
    },
  };
}

/** What the user of a decision did with an item that it showed. */
export function interaction(decision_id, at, more) {
  return {
    interaction: {
      decision_id,
      interaction_id: `${decision_id}-i`,
      at,
      content_id: "c",
      interaction_type: "like",
      ...more,
    },
  };
}

/**
 * `n` decisions of a user with one interaction each, the first at `begin`, the next every `step`
 * milliseconds. The same arguments give the same events.
 */
export function history(user, n, { begin, step = 1000 }) {
  return Array.from({ length: n }, (_, i) => {
    const id = `${user}-${i}`;
    const at = begin + i * step;
    return [
      decision(id, at, {
        context: {
          mood: ["sad", "happy"][i % 2],
          personality: { openness: (user.length * 17 + i) % 100 },
        },
        action_index: (i * 7 + user.length) % 27,
      }),
      interaction(id, at + 10, {
        content_id: `c${i}`,
        interaction_type: i % 3 ? "like" : "skip",
      }),
    ];
  }).flat();
}

/** Brings a user's events to the service, in as many requests as they take. */
export async function send(service, user, events) {
  for (let i = 0; i < events.length; i += EVENTS) {
    const body = { events: events.slice(i, i + EVENTS) };
    const { status, json } = await service.call("POST", `/api/v1/sync/${user}`, { body });
    assert.equal(status, 200, JSON.stringify(json));
  }
}

/** The ISO week of a time, as the core counts it. */
const weekOf = (at) => Math.floor((Math.floor(at / 86_400_000) + 3) / 7);

/**
 * `n` entries of a user for {@link store}, the first at `begin`, the next every `step` milliseconds,
 * the strategies in turn; `kinds` in turn are what was done.
 */
export function entries(user, n, { begin, step = 1000, kinds }) {
  return Array.from({ length: n }, (_, i) => ({
    id: `${user}-${i}`,
    user,
    at: begin + i * step,
    action: i % 27,
    kind: kinds[i % kinds.length],
  }));
}

/**
 * Puts decisions with one interaction each straight into D1, as the API leaves them: what would
 * take too many requests, or what only the server's own agent decides.
 *
 * @param {{id: string, user: string, at: number, action: number, kind: string}[]} entries
 * @param {string} arm the arm of the decisions, such as `agent` or `client`
 */
export async function store(service, arm, entries) {
  const context = JSON.stringify({
    personality: {
      openness: 50,
      conscientiousness: 50,
      extraversion: 50,
      agreeableness: 50,
      neuroticism: 50,
    },
    content_type: "music",
    mood: "neutral",
    time_of_day: "evening",
  });
  const rows = entries.map(({ id, user, at, action, kind }) => [
    id,
    user,
    at,
    action,
    kind,
    weekOf(at),
  ]);
  for (let from = 0; from < rows.length; from += 2000) {
    const list = JSON.stringify(rows.slice(from, from + 2000));
    await service.rows(
      `INSERT INTO decisions (decision_id, user_id, decided_at, week, context, action_index,
         content_type, propensity, source, policy_version, executed, arm)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 5, ?3, value ->> 3, 'music',
         1.0 / 27, 'agent', 0, 1, ?2 FROM json_each(?1)`,
      list,
      arm,
      context,
    );
    await service.rows(
      `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
         content_id, interaction_type, arm, at, body_hash, created_at)
       SELECT value ->> 1, value ->> 0, value ->> 0, 'music', 'c', value ->> 4, ?2, value ->> 2,
         '', '2026-01-01T00:00:00.000Z' FROM json_each(?1)`,
      list,
      arm,
    );
  }
}

/** All strategies by index, as `low_focused_familiar`. */
export const STRATEGIES = ["low", "medium", "high"].flatMap((energy) =>
  ["focused", "balanced", "diverse"].flatMap((diversity) =>
    ["familiar", "mixed", "exploratory"].map((novelty) => `${energy}_${diversity}_${novelty}`),
  ),
);
