/** A training run. */
export interface Task {
  task_name: string;
  status: "running" | "completed" | "failed";
  executed_at: string;
  finished_at: string | null;
  users_processed: number;
  records_processed: number;
  metadata: {
    training?: {
      average_reward?: number | null;
      agent_stats?: { total_states: number; total_state_actions: number };
    };
    [field: string]: unknown;
  };
}

/** Whether the system does its work. */
export interface Health {
  status: "green" | "red";
  problems: string[];
  next_run: string;
  last_success: string | null;
  open_run: string | null;
  policy: { version: number; standing: string; age_seconds: number | null };
  pending_erasures: number;
}

/** Kept versions of the policy. */
export interface Models {
  current: number;
  models: { version: number; status: string; active: boolean; created_at: string; bytes: number }[];
}

/** Two ends of an interval. */
export interface Interval {
  low: number;
  high: number;
}

/** One group of a comparison. */
export interface Side {
  units: number;
  mean: number;
  sequence: Interval | null;
}

/** One metric, agent against baseline, or after against before. */
export interface Comparison {
  metric: string;
  agent: Side;
  baseline: Side;
  difference: { value: number; sequence: Interval } | null;
  relative: number | null;
  outcome: "better" | "worse" | "no_difference_yet" | "not_enough_data";
}

/** What people did, by arm and before and after. */
export interface Engagement {
  comparisons: Comparison[];
  verdict: { decision: string; sentence: string } | null;
  before_after: Record<string, Comparison> | null;
  shadow: { decisions: number; agreement: number | null; expected_gain: number | null };
  since: string | null;
}

/** Who is on which arm. */
export interface Experiment {
  name: string;
  agent_per_mille: number;
  holdout_per_mille: number;
}

/** What the Worker refused, or that there is none. */
export class Refused extends Error {
  /** The HTTP status; 0 where nothing answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

/** The Worker's routes for operators. The key lives in this object alone. */
export class Api {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  async #ask<T>(path: string, method = "GET", body?: unknown): Promise<T> {
    const headers: Record<string, string> = { "x-admin-key": this.#key };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
    }
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await fetch(`/api/v1/admin/${path}`, request).catch(() => {
      throw new Refused(0, "The Worker cannot be reached.");
    });
    const told: unknown = await answer.json().catch(() => undefined);
    if (told === undefined) {
      throw new Refused(answer.status, "There is no Worker behind this site.");
    }
    if (!answer.ok) {
      const { error } = told as { error?: { code: string; message: string } };
      throw new Refused(answer.status, error?.message ?? `The Worker answered ${answer.status}.`);
    }
    return told as T;
  }

  health = (): Promise<Health> => this.#ask("system/health");
  runs = (): Promise<{ tasks: Task[] }> => this.#ask("tasks/history");
  train = (): Promise<Task> => this.#ask("tasks/rl-training/trigger", "POST");
  models = (): Promise<Models> => this.#ask("models");
  activate = (version: number): Promise<unknown> => this.#ask(`models/${version}/activate`, "POST");
  experiment = (): Promise<Experiment> => this.#ask("experiment");
  setExperiment = (settings: Experiment): Promise<Experiment> =>
    this.#ask("experiment", "PUT", settings);

  engagement = (split?: string): Promise<Engagement> =>
    this.#ask(`engagement${split === undefined ? "" : `?split=${encodeURIComponent(split)}`}`);
}
