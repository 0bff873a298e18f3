import { type Child, html, scroller } from "../dom.ts";
import { count, signed } from "../words.ts";
import type { Comparison, Engagement, Health, Models, Side, Task } from "./api.ts";

/** A time as people write it, in UTC as the runs are scheduled. */
export function when(time: string | null): string {
  if (time === null) {
    return "never";
  }
  const date = new Date(/[zZ]|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`);
  const style = { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" } as const;
  return `${date.toLocaleString("en-GB", style)} UTC`;
}

function table(head: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return html(
    "table",
    { class: "list plain" },
    html("thead", {}, html("tr", {}, ...head.map((word) => html("th", { scope: "col" }, word)))),
    html(
      "tbody",
      {},
      ...rows.map(([first, ...others]) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, first),
          ...others.map((cell) => html("td", {}, cell)),
        ),
      ),
    ),
  );
}

function empty(text: string): HTMLElement {
  return html("p", { class: "empty" }, text);
}

/** Health in words: what is wrong first. */
export function showHealth(place: HTMLElement, health: Health): void {
  const good = health.status === "green";
  const { version, standing, age_seconds } = health.policy;
  const age = age_seconds === null ? "" : `, ${ageOf(age_seconds)} old`;
  const facts: [string, string][] = [
    ["Policy", `version ${version}, ${standing.replaceAll("_", " ")}${age}`],
    ["Last success", when(health.last_success)],
    ["Next run", when(health.next_run)],
    ["Open run", health.open_run === null ? "none" : `since ${when(health.open_run)}`],
    ["Erasures waiting", String(health.pending_erasures)],
  ];
  place.replaceChildren(
    html(
      "p",
      { class: good ? "verdict" : "verdict problem" },
      good ? "All is well." : "Something is wrong.",
    ),
    ...(good
      ? []
      : [html("ul", { class: "problems" }, ...health.problems.map((one) => html("li", {}, one)))]),
    html(
      "dl",
      { class: "facts" },
      ...facts.map(([name, fact]) => html("div", {}, html("dt", {}, name), html("dd", {}, fact))),
    ),
  );
}

function ageOf(seconds: number): string {
  const hours = seconds / 3600;
  if (hours < 1) {
    return count(Math.round(seconds / 60), "minute");
  }
  return hours < 48 ? count(Math.round(hours), "hour") : count(Math.round(hours / 24), "day");
}

/** Training runs with what they counted. */
export function showRuns(place: HTMLElement, tasks: readonly Task[]): void {
  if (tasks.length === 0) {
    place.replaceChildren(empty("No training has run yet."));
    return;
  }
  const rows = tasks.map(
    ({ executed_at, status, users_processed, records_processed, metadata }) => {
      const { average_reward, agent_stats } = metadata.training ?? {};
      return [
        when(executed_at),
        html("span", { class: status === "failed" ? "problem" : undefined }, status),
        String(users_processed),
        String(records_processed),
        average_reward === undefined || average_reward === null ? "–" : signed(average_reward),
        agent_stats === undefined
          ? "–"
          : `${count(agent_stats.total_states, "situation")}, ${agent_stats.total_state_actions} tried`,
      ];
    },
  );
  place.replaceChildren(
    scroller(
      "Training runs",
      table(["Run", "Status", "Users", "Records", "Mean reward", "Seen"], rows),
    ),
  );
}

/** Versions, each with a way to make it serve. */
export function showVersions(
  place: HTMLElement,
  { models }: Models,
  activate: (version: number) => void,
): void {
  if (models.length === 0) {
    place.replaceChildren(empty("No version was published yet: the prior serves."));
    return;
  }
  const rows = models.map(({ version, status, active, created_at, bytes }) => {
    const button = html("button", { type: "button", class: "button quiet" }, `Activate ${version}`);
    button.addEventListener("click", () => activate(version));
    const action = active ? html("b", {}, "serves") : status === "published" ? button : status;
    // The action comes early: on a phone the end of a row is out of sight.
    return [String(version), action, when(created_at), `${(bytes / 1000).toFixed(1)} KB`];
  });
  place.replaceChildren(
    scroller("Versions of the policy", table(["Version", "", "Made", "Size"], rows)),
  );
}

const metrics: Record<string, string> = {
  like_rate: "Likes",
  completion_rate: "Completions",
  skip_rate: "Skips",
  completion_percentage: "Share followed",
};

const outcomes: Record<Comparison["outcome"], string> = {
  better: "better",
  worse: "worse",
  no_difference_yet: "no difference shown yet",
  not_enough_data: "not enough data",
};

function side(metric: string, { units, mean, sequence }: Side): string {
  const scale = metric === "completion_percentage" ? 1 : 100;
  const number = (value: number): string => (value * scale).toFixed(1);
  const range = sequence === null ? "" : ` (${number(sequence.low)} to ${number(sequence.high)})`;
  return units === 0 ? "–" : `${number(mean)}\u00a0%${range} of ${units.toLocaleString("en")}`;
}

function comparisons(list: readonly Comparison[], first: string, second: string): HTMLElement {
  const rows = list.map(({ metric, agent, baseline, relative, outcome }) => [
    metrics[metric] ?? metric,
    side(metric, agent),
    side(metric, baseline),
    relative === null ? "–" : `${signed(relative * 100).replace(/\.\d+$/, "")}\u00a0%`,
    outcomes[outcome],
  ]);
  return scroller(`${first} against ${second}`, table(["", first, second, "Difference", ""], rows));
}

/** Arm against arm, and the verdict in words. */
export function showEngagement(place: HTMLElement, engagement: Engagement): void {
  const { verdict, shadow, since } = engagement;
  const agreement =
    shadow.decisions === 0 || shadow.agreement === null
      ? []
      : [
          html(
            "p",
            {},
            `In the shadow, the agent agrees with ${Math.round(shadow.agreement * 100)} % of ${count(shadow.decisions, "baseline decision")}.`,
          ),
        ];
  place.replaceChildren(
    html("p", { class: "verdict" }, verdict?.sentence ?? "Nothing was measured yet."),
    ...(since === null ? [] : [html("p", { class: "hint" }, `Since ${since}.`)]),
    comparisons(engagement.comparisons, "Agent", "Personality alone"),
    ...agreement,
  );
}

/** All users, after a date against before it. */
export function showBeforeAfter(place: HTMLElement, { before_after }: Engagement): void {
  const list = Object.keys(metrics)
    .map((metric) => before_after?.[metric])
    .filter((one) => one !== undefined);
  place.replaceChildren(
    comparisons(list, "From then on", "Before"),
    html(
      "p",
      { class: "hint" },
      "Other things change with time too: the arms above are the fair comparison.",
    ),
  );
}
