// Measures a training on a log that was put straight into D1, row for row as the API leaves it.
//
// Usage: node bench-training.mjs PERSIST USERS INTERACTIONS [IDS]
// IDS says what ids look like, by a name of the table below.
// Prints one JSON object: {"seconds", "cpu", "invocations", "longest", "memory"}: wall and CPU
// seconds of workerd, its SQLite included; how many invocations it took, and the wall seconds of
// the longest; how many bytes more it held at most than when idle. Idle is a Worker that has served
// requests, which alone takes 100 MB: V8's compiler and the simulated D1.
import { writeFile } from "node:fs/promises";
import { usage, workerd } from "./load.mjs";
import { migrate, openWorker, withDatabase } from "./local.mjs";

const DAY = 24 * 60 * 60 * 1000;
const HEADERS = { "x-admin-key": "admin-dev-key-change-in-production" };
/** How many rows one statement carries. */
const ROWS = 2000;
/** How many requests warm the Worker up. */
const WARMING = 300;
/** Over how many days the log reaches. */
const DAYS = 85;
/** Words of contexts, with the bytes that the core writes for them. */
const MOODS = { neutral: 0, happy: 1, relaxed: 5, focused: 4, sad: 10, tired: 9 };
const TYPES = { music: 0, video: 1, podcast: 3 };
const TIMES = { morning: 0, afternoon: 1, evening: 2, night: 3 };

const digits = (n, length) => String(n).padStart(length, "0");
/** Ids: of the n-th decision, what is before that in its content's, and of the n-th user. */
const IDS = {
  server: { decision: (n) => `0190${digits(n, 28)}`, content: "c", user: (n) => `user-${n}` },
};
IDS.short = { ...IDS.server, decision: (n) => digits(n, 8) };
IDS.long = { ...IDS.server, decision: (n) => digits(n, 94) };
IDS.japanese = { ...IDS.server, content: "日本語の題名" };
IDS.users = { ...IDS.server, user: (n) => digits(n, 36) };
IDS.names = { ...IDS.server, user: (n) => `利用者の名前-${n}` };

/** A context as decisions keep it beside its JSON: the core's bytes, in base64. */
function packed({ personality, content_type, mood, time_of_day }) {
  const scores = Float64Array.from(Object.values(personality));
  const words = [TYPES[content_type], MOODS[mood], TIMES[time_of_day]];
  return Buffer.concat([Buffer.from(scores.buffer), Buffer.from(words)]).toString("base64");
}

/** The k-th of some words, in turn. */
const pick = (words, k) => Object.keys(words)[k % Object.keys(words).length];

/**
 * The n-th interaction: [decision id, user, time, ISO week, context, strategy, type of it, kind,
 * context packed].
 */
function entry(n, users, total, now, ids) {
  const user = (n * 7919) % users;
  const at = Math.floor(now - DAYS * DAY + (n / total) * (DAYS - 1) * DAY);
  const week = Math.floor((Math.floor(at / DAY) + 3) / 7);
  const trait = (k) => (user * (37 + k * 11)) % 101;
  const content_type = pick(TYPES, n);
  const context = {
    personality: {
      openness: trait(0),
      conscientiousness: trait(1),
      extraversion: trait(2),
      agreeableness: trait(3),
      neuroticism: trait(4),
    },
    content_type,
    mood: pick(MOODS, n * 31),
    time_of_day: pick(TIMES, n * 17),
  };
  const kind = ["like", "skip", "complete", "dislike"][(n * 13 + user) % 4];
  return [
    ids.decision(n),
    ids.user(user),
    at,
    week,
    context,
    (n * 5 + user) % 27,
    content_type,
    kind,
    packed(context),
  ];
}

async function fill(database, users, total, ids) {
  const now = Date.now();
  const decisions = database.prepare(
    `INSERT INTO decisions (decision_id, user_id, decided_at, week, context, action_index,
       content_type, propensity, source, policy_version, executed, arm, packed)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4, value ->> 5,
       value ->> 6, 0.037, 'agent', 0, 1, 'agent', value ->> 8 FROM json_each(?)`,
  );
  const interactions = database.prepare(
    `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
       content_id, interaction_type, arm, at, body_hash, created_at)
     SELECT value ->> 1, 'i' || (value ->> 0), value ->> 0, value ->> 6, ?2 || (value ->> 0),
       value ->> 7, 'agent', value ->> 2, '0123456789abcdef', '2026-01-01T00:00:00.000Z'
     FROM json_each(?1)`,
  );
  for (let from = 0; from < total; from += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, total - from) }, (_, i) =>
      entry(from + i, users, total, now, ids),
    );
    const list = JSON.stringify(rows);
    await database.batch([decisions.bind(list), interactions.bind(list, ids.content)]);
  }
}

const [persist, users, interactions, ids = "server"] = process.argv.slice(2);
await withDatabase(persist, async (database) => {
  await migrate(database);
  await fill(database, Number(users), Number(interactions), IDS[ids]);
});
const worker = await openWorker(persist, 0, { log: () => {} });
try {
  const url = await worker.ready;
  const admin = (method, route) =>
    fetch(new URL(`/api/v1/admin/${route}`, url), { method, headers: HEADERS });
  const read = async (answer) => [answer.status, await answer.json()];
  for (let n = 0; n < WARMING; n += 1) {
    const route = `/api/v1/entertainment/music/recommendations/idle-${n}`;
    const [status] = await read(await fetch(new URL(route, url)));
    if (status !== 200) throw new Error(`recommendations answered ${status}`);
  }
  const process = await workerd();
  const idle = await usage(process);
  await writeFile(`/proc/${process}/clear_refs`, "5");
  const started = performance.now();
  let [longest, invocations] = [0, 0];
  for (;;) {
    const begun = performance.now();
    const [status, task] = await read(await admin("POST", "tasks/rl-training/trigger"));
    longest = Math.max(longest, (performance.now() - begun) / 1000);
    invocations += 1;
    if (status === 202) continue;
    if (task.status !== "completed" || task.records_processed !== Number(interactions)) {
      throw new Error(JSON.stringify(task));
    }
    break;
  }
  const used = await usage(process);
  console.log(
    JSON.stringify({
      seconds: (performance.now() - started) / 1000,
      cpu: used.seconds - idle.seconds,
      invocations,
      longest,
      memory: used.peak - idle.bytes,
    }),
  );
} finally {
  await worker.dispose();
}
