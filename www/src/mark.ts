import { svg } from "./dom.ts";

/** The mark of a strategy: three sliders, each low, in the middle, or high. */
export function mark(levels: readonly number[]): SVGSVGElement {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 30 24", "aria-hidden": "true" },
    svg("path", { class: "track", d: "M5 3v18M15 3v18M25 3v18" }),
    ...levels.map((level, at) => svg("circle", { cx: 5 + at * 10, cy: 19 - level * 7, r: 3.2 })),
  );
}
