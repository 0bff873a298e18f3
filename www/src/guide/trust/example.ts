import { type Estimator, Evaluator, type LearnerName, Simulation } from "moodloop/lab";

/** How many logs are made of other people, so that one lucky log decides nothing. */
const LOGS = 12;
/** The seed of the numbers that stand in the page before anyone asks for others. */
export const SEED = 1;

const USERS = 60;
const VISITS = 4000;

/** What a log tells of choosing by personality alone, next to what is true. */
export interface Told {
  /** What the log's own policy earned a visit. */
  own: number;
  /** What the other policy earns: known, because the audience is simulated. */
  truth: number;
  decisions: number;
  effective: number;
  estimates: { estimator: Estimator; value: number; low: number; high: number }[];
  warnings: string[];
  refusal?: string;
}

/** A log of one learner among simulated people, asked about another policy. */
function asked(learner: LearnerName, seed: number): Told {
  const simulation = new Simulation({
    users: USERS,
    rounds: VISITS,
    seed,
    // The first one's decisions are logged; the second one meets the same people.
    learners: [learner, "baseline"],
  });
  const evaluator = new Evaluator({ policies: ["baseline"] });
  try {
    const log = new TextEncoder().encode(simulation.advanceLogged(VISITS));
    const [own, other] = simulation.report().learners;
    evaluator.push(log);
    const report = evaluator.finish().policies[0]?.report;
    if (own === undefined || other === undefined || report === undefined) {
      throw new Error("the simulation told nothing");
    }
    return {
      own: own.mean_reward,
      truth: other.mean_reward,
      decisions: report.overlap.decisions,
      effective: report.overlap.effective_sample_size,
      estimates: report.estimates.map(({ estimator, value, sequence: { low, high } }) => ({
        estimator,
        value,
        low,
        high,
      })),
      warnings: report.warnings.map(({ message }) => message),
      ...(report.refusal && { refusal: report.refusal.message }),
    };
  } finally {
    simulation.free();
    evaluator.free();
  }
}

/** What is through of the examples, and how much of them that is, 0 to 1. */
export interface Examples {
  share: number;
  /** Logs of blind choices: the first to be read closely, the others to see what was luck. */
  blind: readonly Told[];
  /** A log of a learner that soon does what it found best, and hardly anything else. */
  settled?: Told;
}

/** Makes the logs of a seed, and tells after every one. */
export function* examples(seed: number): Generator<Examples> {
  const blind: Told[] = [];
  for (let log = 0; log < LOGS; log += 1) {
    blind.push(asked("uniform", seed + log));
    yield { share: blind.length / (LOGS + 1), blind };
  }
  yield { share: 1, blind, settled: asked("agent", seed) };
}
