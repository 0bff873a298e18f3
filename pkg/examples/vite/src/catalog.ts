import type { Item } from "moodloop";

const music = (
  title: string,
  creator: string,
  genre: string,
  [energy, valence, popularity]: [number, number, number],
): Item => ({
  id: title,
  title,
  creator,
  content_type: "music",
  genres: [genre],
  energy,
  valence,
  popularity,
});

/** What this site has to offer. */
export const catalog: Item[] = [
  music("Gymnopédie No. 1", "Erik Satie", "classical", [0.1, 0.4, 85]),
  music("The Entertainer", "Scott Joplin", "jazz", [0.6, 0.8, 80]),
  music("St. Louis Blues", "W. C. Handy", "blues", [0.4, 0.4, 60]),
  music("Ride of the Valkyries", "Richard Wagner", "classical", [0.9, 0.6, 90]),
  music("Greensleeves", "Traditional", "folk", [0.2, 0.5, 75]),
  music("Maple Leaf Rag", "Scott Joplin", "jazz", [0.7, 0.8, 65]),
];
