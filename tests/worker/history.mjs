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

/** All strategies by index, as `low_focused_familiar`. */
export const STRATEGIES = ["low", "medium", "high"].flatMap((energy) =>
  ["focused", "balanced", "diverse"].flatMap((diversity) =>
    ["familiar", "mixed", "exploratory"].map((novelty) => `${energy}_${diversity}_${novelty}`),
  ),
);
