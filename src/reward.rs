//! From feedback to one number (SPEC section 4).

use serde::Serialize;

use crate::context::Mood;
use crate::error::{Code, Error, Result};
use crate::text::{join, number};
use crate::value::{Field, Fields, words, written};

/// The largest magnitude of a reward, in thousandths.
const LIMIT: i64 = 100_000;
/// From this percentage on, content counts as completed.
const COMPLETE_FROM: f64 = 90.0;

words! {
    /// What a visitor did.
    pub enum Kind {
        /// Liked it.
        Like = "like",
        /// Disliked it.
        Dislike = "dislike",
        /// Skipped it.
        Skip = "skip",
        /// Reached its end.
        Complete = "complete",
        /// Shared it.
        Share = "share",
    }
}

/// One thing that a visitor did with one piece of content.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// What was done.
    pub interaction_type: Kind,
    /// How much was heard, seen or read, 0..=100.
    pub completion_percentage: Option<f64>,
    /// The mood before; missing means the decision's mood.
    pub mood_before: Option<Mood>,
    /// The mood afterwards.
    pub mood_after: Option<Mood>,
}

written!(Feedback { interaction_type, ?completion_percentage, ?mood_before, ?mood_after });

impl Feedback {
    /// Reads the feedback's own fields out of an object that may hold others.
    ///
    /// # Errors
    /// The object's code for a missing kind, an unknown word or a percentage
    /// outside 0..=100.
    pub fn read(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Self {
            interaction_type: Kind::read(&fields.required("interaction_type")?)?,
            completion_percentage: match fields.optional("completion_percentage") {
                Some(field) => Some(field.number(0.0, 100.0)?),
                None => None,
            },
            mood_before: match fields.optional("mood_before") {
                Some(field) => Some(Mood::read(&field)?),
                None => None,
            },
            mood_after: match fields.optional("mood_after") {
                Some(field) => Some(Mood::read(&field)?),
                None => None,
            },
        })
    }

    /// The percentage that counts: a `complete` that names none is 100.
    fn completion(&self) -> Option<f64> {
        let implied = (self.interaction_type == Kind::Complete).then_some(100.0);
        self.completion_percentage.or(implied)
    }
}

/// What each event is worth, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RewardWeights {
    /// A like.
    pub like: i64,
    /// A dislike.
    pub dislike: i64,
    /// A skip.
    pub skip: i64,
    /// A completion.
    pub complete: i64,
    /// A share.
    pub share: i64,
    /// 100 % of completion percentage; less in proportion.
    pub completion: i64,
    /// A mood change that keeps its sign; worse is the negative of it.
    pub mood: i64,
    /// A mood change that strictly crosses zero wellbeing, instead of `mood`.
    pub mood_crossing: i64,
}

impl Default for RewardWeights {
    fn default() -> Self {
        Self {
            like: 1000,
            dislike: -1000,
            skip: -300,
            complete: 500,
            share: 800,
            completion: 500,
            mood: 300,
            mood_crossing: 500,
        }
    }
}

impl RewardWeights {
    /// Reads weights in reward units, such as `{"share": 0.8}`; absent ones keep
    /// their defaults. Each is rounded to thousandths.
    ///
    /// # Errors
    /// The field's code for a weight outside −20..=20 or an unknown name.
    pub fn parse(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut weights = Self::default();
        for (name, slot) in [
            ("like", &mut weights.like),
            ("dislike", &mut weights.dislike),
            ("skip", &mut weights.skip),
            ("complete", &mut weights.complete),
            ("share", &mut weights.share),
            ("completion", &mut weights.completion),
            ("mood", &mut weights.mood),
            ("mood_crossing", &mut weights.mood_crossing),
        ] {
            if let Some(given) = fields.optional(name) {
                *slot = libm::round(given.number(-20.0, 20.0)? * 1000.0) as i64;
            }
        }
        fields.finish()?;
        Ok(weights)
    }

    /// The lowest and the highest reward that feedback can have, in thousandths.
    #[must_use]
    pub fn range(&self) -> (i64, i64) {
        let mood = self.mood.abs().max(self.mood_crossing.abs());
        let bound = |pick: fn(i64, i64) -> i64, mood: i64| {
            // Of like and dislike one counts, and of complete and skip.
            pick(pick(self.like, self.dislike), 0)
                + pick(pick(self.complete, self.skip), 0)
                + pick(self.share, 0)
                + pick(self.completion, 0)
                + mood
        };
        (bound(i64::min, -mood), bound(i64::max, mood))
    }

    const fn of(&self, kind: Kind) -> i64 {
        match kind {
            Kind::Like => self.like,
            Kind::Dislike => self.dislike,
            Kind::Skip => self.skip,
            Kind::Complete => self.complete,
            Kind::Share => self.share,
        }
    }

    /// The reward of one piece of feedback on its own, in thousandths.
    /// `mood` stands in for a missing `mood_before`.
    ///
    /// # Errors
    /// `invalid_reward` beyond ±100.
    pub fn reward(&self, feedback: &Feedback, mood: Option<Mood>) -> Result<i64> {
        self.sum(&[feedback.interaction_type], feedback, mood)
    }

    /// The one reward of everything that was done with one (decision, content)
    /// pair, in thousandths: each kind counts once; of like and dislike the
    /// latest; complete cancels skip; the highest completion; the last mood.
    /// `history` must be in (time, id) order. `None` for no feedback at all.
    ///
    /// # Errors
    /// `invalid_reward` beyond ±100.
    pub fn merged<'a>(
        &self,
        history: impl Iterator<Item = &'a Feedback>,
        mood: Option<Mood>,
    ) -> Result<Option<i64>> {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut merged: Option<Feedback> = None;
        for feedback in history {
            let kind = feedback.interaction_type;
            kinds.retain(|&k| {
                let opposite = matches!(
                    (k, kind),
                    (Kind::Like, Kind::Dislike) | (Kind::Dislike, Kind::Like)
                );
                k != kind && !opposite
            });
            kinds.push(kind);
            let so_far = merged.get_or_insert_with(|| feedback.clone());
            so_far.completion_percentage = [so_far.completion(), feedback.completion()]
                .into_iter()
                .flatten()
                .reduce(f64::max);
            if feedback.mood_after.is_some() {
                so_far.mood_before = feedback.mood_before;
                so_far.mood_after = feedback.mood_after;
            }
        }
        if kinds.contains(&Kind::Complete) {
            kinds.retain(|&k| k != Kind::Skip);
        }
        match merged {
            Some(feedback) => self.sum(&kinds, &feedback, mood).map(Some),
            None => Ok(None),
        }
    }

    fn sum(&self, kinds: &[Kind], feedback: &Feedback, mood: Option<Mood>) -> Result<i64> {
        let said_complete = kinds.contains(&Kind::Complete);
        let mut total: i64 = kinds.iter().map(|&k| self.of(k)).sum();
        let percentage = feedback.completion().unwrap_or(0.0);
        if percentage >= COMPLETE_FROM && !said_complete {
            total += self.complete;
        }
        // At the default weight this is the floor(5·percentage + 0.5) of SPEC section 4.
        total += libm::floor(self.completion as f64 * percentage / 100.0 + 0.5) as i64;
        if let (Some(before), Some(after)) = (feedback.mood_before.or(mood), feedback.mood_after) {
            total += self.mood_change(before, after);
        }
        check(total)
    }

    fn mood_change(&self, before: Mood, after: Mood) -> i64 {
        let (b, a) = (before.target().wellbeing, after.target().wellbeing);
        let size = if b.signum() * a.signum() < 0 {
            self.mood_crossing
        } else {
            self.mood
        };
        (a - b).signum() * size
    }
}

/// A reward given as a number, in thousandths.
///
/// # Errors
/// `invalid_reward` unless it is finite and within ±100.
pub fn from_number(reward: f64) -> Result<i64> {
    if reward.is_finite() && reward.abs() <= 100.0 {
        Ok(libm::floor(reward * 1000.0 + 0.5) as i64)
    } else {
        Err(Error::new(
            Code::InvalidReward,
            join(
                &[
                    "`reward` must be a number from -100 to 100, got `",
                    &number(reward),
                    "`",
                ],
                "",
            ),
        ))
    }
}

fn check(thousandths: i64) -> Result<i64> {
    if thousandths.abs() <= LIMIT {
        Ok(thousandths)
    } else {
        from_number(thousandths as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(kind: Kind) -> Feedback {
        Feedback {
            interaction_type: kind,
            completion_percentage: None,
            mood_before: None,
            mood_after: None,
        }
    }

    fn merged(history: &[Feedback]) -> i64 {
        RewardWeights::default()
            .merged(history.iter(), Some(Mood::Relaxed))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn the_guides_example_is_2_3() {
        let like = Feedback {
            completion_percentage: Some(100.0),
            mood_after: Some(Mood::Peaceful),
            ..done(Kind::Like)
        };
        let reward = RewardWeights::default().reward(&like, Some(Mood::Relaxed));
        assert_eq!(reward.unwrap(), 2300);
    }

    #[test]
    fn mood_changes_count_more_across_zero() {
        let weights = RewardWeights::default();
        assert_eq!(weights.mood_change(Mood::Sad, Mood::Happy), 500);
        assert_eq!(weights.mood_change(Mood::Sad, Mood::Neutral), 300);
        assert_eq!(weights.mood_change(Mood::Happy, Mood::Angry), -500);
        assert_eq!(weights.mood_change(Mood::Calm, Mood::Calm), 0);
    }

    #[test]
    fn later_interactions_replace_and_never_add_twice() {
        assert_eq!(merged(&[done(Kind::Like), done(Kind::Like)]), 1000);
        assert_eq!(merged(&[done(Kind::Like), done(Kind::Dislike)]), -1000);
        assert_eq!(merged(&[done(Kind::Skip), done(Kind::Complete)]), 1000);
        let heard = |percentage| Feedback {
            completion_percentage: Some(percentage),
            ..done(Kind::Share)
        };
        assert_eq!(merged(&[heard(80.0), heard(20.0)]), 800 + 400);
        assert_eq!(
            merged(&[heard(30.0), done(Kind::Complete)]),
            800 + 500 + 500
        );
    }

    #[test]
    fn a_reward_beyond_the_limit_is_refused() {
        let weights = RewardWeights {
            share: 200_000,
            ..RewardWeights::default()
        };
        let error = weights.reward(&done(Kind::Share), None).unwrap_err();
        assert_eq!(error.code(), Code::InvalidReward);
        assert!(from_number(f64::NAN).is_err());
        assert_eq!(from_number(-0.3).unwrap(), -300);
    }
}
