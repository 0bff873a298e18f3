//! Big Five scores and their coarse levels.

use crate::error::Result;
use crate::value::{Field, words, written};

/// The five traits in the order every table, vector and file uses.
pub const TRAITS: [&str; 5] = [
    "openness",
    "conscientiousness",
    "extraversion",
    "agreeableness",
    "neuroticism",
];

words! {
    /// A trait cut as the guide's worked example does: low < 40 ≤ medium ≤ 60 < high.
    pub enum Level {
        /// Below 40.
        Low = "low",
        /// From 40 to 60, both included.
        Medium = "medium",
        /// Above 60.
        High = "high",
    }
}

impl Level {
    /// The level of a score 0..=100.
    #[must_use]
    pub fn of(score: f64) -> Self {
        if score < 40.0 {
            Self::Low
        } else if score <= 60.0 {
            Self::Medium
        } else {
            Self::High
        }
    }
}

/// Five scores, each 0..=100; 50 is the population's middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Personality {
    /// Openness to experience.
    pub openness: f64,
    /// Conscientiousness.
    pub conscientiousness: f64,
    /// Extraversion.
    pub extraversion: f64,
    /// Agreeableness.
    pub agreeableness: f64,
    /// Neuroticism (low is emotionally stable).
    pub neuroticism: f64,
}

written!(Personality {
    openness,
    conscientiousness,
    extraversion,
    agreeableness,
    neuroticism
});

impl Personality {
    /// 50 for every trait: what an unknown visitor, or one who turned profiling
    /// off, is taken for.
    pub const NEUTRAL: Self = Self {
        openness: 50.0,
        conscientiousness: 50.0,
        extraversion: 50.0,
        agreeableness: 50.0,
        neuroticism: 50.0,
    };

    /// The scores in the order of [`TRAITS`].
    #[must_use]
    pub const fn scores(&self) -> [f64; 5] {
        [
            self.openness,
            self.conscientiousness,
            self.extraversion,
            self.agreeableness,
            self.neuroticism,
        ]
    }

    /// The inverse of [`Personality::scores`]; the caller vouches for 0..=100.
    #[must_use]
    pub const fn from_scores(scores: [f64; 5]) -> Self {
        let [
            openness,
            conscientiousness,
            extraversion,
            agreeableness,
            neuroticism,
        ] = scores;
        Self {
            openness,
            conscientiousness,
            extraversion,
            agreeableness,
            neuroticism,
        }
    }

    /// Each score minus 50 as a whole number −50..=50, halves up: the form in
    /// which traits enter the evidence.
    #[must_use]
    pub fn centred(&self) -> [i64; 5] {
        self.scores().map(|s| libm::floor(s - 50.0 + 0.5) as i64)
    }

    /// Reads an object of scores; an absent trait is 50.
    ///
    /// # Errors
    /// The field's code for a score outside 0..=100 or an unknown trait.
    pub fn read(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut scores = Self::NEUTRAL.scores();
        for (score, name) in scores.iter_mut().zip(TRAITS) {
            if let Some(given) = fields.optional(name) {
                *score = given.number(0.0, 100.0)?;
            }
        }
        fields.finish()?;
        Ok(Self::from_scores(scores))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_at_40_and_60() {
        assert_eq!(Level::of(39.999), Level::Low);
        assert_eq!(Level::of(40.0), Level::Medium);
        assert_eq!(Level::of(60.0), Level::Medium);
        assert_eq!(Level::of(60.001), Level::High);
    }

    #[test]
    fn centred_scores_round_halves_up() {
        let person = Personality::from_scores([0.0, 49.5, 50.4, 100.0, 49.4]);
        assert_eq!(person.centred(), [-50, 0, 0, 50, -1]);
    }
}
