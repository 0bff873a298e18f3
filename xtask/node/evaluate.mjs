// Measures how fast a log is evaluated by the command line, as a user runs it, and its memory.
//
// Usage: node evaluate.mjs SCRATCH
// Prints one JSON object: the seconds of the processor for 1,000,000 decisions from a file and from a
// pipe, which other programs hardly lengthen, and for JSON.parse of the same lines; the seconds by the
// clock; and the most memory, in bytes, at a tenth and at all.
import { createReadStream, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import path from "node:path";
import { line, run } from "./blind-log.mjs";

const DECISIONS = 1_000_000;
const [scratch] = process.argv.slice(2);
const file = (name) => path.join(scratch, name);

/** Writes so many decisions. */
function write(name, count) {
  const log = openSync(file(name), "w");
  for (let i = 0; i < count; ) {
    let text = "";
    for (const end = Math.min(i + 1000, count); i < end; i++) {
      text += line(i);
    }
    writeSync(log, text);
  }
}

/** The seconds of the processor that JSON.parse takes for every line of a file. */
function parsed(name) {
  const log = openSync(file(name));
  const chunk = Buffer.alloc(1 << 20);
  let rest = "";
  let seconds = 0;
  for (let size = readSync(log, chunk); size > 0; size = readSync(log, chunk)) {
    const started = process.cpuUsage();
    const lines = (rest + chunk.latin1Slice(0, size)).split("\n");
    rest = lines.pop();
    for (const text of lines) {
      JSON.parse(text);
    }
    const { user, system } = process.cpuUsage(started);
    seconds += (user + system) / 1e6;
  }
  return seconds;
}

mkdirSync(scratch, { recursive: true });
write("first.jsonl", DECISIONS / 10);
write("log.jsonl", DECISIONS);
await run(["train", file("first.jsonl"), "-o", file("policy.bin")]);
const args = ["--policy", file("policy.bin")];
const small = await run(["evaluate", file("first.jsonl"), ...args]);
const fromFile = await run(["evaluate", file("log.jsonl"), ...args]);
const fromPipe = await run(["evaluate", "-", ...args], createReadStream(file("log.jsonl")));
const report = {
  file_processor: fromFile.processor,
  file_seconds: fromFile.seconds,
  pipe_processor: fromPipe.processor,
  pipe_seconds: fromPipe.seconds,
  parse_processor: parsed("log.jsonl"),
  memory_at_a_tenth: small.memory,
  memory: Math.max(fromFile.memory, fromPipe.memory),
};
console.log(JSON.stringify(report));
