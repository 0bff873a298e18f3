// Serves site and API from workerd until standard input closes: whoever started this need only
// let go of it, however it ends.
//
// Usage: node serve.mjs PERSIST PORT
// Prints one JSON object when it serves: {"url", "migrations"}.
import { migrate, openWorker, withDatabase } from "./local.mjs";

const [persist, port] = process.argv.slice(2);
// Before the port opens, so that nobody meets a database without its tables.
const migrations = await withDatabase(persist, migrate);
const worker = await openWorker(persist, Number(port));
console.log(JSON.stringify({ url: await worker.ready, migrations }));

process.stdin.resume();
process.stdin.on("end", async () => {
  await worker.dispose();
  process.exit(0);
});
