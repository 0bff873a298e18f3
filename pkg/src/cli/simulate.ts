import { appendFileSync, closeSync, openSync } from "node:fs";
import { parseArgs } from "node:util";
import type {
  Audience,
  LearnerName,
  LearnerOutcome,
  SimulationOptions,
  SimulationReport,
} from "../lab-types.js";
import { Simulation } from "../simulation.js";
import { type Command, UsageError } from "./command.js";
import { number } from "./evaluate.js";
import { settings } from "./input.js";
import { decimals, print, printJson, table } from "./output.js";
import { Progress } from "./progress.js";

/** How many rounds go by between two tellings of how far it is. */
const STEP = 500;
/** The most seeds of one run. */
const MOST_SEEDS = 1000;

const help = `Usage: moodloop simulate [OPTION]...

Runs learners side by side on a simulated audience: the agent, the baseline (personality alone),
the guide's Q-table, and choosing blindly. The score is 0 for choosing blindly and 1 for always
choosing best. It does not say how real people behave; it says which learner copes with which tastes.

Options:
      --audience KIND      additive, interaction, personal, drift, noisy, rules, null, trees or
                           smooth; personal if not given.
      --users COUNT        People, 1 to 10000; 200 if not given.
      --rounds COUNT       Visits in all, 50 to 200000; 10000 if not given.
      --rounds-per-week N  Visits in a week; a quarter of the rounds if not given.
      --seed NUMBER        Makes the audience and draws the choices; 0 if not given.
      --seeds COUNT        Repeat with so many seeds, from --seed on; 1 if not given.
      --drift              Tastes change half-way.
      --delay ROUNDS       Feedback comes so many rounds late; 0 if not given.
      --response SHARE     Share of decisions that get feedback, 0 to 1; 1 if not given.
      --learners LIST      Some of agent,baseline,q_table,uniform; all if not given.
      --config FILE        Settings of the agent and the Q-table as a JSON object {q, taste}.
      --log FILE           Write the first learner's decisions as a log for \`moodloop evaluate\`
                           and \`moodloop train\`.
      --json               Print everything as JSON, learning curves included.
  -h, --help               Print this.

Examples:
  moodloop simulate
  moodloop simulate --audience interaction --users 50 --rounds 5000 --seeds 10
  moodloop simulate --learners uniform --rounds 20000 --log log.jsonl
`;

/** `moodloop simulate`. */
export const simulate: Command = {
  summary: "Learners on a simulated audience.",
  help,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        audience: { type: "string" },
        users: { type: "string" },
        rounds: { type: "string" },
        "rounds-per-week": { type: "string" },
        seed: { type: "string" },
        seeds: { type: "string" },
        drift: { type: "boolean" },
        delay: { type: "string" },
        response: { type: "string" },
        learners: { type: "string" },
        config: { type: "string" },
        log: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const seeds = number("seeds", values.seeds) ?? 1;
    if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= MOST_SEEDS)) {
      throw new UsageError(`\`--seeds\` must be a whole number from 1 to ${MOST_SEEDS}`);
    }
    if (seeds > 1 && values.log !== undefined) {
      throw new UsageError("`--log` is of one seed only");
    }
    const options: SimulationOptions = {
      ...(await settings(values.config)),
      audience: values.audience as Audience | undefined,
      users: number("users", values.users),
      rounds: number("rounds", values.rounds),
      rounds_per_week: number("rounds-per-week", values["rounds-per-week"]),
      drift: values.drift,
      delay: number("delay", values.delay),
      response: number("response", values.response),
      learners: values.learners?.split(",") as LearnerName[] | undefined,
    };
    const first = number("seed", values.seed) ?? 0;
    const runs = Array.from({ length: seeds }, (_, i) => {
      const seed = first + i;
      return { seed, ...simulated({ ...options, seed }, values.log) };
    });
    if (values.json) {
      printJson({ options, runs });
    } else {
      print(...inWords(runs));
    }
  },
};

/** Runs one seed to its end, writing its log if there is to be one. */
function simulated(options: SimulationOptions, log: string | undefined): SimulationReport {
  const simulation = new Simulation(options);
  const { rounds } = simulation.report();
  const progress = new Progress(`seed ${options.seed}`, rounds);
  const file = log === undefined ? undefined : openSync(log, "w");
  try {
    for (let done = 0; done < rounds; done += STEP) {
      if (file === undefined) {
        simulation.advance(STEP);
      } else {
        appendFileSync(file, simulation.advanceLogged(STEP));
      }
      progress.count(Math.min(done + STEP, rounds));
    }
    return simulation.report();
  } finally {
    progress.clear();
    simulation.free();
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function inWords(runs: SimulationReport[]): string[] {
  const learners = runs[0]?.learners ?? [];
  const rows = learners.map(({ learner }, i) => {
    const outcomes = runs.flatMap((run) => run.learners[i] ?? []);
    const mean = (of: (outcome: LearnerOutcome) => number) =>
      outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
    const scores = outcomes.map(({ score }) => score ?? Number.NaN);
    return [
      learner,
      decimals(
        mean(({ score }) => score ?? Number.NaN),
        3,
      ),
      `${decimals(Math.min(...scores), 3)} to ${decimals(Math.max(...scores), 3)}`,
      decimals(
        mean(({ mean_reward }) => mean_reward),
        3,
      ),
      decimals(
        mean(({ like_rate }) => like_rate),
        3,
      ),
      decimals(
        mean(({ skip_rate }) => skip_rate),
        3,
      ),
    ];
  });
  const heading = ["", "score", "over the seeds", "reward", "like rate", "skip rate"];
  return table([heading, ...rows]);
}
