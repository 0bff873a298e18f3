import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { LearnerName, SimulationReport } from "moodloop/lab";
import { curves } from "./curves.ts";

const HEIGHT = 320;

/** The colour and the dashes of each learner's line. */
const strokes: Record<LearnerName, { colour: string; dash?: number[]; width: number }> = {
  agent: { colour: "--accent", width: 3 },
  q_table: { colour: "--bad", width: 2 },
  baseline: { colour: "--ink-soft", dash: [6, 4], width: 2 },
  uniform: { colour: "--edge", dash: [2, 4], width: 2 },
};

/** Learning curves of all learners, each with the band that its repeats span. */
export class CurveChart {
  readonly #root: HTMLElement;
  readonly #resized: ResizeObserver;
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  #plot: UPlot | undefined;
  #reports: readonly SimulationReport[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
    root.replaceChildren();
    this.#resized = new ResizeObserver(() => {
      this.#plot?.setSize({ width: root.clientWidth, height: HEIGHT });
    });
    this.#resized.observe(root);
    this.#dark.addEventListener("change", this.#redraw);
    root.setAttribute("role", "img");
    root.setAttribute("aria-label", "Learning curves; the table below says the same in numbers.");
  }

  /** Shows the repeats that are through. */
  show(reports: readonly SimulationReport[]): void {
    this.#reports = reports;
    this.#redraw();
  }

  readonly #redraw = (): void => {
    this.#plot?.destroy();
    this.#plot = undefined;
    const { rounds, curves: lines } = curves(this.#reports);
    if (rounds.length === 0) {
      return;
    }
    const style = getComputedStyle(this.#root);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--ink-soft"),
      font: `13px ${style.fontFamily}`,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const hidden = { stroke: "transparent", points: { show: false } };
    const series: UPlot.Series[] = [{}];
    const bands: UPlot.Band[] = [];
    for (const { learner } of lines) {
      const { colour: name, dash, width } = strokes[learner];
      const at = series.length;
      series.push(
        { stroke: colour(name), width, points: { show: false }, ...(dash && { dash }) },
        hidden,
        hidden,
      );
      if (this.#reports.length > 1) {
        bands.push({ series: [at + 1, at + 2], fill: faint(colour(name)) });
      }
    }
    this.#plot = new UPlot(
      {
        width: this.#root.clientWidth,
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false },
          y: { range: (_, low, high) => [Math.min(-0.1, low), Math.max(1, high)] },
        },
        axes: [axis, { ...axis, size: 48 }],
        series,
        bands,
      },
      [rounds, ...lines.flatMap(({ mean, low, high }) => [mean, high, low])],
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

/** A colour that lets what is behind it through. */
function faint(colour: string): string {
  return colour.replace(/\)$/, " / 0.16)");
}
