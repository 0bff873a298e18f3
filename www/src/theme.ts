import type { Mood } from "moodloop";

/** Lets the page take on the colour of a mood. */
export function paint(mood: Mood): void {
  document.documentElement.dataset.mood = mood;
}
