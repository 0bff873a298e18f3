// The training counts everything once, whatever triggers do, and forgets what it must.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Behind, DAY, start } from "./harness.mjs";
import { decision, entries, interaction, send, store } from "./history.mjs";

const WEEKLY = "0 1 * * mon";
const OFTEN = "*/10 * * * *";

/** The Monday 01:00 UTC before `time`. */
function monday(time) {
  const date = new Date(time);
  date.setUTCHours(1, 0, 0, 0);
  while (date.getUTCDay() !== 1 || date.getTime() > time) date.setUTCDate(date.getUTCDate() - 1);
  return date.getTime();
}

/** Decisions of a client, `age` days old, each with an interaction. */
function events(user, n, { age = 1, kind = "like", from = 0 } = {}) {
  const begin = Math.floor(Date.now() - age * DAY);
  return Array.from({ length: n }, (_, k) => {
    const i = from + k;
    const id = `${user}-d${i}`;
    const at = begin + i * 1000;
    const context = {
      content_type: ["music", "video", "game"][i % 3],
      time_of_day: ["morning", "evening"][i % 2],
      mood: ["happy", "sad", "calm"][i % 3],
      personality: { openness: (i * 13) % 100, extraversion: (i * 29) % 100 },
    };
    return [
      decision(id, at, { context, action_index: (i * 5) % 27 }),
      interaction(id, at + 60_000, {
        interaction_id: `${user}-i${i}-${kind}`,
        content_id: `c${i}`,
        interaction_type: kind,
        completion_percentage: (i * 37) % 101,
      }),
    ];
  }).flat();
}

/** One has learned what another has, in fewer versions or in more. */
async function assertAlike(one, other) {
  const [actual, expected] = [await one.learned(), await other.learned()];
  assert.deepEqual(actual.evidence, expected.evidence);
  assert.deepEqual(
    actual.layers.map((row) => row.layer),
    expected.layers.map((row) => row.layer),
  );
}

let service;
before(async () => {
  service = await start({ catalog: [] });
});
after(() => service.stop());

test("users below five interactions wait", async () => {
  await send(service, "few", events("few", 4));
  const { json } = await service.train();
  assert.equal(json.users_processed, 0);
  assert.deepEqual(await service.rows("SELECT * FROM evidence"), []);
  await send(service, "few", events("few", 1, { from: 4 }));
  const second = await service.train();
  assert.equal(second.json.users_processed, 1);
  assert.equal(second.json.records_processed, 5, "those who waited count too");
});

test("training twice is training once", async () => {
  await send(service, "ann", events("ann", 40));
  await send(service, "bob", events("bob", 40, { kind: "dislike" }));
  await service.train();
  const once = await service.learned();
  const again = await service.train();
  assert.equal(again.json.records_processed, 0);
  assert.equal(again.json.metadata.publication.published, false);
  assert.deepEqual(await service.learned(), once);
});

test("decisions that a version before stored train to the same bytes", async () => {
  const logs = ["ann", "bob"].map((user) => [user, events(user, 20)]);
  const trained = async (change) => {
    await service.reset();
    for (const [user, log] of logs) {
      await send(service, user, log);
    }
    await change();
    await service.train();
    return service.learned();
  };
  const now = await trained(async () => {
    const [{ n }] = await service.rows("SELECT count(context) AS n FROM pairs");
    assert.equal(n, 40);
  });
  const older = await trained(async () => {
    await service.rows("UPDATE decisions SET packed = NULL");
    await service.rows("UPDATE pairs SET context = NULL");
  });
  assert.equal(now.layers.length, 2);
  assert.deepEqual(older, now);
});

test("repeated, reordered, revised and late posts come out as one clean log", async () => {
  const one = await start({ catalog: [] });
  const two = await start({ catalog: [] });
  try {
    const list = [
      ...events("ann", 30),
      ...events("ann", 30, { kind: "skip" }).filter((e) => e.interaction),
    ];
    const late = events("ann", 10, { age: 9, from: 100 });
    await send(one, "ann", [...list, ...late]);
    await one.train();
    // The same events in pieces, out of order and twice, with trainings in between.
    const decisions = list.filter((event) => event.decision);
    const rest = list.filter((event) => event.interaction).reverse();
    await send(two, "ann", decisions);
    await send(two, "ann", rest.slice(0, 25));
    await two.train();
    await send(two, "ann", rest);
    await send(two, "ann", rest.slice(10, 30));
    await send(two, "ann", late);
    await two.train();
    await assertAlike(two, one);
    const [x, y] = [one, two].map((s) => s.admin("GET", "agent/stats"));
    assert.deepEqual((await y).json.agent_stats, (await x).json.agent_stats);
  } finally {
    await one.stop();
    await two.stop();
  }
});

test("what comes in while a fold is at it is not lost, and counts once", async () => {
  const behind = await Behind.copy("meanwhile.mjs");
  const busy = await start({ catalog: [], entry: behind.entry });
  const calm = await start({ catalog: [] });
  try {
    const [ann, abe] = [events("ann", 25), events("abe", 5)];
    const revised = events("ann", 5, { kind: "skip" }).filter((event) => event.interaction);
    const meanwhile = [
      ["ann", [...ann.slice(40), ...revised]],
      ["abe", abe],
    ];
    await send(busy, "ann", ann.slice(0, 40));
    const posts = meanwhile.map(([user, list]) => [`/api/v1/sync/${user}`, { events: list }]);
    const { status, json } = await busy.train({ "x-meanwhile": JSON.stringify(posts) });
    assert.equal(status, 200, JSON.stringify(json));
    // Those that were read before they were revised, and those of somebody who was passed already.
    const left = await busy.rows(
      "SELECT decision_id FROM pairs WHERE dirty = 1 ORDER BY decision_id",
    );
    assert.deepEqual(
      left.map((row) => row.decision_id),
      ["abe", "ann"].flatMap((user) => [0, 1, 2, 3, 4].map((i) => `${user}-d${i}`)),
    );
    await busy.train();
    await send(calm, "ann", [...ann, ...revised]);
    await send(calm, "abe", abe);
    await calm.train();
    await assertAlike(busy, calm);
  } finally {
    await busy.stop();
    await calm.stop();
    await behind.remove();
  }
});

test("at most 500 pairs of a user and a week train, the lowest by time and id", async () => {
  const crowd = await start({ catalog: [] });
  const clean = await start({ catalog: [] });
  try {
    // The middle of a week, so that all are of one.
    const wednesday = monday(Date.now()) - 5 * DAY;
    const list = events("loud", 520, { age: (Date.now() - wednesday) / DAY });
    const early = list.slice(0, 1000);
    await send(clean, "loud", early);
    await clean.train();
    // The later 20 come first and are trained on, until earlier ones take their place.
    await send(crowd, "loud", list.slice(1000));
    await crowd.train();
    await send(crowd, "loud", early);
    await crowd.train();
    const counts = await crowd.rows("SELECT count(*) AS n FROM pairs WHERE folded IS NOT NULL");
    assert.deepEqual(counts, [{ n: 500 }]);
    assert.deepEqual((await crowd.learned()).evidence, (await clean.learned()).evidence);
  } finally {
    await crowd.stop();
    await clean.stop();
  }
});

test("a doubled weekly trigger makes one run; the frequent one starts none", async () => {
  const due = monday(Date.now()) - 7 * DAY;
  const before = await service.rows("SELECT count(*) AS n FROM system_tasks");
  await service.cron(OFTEN, Date.now());
  assert.deepEqual(await service.rows("SELECT count(*) AS n FROM system_tasks"), before);
  await Promise.all([service.cron(WEEKLY, due), service.cron(WEEKLY, due)]);
  await service.cron(WEEKLY, due);
  const runs = await service.rows(
    "SELECT status FROM system_tasks WHERE executed_at = ?",
    new Date(due).toISOString(),
  );
  assert.deepEqual(runs, [{ status: "completed" }]);
});

test("an open run that was left behind is continued by the frequent trigger", async () => {
  await send(service, "cleo", events("cleo", 12));
  await service.rows(
    `INSERT INTO system_tasks (task_name, status, executed_at, metadata, progress)
     VALUES ('rl_training', 'running', ?, '{}',
       '{"phase":"fold","cursor":"","begun":"","reward_sum":0,"rewards":0,"changed":false,"attempts":0}')`,
    new Date(monday(Date.now())).toISOString(),
  );
  // Its holder died without giving the lease back.
  await service.rows("UPDATE leases SET holder = 'dead', expires_at = ?", Date.now() + 60_000);
  const blocked = await service.train();
  assert.deepEqual([blocked.status, blocked.json.error.code], [409, "conflict"]);
  await service.rows("UPDATE leases SET expires_at = ?", Date.now() - 1);
  await service.cron(OFTEN, Date.now());
  const [run] = (await service.admin("GET", "tasks/history")).json.tasks.filter(
    (task) => task.records_processed === 12,
  );
  assert.equal(run.status, "completed");
});

test("health turns red on a missed and on a failed run, and green again", async () => {
  const sick = await start({ catalog: [] });
  try {
    const health = async () => (await sick.admin("GET", "system/health")).json;
    await send(sick, "old", events("old", 6, { age: 20 }));
    assert.equal((await health()).status, "red", "nothing ran for three Mondays");
    assert.match((await health()).problems[0], /has not run/);
    await sick.train();
    assert.equal((await health()).status, "green");
    // Evidence that cannot be read makes every attempt fail.
    await sick.rows("UPDATE evidence SET body = 'AAAA'");
    for (let i = 0; i < 5; i++) {
      await sick.rows("UPDATE leases SET expires_at = 0");
      await sick.train();
    }
    const red = await health();
    assert.equal(red.status, "red");
    assert.match(red.problems.join(), /last training failed/);
    const [failed] = (await sick.admin("GET", "tasks/history")).json.tasks;
    assert.equal(failed.status, "failed");
    assert.equal(failed.metadata.error.code, "corrupt_model");
  } finally {
    await sick.stop();
  }
});

test("after 90 days rows and evidence of a week leave together, sums stay", async () => {
  const old = await start({ catalog: [] });
  const never = await start({ catalog: [] });
  try {
    await send(old, "past", events("past", 10, { age: 8 }));
    await send(old, "now", events("now", 10, { age: 1 }));
    await send(never, "now", events("now", 10, { age: 1 }));
    await old.train();
    await never.train();
    const [before] = await old.rows("SELECT min(week) AS week, max(week) AS latest FROM evidence");
    assert.ok(before.week < before.latest);
    // A run 91 days after the older week ended.
    const end = (before.week * 7 - 3 + 7) * DAY;
    await old.cron(WEEKLY, end + 91 * DAY);
    assert.deepEqual((await old.learned()).evidence, (await never.learned()).evidence);
    for (const table of ["decisions", "pairs", "entertainment_interactions"]) {
      const [row] = await old.rows(`SELECT count(*) AS n FROM ${table} WHERE user_id = 'past'`);
      assert.equal(row.n, 0, table);
    }
    const [likes] = await old.rows(
      "SELECT sum(n) AS n, sum(total) AS total FROM daily_aggregates WHERE measure = 'like_rate'",
    );
    assert.deepEqual(likes, { n: 10, total: 10 });
  } finally {
    await old.stop();
    await never.stop();
  }
});

test("policies older than what they learned from leave, the serving one stays", async () => {
  const old = await start({ catalog: [] });
  try {
    for (const from of [0, 10, 20]) {
      await send(old, "ann", events("ann", 10, { from }));
      await old.train();
    }
    const policies = await old.miniflare.getKVNamespace("POLICY");
    const kept = async () => (await policies.list()).keys.map(({ name }) => name);
    assert.ok((await kept()).includes("policy/v/1"));
    await old.admin("POST", "models/2/activate");
    const age = (days) => new Date(Date.now() - days * DAY).toISOString();
    // Of the two that are too old, one serves.
    await old.rows("UPDATE policies SET created_at = ? WHERE version < 3", age(100));
    await old.rows("UPDATE policies SET created_at = ? WHERE version = 3", age(80));
    await old.cron(WEEKLY, Date.now());
    const { models } = (await old.admin("GET", "models")).json;
    const status = Object.fromEntries(models.map((model) => [model.version, model.status]));
    assert.equal(status[1], "expired");
    assert.deepEqual([status[2], status[3]], ["published", "published"]);
    const names = await kept();
    for (const name of ["policy/v/1", "policy/public/1"]) assert.ok(!names.includes(name), name);
    for (const name of ["policy/v/2", "policy/v/3"]) assert.ok(names.includes(name), name);
    const gone = await old.admin("POST", "models/1/activate");
    assert.deepEqual([gone.status, gone.json.error.code], [409, "conflict"]);
  } finally {
    await old.stop();
  }
});

test("whoever is louder than the crowd's middle moves what all share no more than it", async () => {
  const crowd = await start({ catalog: [] });
  const quiet = await start({ catalog: [] });
  try {
    // The middle of a week, so that all are of one.
    const begin = monday(Date.now()) - 5 * DAY;
    const of = (user, n, ms = 0) =>
      entries(user, n, { begin: begin + ms, kinds: ["dislike", "like"] });
    const users = Array.from({ length: 200 }, (_, i) => `user-${i}`);
    const others = users.slice(2).flatMap((user) => of(user, 6));
    // A share is seven pairs and a half: the millisecond is the lot.
    await store(crowd, "client", [...others, ...of("user-0", 300, 500), ...of("user-1", 9, 499)]);
    await store(quiet, "client", [...others, ...of("user-0", 7, 500), ...of("user-1", 8, 499)]);
    await crowd.train();
    await quiet.train();
    assert.deepEqual((await crowd.learned()).evidence, (await quiet.learned()).evidence);
    const loud = await crowd.rows(
      `SELECT count(folded) AS learned, count(shared) AS shared FROM pairs
       WHERE user_id IN ('user-0', 'user-1') GROUP BY user_id ORDER BY user_id`,
    );
    const wanted = [
      { learned: 300, shared: 7 },
      { learned: 9, shared: 8 },
    ];
    assert.deepEqual(loud, wanted, "their own layers learn from all of it");
    // One erasure after the other, the same as if they had never been there.
    for (const user of ["user-1", "user-0"]) {
      const { json } = await crowd.call("DELETE", `/api/v1/users/${user}/data`);
      assert.equal(json.status, "erased");
    }
    await quiet.reset();
    await store(quiet, "client", others);
    await quiet.train();
    assert.deepEqual((await crowd.learned()).evidence, (await quiet.learned()).evidence);
  } finally {
    await crowd.stop();
    await quiet.stop();
  }
});

test("a reward that a client computed counts for no more than feedback can", async () => {
  const rich = await start({ catalog: [] });
  try {
    const at = Date.now() - DAY;
    const list = [99, -99, 2, 0.5, -1].flatMap((reward, i) => [
      decision(`d${i}`, at + i),
      interaction(`d${i}`, at + i, { interaction_type: undefined, reward }),
    ]);
    await send(rich, "ann", list);
    await rich.train();
    const folded = await rich.rows("SELECT folded FROM pairs ORDER BY decision_id");
    assert.deepEqual(
      folded.map((row) => row.folded),
      [3300, -1800, 2000, 500, -1000],
    );
  } finally {
    await rich.stop();
  }
});
