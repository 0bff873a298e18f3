// Writes what the built Worker says of its own API: the document at /openapi.json.
//
// Usage: node describe.mjs PERSIST OUTPUT.json
import { writeFile } from "node:fs/promises";
import { openWorker } from "./local.mjs";

const [persist, output] = process.argv.slice(2);
const worker = await openWorker(persist, 0);
try {
  const answer = await fetch(new URL("/openapi.json", await worker.ready));
  if (!answer.ok) {
    throw new Error(`/openapi.json answered ${answer.status}`);
  }
  await writeFile(output, await answer.text());
} finally {
  await worker.dispose();
}
