import type { Moodloop } from "moodloop";
import { announce, html } from "../dom.ts";
import { contentTypes, reward } from "../words.ts";
import type { Answered, History } from "./history.ts";

const FIRST = 12;

/** Lists the answers, newest first, each with a way to forget it. */
export function showEvents(root: HTMLElement, loop: Moodloop, { answers }: History): void {
  if (answers.length === 0) {
    root.replaceChildren(html("p", { class: "empty" }, "You have not answered any pick yet."));
    return;
  }
  const newest = answers.toReversed();
  const list = html("ul", { class: "events" });
  const fill = (many: number): void => {
    list.replaceChildren(...newest.slice(0, many).map((answer) => row(answer, loop)));
  };
  const expanded = root.dataset.all === "true";
  fill(expanded ? newest.length : FIRST);
  const all = html("button", { type: "button", class: "button" }, `Show all ${newest.length}`);
  all.addEventListener("click", () => {
    root.dataset.all = "true";
    fill(newest.length);
    all.remove();
  });
  root.replaceChildren(list, ...(expanded || newest.length <= FIRST ? [] : [all]));
}

function row(answer: Answered, loop: Moodloop): HTMLElement {
  const { decision, title, said, at } = answer;
  const { content_type, mood = "neutral", time_of_day } = decision.context;
  const forget = html(
    "button",
    { type: "button", class: "button quiet" },
    "Forget",
    html("span", { class: "visually-hidden" }, ` your answer to ${title}`),
  );
  forget.addEventListener("click", async () => {
    forget.disabled = true;
    await loop.forget(decision.decision_id);
    announce(`Forgotten: ${title}, and what was learned from it.`);
  });
  const when = new Date(at);
  return html(
    "li",
    {},
    html("span", { class: "event-reward" }, reward(answer.reward)),
    html(
      "span",
      { class: "event-what" },
      html("cite", {}, title),
      html("span", {}, `${said.join(", ")}; ${contentTypes[content_type].many}, ${mood}, ${time_of_day}, `),
      html("time", { datetime: when.toISOString() }, when.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })),
    ),
    forget,
  );
}
