import type { ContentType, Mood, Parameters, Personality, Source, TimeOfDay } from "./types.js";

/** A decision, and what its visitor said about items so far: all that ranking needs to know. */
export interface Brief {
  decision_id: string;
  params: Parameters;
  content_type: ContentType;
  time_of_day: TimeOfDay;
  /** Absent when the visitor gave no scores. */
  personality?: Personality;
  strategy: string;
  propensity: number;
  policy_version: number;
  source: Source;
  /** Probability, in per cent, that the strategy beats the baseline's here. */
  confidence: number;
  /** The dimensions that the strategy sets. */
  dimensions: string[];
  /** Ids whose last verdict was a like. */
  liked: string[];
  /** Ids whose last verdict was a dislike. */
  disliked: string[];
  /** Ids that anything was said about. */
  met: string[];
}

/** How much to rank. */
export interface RankOptions {
  /** How many items to give, 1 to 50; 10 when absent. */
  limit?: number | undefined;
  /** Ids the visitor has met, beside those the log knows. */
  seen?: string[] | undefined;
  /** Ids never to give. */
  exclude?: string[] | undefined;
  /** Seeds the places for exploration, a whole number below 2^53; 0 when absent. */
  seed?: number | undefined;
}

/** One work of a catalog. */
export interface Item {
  /** The site's id, 1 to 128 characters, unique in the catalog. */
  id: string;
  title: string;
  /** Who made it. */
  creator?: string | undefined;
  content_type: ContentType;
  /** The main genre first. */
  genres: string[];
  /** Intensity, 0 to 1. */
  energy: number;
  /** Positivity, 0 to 1. */
  valence: number;
  /** How widely known it is, 0 to 100. */
  popularity: number;
  /** Where to find it: http(s), or a path on the site. */
  url?: string | undefined;
  /** A picture: http(s), or a path on the site. */
  thumbnail?: string | undefined;
}

/** One recommended thing. */
export interface Recommendation {
  id: string;
  title: string;
  /** Who made a piece of music. */
  artist?: string;
  /** Who published a video. */
  channel?: string;
  /** Who made anything else. */
  creator?: string;
  /** The main genre. */
  genre: string | null;
  /** The mood that its energy and valence make. */
  mood: Mood;
  /** Energy, 0 to 100. */
  energy_level: number;
  url: string | null;
  thumbnail: string | null;
  /** Why it is here, in one sentence. */
  reasoning: string;
  /** Probability, in per cent, that the strategy beats the baseline's here. */
  confidence: number | null;
  /** How well it fits parameters and visitor, 0 to 100. */
  match_score: number;
  metadata: {
    decision_id: string;
    /** The dimensions of the strategy that were applied. */
    honoured: string[];
    rl_params: Parameters;
    strategy: string | null;
    propensity: number | null;
    policy_version: number | null;
    arm: string | null;
    source: Source;
    provider: string;
    time_of_day: TimeOfDay;
    /** Whether this place is for the best match or for something unfamiliar. */
    slot: "fit" | "explore";
  };
}
