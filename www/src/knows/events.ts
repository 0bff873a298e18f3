import type { Moodloop } from "moodloop";
import { announce, html } from "../dom.ts";
import { mark } from "../mark.ts";
import { contentTypes, count, inWords, levelsOf, reward } from "../words.ts";
import type { Answered, History } from "./history.ts";

const FIRST = 8;

/** Lists the answers by decision, newest first, each with a way to forget it. */
export function showEvents(root: HTMLElement, loop: Moodloop, { answers }: History): void {
  if (answers.length === 0) {
    const none = html("p", { class: "empty", tabindex: -1 }, "You have not answered any pick yet.");
    root.replaceChildren(none);
    if (root.dataset.forgotten !== undefined) {
      none.focus();
      delete root.dataset.forgotten;
    }
    return;
  }
  const decisions = [...Map.groupBy(answers, ({ decision }) => decision.decision_id).values()];
  const newest = decisions.toReversed();
  const list = html("ul", { class: "events" });
  const fill = (many: number): void => {
    list.replaceChildren(
      ...newest.slice(0, many).map((group, at) => {
        return row(group, loop, () => {
          root.dataset.forgotten = String(at);
        });
      }),
    );
  };
  const expanded = root.dataset.all === "true";
  fill(expanded ? newest.length : FIRST);
  const all = html("button", { type: "button", class: "button" }, `Show all ${newest.length}`);
  all.addEventListener("click", () => {
    root.dataset.all = "true";
    fill(newest.length);
    all.remove();
    focusOn(list, FIRST);
  });
  root.replaceChildren(list, ...(expanded || newest.length <= FIRST ? [] : [all]));
  if (root.dataset.forgotten !== undefined) {
    focusOn(list, Number(root.dataset.forgotten));
    delete root.dataset.forgotten;
  }
}

/** Leaves whoever came by keyboard in the list, at the row that is there now, or the last one. */
function focusOn(list: HTMLElement, at: number): void {
  list.children[Math.min(at, list.children.length - 1)]?.querySelector("button")?.focus();
}

function row(group: readonly Answered[], loop: Moodloop, forgotten: () => void): HTMLElement {
  const [first] = group;
  if (first === undefined) {
    return html("li");
  }
  const { decision_id, decided_at, action_index, context } = first.decision;
  const titles = group.map(({ title }) => title).join(" and ");
  const forget = html(
    "button",
    { type: "button", class: "button quiet" },
    "Forget",
    html("span", { class: "visually-hidden" }, ` your answer to ${titles}`),
  );
  forget.addEventListener("click", async () => {
    forget.disabled = true;
    forgotten();
    await loop.forget(decision_id);
    announce(`Forgotten: ${count(group.length, "answer")}, and what was learned from it.`);
  });
  const when = new Date(decided_at);
  const { content_type, mood = "neutral", time_of_day } = context;
  const levels = levelsOf(action_index);
  return html(
    "li",
    {},
    html("span", { class: "event-mark", title: inWords(levels) }, mark(levels)),
    html(
      "div",
      { class: "event-what" },
      ...group.map(({ title, said, reward: value }) =>
        html(
          "p",
          {},
          html("cite", {}, title),
          ` ${said.join(", ")} `,
          html("b", {}, reward(value)),
        ),
      ),
      html(
        "p",
        { class: "hint" },
        `${contentTypes[content_type].many}, ${mood}, ${time_of_day}: ${inWords(levels)}; `,
        html(
          "time",
          { datetime: when.toISOString() },
          when.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" }),
        ),
      ),
    ),
    forget,
  );
}
