// Logs of a simulated site that chooses blindly, and the command line that reads them.
import { spawn } from "node:child_process";
import path from "node:path";

const cli = path.resolve(import.meta.dirname, "../../pkg/dist/cli.js");

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
export function line(i) {
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

/**
 * Runs the command line: what it said, and the seconds, the seconds of the processor and the most
 * memory that it took.
 */
export async function run(args, input) {
  const probe = `
    import { writeSync } from "node:fs";
    process.on("exit", () => {
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
      const used = { processor: (userCPUTime + systemCPUTime) / 1e6, memory: 1024 * maxRSS };
      writeSync(2, JSON.stringify(used));
    });
    process.argv.splice(1, 0, "moodloop");
    await import(${JSON.stringify(cli)});`;
  const started = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", probe, "--", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  if (input === undefined) {
    child.stdin.end();
  } else {
    input.pipe(child.stdin);
  }
  const [out, told] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join("")),
  );
  if (!told.startsWith("{")) {
    throw new Error(`moodloop ${args.join(" ")}: ${told}`);
  }
  return { seconds: (performance.now() - started) / 1000, out, ...JSON.parse(told) };
}
