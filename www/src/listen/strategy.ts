import type { Decided } from "moodloop";
import { find, html, svg } from "../dom.ts";
import { context } from "../session.ts";
import { dimensions, inWords, levelsOf, situation } from "../words.ts";

/** The mark of a strategy: three sliders, each low, in the middle, or high. */
export function mark(levels: readonly number[]): SVGSVGElement {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 30 24", "aria-hidden": "true" },
    svg("path", { class: "track", d: "M5 3v18M15 3v18M25 3v18" }),
    ...levels.map((level, at) => svg("circle", { cx: 5 + at * 10, cy: 19 - level * 7, r: 3.2 })),
  );
}

/** Shows a decision: its strategy in words, where it differs from the last one, and why. */
export function showStrategy(root: ParentNode, pick: Decided, before: readonly number[] | undefined): void {
  const levels = levelsOf(pick.action_index);
  const { mood, time_of_day, content_type } = context();
  find("#strategy-place", HTMLElement, root).textContent =
    `For ${situation(mood, time_of_day, content_type)}`;
  const words = inWords(levels);
  find("#strategy-words", HTMLElement, root).textContent = words.charAt(0).toUpperCase() + words.slice(1);
  find("#strategy-why", HTMLElement, root).textContent = why(pick);
  const knobs = root.querySelectorAll<SVGCircleElement>("#strategy .knob");
  knobs.forEach((knob, at) => {
    knob.style.setProperty("transform", `translateY(${(1 - (levels[at] ?? 1)) * 24}px)`);
  });
  find("#strategy-dials", HTMLElement, root).replaceChildren(
    ...dimensions.map((dimension, at) => {
      const [now, old] = [levels[at] ?? 0, before?.[at]];
      const changed = old !== undefined && old !== now;
      return html(
        "div",
        { class: changed ? "changed" : undefined },
        html("dt", {}, dimension.label),
        html("dd", {}, dimension.levels[now]?.word),
        html("dd", { class: "was" }, changed ? `was ${dimension.levels[old]?.word}` : ""),
      );
    }),
  );
}

/** The chance and the confidence of a choice, in words. */
function why(pick: Decided): string {
  if (pick.source !== "agent") {
    return pick.reasoning;
  }
  const chance = `${Math.max(1, Math.round(pick.propensity * 100))} % chance`;
  const confidence = pick.confidence ?? 50;
  return `${reason(pick.reasoning)} Picked by a ${chance} draw among 27; ${confidence} % likely to suit you better than a guess from personality alone.`;
}

/** The model's own reason, without the repetition of what is said above it. */
function reason(reasoning: string): string {
  const rest = reasoning.slice(reasoning.indexOf(": ") + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
