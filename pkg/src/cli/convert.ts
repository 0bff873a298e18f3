import { parseArgs } from "node:util";
import { convert as converted, inspect } from "../policies.js";
import type { Command } from "./command.js";
import { onlyPath, wholeFile } from "./input.js";
import { counted, print, printJson, writePolicy } from "./output.js";
import { outputOf } from "./train.js";

const help = `Usage: moodloop convert Q_TABLE -o POLICY [OPTION]...

Turns the Q-table of a Python system, such as the one in moodloop's guide, into a policy that
decides by it. Q_TABLE is a file, or - for standard input: one JSON object

  {STATE: {ACTION: Q, ...}, ...}

A STATE names openness, conscientiousness, extraversion, agreeableness, neuroticism, content type,
mood and time of day, in this order, in any of these spellings:

  ('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')
  ["high", "medium", "low", "medium", "low", "music", "relaxed", "evening"]
  high, medium, low, medium, low, music, relaxed, evening
  high_medium_low_medium_low_music_relaxed_evening     (or with | between the words)
  (openness=high, extraversion=low, content_type=music, mood=relaxed, time=evening)
  State(openness='high', ...)                          (also with : for =)

Brackets and quotes are optional. By name, the order is free, an absent trait is medium and an
absent mood neutral; time is short for time_of_day. A trait is low, medium or high; 0, 1 or 2 for
the same; or a score with a point, 0.0 to 100.0: below 40 is low, above 60 high.

An ACTION names energy (low, medium, high), diversity (focused, balanced, diverse) and novelty
(familiar, mixed, exploratory) in the same spellings, with 0, 1 or 2 for the levels:

  ('low', 'diverse', 'exploratory')    low_diverse_exploratory    (0, 2, 2)

or is the index 0 to 26: energy x 9 + diversity x 3 + novelty.

Anything else is an error that quotes the state and the action; nothing is left out silently. Q is
a number from -1000000 to 1000000. Every cell counts as seen once; exploration starts anew.

Options:
  -o, --output FILE  Where to write the policy; - for standard output. Required.
      --json         Print what was converted as JSON; not with -o -.
  -h, --help         Print this.

Examples:
  moodloop convert q_table.json -o policy.bin
  moodloop convert q_table.json -o - | moodloop inspect -
`;

/** `moodloop convert`. */
export const convert: Command = {
  summary: "A policy from the Q-table of a Python system.",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { output: { type: "string", short: "o" }, json: { type: "boolean" } },
    });
    const path = onlyPath(positionals, "the Q-table");
    const output = outputOf(values.output, values.json);
    const policy = converted(await wholeFile(path));
    const { total_states, total_state_actions } = inspect(policy).q_table;
    await writePolicy(output, policy);
    if (values.json) {
      printJson({ output, bytes: policy.length, total_states, total_state_actions });
    } else if (output !== "-") {
      const cells = counted(total_state_actions, "cell");
      print(`Wrote ${cells} of ${counted(total_states, "state")} to ${output}.`);
    }
  },
};
