import { Agent } from "./agent.js";
import type { Brief } from "./ranked.js";
import type {
  AgentOptions,
  Decided,
  DecisionRequest,
  Learned,
  LogEvent,
  Report,
  Values,
} from "./types.js";

/**
 * What a loop answers with profiling off: each time an agent is asked that knows nothing, hears
 * nothing that makes a person of the request, and is gone afterwards.
 */
export class Unprofiled {
  readonly #options: AgentOptions;
  /** What the log would say of these decisions, as long as the site holds them: ranking needs it. */
  readonly #decisions = new WeakMap<Decided, LogEvent[]>();

  /** Agents are made with these options. */
  constructor(options: AgentOptions) {
    this.#options = options;
  }

  #ask<T>(ask: (blank: Agent) => T): T {
    const blank = new Agent(this.#options);
    try {
      return ask(blank);
    } finally {
      blank.free();
    }
  }

  /** As {@link Agent.decide}. */
  decide(request: DecisionRequest): Decided {
    return this.#ask((blank) => {
      const decided = blank.decide(neutral(request));
      this.#decisions.set(decided, blank.events());
      return decided;
    });
  }

  /** As {@link Agent.values}. */
  values(request: DecisionRequest): Values {
    return this.#ask((blank) => blank.values(neutral(request)));
  }

  /** What {@link Agent.learn} would say of the report; nothing is learned. */
  learn(decision_id: string, report: Report): Learned {
    return this.#ask((blank) => {
      blank.decide({ content_type: "music", time_of_day: "morning", decision_id });
      return blank.learn(decision_id, report);
    });
  }

  /** As {@link Agent.brief}, if the decision is one of these. */
  brief(pick: Decided): Brief | undefined {
    const events = this.#decisions.get(pick);
    if (events === undefined) {
      return undefined;
    }
    return this.#ask((blank) => {
      for (const event of events) {
        blank.absorb(event);
      }
      return blank.brief(pick.decision_id);
    });
  }
}

/** The request without what makes a person of it. */
function neutral(request: DecisionRequest): DecisionRequest {
  const { personality: _, user_id: __, ...rest } = request;
  return rest;
}
