import { MoodloopError } from "./error.js";
import { isObject } from "./options.js";
import { timeOfDay } from "./rules.js";
import type { DecisionRequest, TimeOfDay } from "./types.js";

/** A context, of which the loop fills in the time of day. */
export interface RecommendRequest extends Omit<DecisionRequest, "time_of_day"> {
  /** By the visitor's clock when absent. */
  time_of_day?: TimeOfDay | undefined;
}

/** 128 random bits as an id; `crypto.randomUUID` is missing on pages without HTTPS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `given` with what it lacks; anything but an object is left to the core to refuse. */
export function filled<T extends object, D extends object>(given: T, defaults: D): T & D {
  if (!isObject(given)) {
    return given as T & D;
  }
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) } as T & D;
}

/** Times of reports that are no further apart may be one and the same reading of the clock. */
const TIE_MS = 1000;

/** The visitor's clock. */
export class Clock {
  readonly #now: () => number;
  #last = Number.NEGATIVE_INFINITY;

  /** A clock that reads `now`, in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whole milliseconds since 1970. */
  ms(): number {
    const time = Math.floor(this.#now());
    if (!Number.isSafeInteger(time)) {
      throw new MoodloopError("invalid_options", "`now()` must give milliseconds since 1970");
    }
    return time;
  }

  /**
   * As {@link Clock.ms}, but later than the time before: of two reports the second counts. A clock
   * that was put back is believed.
   */
  later(): number {
    const now = this.ms();
    const tie = now <= this.#last && this.#last - now < TIE_MS;
    this.#last = tie ? this.#last + 1 : now;
    return this.#last;
  }

  /** The part of the visitor's day. */
  part(): TimeOfDay {
    return timeOfDay(new Date(this.ms()).getHours());
  }
}
