import type { Moodloop, Values } from "moodloop";
import { context, session } from "../session.ts";
import { contentTypes, dimensions, genreWord, levelsOf, signed } from "../words.ts";
import type { Answered, History } from "./history.ts";

interface Finding {
  text: string;
  /** How telling it is: a difference in standard deviations. */
  strength: number;
}

/** From here on a difference is mentioned, and from here on it is no longer “perhaps”. */
const TELLING = 0.2;
const SURE = 0.5;
const MOST = 7;

/** What can be said of the visitor's taste, the most telling first. */
export function sentences(loop: Moodloop, past: History): string[] {
  const seen = new Map(
    past.answers.map(({ decision }) => {
      const { content_type, mood = "neutral", time_of_day } = decision.context;
      return [`${mood} ${time_of_day} ${content_type}`, { content_type, mood, time_of_day }];
    }),
  );
  const personality = session.personality && { personality: session.personality };
  const found = [...seen.values(), context()].flatMap((situation) => {
    const values = loop.values({ ...situation, ...personality });
    const place = `${contentTypes[situation.content_type].many} on a ${situation.mood} ${situation.time_of_day}`;
    return dimensions
      .map((_, at) => contrast(values, at, place))
      .filter((one) => one !== undefined);
  });
  const unique = [
    ...new Map([...found, ...genres(past.answers)].map((one) => [one.text, one])).values(),
  ];
  return unique
    .filter(({ strength }) => strength >= TELLING)
    .sort((one, other) => other.strength - one.strength)
    .slice(0, MOST)
    .map(({ text }) => text);
}

/** The best level of one dimension against the worst, averaged over the other dimensions. */
function contrast(values: Values, at: number, place: string): Finding | undefined {
  const dimension = dimensions[at];
  if (dimension === undefined) {
    return undefined;
  }
  const levels = dimension.levels.map(({ word }, level) => {
    const indices = values.mean
      .map((_, index) => index)
      .filter((index) => levelsOf(index)[at] === level);
    const average = (numbers: number[]): number =>
      indices.reduce((sum, index) => sum + (numbers[index] ?? 0), 0) / indices.length;
    return { word, mean: average(values.mean), sd: average(values.sd) };
  });
  levels.sort((one, other) => other.mean - one.mean);
  const [best, worst] = [levels[0], levels.at(-1)];
  if (best === undefined || worst === undefined) {
    return undefined;
  }
  const difference = best.mean - worst.mean;
  const strength = difference / Math.hypot(best.sd, worst.sd);
  const opening = strength < SURE ? "Perhaps you prefer" : "You prefer";
  return {
    text: `${opening} ${noun(at, best.word)} to ${noun(at, worst.word)}, for ${place}: ${signed(difference)} per pick.`,
    strength,
  };
}

/** A level as the object of a sentence. */
function noun(at: number, word: string): string {
  return at === 1 ? word : `${word} works`;
}

/** Genres that earned clearly more or less than nothing. */
function genres(answers: readonly Answered[]): Finding[] {
  const rewards = new Map<string, number[]>();
  for (const { decision, genres, reward } of answers) {
    for (const genre of genres.slice(0, 1)) {
      const key = `${genreWord(genre)} ${contentTypes[decision.context.content_type].many}`;
      rewards.set(key, [...(rewards.get(key) ?? []), reward]);
    }
  }
  return [...rewards]
    .filter(([, list]) => list.length >= 2)
    .map(([name, list]) => {
      const mean = list.reduce((sum, one) => sum + one, 0) / list.length;
      const verb = mean < 0 ? "do not care for" : "like";
      return {
        text: `You ${verb} ${name}: ${list.length} answers, ${signed(mean)} on average.`,
        strength: Math.abs(mean) * Math.sqrt(list.length),
      };
    });
}
