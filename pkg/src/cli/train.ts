import { parseArgs } from "node:util";
import type { TrainerOptions } from "../lab-types.js";
import { Trainer } from "../trainer.js";
import { type Command, UsageError } from "./command.js";
import { eachChunk, onlyPath, settings } from "./input.js";
import { print, printJson, readingOf, writePolicy } from "./output.js";

const help = `Usage: moodloop train LOG -o POLICY [OPTION]...

Learns a policy from a log. LOG is a file, or - for standard input, in the form that
\`moodloop evaluate --help\` shows; every line needs a context. It is read once and not held in
memory. The policy has no user layers: it holds nothing about single visitors.

A policy scores itself too well on the log that it learned from: evaluate it on later decisions.

Options:
  -o, --output FILE     Where to write the policy; - for standard output. Required.
      --config FILE     Settings of the model as a JSON object {decide_by, q, taste, reward, extras}.
      --skip-bad-lines  Count lines that cannot be read, and go on.
      --json            Print what was read as JSON; not with -o -.
  -h, --help            Print this.

Examples:
  moodloop train march.jsonl -o policy.bin && moodloop evaluate april.jsonl -p ./policy.bin
  zcat march.jsonl.gz | moodloop train - -o - > policy.bin
`;

/** `moodloop train`. */
export const train: Command = {
  summary: "A policy from a log.",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        config: { type: "string" },
        "skip-bad-lines": { type: "boolean" },
        json: { type: "boolean" },
      },
    });
    const path = onlyPath(positionals, "the log");
    const output = outputOf(values.output, values.json);
    const options = (await settings(values.config)) as TrainerOptions;
    const trainer = new Trainer({ ...options, skip_bad_lines: values["skip-bad-lines"] });
    await eachChunk(path, "training", (bytes) => trainer.push(bytes));
    const { policy, counts } = trainer.finish();
    await writePolicy(output, policy);
    if (values.json) {
      printJson({ output, bytes: policy.length, counts });
    } else if (output !== "-") {
      print(...readingOf(counts), `Wrote ${policy.length} bytes to ${output}.`);
    }
  },
};

/** The `-o` of a command that writes a policy. */
export function outputOf(output: string | undefined, json: boolean | undefined): string {
  if (output === undefined) {
    throw new UsageError("`-o POLICY` is missing");
  }
  if (output === "-" && json) {
    throw new UsageError("`--json` and `-o -` would both write to standard output");
  }
  return output;
}
