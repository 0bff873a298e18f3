//! What an arm's days add up to: the aggregates that outlive raw rows.

use serde::Serialize;

use super::Kind;
use crate::error::{Code, Error, Result};

/// A unit may not be larger than this; squares of sums stay finite.
const LARGEST: f64 = 1e12;

/// Count, sum and sum of squares of one metric's units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    units: u64,
    sum: f64,
    sum_squares: f64,
}

impl Tally {
    /// `units` units that add up to `sum`, their squares to `sum_squares`.
    ///
    /// # Errors
    /// `invalid_options` where no such units exist.
    pub fn new(units: u64, sum: f64, sum_squares: f64) -> Result<Self> {
        let n = units as f64;
        // The mean square is at least the square of the mean; a little slack for rounding.
        let possible = sum.abs() <= n * LARGEST
            && sum_squares >= 0.0
            && sum_squares <= n * LARGEST * LARGEST
            && sum * sum <= n * sum_squares * (1.0 + 1e-9);
        if possible {
            Ok(Self {
                units,
                sum,
                sum_squares,
            })
        } else {
            Err(Error::new(
                Code::InvalidOptions,
                format!(
                    "no `{units}` units have the sum `{sum}` and the sum of squares `{sum_squares}`"
                ),
            ))
        }
    }

    /// `hits` ones among `units` zeros and ones.
    ///
    /// # Errors
    /// `invalid_options` for more hits than units.
    pub fn rate(hits: u64, units: u64) -> Result<Self> {
        if hits > units {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("`{hits}` hits are more than `{units}` units"),
            ));
        }
        Self::new(units, hits as f64, hits as f64)
    }

    /// How many units there are.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// Their mean; 0 for none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.units == 0 {
            0.0
        } else {
            self.sum / self.units as f64
        }
    }

    /// The variance of a unit. A rate's is that of one hit and one miss more,
    /// so that it is never 0.
    #[must_use]
    pub fn variance(&self, kind: Kind) -> f64 {
        let n = self.units as f64;
        match kind {
            Kind::Rate => {
                let p = (self.sum + 1.0) / (n + 2.0);
                p * (1.0 - p)
            }
            Kind::Mean if self.units < 2 => 0.0,
            Kind::Mean => (self.sum_squares - self.sum * self.mean()).max(0.0) / (n - 1.0),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            units: self.units + other.units,
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }

    /// Whether these can be zeros and ones.
    pub(super) fn is_rate(&self) -> bool {
        self.sum == self.sum_squares && (0.0..=self.units as f64).contains(&self.sum)
    }
}

/// One day (or any other stretch) of both arms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Day {
    /// The users on the agent.
    pub agent: Tally,
    /// The users on the baseline, the holdout among them.
    pub baseline: Tally,
}

/// Sums over the users of one arm, each with `n` units that add up to `s`:
/// what one `GROUP BY user_id` gives. They tell how much alike one user's
/// units are, which daily tallies cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UserSums {
    /// How many users.
    pub users: u64,
    /// Σ n.
    pub units: f64,
    /// Σ s.
    pub sum: f64,
    /// Σ n².
    pub units_squared: f64,
    /// Σ n·s.
    pub units_times_sum: f64,
    /// Σ s².
    pub sum_squared: f64,
}

impl UserSums {
    /// Takes one user's `units` units that add up to `sum`.
    pub fn add(&mut self, units: f64, sum: f64) {
        self.users += 1;
        self.units += units;
        self.sum += sum;
        self.units_squared += units * units;
        self.units_times_sum += units * sum;
        self.sum_squared += sum * sum;
    }

    /// How many times larger the variance of the mean is than if all units
    /// were independent (Kish 1965), at least 1; `variance` is that of a unit.
    /// 1 for fewer than two users.
    ///
    /// # Errors
    /// `invalid_options` for sums that are negative where they cannot be, or
    /// not finite.
    pub fn design_effect(&self, variance: f64) -> Result<f64> {
        let sums = [
            self.units,
            self.units_squared,
            self.sum_squared,
            self.units_times_sum.abs(),
            self.sum.abs(),
        ];
        if sums.iter().any(|s| !(0.0..=1e30).contains(s)) {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("sums over `{}` users cannot be `{sums:?}`", self.users),
            ));
        }
        if self.users < 2 || self.units == 0.0 || variance <= 0.0 {
            return Ok(1.0);
        }
        let users = self.users as f64;
        let mean = self.sum / self.units;
        let residual =
            self.sum_squared - 2.0 * mean * self.units_times_sum + mean * mean * self.units_squared;
        let clustered = users / (users - 1.0) * residual.max(0.0) / (self.units * self.units);
        Ok((clustered / (variance / self.units)).max(1.0))
    }
}

/// The users of both arms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clusters {
    /// The users on the agent.
    pub agent: UserSums,
    /// The users on the baseline, the holdout among them.
    pub baseline: UserSums,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_tallies_are_refused() {
        for (units, sum, squares) in [
            (0, 1.0, 1.0),
            (10, 10.0, 5.0),
            (10, f64::NAN, 5.0),
            (10, 1.0, f64::NAN),
            (10, 1.0, -1.0),
            (1, 1e200, f64::INFINITY),
        ] {
            let error = Tally::new(units, sum, squares).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions);
        }
        assert!(Tally::rate(3, 2).is_err());
        assert!(Tally::new(0, 0.0, 0.0).is_ok());
    }

    #[test]
    fn variance_agrees_with_the_textbook() {
        // 1, 2, 4: mean 7/3, variance 7/3.
        let tally = Tally::new(3, 7.0, 21.0).unwrap();
        assert!((tally.variance(Kind::Mean) - 7.0 / 3.0).abs() < 1e-12);
        assert!(Tally::rate(0, 8).unwrap().variance(Kind::Rate) > 0.0);
    }

    #[test]
    fn users_who_never_waver_count_once_each() {
        // 100 users, 10 units each, all or nothing: 1,000 units tell as much as 100.
        let mut sums = UserSums::default();
        for user in 0..100 {
            sums.add(10.0, if user % 2 == 0 { 10.0 } else { 0.0 });
        }
        let effect = sums.design_effect(0.25).unwrap();
        assert!((effect - 10.0 * 100.0 / 99.0).abs() < 1e-9, "{effect}");
        // Users who are all alike count for every unit, never for more.
        let mut alike = UserSums::default();
        for _ in 0..100 {
            alike.add(10.0, 5.0);
        }
        assert_eq!(alike.design_effect(0.25).unwrap(), 1.0);
        alike.units = f64::NAN;
        assert!(alike.design_effect(0.25).is_err());
    }
}
