import type { Audience, SimulationOptions } from "moodloop/lab";

/** What a run is made of; all of it is in the page's address. */
export interface Settings {
  audience: Audience;
  users: number;
  rounds: number;
  repeats: number;
  delay: number;
  /** How much the agent is drawn to what it is unsure of. */
  optimism: number;
  /** The Q-table's learning rate. */
  alpha: number;
  seed: number;
  drift: boolean;
}

/** Audiences with what their tastes are made of. */
export const audiences: Record<Audience, string> = {
  personal:
    "Traits, moods, times and contents count, and everybody has tastes of their own on top.",
  additive: "Traits, moods, times and contents count, the same way for all.",
  interaction: "Hidden types of people, with tastes of their own for every mood.",
  drift: "As personal, but everything changes half-way.",
  noisy: "As additive, but weakly, and every fourth answer is chance.",
  rules: "Thresholds in traits and situation set what would be ideal.",
  null: "The same strategies are best for everybody, always.",
  trees: "Deep decision trees over the whole situation, which no linear model can draw.",
  smooth: "Curves and bumps over the traits, shifted by mood, which no linear model can draw.",
};

const usual: Settings = {
  audience: "personal",
  users: 60,
  rounds: 3000,
  repeats: 3,
  delay: 0,
  optimism: 1,
  alpha: 0.1,
  seed: 1,
  drift: false,
};

/** The settings in an address; what it lacks, or has wrong, is the usual. */
export function fromAddress(search: string): Settings {
  const given = new URLSearchParams(search);
  const number = (name: keyof Settings): number => {
    const value = Number(given.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : Number(usual[name]);
  };
  const audience = given.get("audience") ?? "";
  return {
    audience: audience in audiences ? (audience as Audience) : usual.audience,
    users: number("users"),
    rounds: number("rounds"),
    repeats: number("repeats"),
    delay: number("delay"),
    optimism: number("optimism"),
    alpha: number("alpha"),
    seed: number("seed"),
    drift: given.get("drift") === "true",
  };
}

/** The address of these settings. */
export function toAddress(settings: Settings): string {
  const entries = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  return `?${new URLSearchParams(entries)}`;
}

/** What one of the repeats simulates. */
export function optionsOf(settings: Settings, repeat: number): SimulationOptions {
  const { audience, users, rounds, delay, drift, seed, alpha, optimism } = settings;
  return {
    audience,
    users,
    rounds,
    delay,
    drift: drift || audience === "drift",
    seed: seed + repeat,
    q: { alpha },
    taste: { exploration: { optimism } },
  };
}
