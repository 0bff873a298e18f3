import type { Moodloop, State } from "moodloop";
import { find, html, scroller } from "../dom.ts";
import { contentTypes, count, inWords, levelsNamed, signed } from "../words.ts";

/** The most rows shown. */
const ROWS = 60;

/** Shows the Q-table: every situation with what was tried in it. */
export function showTable(root: ParentNode, loop: Moodloop): void {
  const { total_states, total_state_actions, avg_q_value, max_q_value } = loop.stats();
  const cells = loop
    .table()
    .flatMap(({ state, cells }) => cells.map((cell) => ({ state, ...cell })))
    .sort((one, other) => other.visits - one.visits || other.q - one.q);
  find("#stats", HTMLElement, root).textContent =
    cells.length === 0
      ? "A table of situation and strategy, as in the classic method, kept beside the model that decides."
      : `${count(total_states, "situation")}, ${count(total_state_actions, "strategy tried", "strategies tried")}; mean value ${signed(avg_q_value)}, best ${signed(max_q_value)}.`;
  const place = find("#table", HTMLElement, root);
  if (cells.length === 0) {
    place.replaceChildren(html("p", { class: "empty" }, "No situation was rated yet."));
    return;
  }
  const head = ["Situation", "Personality", "Strategy", "Value", "Times"];
  const table = html(
    "table",
    { class: "list" },
    html("thead", {}, html("tr", {}, ...head.map((word) => html("th", { scope: "col" }, word)))),
    html(
      "tbody",
      {},
      ...cells
        .slice(0, ROWS)
        .map(({ state, strategy, q, visits }) =>
          html(
            "tr",
            {},
            html(
              "th",
              { scope: "row" },
              `${contentTypes[state.content_type].many}, ${state.mood}, ${state.time_of_day}`,
            ),
            html("td", {}, personality(state)),
            html("td", {}, inWords(levelsNamed(strategy))),
            html("td", { class: "figure" }, signed(q)),
            html("td", { class: "figure" }, String(visits)),
          ),
        ),
    ),
  );
  place.replaceChildren(
    scroller("Table of situations", table),
    ...(cells.length > ROWS
      ? [html("p", { class: "hint" }, `and ${cells.length - ROWS} more, in the export`)]
      : []),
  );
}

function personality({ personality }: State): string {
  const told = Object.entries(personality).filter(([, level]) => level !== "medium");
  return told.length === 0
    ? "medium"
    : told.map(([trait, level]) => `${level} ${trait}`).join(", ");
}
