// Puts catalog items into the local D1.
//
// Usage: node import.mjs PERSIST ITEMS.json
// Prints one JSON object: {"replaced"}, how many items took the place of an older one.
import { readFile } from "node:fs/promises";
import { importItems, migrate, withDatabase } from "./local.mjs";

const [persist, file] = process.argv.slice(2);
const items = JSON.parse(await readFile(file, "utf8"));
const replaced = await withDatabase(persist, async (database) => {
  await migrate(database);
  return importItems(database, items);
});
console.log(JSON.stringify({ replaced }));
