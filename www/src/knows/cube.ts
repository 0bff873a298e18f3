import type { Values } from "moodloop";
import { html } from "../dom.ts";
import { dimensions, inWords, levelsOf, signed } from "../words.ts";

/** Below this deviation a value counts as certain, in reward units. */
const CERTAIN = 0.05;
const [energy, diversity, novelty] = dimensions;

/** The 27 strategies as three tables: one for each energy, variety across, novelty down. */
export class Cube {
  readonly #root: HTMLElement;
  readonly #key: HTMLElement;
  readonly #cells: { cell: HTMLElement; number: HTMLElement; more: HTMLElement }[] = [];

  constructor(root: HTMLElement, key: HTMLElement) {
    this.#root = root;
    this.#key = key;
    this.#build();
  }

  #build(): void {
    for (let index = 0; index < 27; index += 1) {
      const number = html("span", { class: "cell-number" });
      const more = html("span", { class: "cell-more" });
      const cell = html("td", { class: "cell" }, number, more);
      this.#cells.push({ cell, number, more });
    }
    this.#root.replaceChildren(
      ...energy.levels.map((level, at) =>
        html(
          "table",
          { class: "slice" },
          html("caption", {}, capital(level.word)),
          html(
            "thead",
            {},
            html(
              "tr",
              {},
              html("td"),
              ...diversity.levels.map(({ word }) => html("th", { scope: "col" }, word)),
            ),
          ),
          html(
            "tbody",
            {},
            ...novelty.levels.map(({ word }, row) =>
              html(
                "tr",
                {},
                html("th", { scope: "row" }, word),
                ...diversity.levels.map(
                  (_, column) => this.#cells[at * 9 + column * 3 + row]?.cell,
                ),
              ),
            ),
          ),
        ),
      ),
    );
  }

  /** Shows values of all strategies. */
  show(values: Values): void {
    const highest = Math.max(...values.mean);
    const best = highest === Math.min(...values.mean) ? -1 : values.mean.indexOf(highest);
    const widest = Math.max(0.6, ...values.sd);
    const reach = Math.max(0.5, ...values.mean.map(Math.abs));
    this.#cells.forEach(({ cell, number, more }, index) => {
      const mean = values.mean[index] ?? 0;
      const sd = values.sd[index] ?? 0;
      const chance = Math.round((values.propensities[index] ?? 0) * 100);
      const sure = 1 - Math.min(1, Math.max(0, sd - CERTAIN) / (widest - CERTAIN));
      const strength = (Math.abs(mean) / reach) ** 1.5 * (0.3 + 0.7 * sure);
      cell.style.setProperty("--strength", `calc(var(--most) * ${strength.toFixed(3)})`);
      cell.classList.toggle("negative", mean < 0);
      cell.classList.toggle("best", index === best);
      number.textContent = signed(mean);
      more.textContent = `± ${sd.toFixed(2)}`;
      cell.title = `${inWords(levelsOf(index))}: ${signed(mean)} ± ${sd.toFixed(2)}, chosen with ${chance} % probability`;
    });
    this.#key.textContent =
      best === -1
        ? "All are worth the same so far."
        : `Best now: ${inWords(levelsOf(best))}, ${signed(values.mean[best] ?? 0)} ± ${(values.sd[best] ?? 0).toFixed(2)}.`;
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
