import type { Personality } from "moodloop";

/** A statement of the International Personality Item Pool (ipip.ori.org, public domain). */
export interface Question {
  text: string;
  trait: keyof Personality;
  /** Whether agreeing speaks against the trait. */
  reversed: boolean;
}

/** What was answered: 0 (not at all) to 4 (exactly). */
export interface Answer extends Omit<Question, "text"> {
  value: number;
}

/** Two statements for each trait, one of them reversed. */
export const questions: readonly Question[] = [
  { text: "Am the life of the party.", trait: "extraversion", reversed: false },
  { text: "Sympathize with others’ feelings.", trait: "agreeableness", reversed: false },
  { text: "Get chores done right away.", trait: "conscientiousness", reversed: false },
  { text: "Have frequent mood swings.", trait: "neuroticism", reversed: false },
  { text: "Have a vivid imagination.", trait: "openness", reversed: false },
  { text: "Don’t talk a lot.", trait: "extraversion", reversed: true },
  { text: "Am not interested in other people’s problems.", trait: "agreeableness", reversed: true },
  { text: "Make a mess of things.", trait: "conscientiousness", reversed: true },
  { text: "Am relaxed most of the time.", trait: "neuroticism", reversed: true },
  { text: "Am not interested in abstract ideas.", trait: "openness", reversed: true },
];

const HIGHEST = 4;

/** Scores from 0 to 100: the mean of each trait's answers. */
export function scores(answers: readonly Answer[]): Personality {
  const sums: Personality = {};
  const counts: Personality = {};
  for (const { trait, reversed, value } of answers) {
    sums[trait] = (sums[trait] ?? 0) + (reversed ? HIGHEST - value : value);
    counts[trait] = (counts[trait] ?? 0) + 1;
  }
  for (const trait of Object.keys(sums) as (keyof Personality)[]) {
    sums[trait] = Math.round(((sums[trait] ?? 0) / ((counts[trait] ?? 1) * HIGHEST)) * 100);
  }
  return sums;
}
