// Measures how fast a log is evaluated by the command line, as a user runs it, and its memory.
//
// Usage: node evaluate.mjs SCRATCH
// Prints one JSON object: seconds for 1,000,000 decisions from a file and from a pipe, the seconds
// that JSON.parse takes for the same lines, and the most memory, in bytes, at a tenth and at all.
import { spawn } from "node:child_process";
import { createReadStream, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import path from "node:path";

const DECISIONS = 1_000_000;
const [scratch] = process.argv.slice(2);
const cli = path.resolve(import.meta.dirname, "../../pkg/dist/cli.js");
const file = (name) => path.join(scratch, name);

/** A generator of whole numbers below `n`, the same at every run (SplitMix32). */
let state = 7;
function below(n) {
  state = (state + 0x9e3779b9) | 0;
  let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) % n;
}
const one = (list) => list[below(list.length)];

const energies = ["low", "medium", "high"];
const diversities = ["focused", "balanced", "diverse"];
const novelties = ["familiar", "mixed", "exploratory"];
const moods = ["neutral", "happy", "focused", "relaxed", "tired", "sad", "stressed"];
const times = ["morning", "afternoon", "evening", "night"];
const contents = ["music", "video", "game", "podcast", "article"];
const people = Array.from({ length: 20_000 }, () => ({
  openness: below(101),
  conscientiousness: below(101),
  extraversion: below(101),
  agreeableness: below(101),
  neuroticism: below(101),
}));

/** Decision `i` of a site with 20,000 visitors that chooses blindly. */
function line(i) {
  const user = below(people.length);
  const energy = below(3);
  const reward = below(5) <= energy ? 1 : below(3) / 10;
  return `${JSON.stringify({
    decision_id: `01890a5d-ac96-774b-bcce-${i.toString(16).padStart(12, "0")}`,
    content_id: `track-${below(5000)}`,
    user_id: `user-${user}`,
    decided_at: 1_764_000_000_000 + 600 * i,
    context: {
      content_type: one(contents),
      time_of_day: one(times),
      mood: one(moods),
      personality: people[user],
    },
    strategy: `${energies[energy]}_${one(diversities)}_${one(novelties)}`,
    propensity: 1 / 27,
    reward,
  })}\n`;
}

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

/** Runs the command line; the seconds and the most memory that it took. */
async function run(args, input) {
  const probe = `
    import { writeSync } from "node:fs";
    process.on("exit", () => writeSync(2, String(1024 * process.resourceUsage().maxRSS)));
    process.argv.splice(1, 0, "moodloop");
    await import(${JSON.stringify(cli)});`;
  const started = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", probe, "--", ...args], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  if (input === undefined) {
    child.stdin.end();
  } else {
    createReadStream(input).pipe(child.stdin);
  }
  const said = (await child.stderr.toArray()).join("");
  if (!/^\d+$/.test(said)) {
    throw new Error(`moodloop ${args.join(" ")}: ${said}`);
  }
  return { seconds: (performance.now() - started) / 1000, memory: Number(said) };
}

/** How long JSON.parse takes for every line of a file. */
function parsed(name) {
  const log = openSync(file(name));
  const chunk = Buffer.alloc(1 << 20);
  let rest = "";
  let seconds = 0;
  for (let size = readSync(log, chunk); size > 0; size = readSync(log, chunk)) {
    const started = performance.now();
    const lines = (rest + chunk.latin1Slice(0, size)).split("\n");
    rest = lines.pop();
    for (const text of lines) {
      JSON.parse(text);
    }
    seconds += (performance.now() - started) / 1000;
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
const fromPipe = await run(["evaluate", "-", ...args], file("log.jsonl"));
const report = {
  file_seconds: fromFile.seconds,
  pipe_seconds: fromPipe.seconds,
  parse_seconds: parsed("log.jsonl"),
  memory_at_a_tenth: small.memory,
  memory: Math.max(fromFile.memory, fromPipe.memory),
};
console.log(JSON.stringify(report));
