import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { History } from "./history.ts";

const HEIGHT = 240;
/** How many answers the mean goes over. */
const WINDOW = 10;

/** Reward of each answer, and the mean of the last ones. */
export class RewardChart {
  readonly #root: HTMLElement;
  readonly #resized: ResizeObserver;
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  #plot: UPlot | undefined;
  #data: UPlot.AlignedData = [[], [], []];

  constructor(root: HTMLElement) {
    this.#root = root;
    root.replaceChildren();
    this.#resized = new ResizeObserver(() => {
      this.#plot?.setSize({ width: root.clientWidth, height: HEIGHT });
    });
    this.#resized.observe(root);
    this.#dark.addEventListener("change", this.#redraw);
  }

  /** Shows the answers of a history. */
  show({ answers }: History): void {
    const rewards = answers.map(({ reward }) => reward);
    const means = rewards.map((_, at) => {
      const last = rewards.slice(Math.max(0, at + 1 - WINDOW), at + 1);
      return last.reduce((sum, one) => sum + one, 0) / last.length;
    });
    this.#data = [rewards.map((_, at) => at + 1), rewards, means];
    this.#root.setAttribute("role", "img");
    const [first, last] = [means[Math.min(WINDOW, means.length) - 1] ?? 0, means.at(-1) ?? 0];
    this.#root.setAttribute(
      "aria-label",
      `Reward of ${rewards.length} answers; the mean of the first ${WINDOW} was ${first.toFixed(2)}, of the last ${last.toFixed(2)}.`,
    );
    this.#redraw();
  }

  readonly #redraw = (): void => {
    this.#plot?.destroy();
    const style = getComputedStyle(this.#root);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const font = `13px ${style.fontFamily}`;
    const axis = {
      stroke: colour("--ink-soft"),
      font,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    this.#plot = new UPlot(
      {
        width: this.#root.clientWidth,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false },
          y: { range: (_, low, high) => [Math.min(-0.5, low - 0.1), Math.max(1.2, high + 0.1)] },
        },
        axes: [
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
          { ...axis, size: 48 },
        ],
        series: [
          {},
          {
            stroke: "transparent",
            points: { show: true, size: 6, fill: colour("--edge"), stroke: colour("--edge") },
          },
          { stroke: colour("--accent"), width: 2.5, points: { show: false } },
        ],
      },
      this.#data,
      this.#root,
    );
  };

  /** Takes the chart away. */
  end(): void {
    this.#resized.disconnect();
    this.#dark.removeEventListener("change", this.#redraw);
    this.#plot?.destroy();
  }
}
