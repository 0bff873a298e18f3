import { Agent } from "./agent.js";
import type { Head } from "./database.js";
import { MoodloopError } from "./error.js";
import type { AgentOptions, Exported, LogEvent } from "./types.js";

/** Options as text that is equal for equal options. */
export function optionsText(options: AgentOptions): string {
  return JSON.stringify(options, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * Feeds a stored event to an agent. One about a decision that is forgotten says nothing any more.
 *
 * @returns Whether the agent learned anything from it.
 */
export function absorb(
  agent: Agent,
  event: LogEvent,
  failed: (error: MoodloopError) => void,
): boolean {
  try {
    return agent.absorb(event);
  } catch (error) {
    const failure = MoodloopError.from(error);
    if (failure.code !== "unknown_decision") {
      failed(failure);
    }
    return false;
  }
}

/**
 * The agent of a stored snapshot. One that was made under other options is made again from its
 * log under these; one that cannot be read starts anew, and says so.
 *
 * @throws MoodloopError `unsupported_version` for a newer format, which must not be overwritten.
 */
export function revive(
  head: Head,
  snapshot: Uint8Array,
  options: AgentOptions,
  failed: (error: MoodloopError) => void,
): Agent {
  let stored: Agent;
  try {
    stored = Agent.restore(snapshot);
  } catch (error) {
    const failure = MoodloopError.from(error);
    if (failure.code === "unsupported_version") {
      throw failure;
    }
    failed(failure);
    return new Agent(options);
  }
  if (head.options === optionsText(options)) {
    return stored;
  }
  const agent = new Agent(options);
  for (const event of stored.events()) {
    absorb(agent, event, failed);
  }
  stored.free();
  return agent;
}

/**
 * A file of a model as data.
 *
 * @throws MoodloopError `corrupt_model`, `unsupported_version`.
 */
export function exported(bytes: Uint8Array): Exported {
  const agent = Agent.restore(bytes);
  try {
    return agent.export();
  } finally {
    agent.free();
  }
}
