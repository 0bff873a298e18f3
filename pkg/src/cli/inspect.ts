import { parseArgs } from "node:util";
import type { Inspection } from "../lab-types.js";
import { inspect as inspected } from "../policies.js";
import type { Command } from "./command.js";
import { onlyPath, wholeFile } from "./input.js";
import { decimals, print, printJson, table } from "./output.js";

const help = `Usage: moodloop inspect POLICY [OPTION]...

Tells what a policy holds and what it would do. POLICY is a file, or - for standard input.

Options:
      --json  Print everything as JSON.
  -h, --help  Print this.

Examples:
  moodloop inspect policy.bin
  moodloop train log.jsonl -o - | moodloop inspect - --json
`;

/** `moodloop inspect`. */
export const inspect: Command = {
  summary: "What a policy holds and would do.",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean" } },
    });
    const bytes = await wholeFile(onlyPath(positionals, "the policy"));
    const inspection = inspected(bytes);
    if (values.json) {
      printJson({ bytes: bytes.length, ...inspection });
    } else {
      print(`${bytes.length} bytes.`, ...inWords(inspection));
    }
  },
};

function inWords(policy: Inspection): string[] {
  const { total_states, total_state_actions, avg_q_value, max_q_value } = policy.q_table;
  const rows = policy.favourites.map((favourite) => [
    favourite.content_type,
    favourite.strategy,
    decimals(favourite.propensity, 3),
    decimals(favourite.mean, 3),
    decimals(favourite.sd, 3),
    favourite.baseline,
  ]);
  return [
    `Version ${policy.policy_version}; decides by ${policy.decide_by}.`,
    `Settings: ${JSON.stringify(policy.config)}.`,
    `Taste model: learned from ${policy.learned}; noise ${decimals(policy.noise, 3)}; ` +
      `visitors with a layer of their own: ${policy.visitors}.`,
    `Q-table: states ${total_states}, cells ${total_state_actions}, mean ${decimals(avg_q_value, 3)}, ` +
      `largest ${decimals(max_q_value, 3)}, exploration ${decimals(policy.epsilon, 3)}.`,
    "",
    "For a neutral visitor in the evening:",
    ...table([["", "strategy", "propensity", "mean", "sd", "baseline"], ...rows]),
  ];
}
