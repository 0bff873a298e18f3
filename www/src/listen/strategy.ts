import type { Decided, Moodloop } from "moodloop";
import { find } from "../dom.ts";
import { context } from "../session.ts";
import { dimensions, inWords, levelsNamed, levelsOf, situation } from "../words.ts";

/** Shows a decision: its strategy in words, where it differs from the last one, and why. */
export function showStrategy(
  root: ParentNode,
  loop: Moodloop,
  pick: Decided,
  before: readonly number[] | undefined,
): void {
  const levels = levelsOf(pick.action_index);
  const { mood, time_of_day, content_type } = context();
  find("#strategy-place", HTMLElement, root).textContent =
    `For ${situation(mood, time_of_day, content_type)}`;
  // No level is torn apart at the end of a line.
  const words = inWords(levels).replaceAll(/(?<!,) /g, "\u00a0");
  find("#strategy-words", HTMLElement, root).textContent =
    words.charAt(0).toUpperCase() + words.slice(1);
  find("#strategy-why", HTMLElement, root).textContent = why(loop, pick);
  const sliders = root.querySelectorAll<HTMLElement>("#desk .slider");
  sliders.forEach((slider, at) => {
    const [now, old] = [levels[at] ?? 1, before?.[at]];
    find(".knob", SVGElement, slider).style.setProperty(
      "transform",
      `translateY(${(1 - now) * 22}px)`,
    );
    const changed = old !== undefined && old !== now;
    find(".was", HTMLElement, slider).textContent = changed
      ? `was ${dimensions[at]?.levels[old]?.word}`
      : "";
  });
}

/** What the choice rests on, in words. */
function why(loop: Moodloop, pick: Decided): string {
  if (!loop.profiling) {
    return "Profiling is off: neither your personality nor anything learned was used.";
  }
  const chance = Math.max(1, Math.round(pick.propensity * 100));
  const odds = `Drawn with ${chance} % chance out of 27 strategies; ${pick.confidence ?? 50} % likely to suit you better than a guess from personality alone.`;
  return `${ground(loop, pick)} ${odds}`;
}

function ground(loop: Moodloop, pick: Decided): string {
  if (loop.stats().total_state_actions === 0) {
    return "Nothing is known yet, so every answer teaches.";
  }
  const { explored, best_strategy, given_up } = loop.explain(pick.decision_id).exploration;
  return explored
    ? `A try, because less is known of it: “${inWords(levelsNamed(best_strategy))}” looks better by ${given_up.toFixed(2)} so far.`
    : "The best guess from all your answers so far.";
}
