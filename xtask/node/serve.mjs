// Serves site and API from workerd until standard input closes: whoever started this need only
// let go of it, however it ends.
//
// Usage: node serve.mjs PERSIST PORT [ITEMS.json]
// Prints one JSON object when it serves: {"url", "migrations"}, the migrations being those that
// it applied. The items are put into the catalog before.
import { readFile } from "node:fs/promises";
import { importItems, migrate, openWorker, withDatabase } from "./local.mjs";

const [persist, port, items] = process.argv.slice(2);
// Before the port opens, so that nobody meets a database without its tables.
const migrations = await withDatabase(persist, async (database) => {
  const applied = await migrate(database);
  if (items) {
    await importItems(database, JSON.parse(await readFile(items, "utf8")));
  }
  return applied;
});
const worker = await openWorker(persist, Number(port));
console.log(JSON.stringify({ url: await worker.ready, migrations }));

process.stdin.resume();
process.stdin.on("end", async () => {
  await worker.dispose();
  process.exit(0);
});
