import type { Values } from "moodloop";
import { html } from "./dom.ts";
import { dimensions, levelsOf, signed } from "./words.ts";

/** Expected reward of each level of each dimension, averaged over the other two. */
export function levelMeans(values: Values): number[][] {
  return dimensions.map((dimension, at) =>
    dimension.levels.map((_, level) => {
      const rows = values.mean.filter((_, index) => levelsOf(index)[at] === level);
      return rows.reduce((sum, mean) => sum + mean, 0) / Math.max(rows.length, 1);
    }),
  );
}

/** Charts of three bars for every dimension, which {@link Beliefs.show} moves. */
export class Beliefs {
  readonly #bars: { bar: HTMLElement; number: HTMLElement }[][];

  constructor(root: HTMLElement) {
    this.#bars = dimensions.map(() => []);
    root.replaceChildren(
      ...dimensions.map((dimension, at) =>
        html(
          "table",
          { class: "belief" },
          html("caption", {}, dimension.label),
          html(
            "tbody",
            {},
            ...dimension.levels.map(({ word }) => {
              const bar = html("span", { class: "bar", "aria-hidden": "true" });
              const number = html("span", { class: "number" }, "0.00");
              this.#bars[at]?.push({ bar, number });
              return html(
                "tr",
                {},
                html("th", { scope: "row" }, word),
                html("td", {}, bar, number),
              );
            }),
          ),
        ),
      ),
    );
  }

  /** Moves the bars to what is expected now. */
  show(values: Values): void {
    const means = levelMeans(values);
    const largest = Math.max(0.5, ...means.flat().map(Math.abs));
    this.#bars.forEach((row, at) => {
      row.forEach(({ bar, number }, level) => {
        const mean = means[at]?.[level] ?? 0;
        bar.style.setProperty("--length", String(Math.abs(mean) / largest));
        bar.classList.toggle("negative", mean < 0);
        number.textContent = signed(mean);
      });
    });
  }
}
