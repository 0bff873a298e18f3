import { Agent, type Item, type LoggedDecision, type Moodloop, type Report } from "moodloop/slim";
import { session, shelf } from "../session.ts";

/** One pick that was answered, with all that was said to it. */
export interface Answered {
  decision: LoggedDecision;
  item: string;
  title: string;
  genres: readonly string[];
  /** What was said, in the order of time. */
  said: readonly string[];
  /** When it was last answered, in milliseconds since 1970. */
  at: number;
  /** What all of it counts, in reward units. */
  reward: number;
}

/** What the log tells, oldest first. */
export interface History {
  decisions: number;
  answers: readonly Answered[];
}

/** The log as people think of it: by pick, with titles and rewards. */
export async function history(loop: Moodloop): Promise<History> {
  const { decisions } = loop.export("json");
  const kinds = new Set(decisions.map(({ decision }) => decision.context.content_type));
  const works = new Map<string, Item>();
  for (const items of await Promise.all([...kinds].map(shelf))) {
    for (const item of items) {
      works.set(item.id, item);
    }
  }
  for (const item of session.own ?? []) {
    works.set(item.id, item);
  }
  const answers: Answered[] = [];
  // Rewards merge by the package's own rule: an agent on the side is told the same.
  const agent = new Agent({ seed: 0 });
  try {
    for (const { decision, interactions } of decisions) {
      const { time_of_day, content_type } = decision.context;
      agent.decide({ decision_id: decision.decision_id, time_of_day, content_type });
      const byItem = Map.groupBy(interactions, ({ content_id }) => content_id ?? "");
      for (const [item, reports] of byItem) {
        answers.push({
          decision,
          item,
          title: works.get(item)?.title ?? item,
          genres: works.get(item)?.genres ?? [],
          said: reports.map(said),
          at: Math.max(...reports.map(({ at }) => at)),
          reward: merged(agent, decision, reports),
        });
      }
    }
  } finally {
    agent.free();
  }
  answers.sort((one, other) => one.at - other.at);
  return { decisions: decisions.length, answers };
}

function merged(
  agent: Agent,
  { decision_id, context }: LoggedDecision,
  reports: readonly Report[],
): number {
  let reward = 0;
  for (const report of reports) {
    // The agent on the side was told no mood: the decision's counts where none was reported.
    const before =
      "interaction_type" in report ? { mood_before: report.mood_before ?? context.mood } : {};
    ({ reward } = agent.learn(decision_id, { ...report, ...before } as Report));
  }
  return reward;
}

const words: Record<string, string> = {
  like: "liked",
  dislike: "disliked",
  skip: "skipped",
  complete: "finished",
  share: "shared",
};

function said(report: Report): string {
  if ("reward" in report) {
    return `rewarded with ${report.reward}`;
  }
  const mood = report.mood_after === undefined ? "" : `, then ${report.mood_after}`;
  return `${words[report.interaction_type] ?? report.interaction_type}${mood}`;
}
