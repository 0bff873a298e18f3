import type { AgentOptions, ContentType, Stats } from "./types.js";

/** A range of values. */
export interface Interval {
  /** The lower end. */
  low: number;
  /** The upper end. */
  high: number;
}

/** One number with what is known about its error. */
export interface Estimate {
  /** The value itself. */
  value: number;
  /** Its standard error. */
  standard_error: number;
  /** 95 % interval: valid for one look at a size fixed beforehand. */
  interval: Interval;
  /** 95 % confidence sequence: valid at all looks at once. Decide by this one. */
  sequence: Interval;
}

/** Something to know about a result. */
export interface Finding {
  /** A stable word for programs. */
  code: string;
  /** A sentence for people; its wording may change. */
  message: string;
}

/** How the weights (target probability over propensity) of a log are spread. */
export interface Overlap {
  /** How many decisions the log holds. */
  decisions: number;
  /** How many decisions of the policy's own would tell as much. */
  effective_sample_size: number;
  /** 1 in expectation where the log could show all that the policy would do. */
  mean_weight: number;
  /** The largest weight. */
  largest_weight: number;
  /** Its share of the sum of all, 0 to 1. */
  largest_share: number;
}

/** The ways to estimate what a policy would have earned; read `doubly_robust` first. */
export type Estimator =
  | "ips"
  | "snips"
  | "direct_method"
  | "doubly_robust"
  | "self_normalised_doubly_robust"
  | "clipped_ips";

/** One estimator's answer: the policy's mean reward per row. */
export interface Estimated extends Estimate {
  estimator: Estimator;
  /** How many of the policy's own decisions would tell as much. */
  effective_sample_size: number;
  /** The policy's value minus the log's own, from the same rows. */
  gain: Estimate;
}

/** What a log says about one policy. */
export interface EvaluationReport {
  /** Rows: (decision, content) pairs with a reward. */
  rows: number;
  overlap: Overlap;
  /** What the logging policy itself earned; absent or null for fewer than two decisions. */
  logged?: Estimate | null;
  /** Why there are no estimates, if so: `not_enough_decisions`, `no_overlap`, `wrong_propensities`. */
  refusal?: Finding | null;
  /** What to mind when reading the estimates. */
  warnings: Finding[];
  /** The estimates; empty when refused. */
  estimates: Estimated[];
}

/** What was read of a log. */
export interface LogCounts {
  /** Lines, empty ones included. */
  lines: number;
  /** Rows that counted. */
  rows: number;
  /** Decisions that they belong to. */
  decisions: number;
  /** Lines that were skipped, by reason. */
  skipped: {
    malformed: number;
    duplicate: number;
    out_of_order: number;
    unsupported_version: number;
    /** What was wrong with the first, with its line number. */
    first?: string | null;
  };
}

/** What an {@link Evaluator} says. */
export interface Judgement {
  counts: LogCounts;
  /** The policies in the order in which they were given. */
  policies: { policy: string; report: EvaluationReport }[];
}

/**
 * A policy to evaluate: `uniform`, `baseline`, `logged` (the `target_propensities` of each line), a
 * strategy's name, or a stored policy or its Q-table under a name of your own.
 */
export type Candidate =
  | string
  | { name: string; policy: Uint8Array }
  | { name: string; q_table: Uint8Array };

/** How to read logs. */
export interface ReadingOptions {
  /** Count bad lines and go on, instead of failing with the line's number. */
  skip_bad_lines?: boolean | undefined;
}

/** The options of an {@link Evaluator}. */
export interface EvaluatorOptions extends ReadingOptions {
  /** The policies to evaluate. */
  policies: readonly Candidate[];
  /** How many numbered actions the log chooses among, 1 to 4096; absent for strategies. */
  actions?: number | undefined;
  /** Further categories of the log's contexts, as in an agent's option `extras`. */
  extras?: AgentOptions["extras"];
  /** Where clipped IPS cuts weights, 1 to 1,000,000; 10 when absent. */
  clip?: number | undefined;
}

/** The options of a {@link Trainer}: a model's settings, and how to read. */
export type TrainerOptions = Pick<AgentOptions, "decide_by" | "q" | "taste" | "reward" | "extras"> &
  ReadingOptions;

/** What a {@link Trainer} gives. */
export interface Trained {
  /** The policy as bytes, as `Agent.policy()` gives them, without user layers. */
  policy: Uint8Array;
  /** What was read. */
  counts: LogCounts;
}

/** What a policy holds. */
export interface Inspection {
  /** Which solution it is: of a trained one, how many pairs it learned from. */
  policy_version: number;
  /** Which value model decides. */
  decide_by: "taste" | "q_table";
  /** The settings that differ from the defaults. */
  config: Record<string, unknown>;
  /** How many (decision, content) pairs the taste model has learned from. */
  learned: number;
  /** Standard deviation of a reward around its expectation. */
  noise: number;
  /** How many visitors have a layer of their own. */
  visitors: number;
  /** The guide's statistics of the Q-table. */
  q_table: Stats;
  /** The Q-table's present exploration rate. */
  epsilon: number;
  /** What it would do for a neutral visitor in the evening, by content type. */
  favourites: {
    content_type: ContentType;
    /** The strategy that is drawn most often. */
    strategy: string;
    /** How often, 0 to 1. */
    propensity: number;
    /** The reward that the taste model expects of it. */
    mean: number;
    /** How unsure that is, as a standard deviation. */
    sd: number;
    /** What personality alone would choose. */
    baseline: string;
  }[];
}

/** What an experiment measures. `skip_rate` is the guardrail: it must not rise. */
export type Metric = "like_rate" | "completion_rate" | "skip_rate" | "mean_reward";

/** Units of one arm: zeros and ones, or numbers with their sums. */
export type Tally =
  | { units: number; hits: number }
  | { units: number; sum: number; sum_squares: number };

/** Sums over one arm's users, each with n units that add up to s. */
export interface UserSums {
  users: number;
  /** Σ n. */
  units: number;
  /** Σ s. */
  sum: number;
  /** Σ n². */
  units_squared: number;
  /** Σ n·s. */
  units_times_sum: number;
  /** Σ s². */
  sum_squared: number;
}

/** One metric of both arms, day by day. */
export interface Trial {
  metric: Metric;
  /** Days, or any other stretches; one stretch with "after" as the agent for before and after. */
  days: readonly { agent: Tally; baseline: Tally }[];
  /** Without it, units count as independent: leave it out only where a unit is a user. */
  users?: { agent: UserSums; baseline: UserSums } | undefined;
}

/** One arm of a comparison. */
export interface Side {
  units: number;
  mean: number;
  /** How many times its variance is larger than that of independent units. */
  design_effect: number;
  /** 95 % confidence sequence of the mean. */
  sequence?: Interval | null;
}

/** Agent against baseline on one metric. */
export interface Comparison {
  metric: Metric;
  agent: Side;
  baseline: Side;
  /** Agent minus baseline; absent or null without enough data. */
  difference?: Estimate | null;
  /** The difference as a share of the baseline's mean. */
  relative?: number | null;
  outcome: "better" | "worse" | "no_difference_yet" | "not_enough_data";
}

/** A stretch of time with one share on the agent, and the users first seen in it. */
export interface Phase {
  agent: number;
  baseline: number;
  /** 0 to 1. */
  expected_agent_share: number;
}

/** A whole experiment. */
export interface Study {
  /** What it is about. */
  primary: Trial;
  /** What must not get worse. */
  guardrails?: readonly Trial[] | undefined;
  /** The users of both arms, oldest stretch first, for the sample-ratio test. */
  phases?: readonly Phase[] | undefined;
}

/** An experiment's answer, with all that it rests on. */
export interface Verdict {
  decision: "better" | "worse" | "no_difference_yet" | "sample_ratio_broken" | "not_enough_data";
  /** The same for people. */
  sentence: string;
  primary: Comparison;
  guardrails: Comparison[];
  sample_ratio: { broken: boolean; worst?: Phase | null; log_evidence: number };
}

/** What a site knows before an experiment starts. */
export interface PlanOptions {
  metric: Metric;
  /** The metric's mean on the baseline. */
  baseline: number;
  /** The standard deviation of a unit, for `mean_reward`. */
  deviation?: number | undefined;
  /** How many users there are in all. */
  users: number;
  units_per_user_week: number;
  /** Users on the agent, of 1,000; 1 to 999. */
  agent_per_mille: number;
  /** How much alike one user's units are, 0 (not at all, the default) to 1. */
  intraclass?: number | undefined;
}

/** What an experiment can find, with a chance of 80 %. */
export interface Planned {
  /** The smallest rise, in the metric's own unit, found within so many days; null for none. */
  found: { days: number; minimum_detectable_effect?: number | null }[];
  /** In how many days the given effect is found; absent for none, or none within two years. */
  days_to_detect?: number;
}

/** An experiment that splits users. */
export interface Experiment {
  /** Another name is another split. */
  name: string;
  /** Users outside the holdout on the agent, of 1,000. */
  agent_per_mille: number;
  /** Users who stay on the baseline for good, of 1,000; 0 when absent. */
  holdout_per_mille?: number | undefined;
}

/** What the tastes of a simulated audience are made of. */
export type Audience =
  | "additive"
  | "interaction"
  | "personal"
  | "drift"
  | "noisy"
  | "rules"
  | "null"
  | "trees"
  | "smooth";

/** What can be measured on a simulated audience. */
export type LearnerName = "agent" | "baseline" | "q_table" | "uniform";

/** What to simulate. */
export interface SimulationOptions extends Pick<AgentOptions, "q" | "taste"> {
  /** `personal` when absent. */
  audience?: Audience | undefined;
  /** People, 1 to 10,000; 200 when absent. */
  users?: number | undefined;
  /** Visits in all, 50 to 200,000; 10,000 when absent. */
  rounds?: number | undefined;
  /** Visits in a week; a quarter of `rounds` when absent. */
  rounds_per_week?: number | undefined;
  /** Makes the audience and draws the choices; 0 when absent. */
  seed?: number | undefined;
  /** Whether tastes change half-way. */
  drift?: boolean | undefined;
  /** How many rounds pass before feedback comes; 0 when absent. */
  delay?: number | undefined;
  /** The share of decisions that get feedback, 0 to 1; 1 when absent. */
  response?: number | undefined;
  /** All four when absent. */
  learners?: readonly LearnerName[] | undefined;
}

/** One of the fifty stretches of a learning curve; mean expected rewards. */
export interface CurvePoint {
  /** The round after its last. */
  round: number;
  /** Of what was chosen. */
  reward: number;
  /** Of choosing blindly. */
  uniform: number;
  /** Of always choosing best. */
  best: number;
}

/** How one learner did. */
export interface LearnerOutcome {
  learner: LearnerName;
  /** 0 for choosing blindly, 1 for always choosing best; absent or null before the first round. */
  score?: number | null;
  /** The mean expected reward of what it chose. */
  mean_reward: number;
  /** Share of rounds with a like, 0 to 1. */
  like_rate: number;
  /** Share of rounds that were left early, 0 to 1. */
  skip_rate: number;
  /** Share of rounds that were finished, 0 to 1. */
  completion_rate: number;
  /** The smallest probability of a strategy that it drew. */
  least_propensity: number;
  curve: CurvePoint[];
}

/** How far a simulation is and how everyone did. */
export interface SimulationReport {
  /** Rounds behind it. */
  done: number;
  /** Rounds in all. */
  rounds: number;
  learners: LearnerOutcome[];
}
