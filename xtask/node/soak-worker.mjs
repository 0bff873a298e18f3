// Keeps the Worker under half of the load that it can carry, and watches its memory.
//
// Usage: node soak-worker.mjs PERSIST ITEMS.json SECONDS
// Prints one JSON object: {"maximum", "rate", "done", "errors", "p50", "p99", "memory": [bytes …],
// "growth"}, the last being how much more memory the last fifth of the time took than the second.
import { readFile } from "node:fs/promises";
import { Client, pace, saturate, usage, visits, workerd } from "./load.mjs";
import { importItems, migrate, openWorker, withDatabase } from "./local.mjs";

const CONNECTIONS = 10;
const USERS = 1000;
const WARM_SECONDS = 10;
/** How often memory is looked at while the load runs. */
const LOOKS = 50;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * @param {string} persist the directory of KV and D1
 * @param {object[]} items the catalog
 * @param {number} seconds how long the load lasts
 */
export async function soak(persist, items, seconds) {
  await withDatabase(persist, async (database) => {
    await migrate(database);
    await importItems(database, items);
  });
  const worker = await openWorker(persist, 0, { log: () => {} });
  const client = new Client(await worker.ready, CONNECTIONS);
  try {
    const process = await workerd();
    const visit = visits(client, USERS);
    const most = await saturate(CONNECTIONS, Math.min(WARM_SECONDS, seconds), visit);
    const memory = [];
    const look = async () => memory.push((await usage(process)).bytes);
    const watch = setInterval(look, (seconds * 1000) / LOOKS);
    const load = await pace(most.perSecond / 2, seconds, visit).finally(() => clearInterval(watch));
    await look();
    const fifth = Math.floor(memory.length / 5);
    const early = median(memory.slice(fifth, 2 * fifth));
    const late = median(memory.slice(-fifth));
    return {
      ...load,
      maximum: most.perSecond,
      errors: { ...most.errors, ...load.errors },
      memory,
      growth: late / early - 1,
    };
  } finally {
    client.close();
    await worker.dispose();
  }
}

if (process.argv[1] === import.meta.filename) {
  const [persist, file, seconds] = process.argv.slice(2);
  const items = JSON.parse(await readFile(file, "utf8"));
  console.log(JSON.stringify(await soak(persist, items, Number(seconds))));
}
