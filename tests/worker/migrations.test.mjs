// Deployments that were filled before a migration keep what they hold.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { migrate, withDatabase } from "../../xtask/node/local.mjs";

/** Does some work on a database of its own, with no tables yet. */
async function withNew(work) {
  const persist = await mkdtemp(path.join(os.tmpdir(), "moodloop-"));
  try {
    await withDatabase(persist, work);
  } finally {
    await rm(persist, { recursive: true });
  }
}

const CREATED = "2026-10-05T01:02:03.004Z";

const insert = (database, table, row) =>
  database
    .prepare(
      `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => "?")})`,
    )
    .bind(...Object.values(row))
    .run();

/** Stores a decision of somebody; `more` replaces columns. */
const decide = (database, decision_id, more = {}) =>
  insert(database, "decisions", {
    decision_id,
    user_id: "someone",
    decided_at: Date.parse(CREATED),
    week: 2962,
    context: "{}",
    content_type: "music",
    action_index: 0,
    propensity: 0.5,
    source: "agent",
    policy_version: 0,
    executed: 1,
    arm: "agent",
    ...more,
  });

test("what decisions served is shown as before it moved into their rows, and is read from there", async () => {
  await withNew(async (database) => {
    await migrate(database, "0006_served.sql");
    const served = [
      ["d1", 0, "b", "Title B", "jazz", "fit"],
      ["d1", 1, "a", 'A "quoted" title', null, "explore"],
      ["d2", 0, "c", "Title C", "rock", "fit"],
    ].map(([decision_id, position, content_id, title, genre, slot]) => ({
      decision_id,
      position,
      user_id: "someone",
      content_type: "music",
      content_id,
      title,
      genre,
      metadata: { rl_params: { genre_count: 3 }, time_of_day: "evening", slot },
      created_at: CREATED,
    }));
    for (const decision_id of ["d1", "d2", "synced"]) {
      await decide(database, decision_id, { arm: decision_id === "synced" ? "client" : "agent" });
    }
    for (const row of served) {
      await insert(database, "entertainment_recommendations", {
        ...row,
        metadata: JSON.stringify(row.metadata),
      });
    }
    assert.equal((await migrate(database))[0], "0006_served.sql");
    const { results } = await database
      .prepare("SELECT * FROM entertainment_recommendations ORDER BY decision_id, position")
      .all();
    const shown = results.map((row) => ({ ...row, metadata: JSON.parse(row.metadata) }));
    assert.deepEqual(shown, served);
    // The version before, between the migration and the upload.
    const metadata = JSON.stringify(served[0].metadata);
    await decide(database, "older", { served: '[["d",null,"fit","Title D"]]', metadata });
    const lists = await database
      .prepare("SELECT contents, labels FROM decisions ORDER BY decision_id")
      .all();
    assert.deepEqual(lists.results, [
      {
        contents: '["b","jazz","a",null]',
        labels: String.raw`[["fit","Title B"],["explore","A \"quoted\" title"]]`,
      },
      { contents: '["c","rock"]', labels: '[["fit","Title C"]]' },
      { contents: '["d",null]', labels: '[["fit","Title D"]]' },
      { contents: null, labels: null },
    ]);
  });
});

test("marked pairs have a number of their own within their user's week, whoever marked them", async () => {
  await withNew(async (database) => {
    await migrate(database, "0012_numbered.sql");
    const like = async (decision_id, user_id) => {
      await decide(database, decision_id, { user_id });
      await insert(database, "entertainment_interactions", {
        user_id,
        interaction_id: decision_id,
        decision_id,
        content_id: "c",
        interaction_type: "like",
        at: Date.parse(CREATED) + 1000,
        body_hash: "",
        created_at: CREATED,
      });
    };
    const fold = (decision_id) =>
      database
        .prepare("UPDATE pairs SET dirty = 0, folded = 1000 WHERE decision_id = ?")
        .bind(decision_id)
        .run();
    for (const [decision_id, user_id] of [
      ["a1", "ann"],
      ["a2", "ann"],
      ["a3", "ann"],
      ["b1", "bob"],
    ]) {
      await like(decision_id, user_id);
    }
    await fold("a1");
    assert.equal((await migrate(database))[0], "0012_numbered.sql");
    await like("a4", "ann");
    await fold("a2");
    // The version before marks a crowded week so, between the migration and the upload.
    await database.prepare("UPDATE pairs SET dirty = 1 WHERE folded IS NOT NULL").run();
    const { results } = await database
      .prepare("SELECT user_id, mark FROM pairs WHERE dirty = 1 ORDER BY user_id, mark")
      .all();
    assert.deepEqual(
      results.map(({ user_id, mark }) => [user_id, mark]),
      [2, 3, 4, 5].map((mark) => ["ann", mark]).concat([["bob", 1]]),
    );
  });
});
