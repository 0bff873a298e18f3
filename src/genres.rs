//! What personality alone says about content: the order of genres and the
//! sound of music to aim for (SPEC section 3).
//!
//! Everything comes from two small tables. [`Factor`] says how five traits go
//! with a family of genres; the genre table says which family a genre belongs
//! to, how strongly, and how it usually sounds.
//!
//! **Sources.** Music families and their correlations: Rentfrow & Gosling
//! 2003, study 6, *remembered, not checked against the paper*. Families of
//! what is watched, read and played: Rentfrow, Goldberg & Zilca 2011; there
//! only the directions are theirs (openness with aesthetic and cerebral,
//! agreeableness with communal and against dark), the sizes are ours. Which
//! genre belongs where, shares, breadth and sound are editorial estimates;
//! shares are set so that the guide's worked example comes out. Such effects
//! are small (Schäfer & Mehlhorn 2017: 6 of 30 coefficients reach 0.1), so
//! [`crate::rank`] lets a handful of likes overrule all of this.

use serde::Serialize;

use crate::context::{ContentType, Personality};

use ContentType::{Article, Game, Podcast, Video};
use Factor::{
    Aesthetic, Cerebral, Communal, Dark, Energetic, Intense, Reflective, Thrilling, Upbeat,
};

/// One standard deviation of a trait score in the population, in points.
const TRAIT_SD: f64 = 20.0;

/// A family of genres that the same people tend to like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Music: reflective and complex.
    Reflective,
    /// Music: intense and rebellious.
    Intense,
    /// Music: upbeat and conventional.
    Upbeat,
    /// Music: energetic and rhythmic.
    Energetic,
    /// Other content: art, poetry, things made with care.
    Aesthetic,
    /// Other content: facts, ideas, problems to solve.
    Cerebral,
    /// Other content: people, feelings, laughter.
    Communal,
    /// Other content: horror, crime.
    Dark,
    /// Other content: action, suspense, adventure.
    Thrilling,
}

impl Factor {
    /// Correlations with the five traits in the order of
    /// [`crate::context::TRAITS`], in hundredths.
    const fn correlations(self) -> [f64; 5] {
        match self {
            Self::Reflective => [44.0, -2.0, 1.0, 1.0, -8.0],
            Self::Intense => [18.0, -4.0, 0.0, 4.0, 1.0],
            Self::Upbeat => [-14.0, 15.0, 24.0, 23.0, 7.0],
            Self::Energetic => [3.0, 0.0, 22.0, 8.0, 1.0],
            Self::Aesthetic => [30.0, 0.0, 0.0, 5.0, 0.0],
            Self::Cerebral => [20.0, 5.0, -5.0, 0.0, -5.0],
            Self::Communal => [-10.0, 5.0, 15.0, 20.0, 5.0],
            Self::Dark => [10.0, -10.0, 0.0, -20.0, 5.0],
            Self::Thrilling => [0.0, 0.0, 10.0, -5.0, -5.0],
        }
    }
}

/// How music of a genre usually sounds, each 0..=100. Editorial estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Intensity.
    pub energy: u8,
    /// Positivity.
    pub valence: u8,
    danceability: u8,
    acousticness: u8,
    instrumentalness: u8,
}

/// A genre that the tables know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Genre {
    /// The content type whose vocabulary it belongs to.
    pub content_type: ContentType,
    /// The name, such as `hip_hop`.
    pub name: &'static str,
    factor: Factor,
    /// How much of the family's correlations it takes over, in per cent.
    share: u8,
    /// How broad its audience is, in hundredths of a standard deviation: the
    /// order for a person of whom nothing is known.
    breadth: u8,
    sound: Option<Sound>,
}

const fn music(
    name: &'static str,
    factor: Factor,
    share: u8,
    breadth: u8,
    sound: [u8; 5],
) -> Genre {
    let [
        energy,
        valence,
        danceability,
        acousticness,
        instrumentalness,
    ] = sound;
    Genre {
        content_type: ContentType::Music,
        name,
        factor,
        share,
        breadth,
        sound: Some(Sound {
            energy,
            valence,
            danceability,
            acousticness,
            instrumentalness,
        }),
    }
}

const fn other(
    content_type: ContentType,
    name: &'static str,
    factor: Factor,
    share: u8,
    breadth: u8,
) -> Genre {
    Genre {
        content_type,
        name,
        factor,
        share,
        breadth,
        sound: None,
    }
}

/// Sound: energy, valence, danceability, acousticness, instrumentalness.
const GENRES: [Genre; 57] = [
    music("classical", Reflective, 100, 6, [25, 40, 25, 95, 90]),
    music("ambient", Reflective, 95, 3, [15, 35, 30, 70, 90]),
    music("jazz", Reflective, 90, 4, [40, 55, 55, 75, 50]),
    music("world", Reflective, 85, 2, [55, 65, 60, 60, 30]),
    music("experimental", Reflective, 80, 1, [50, 35, 40, 45, 70]),
    music("folk", Reflective, 70, 4, [35, 50, 45, 85, 20]),
    music("blues", Reflective, 70, 3, [45, 50, 50, 65, 20]),
    music("rock", Intense, 100, 9, [75, 50, 50, 15, 20]),
    music("metal", Intense, 90, 3, [90, 35, 40, 5, 35]),
    music("pop", Upbeat, 100, 10, [65, 65, 65, 25, 5]),
    music("soundtrack", Upbeat, 60, 5, [35, 35, 30, 65, 80]),
    music("country", Upbeat, 90, 4, [60, 60, 55, 45, 5]),
    music("electronic", Energetic, 100, 8, [75, 55, 70, 10, 60]),
    music("hip_hop", Energetic, 100, 7, [65, 55, 75, 15, 10]),
    music("soul", Energetic, 80, 5, [50, 65, 65, 40, 5]),
    other(Video, "comedy", Communal, 100, 10),
    other(Video, "drama", Communal, 80, 9),
    other(Video, "action", Thrilling, 100, 8),
    other(Video, "documentary", Cerebral, 100, 7),
    other(Video, "animation", Communal, 60, 6),
    other(Video, "nature", Cerebral, 60, 5),
    other(Video, "science", Cerebral, 95, 4),
    other(Video, "history", Cerebral, 90, 4),
    other(Video, "talk", Cerebral, 70, 3),
    other(Video, "art", Aesthetic, 100, 2),
    other(Video, "horror", Dark, 100, 2),
    other(Video, "experimental", Aesthetic, 90, 1),
    other(Game, "puzzle", Cerebral, 90, 10),
    other(Game, "action", Thrilling, 100, 9),
    other(Game, "strategy", Cerebral, 100, 8),
    other(Game, "adventure", Aesthetic, 70, 8),
    other(Game, "arcade", Thrilling, 60, 7),
    other(Game, "platformer", Thrilling, 70, 6),
    other(Game, "racing", Thrilling, 90, 5),
    other(Game, "simulation", Cerebral, 60, 5),
    other(Game, "roleplaying", Aesthetic, 90, 4),
    other(Game, "word", Cerebral, 80, 3),
    other(Podcast, "comedy", Communal, 100, 10),
    other(Podcast, "news", Cerebral, 70, 9),
    other(Podcast, "society", Communal, 60, 8),
    other(Podcast, "true_crime", Dark, 100, 8),
    other(Podcast, "storytelling", Communal, 80, 7),
    other(Podcast, "history", Cerebral, 90, 6),
    other(Podcast, "science", Cerebral, 100, 5),
    other(Podcast, "technology", Cerebral, 85, 4),
    other(Podcast, "psychology", Cerebral, 80, 4),
    other(Podcast, "arts", Aesthetic, 100, 2),
    other(Article, "fiction", Aesthetic, 70, 10),
    other(Article, "humor", Communal, 100, 9),
    other(Article, "essay", Aesthetic, 80, 8),
    other(Article, "history", Cerebral, 90, 7),
    other(Article, "science", Cerebral, 100, 6),
    other(Article, "technology", Cerebral, 85, 5),
    other(Article, "psychology", Cerebral, 80, 5),
    other(Article, "nature", Cerebral, 60, 4),
    other(Article, "philosophy", Aesthetic, 90, 3),
    other(Article, "poetry", Aesthetic, 100, 2),
];

impl Genre {
    /// The genre `name` of `content_type`, if the tables know it.
    #[must_use]
    pub fn find(content_type: ContentType, name: &str) -> Option<&'static Self> {
        Self::all(content_type).find(|genre| genre.name == name)
    }

    /// Every known genre of `content_type`.
    pub fn all(content_type: ContentType) -> impl Iterator<Item = &'static Self> {
        GENRES
            .iter()
            .filter(move |g| g.content_type == content_type)
    }

    /// How the genre usually sounds; only music has one.
    #[must_use]
    pub const fn sound(&self) -> Option<Sound> {
        self.sound
    }

    /// What `personality` adds to the liking of this genre, in standard
    /// deviations: about −1.5..=1.5, 0 for the neutral profile.
    #[must_use]
    pub fn leaning(&self, personality: &Personality) -> f64 {
        let sum: f64 = self
            .factor
            .correlations()
            .iter()
            .zip(personality.scores())
            .map(|(r, score)| r / 100.0 * ((score - 50.0) / TRAIT_SD))
            .sum();
        sum * f64::from(self.share) / 100.0
    }

    /// How much a person of this personality is expected to like the genre:
    /// [`Genre::leaning`] plus the breadth of its audience (0..=0.1).
    #[must_use]
    pub fn prior(&self, personality: &Personality) -> f64 {
        self.leaning(personality) + f64::from(self.breadth) / 100.0
    }
}

/// The known genres of `content_type`, the likeliest to please first.
///
/// The guide's user (openness 85, extraversion 35, neuroticism 25) gets
/// classical, ambient, jazz, world, experimental, …
#[must_use]
pub fn order(content_type: ContentType, personality: &Personality) -> Vec<&'static str> {
    let mut genres: Vec<(f64, &'static str)> = Genre::all(content_type)
        .map(|genre| (genre.prior(personality), genre.name))
        .collect();
    // Stable: equal priors keep the table's order.
    genres.sort_by(|a, b| b.0.total_cmp(&a.0));
    genres.into_iter().map(|(_, name)| name).collect()
}

/// The sound of music that personality alone asks for (SPEC section 3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Targets {
    /// How danceable, 0..=1, two decimals.
    pub target_danceability: f64,
    /// How acoustic, 0..=1, two decimals.
    pub target_acousticness: f64,
    /// How instrumental, 0..=1, two decimals.
    pub target_instrumentalness: f64,
}

impl Targets {
    /// The average sound of the music genres, each weighted by e to the power
    /// of its [`Genre::leaning`]; rounded to two decimals, halves up.
    #[must_use]
    pub fn of(personality: &Personality) -> Self {
        let mut total = 0.0;
        let mut sums = [0.0; 3];
        for genre in Genre::all(ContentType::Music) {
            let Some(sound) = genre.sound else { continue };
            let weight = libm::exp(genre.leaning(personality));
            total += weight;
            let features = [
                sound.danceability,
                sound.acousticness,
                sound.instrumentalness,
            ];
            for (sum, feature) in sums.iter_mut().zip(features) {
                *sum += weight * f64::from(feature);
            }
        }
        let [
            target_danceability,
            target_acousticness,
            target_instrumentalness,
        ] = sums.map(|sum| libm::floor(sum / total + 0.5) / 100.0);
        Self {
            target_danceability,
            target_acousticness,
            target_instrumentalness,
        }
    }
}

/// A genre's name as it is compared everywhere: lowercase, words joined by `_`.
///
/// `Hip-Hop`, `hip hop` and `hip_hop` are one genre.
#[must_use]
pub fn canonical(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(openness: f64, extraversion: f64, neuroticism: f64) -> Personality {
        Personality {
            openness,
            extraversion,
            neuroticism,
            ..Personality::NEUTRAL
        }
    }

    #[test]
    fn the_guides_user_gets_the_guides_genres() {
        let genres = order(ContentType::Music, &person(85.0, 35.0, 25.0));
        assert_eq!(
            genres.first_chunk(),
            Some(&["classical", "ambient", "jazz", "world", "experimental"])
        );
    }

    #[test]
    fn nobody_in_particular_gets_the_broadest_first() {
        for content_type in ContentType::ALL {
            let genres = order(content_type, &Personality::NEUTRAL);
            let breadth: Vec<u8> = genres
                .iter()
                .map(|g| Genre::find(content_type, g).unwrap().breadth)
                .collect();
            assert!(breadth.is_sorted_by(|a, b| a >= b), "{genres:?}");
            assert!(genres.len() >= 10);
        }
    }

    #[test]
    fn openness_and_extraversion_pull_apart() {
        let open = Targets::of(&person(100.0, 0.0, 50.0));
        let outgoing = Targets::of(&person(0.0, 100.0, 50.0));
        assert!(open.target_acousticness > outgoing.target_acousticness);
        assert!(open.target_instrumentalness > outgoing.target_instrumentalness);
        assert!(open.target_danceability < outgoing.target_danceability);
    }

    #[test]
    fn spellings_of_a_genre_are_one() {
        for name in ["Hip-Hop", "hip hop", " HIP_HOP ", "hip / hop"] {
            assert_eq!(canonical(name), "hip_hop");
        }
        assert_eq!(canonical("!?"), "");
    }

    proptest! {
        #[test]
        fn targets_and_priors_stay_in_range(scores in proptest::array::uniform5(0.0..=100.0f64)) {
            let person = Personality::from_scores(scores);
            let t = Targets::of(&person);
            for x in [t.target_danceability, t.target_acousticness, t.target_instrumentalness] {
                prop_assert!((0.0..=1.0).contains(&x));
            }
            for content_type in ContentType::ALL {
                for genre in Genre::all(content_type) {
                    prop_assert!(genre.leaning(&person).abs() <= 2.1);
                }
            }
        }

        #[test]
        fn canonical_is_idempotent(name in ".{0,30}") {
            let once = canonical(&name);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
