import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Evaluator } from "../evaluator.js";
import type { Candidate, EvaluationReport, Judgement } from "../lab-types.js";
import { type Command, UsageError } from "./command.js";
import { eachChunk, onlyPath } from "./input.js";
import { decimals, print, printJson, readingOf, table } from "./output.js";

const help = `Usage: moodloop evaluate LOG [OPTION]...

Estimates what other policies would have earned, from a log that holds the probability of every
choice. LOG is a file, or - for standard input: one JSON object a line, in order of time,

  {"decision_id": "d1", "content_id": "track-9", "user_id": "u7", "decided_at": 1764000000000,
   "context": {"content_type": "music", "time_of_day": "evening", "mood": "relaxed"},
   "strategy": "low_diverse_exploratory", "propensity": 0.21, "reward": 1.5}

with content_id, user_id, context, target_propensities and version optional, and "action" with an
index in place of "strategy" where --actions is given. The lines of one decision are adjacent.

A log is read once, and nothing of it is held in memory.

Options:
  -p, --policy POLICY   What to evaluate; may be given again. uniform, baseline, logged (the
                        target_propensities of each line), a strategy such as
                        low_diverse_exploratory, or the path of a policy file (with a . or / in
                        it). Without any: baseline and uniform; uniform for numbered actions.
  -q, --q-table FILE    Evaluate the Q-table inside a policy file; may be given again.
      --actions COUNT   The log's actions are numbered from 0 and so many.
      --clip WEIGHT     Where clipped IPS cuts weights, 1 to 1000000; 10 if not given.
      --skip-bad-lines  Count lines that cannot be read, and go on.
      --json            Print everything as JSON.
  -h, --help            Print this.

Examples:
  moodloop evaluate log.jsonl
  moodloop evaluate log.jsonl -p ./policy.bin -p low_diverse_exploratory
  zcat log.jsonl.gz | moodloop evaluate - -p ./policy.bin --skip-bad-lines --json

Read doubly_robust first, and decide by its sequence, which stays valid however often one looks.
`;

/** `moodloop evaluate`. */
export const evaluate: Command = {
  summary: "What other policies would have earned on a log.",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        policy: { type: "string", short: "p", multiple: true, default: [] },
        "q-table": { type: "string", short: "q", multiple: true, default: [] },
        actions: { type: "string" },
        clip: { type: "string" },
        "skip-bad-lines": { type: "boolean" },
        json: { type: "boolean" },
      },
    });
    const path = onlyPath(positionals, "the log");
    const policies: Candidate[] = [
      ...values.policy.map(candidate),
      ...values["q-table"].map((file) => ({
        name: `${file} (Q-table)`,
        q_table: readFileSync(file),
      })),
    ];
    if (policies.length === 0) {
      policies.push(...(values.actions === undefined ? ["baseline", "uniform"] : ["uniform"]));
    }
    const evaluator = new Evaluator({
      policies,
      actions: number("actions", values.actions),
      clip: number("clip", values.clip),
      skip_bad_lines: values["skip-bad-lines"],
    });
    await eachChunk(path, "evaluating", (bytes) => evaluator.push(bytes));
    const judgement = evaluator.finish();
    if (values.json) {
      printJson(judgement);
    } else {
      print(...inWords(judgement));
    }
  },
};

function candidate(policy: string): Candidate {
  return /[./]/.test(policy) ? { name: policy, policy: readFileSync(policy) } : policy;
}

/** The number in an option. */
export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new UsageError(`\`--${name}\` must be a number, got \`${text}\``);
  }
  return value;
}

function inWords({ counts, policies }: Judgement): string[] {
  const lines = readingOf(counts);
  const logged = policies[0]?.report.logged;
  if (logged) {
    const { value, sequence } = logged;
    lines.push(
      `The log's own policy earned ${decimals(value, 6)} a row ` +
        `(${decimals(sequence.low, 6)} to ${decimals(sequence.high, 6)}).`,
    );
  }
  for (const { policy, report } of policies) {
    lines.push("", ...policyInWords(policy, report));
  }
  return lines;
}

function policyInWords(policy: string, report: EvaluationReport): string[] {
  if (report.refusal) {
    return [`${policy}: cannot be told from this log: ${report.refusal.message}.`];
  }
  const robust = report.estimates.find(({ estimator }) => estimator === "doubly_robust");
  const { low = 0, high = 0 } = robust?.gain.sequence ?? {};
  const said =
    low > 0 ? "earns more than" : high < 0 ? "earns less than" : "is not told apart from";
  const rows = report.estimates.map((e) => [
    `  ${e.estimator}`,
    decimals(e.value, 6),
    decimals(e.standard_error, 6),
    `${decimals(e.sequence.low, 6)} to ${decimals(e.sequence.high, 6)}`,
    decimals(e.gain.value, 6),
    decimals(e.effective_sample_size, 2),
  ]);
  return [
    `${policy}: ${said} the log's own policy.`,
    ...table([["", "value", "error", "95 % sequence", "gain", "effective decisions"], ...rows]),
    ...report.warnings.map(({ message }) => `  Mind: ${message}.`),
  ];
}
