// What other policies would have earned: the Worker's answer is that of the command line on the
// same log.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { unstable_splitSqlQuery } from "wrangler";
import { DAY, start } from "./harness.mjs";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FIXED = "low_diverse_exploratory";
const NOW = Date.now();

let service;
let directory;
before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "moodloop-evaluate-"));
  service = await start({ catalog: [] });
});
after(async () => {
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});

const evaluate = (query = "") => service.admin("GET", `evaluate${query}`);

/** Decisions of `users` that an agent drew uniformly, each with feedback on two items. */
async function draw(users, each, at) {
  const decisions = [];
  const interactions = [];
  for (let user = 0; user < users; user++) {
    for (let i = 0; i < each; i++) {
      const id = `d-${at}-${user}-${i}`;
      const action = (user * 7 + i * 11) % 27;
      const mood = ["relaxed", "happy", "sad"][i % 3];
      decisions.push([id, `user-${user}`, at + i * 1000 + user, mood, action]);
      for (const item of ["a", "b"]) {
        const liked = action < 9 ? i % 4 !== 0 : i % 4 === 0;
        interactions.push([id, `user-${user}`, item, liked ? "like" : "dislike"]);
      }
    }
  }
  const run = (sql, rows) => service.rows(sql, JSON.stringify(rows));
  await run(
    `INSERT INTO decisions (decision_id, user_id, decided_at, week, content_type, context,
       action_index, propensity, source, policy_version, executed, arm)
     SELECT value ->> 0, value ->> 1, value ->> 2,
       ((value ->> 2) / 86400000 + 3) / 7, 'music',
       json_object('content_type', 'music', 'time_of_day', 'evening', 'mood', value ->> 3,
         'personality', json('{"openness":60,"conscientiousness":50,"extraversion":30,"agreeableness":50,"neuroticism":50}')),
       value ->> 4, 1.0 / 27, 'agent', 0, 1, 'agent'
     FROM json_each(?)`,
    decisions,
  );
  await run(
    `INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id, content_type,
       content_id, interaction_type, arm, at, body_hash, created_at)
     SELECT value ->> 1, (value ->> 0) || (value ->> 2), value ->> 0, 'music', value ->> 2,
       value ->> 3, 'agent', d.decided_at + 1, '', '2026-01-01T00:00:00.000Z'
     FROM json_each(?) JOIN decisions d ON d.decision_id = value ->> 0`,
    interactions,
  );
}

/** Numbers equal to 1e-9, all else exactly. */
function assertSame(got, expected, at = "answer") {
  if (typeof got === "number" && typeof expected === "number") {
    const scale = Math.max(1, Math.abs(expected));
    assert.ok(Math.abs(got - expected) <= 1e-9 * scale, `${at}: ${got} ${expected}`);
  } else if (got !== null && typeof got === "object") {
    assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort(), at);
    for (const key of Object.keys(got)) assertSame(got[key], expected[key], `${at}.${key}`);
  } else {
    assert.equal(got, expected, at);
  }
}

test("an empty log says nothing, in words", async () => {
  const { status, json } = await evaluate();
  assert.equal(status, 200);
  assert.deepEqual([json.since, json.all, json.counts.rows], [null, true, 0]);
  assert.deepEqual(
    json.policies.map(({ policy }) => policy),
    ["current", "baseline", "uniform"],
  );
  for (const { report } of json.policies) assert.ok(report.refusal.message);
});

test("the answer is that of the command line on the exported log", async () => {
  await draw(12, 30, NOW - 3 * DAY);
  const trained = await service.train();
  assert.equal(trained.json.metadata.publication.version, 1, JSON.stringify(trained.json));

  const sql = await readFile(path.join(ROOT, "worker/log.sql"), "utf8");
  const lines = await service.rows(unstable_splitSqlQuery(sql)[0]);
  assert.equal(lines.length, 12 * 30 * 2);
  const log = path.join(directory, "log.jsonl");
  await writeFile(log, lines.map(({ line }) => `${line}\n`).join(""));
  const namespace = await service.miniflare.getKVNamespace("POLICY");
  const policy = path.join(directory, "policy.bin");
  await writeFile(policy, Buffer.from(await namespace.get("policy/v/1", "arrayBuffer")));
  const cli = path.join(ROOT, "pkg/dist/cli.js");
  const named = ["baseline", "uniform", FIXED].flatMap((name) => ["--policy", name]);
  const args = [cli, "evaluate", log, "--policy", policy, "--q-table", policy, ...named, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const expected = JSON.parse(stdout);

  const words = ["version-1", "baseline", "uniform", FIXED, "q_table"];
  const { json } = await evaluate(`?policies=${words.join(",")}`);
  assertSame(json.counts, expected.counts);
  const reports = (policies) => new Map(policies.map(({ policy, report }) => [policy, report]));
  const [here, there] = [reports(json.policies), reports(expected.policies)];
  const names = { "version-1": policy, q_table: `${policy} (Q-table)` };
  for (const word of words) {
    assertSame(here.get(word), there.get(names[word] ?? word), word);
  }
  assert.equal(here.get("uniform").estimates.length, 6);
  const current = (await evaluate("?policies=current")).json.policies[0].report;
  assertSame(current, here.get("version-1"));
  const gain = (report) =>
    report.estimates.find(({ estimator }) => estimator === "doubly_robust").gain.value;
  assert.ok(gain(here.get("version-1")) > 0.1, "what was taught is worth something");
});

test("since leaves out what came before, and unfolded feedback counts", async () => {
  const first = (await evaluate()).json.counts.rows;
  await draw(3, 10, NOW - 1000 * 60);
  assert.equal((await evaluate()).json.counts.rows, first + 60);
  const today = new Date(NOW - 1000 * 120).toISOString();
  const { json } = await evaluate(`?since=${today}`);
  assert.equal(json.counts.rows, 60);
  assert.ok(json.since >= today && json.all);
});

test("what is no policy is refused", async () => {
  for (const [query, status] of [
    ["?policies=best", 400],
    ["?policies=", 400],
    ["?policies=version-x", 400],
    ["?policies=version-7", 404],
    ["?policies=logged", 404],
    ["?since=yesterday", 400],
    ["?policy=current", 400],
  ]) {
    assert.equal((await evaluate(query)).status, status, query);
  }
});
