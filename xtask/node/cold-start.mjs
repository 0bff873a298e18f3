// Measures how long a new workerd takes to its first answer from the API, and to that of a Worker
// with the same bindings that does nothing: the difference is the Worker's own cold start.
//
// Usage: node cold-start.mjs PERSIST
// Prints one JSON object: {"median_seconds", "empty_median_seconds"}.
import { migrate, openEmpty, openWorker, withDatabase } from "./local.mjs";

const RUNS = 5;
const [persist] = process.argv.slice(2);
await withDatabase(persist, migrate);

/** From nothing to an answer, in seconds. */
async function start(open) {
  const started = performance.now();
  const worker = await open();
  const answer = await fetch(new URL("/openapi.json", await worker.ready));
  await answer.text();
  const seconds = (performance.now() - started) / 1000;
  await worker.dispose();
  if (!answer.ok) {
    throw new Error(`the first answer was ${answer.status}`);
  }
  return seconds;
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const [whole, empty] = [[], []];
for (let run = 0; run < RUNS; run++) {
  whole.push(await start(() => openWorker(persist, 0)));
  empty.push(await start(() => openEmpty(persist)));
}
console.log(JSON.stringify({ median_seconds: median(whole), empty_median_seconds: median(empty) }));
