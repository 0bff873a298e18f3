//! What was observed, as integer sums per ISO week and strategy (SPEC section 5).
//!
//! Sums of integers are exact: any order, split, merge and subtraction give the
//! same bytes. Contrasts and weights are applied later, when the model is solved.

mod share;
mod stored;

pub use share::fair_share;

use crate::sorted::Map;

use crate::codec::unreadable;
use crate::error::{Code, Error, Result};
use crate::features::{Features, Layout};
use crate::strategy::Strategy;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// An ISO week (Monday to Sunday, UTC), counted from the week of 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(pub i32);

impl Week {
    /// The week that holds `ms`, milliseconds since 1970 (UTC).
    #[must_use]
    pub const fn of(ms: i64) -> Self {
        // 1970-01-01 was a Thursday: three days into its week.
        Self((ms.div_euclid(DAY) + 3).div_euclid(7) as i32)
    }
}

/// One learned (decision, content) pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The week of the decision.
    pub week: Week,
    /// The strategy that was used.
    pub action: Strategy,
    /// The context it was used in.
    pub features: Features,
    /// The reward in thousandths, at most 100,000 in magnitude.
    pub reward: i64,
}

/// The sums of one strategy in one week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Σ c·cᵀ, lower triangle row by row.
    products: Vec<i64>,
    /// Σ r·c, r in thousandths.
    rewards: Vec<i64>,
    /// Σ r².
    squares: i64,
}

/// Where row `i`, column `j ≤ i` lies in a packed lower triangle.
const fn packed(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

fn full() -> Error {
    Error::new(
        Code::EvidenceFull,
        "the sums of this week would exceed 64 bits",
    )
}

fn corrupt(why: &str) -> Error {
    unreadable("body of evidence", why)
}

impl Sums {
    fn new(columns: usize) -> Self {
        Self {
            products: vec![0; columns * (columns + 1) / 2],
            rewards: vec![0; columns],
            squares: 0,
        }
    }

    /// How many observations are in the sums.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.products.first().copied().unwrap_or(0)
    }

    /// Σ cᵢ·cⱼ of two columns.
    #[must_use]
    pub fn product(&self, i: usize, j: usize) -> i64 {
        let at = packed(i.max(j), i.min(j));
        self.products.get(at).copied().unwrap_or(0)
    }

    /// Σ r·c, r in thousandths.
    #[must_use]
    pub fn rewards(&self) -> &[i64] {
        &self.rewards
    }

    /// Σ r², r in thousandths.
    #[must_use]
    pub const fn squares(&self) -> i64 {
        self.squares
    }

    /// The sums of a single observation.
    fn of(columns: usize, features: &Features, reward: i64) -> Option<Self> {
        let mut sums = Self::new(columns);
        sums.shift(features, reward, 1)?;
        Some(sums)
    }

    /// Adds `sign` times one observation, or changes nothing on overflow.
    fn shift(&mut self, features: &Features, reward: i64, sign: i64) -> Option<()> {
        let square = sign.checked_mul(reward.checked_mul(reward)?)?;
        let squares = self.squares.checked_add(square)?;
        for (i, v) in features.iter() {
            let value = sign.checked_mul(v.checked_mul(reward)?)?;
            self.rewards.get(i)?.checked_add(value)?;
            for (j, u) in features.iter().take_while(|&(j, _)| j <= i) {
                self.products.get(packed(i, j))?.checked_add(sign * v * u)?;
            }
        }
        self.squares = squares;
        for (i, v) in features.iter() {
            if let Some(slot) = self.rewards.get_mut(i) {
                *slot += sign * v * reward;
            }
            for (j, u) in features.iter().take_while(|&(j, _)| j <= i) {
                if let Some(slot) = self.products.get_mut(packed(i, j)) {
                    *slot += sign * v * u;
                }
            }
        }
        Some(())
    }

    /// Adds `sign` times other sums, or changes nothing on overflow.
    fn merge(&mut self, other: &Self) -> Option<()> {
        let mut sum = self.clone();
        let pairs = (sum.products.iter_mut().zip(&other.products))
            .chain(sum.rewards.iter_mut().zip(&other.rewards))
            .chain(std::iter::once((&mut sum.squares, &other.squares)));
        for (slot, value) in pairs {
            *slot = slot.checked_add(*value)?;
        }
        *self = sum;
        Some(())
    }
}

/// Integer sums per week and strategy; weeks and strategies without an
/// observation are absent, so equal content is equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    columns: usize,
    weeks: Map<Week, Map<Strategy, Sums>>,
}

impl Evidence {
    /// No observations, for contexts of `layout`.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            columns: layout.context_len(),
            weeks: Map::new(),
        }
    }

    /// Adds one observation.
    ///
    /// # Errors
    /// `evidence_full` when a sum would exceed 64 bits; nothing has changed then.
    pub fn add(&mut self, observation: &Observation) -> Result<()> {
        self.shift(observation, 1)
    }

    /// Takes out one observation that was added.
    ///
    /// # Errors
    /// `corrupt_log` when it cannot have been added; `evidence_full` on
    /// overflow. Nothing has changed then.
    pub fn subtract(&mut self, observation: &Observation) -> Result<()> {
        self.shift(observation, -1)
    }

    /// Takes everything in `other` in, for writers that keep evidence apart.
    ///
    /// # Errors
    /// `evidence_full` when a sum would exceed 64 bits, `corrupt_model` when
    /// `other` has another layout; nothing has changed then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.columns != other.columns {
            return Err(corrupt("it has another layout"));
        }
        let mut merged = self.clone();
        for (week, actions) in &other.weeks {
            let into = merged.weeks.or_default(*week);
            for (action, sums) in actions {
                match into.get_mut(action) {
                    Some(slot) => slot.merge(sums).ok_or_else(full)?,
                    None => {
                        into.insert(*action, sums.clone());
                    }
                }
            }
        }
        *self = merged;
        Ok(())
    }

    /// Drops a whole week, as the end of retention does.
    pub fn remove_week(&mut self, week: Week) {
        self.weeks.remove(&week);
    }

    /// The weeks with an observation, ascending.
    pub fn weeks(&self) -> impl DoubleEndedIterator<Item = Week> + '_ {
        self.weeks.keys().copied()
    }

    /// The sums of one week, by strategy.
    #[must_use]
    pub fn week(&self, week: Week) -> Option<&Map<Strategy, Sums>> {
        self.weeks.get(&week)
    }

    /// How many observations a week holds.
    #[must_use]
    pub fn count(&self, week: Week) -> i64 {
        self.week(week)
            .map_or(0, |actions| actions.values().map(Sums::count).sum())
    }

    /// How many observations there are in all.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.weeks().map(|week| self.count(week)).sum()
    }

    fn shift(&mut self, observation: &Observation, sign: i64) -> Result<()> {
        let Observation {
            week,
            action,
            features,
            reward,
        } = observation;
        let columns = self.columns;
        if features.iter().any(|(i, _)| i >= columns) {
            return Err(corrupt("an observation has another layout"));
        }
        let known = self.weeks.get_mut(week).and_then(|a| a.get_mut(action));
        match known {
            Some(sums) if sign < 0 && sums.count() == 1 => {
                if Sums::of(columns, features, *reward).as_ref() != Some(sums) {
                    return Err(never_added());
                }
                self.drop_sums(*week, *action);
                Ok(())
            }
            Some(sums) => sums.shift(features, *reward, sign).ok_or_else(full),
            None if sign < 0 => Err(never_added()),
            None => {
                let sums = Sums::of(columns, features, *reward).ok_or_else(full)?;
                self.weeks.or_default(*week).insert(*action, sums);
                Ok(())
            }
        }
    }

    fn drop_sums(&mut self, week: Week, action: Strategy) {
        if let Some(actions) = self.weeks.get_mut(&week) {
            actions.remove(&action);
            if actions.is_empty() {
                self.weeks.remove(&week);
            }
        }
    }
}

fn never_added() -> Error {
    Error::new(
        Code::CorruptLog,
        "an observation is taken out that was never added",
    )
}
