import type { ContentType, Mood, TimeOfDay } from "moodloop";

/** The three dimensions of a strategy, in the order of its name, with what their levels mean. */
export const dimensions = [
  {
    name: "energy",
    label: "Energy",
    levels: [
      { name: "low", word: "calm" },
      { name: "medium", word: "moderate" },
      { name: "high", word: "lively" },
    ],
  },
  {
    name: "diversity",
    label: "Variety",
    levels: [
      { name: "focused", word: "few genres" },
      { name: "balanced", word: "some variety" },
      { name: "diverse", word: "many genres" },
    ],
  },
  {
    name: "novelty",
    label: "Novelty",
    levels: [
      { name: "familiar", word: "well known" },
      { name: "mixed", word: "half known" },
      { name: "exploratory", word: "little known" },
    ],
  },
] as const;

/** The levels, 0 to 2 each, of a strategy by its index: energy·9 + diversity·3 + novelty. */
export function levelsOf(action_index: number): [number, number, number] {
  return [Math.floor(action_index / 9), Math.floor(action_index / 3) % 3, action_index % 3];
}

/** The levels of a strategy by its name, such as `low_diverse_exploratory`. */
export function levelsNamed(strategy: string): number[] {
  const names = strategy.split("_");
  return dimensions.map(({ levels }, at) => levels.findIndex(({ name }) => name === names[at]));
}

/** What levels mean, such as “calm, many genres, little known”. */
export function inWords(levels: readonly number[]): string {
  return dimensions.map((dimension, at) => dimension.levels[levels[at] ?? 0]?.word).join(", ");
}

/** Moods in the order of the page: lively to quiet, in each row unpleasant to pleasant. */
export const moods: readonly Mood[] = [
  "angry",
  "stressed",
  "energetic",
  "excited",
  "happy",
  "anxious",
  "bored",
  "neutral",
  "focused",
  "sad",
  "tired",
  "calm",
  "relaxed",
  "peaceful",
];

/** Kinds of content, with what a person does with them. */
export const contentTypes: Record<ContentType, { one: string; many: string; go: string }> = {
  music: { one: "piece", many: "music", go: "Listen" },
  video: { one: "film", many: "films", go: "Watch" },
  game: { one: "game", many: "games", go: "Play" },
  podcast: { one: "podcast", many: "podcasts", go: "Listen" },
  article: { one: "text", many: "reading", go: "Read" },
};

/** Kinds of content in the order of the page. */
export const contentTypeNames = Object.keys(contentTypes) as ContentType[];

/** Parts of the day. */
export const timesOfDay: readonly TimeOfDay[] = ["morning", "afternoon", "evening", "night"];

/** A situation, such as “a relaxed evening of music”. */
export function situation(mood: Mood, time: TimeOfDay, content: ContentType): string {
  const article = /^[aeiou]/.test(mood) ? "an" : "a";
  return `${article} ${mood} ${time} of ${contentTypes[content].many}`;
}

/** A number with so many decimals and a true minus. */
export function decimals(value: number, places: number): string {
  return value
    .toFixed(places)
    .replace(/^-(0(\.0*)?)$/, "$1")
    .replace("-", "−");
}

/** A number with its sign and two decimals, such as +0.35; nothing has no sign. */
export function signed(value: number): string {
  const sign = Math.abs(value) < 0.005 ? "" : value < 0 ? "−" : "+";
  return `${sign}${Math.abs(value).toFixed(2)}`;
}

/** A reward with its sign and as few decimals as it needs, such as +1.5. */
export function reward(value: number): string {
  const text = String(Math.round(Math.abs(value) * 1000) / 1000);
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** A count with its noun, such as “1 answer” and “2 answers”. */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : nouns}`;
}

/** A genre as people write it. */
export function genreWord(genre: string): string {
  return genre.replaceAll("_", " ");
}
