// Measures how long a new workerd takes to its first answer from the API.
//
// Usage: node cold-start.mjs PERSIST
// Prints one JSON object: {"median_seconds"}.
import { migrate, openWorker, withDatabase } from "./local.mjs";

const RUNS = 5;
const [persist] = process.argv.slice(2);
await withDatabase(persist, migrate);

const seconds = [];
for (let run = 0; run < RUNS; run++) {
  const started = performance.now();
  const worker = await openWorker(persist, 0);
  const answer = await fetch(new URL("/openapi.json", await worker.ready));
  await answer.text();
  seconds.push((performance.now() - started) / 1000);
  await worker.dispose();
  if (!answer.ok) {
    throw new Error(`the first answer was ${answer.status}`);
  }
}
seconds.sort((a, b) => a - b);
console.log(JSON.stringify({ median_seconds: seconds[Math.floor(RUNS / 2)] }));
