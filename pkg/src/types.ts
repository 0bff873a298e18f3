/** What kind of content is asked for. */
export type ContentType = "music" | "video" | "game" | "podcast" | "article";

/** A mood that the visitor reported. */
export type Mood =
  | "neutral"
  | "happy"
  | "excited"
  | "energetic"
  | "focused"
  | "relaxed"
  | "calm"
  | "peaceful"
  | "bored"
  | "tired"
  | "sad"
  | "anxious"
  | "stressed"
  | "angry";

/** A part of the visitor's local day: from 05:00, 12:00, 17:00 and 22:00. */
export type TimeOfDay = "morning" | "afternoon" | "evening" | "night";

/** Big Five scores, 0 to 100 each; an absent one counts as 50. */
export interface Personality {
  openness?: number | undefined;
  conscientiousness?: number | undefined;
  extraversion?: number | undefined;
  agreeableness?: number | undefined;
  neuroticism?: number | undefined;
}

/** What is known when a strategy is chosen. */
export interface Context {
  content_type: ContentType;
  time_of_day: TimeOfDay;
  /** `neutral` when absent. */
  mood?: Mood | undefined;
  /** The neutral profile when absent. */
  personality?: Personality | undefined;
  /** Values of the categories that the model declared in its `extras` option. */
  extras?: Record<string, string> | undefined;
}

/** What {@link Agent.decide} is asked for. */
export interface DecisionRequest extends Context {
  /** Whose user layer to use, 1 to 128 characters. */
  user_id?: string | undefined;
  /** The id to give the decision; the agent makes one from its seed when absent. */
  decision_id?: string | undefined;
  /** Milliseconds since 1970; a nominal clock when absent. */
  decided_at?: number | undefined;
  /** `false` takes the best mean instead of drawing. */
  explore?: boolean | undefined;
}

/** What a strategy means in a context. */
export interface Parameters {
  /** Lower end of the energy band, 0 to 1. */
  min_energy: number;
  /** Upper end of the energy band, 0 to 1. */
  max_energy: number;
  /** Positivity to aim at, 0 to 1. */
  valence: number;
  /** How many genres to draw from. */
  genre_count: number;
  /** Share of unfamiliar items, 0 to 1. */
  exploration_rate: number;
  /** Lower end of the popularity band, 0 to 100. */
  popularity_min: number;
  /** Upper end of the popularity band, 0 to 100. */
  popularity_max: number;
}

/** Who decided: what was learned, personality alone, or fixed parameters. */
export type Source = "agent" | "baseline" | "fallback";

/** A strategy for a context, with all that a later evaluation needs. */
export interface Choice {
  /** The strategy's index, 0 to 26: energy·9 + diversity·3 + novelty. */
  action_index: number;
  /** Its name, such as `low_diverse_exploratory`. */
  strategy: string;
  /** What it means in this context. */
  params: Parameters;
  /** The probability with which it was chosen, above 0, at most 1. */
  propensity: number;
  /** The probabilities of all strategies in index order; they sum to 1. */
  propensities: number[];
  /** Probability, in per cent, that the strategy beats the baseline's here; 50 when it is the same. */
  confidence?: number | null;
  /** Who decided. */
  source: Source;
}

/** A decision: a choice that feedback can name. */
export interface Decided extends Choice {
  /** Names this decision in feedback. */
  decision_id: string;
  /** Milliseconds since 1970, or the nominal clock. */
  decided_at: number;
  /** The policy that decided; 0 is the prior. */
  policy_version: number;
  /** Why, in one sentence. */
  reasoning: string;
}

/** What a visitor did. */
export type InteractionType = "like" | "dislike" | "skip" | "complete" | "share";

/** One thing that a visitor did with one piece of content. */
export interface Feedback {
  interaction_type: InteractionType;
  /** How much was heard, seen or read, 0 to 100. */
  completion_percentage?: number | undefined;
  /** The mood before; the decision's when absent. */
  mood_before?: Mood | undefined;
  /** The mood afterwards. */
  mood_after?: Mood | undefined;
}

/** What an interaction is about, and how a repeat of it is recognised. */
export interface About {
  /** The content; the decision as a whole when absent. */
  content_id?: string | undefined;
  /** Made by the agent when absent; a known id changes nothing. */
  interaction_id?: string | undefined;
  /** Milliseconds since 1970; the agent's nominal clock when absent. */
  at?: number | undefined;
}

/** Feedback, or a reward from −100 to 100 that the site computed itself. */
export type Report = (Feedback & About) | ({ reward: number } & About);

/** What a report did to the reward of its (decision, content) pair. */
export interface Learned {
  /** The pair's reward as it now stands. */
  reward: number;
  /** Whether it replaced an earlier reward of the pair. */
  revised: boolean;
  /** Whether the report was known already, or changed nothing. */
  repeated: boolean;
}

/** What feedback did, and whether it is on disk. */
export interface Stored extends Learned {
  /** `false` where the model is in memory only. */
  stored: boolean;
}

/** A decision as the log keeps it. */
export interface LoggedDecision {
  decision_id: string;
  decided_at: number;
  user_id?: string;
  context: Context;
  action_index: number;
  propensity: number;
  source: Source;
  policy_version: number;
  executed: boolean;
}

/** One entry of the event log: what two writers of one model tell each other. */
export type LogEvent =
  | { decision: LoggedDecision }
  | { interaction: { decision_id: string; interaction_id: string; at: number } & Report };

/** How a model is made; fixed at its creation. */
export interface AgentOptions {
  /** Seeds draws and ids, a whole number below 2^53; random when absent. */
  seed?: number | undefined;
  /** Whether it explores unless a request says otherwise; `true` when absent. */
  explore?: boolean | undefined;
  /** Which value model decides; `taste` when absent. */
  decide_by?: "taste" | "q_table" | undefined;
  /** Settings of the Q-table. */
  q?: QOptions | undefined;
  /** Settings of the taste model. */
  taste?: Record<string, unknown> | undefined;
  /** What events are worth, in reward units. */
  reward?: RewardWeights | undefined;
  /** Further categories of a context with their values, such as `{ day_type: ["weekday", "weekend"] }`. */
  extras?: Record<string, string[]> | undefined;
}

/** Settings of the Q-table, all 0 to 1. */
export interface QOptions {
  /** Learning rate, 0.1 when absent. */
  alpha?: number | undefined;
  /** Discount of the next context's best value, 0.95 when absent. */
  gamma?: number | undefined;
  /** Exploration before anything was learned, 0.3 when absent. */
  epsilon?: number | undefined;
  /** What epsilon is multiplied by per learned reward, 0.995 when absent. */
  epsilon_decay?: number | undefined;
  /** Epsilon never falls below this, 0.05 when absent. */
  epsilon_min?: number | undefined;
  /** Whether a user's next context within 30 minutes is the next state; `none` when absent. */
  episodes?: "none" | "session" | undefined;
}

/** What events are worth, −20 to 20 each; absent ones keep the value of the guide. */
export interface RewardWeights {
  /** 1 when absent. */
  like?: number | undefined;
  /** −1 when absent. */
  dislike?: number | undefined;
  /** −0.3 when absent. */
  skip?: number | undefined;
  /** 0.5 when absent. */
  complete?: number | undefined;
  /** 0.8 when absent. */
  share?: number | undefined;
  /** 100 % of completion, 0.5 when absent. */
  completion?: number | undefined;
  /** A better mood, 0.3 when absent; a worse one is the negative of it. */
  mood?: number | undefined;
  /** A mood change that crosses zero wellbeing, 0.5 when absent. */
  mood_crossing?: number | undefined;
}

/** A context as the Q-table sees it. */
export interface State {
  personality: Record<keyof Personality, "low" | "medium" | "high">;
  content_type: ContentType;
  mood: Mood;
  time_of_day: TimeOfDay;
  extras?: Record<string, string>;
}

/** One (state, strategy) cell of the Q-table. */
export interface Cell {
  /** The value estimate, in reward units. */
  q: number;
  /** How many rewards it has seen. */
  visits: number;
}

/** One state of the Q-table, with the strategies tried in it. */
export interface TableRow {
  state: State;
  cells: ({ strategy: string } & Cell)[];
}

/** The guide's statistics of the Q-table. */
export interface Stats {
  /** Distinct states with a reward. */
  total_states: number;
  /** Distinct (state, strategy) cells with a reward. */
  total_state_actions: number;
  /** Mean value of those cells; 0 when there are none. */
  avg_q_value: number;
  /** Largest value of those cells; 0 when there are none. */
  max_q_value: number;
}

/** Values of all strategies in one context, in index order. */
export interface Values {
  /** Expected rewards. */
  mean: number[];
  /** Standard deviations of what is believed about them. */
  sd: number[];
  /** The probabilities with which each would be chosen now. */
  propensities: number[];
}

/** Why a decision was taken, by what the agent knows now. */
export interface Explanation {
  decision_id: string;
  strategy: string;
  propensity: number;
  /** Expected reward of the strategy minus the average one in this context; the parts sum to `total`. */
  difference: {
    contributions: { feature: string; value: number }[];
    /** What the strategy adds whatever the context. */
    strategy: number;
    /** What this visitor's own taste adds. */
    visitor: number;
    total: number;
  };
  /** What the Q-table has seen in this very situation. */
  seen: { state: State; visits: number; chosen: Cell };
  /** The part that curiosity played. */
  exploration: {
    best_strategy: string;
    /** What the choice was expected to give up against the best, in reward units. */
    given_up: number;
    explored: boolean;
  };
  /** All of it in one sentence. */
  sentence: string;
}

/** A model as data: its options, and every decision with what was said about it. */
export interface Exported {
  format: string;
  version: number;
  config: Record<string, unknown>;
  decisions: {
    decision: LoggedDecision;
    interactions: ({ interaction_id: string; at: number } & Report)[];
  }[];
}
