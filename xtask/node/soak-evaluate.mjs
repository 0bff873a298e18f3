// Evaluates a log of any length on standard input, made as it is read.
//
// Usage: node soak-evaluate.mjs BYTES
// Prints one JSON object: {"bytes", "decisions", "seconds", "memory", "memory_of_a_hundredth"}.
import { Readable } from "node:stream";
import { line, run } from "./blind-log.mjs";

const bytes = Number(process.argv[2]);

/** Lines of so many bytes, and a little more. */
function* lines(bytes) {
  for (let made = 0, i = 0; made < bytes; ) {
    let text = "";
    for (const end = i + 1000; i < end; i += 1) {
      text += line(i);
    }
    made += text.length;
    yield text;
  }
}

const evaluated = async (bytes) => {
  const input = Readable.from(lines(bytes), { objectMode: false, highWaterMark: 1 << 20 });
  const done = await run(["evaluate", "-", "--json"], input);
  return { ...done, decisions: JSON.parse(done.out).counts.decisions };
};

const short = await evaluated(bytes / 100);
const { decisions, seconds, memory } = await evaluated(bytes);
console.log(
  JSON.stringify({ bytes, decisions, seconds, memory, memory_of_a_hundredth: short.memory }),
);
