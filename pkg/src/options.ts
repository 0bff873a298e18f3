import { MoodloopError } from "./error.js";
import type { AgentOptions } from "./types.js";

/** Whether the visitor allowed anything to be stored. */
export type Consent = "granted" | "denied";

/** How a loop is opened. Options of the model are those of {@link Agent}. */
export interface OpenOptions extends AgentOptions {
  /** Names the model: 1 to 64 characters, one model per name and origin. */
  name: string;
  /** Nothing is stored before it is `granted`; `denied` when absent. */
  consent?: Consent | undefined;
  /** `false` decides without personality and learns nothing; `true` when absent. */
  profiling?: boolean | undefined;
  /** Asks the browser not to evict what is stored; `false` when absent. */
  persist?: boolean | undefined;
  /** The time in milliseconds since 1970; `Date.now` when absent. */
  now?: (() => number) | undefined;
}

/** Options that were checked, the model's own ones aside. */
export interface CheckedOptions {
  name: string;
  consent: Consent;
  profiling: boolean;
  persist: boolean;
  now: () => number;
  /** The model's, which the core checks. */
  model: AgentOptions;
}

/** What a model may be called: it becomes the name of a database, a lock and a channel. */
const NAME = /^[\w.-]{1,64}$/;

/**
 * Options with their defaults.
 *
 * @throws MoodloopError `invalid_options` for one of the loop's own that is missing or wrong.
 */
export function checked(options: OpenOptions): CheckedOptions {
  check("options", isObject(options), "an object");
  const {
    name,
    consent = "denied",
    profiling = true,
    persist = false,
    now = Date.now,
    ...model
  } = options;
  const named = typeof name === "string" && NAME.test(name);
  check("options.name", named, "1 to 64 letters, digits, dots, dashes or underscores");
  check("options.persist", typeof persist === "boolean", "true or false");
  check("options.now", typeof now === "function", "a function");
  checkConsent(consent);
  checkProfiling(profiling);
  return { name, consent, profiling, persist, now, model };
}

/** @throws MoodloopError `invalid_options` saying what `name` must be, unless it `holds`. */
export function check(name: string, holds: boolean, what: string): void {
  if (!holds) {
    throw new MoodloopError("invalid_options", `\`${name}\` must be ${what}`);
  }
}

/** @throws MoodloopError `invalid_options` for anything that is no consent. */
export function checkConsent(consent: Consent): void {
  check("options.consent", consent === "granted" || consent === "denied", "one of granted, denied");
}

/** @throws MoodloopError `invalid_options` for anything but true or false. */
export function checkProfiling(profiling: boolean): void {
  check("options.profiling", typeof profiling === "boolean", "true or false");
}

/** Whether it has named fields. */
export function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}
