// Inputs that several tests share.

/** Some contexts that are valid. */
export const contexts = [
  {
    content_type: "music",
    time_of_day: "evening",
    mood: "relaxed",
    personality: { openness: 85, extraversion: 35, neuroticism: 25 },
  },
  { content_type: "video", time_of_day: "morning", mood: "happy" },
  { content_type: "podcast", time_of_day: "night", personality: { conscientiousness: 90 } },
];

/** Decides and learns `rounds` times; what was decided. */
export function learnSomething(agent, rounds) {
  const chosen = [];
  for (let i = 0; i < rounds; i++) {
    const context = contexts[i % contexts.length];
    const { decision_id, action_index } = agent.decide({ ...context, user_id: `u${i % 4}` });
    const interaction_type = action_index % 3 === 0 ? "like" : "skip";
    agent.learn(decision_id, { interaction_type, content_id: `c${i}` });
    chosen.push(action_index);
  }
  return chosen;
}

/** A catalog of `count` pieces of music, spread over energy, valence and popularity. */
export function items(count) {
  const genres = ["classical", "ambient", "jazz", "rock", "folk", "electronic"];
  return Array.from({ length: count }, (_, i) => ({
    id: `m${i}`,
    title: `Piece ${i}`,
    creator: `Composer ${i % 17}`,
    content_type: "music",
    genres: [genres[i % genres.length]],
    energy: ((i * 37) % 101) / 100,
    valence: ((i * 53) % 101) / 100,
    popularity: (i * 71) % 101,
  }));
}
