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
      created_at: "2026-10-05T01:02:03.004Z",
    }));
    const insert = (table, row) =>
      database
        .prepare(
          `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map(() => "?")})`,
        )
        .bind(...Object.values(row))
        .run();
    const decide = (decision_id, more) =>
      insert("decisions", {
        decision_id,
        user_id: "someone",
        decided_at: Date.parse("2026-10-05T01:02:03.004Z"),
        week: 2962,
        content_type: "music",
        context: "{}",
        action_index: 0,
        propensity: 0.5,
        source: "agent",
        policy_version: 0,
        executed: 1,
        arm: decision_id === "synced" ? "client" : "agent",
        ...more,
      });
    for (const decision_id of ["d1", "d2", "synced"]) {
      await decide(decision_id);
    }
    for (const row of served) {
      await insert("entertainment_recommendations", {
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
    await decide("older", { served: '[["d",null,"fit","Title D"]]', metadata });
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
