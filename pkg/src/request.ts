import { isObject } from "./options.js";
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

/** The request without what makes a person of it. */
export function neutral(request: DecisionRequest): DecisionRequest {
  const { personality: _, user_id: __, ...rest } = request;
  return rest;
}
