//! How well an item fits the parameters: the one formula behind ranking and
//! `match_score`.
//!
//! `match = energy × popularity × valence × genre`, each 0..=1:
//! - energy and popularity are soft bands: 1 inside, `1 / (1 + (d/s)²)` at a
//!   distance d outside, s = 0.15 and 20. The penalty grows with the distance
//!   and never reaches 0, so that a small catalog still answers;
//! - valence is `1 − |v − target| / 2`;
//! - genre is `0.9 + 0.1·a` for an item whose main genre was chosen, `0.7 +
//!   0.1·a` when another of its genres was, else `0.5 + 0.1·a`, where a is the
//!   main genre's affinity −1..=1 ([`super::Affinity::score`]).
//!
//! A number that the source does not state counts alike for every item.

use crate::params::Parameters;

use super::item::Item;

/// Steps of a column: a number 0..=1 is stored as thousandths.
const STEPS: usize = 1000;
/// The column entry of a number that the source does not state.
const UNSTATED: u16 = STEPS as u16 + 1;
/// What an unstated number contributes: about what a random item would.
const UNSTATED_FIT: f32 = 0.6;
/// How fast the penalty for energy grows outside its band.
const ENERGY_SLACK: f32 = 0.15;
/// The same for popularity, in 0..=1.
const POPULARITY_SLACK: f32 = 0.20;

/// The energies (0..=1) and popularities (0..=100) at which a factor of the
/// match is at least one half: what a database selects as candidates for
/// [`super::rank`] when a catalog is too large to load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Lowest and highest energy.
    pub energy: (f64, f64),
    /// Lowest and highest popularity.
    pub popularity: (f64, f64),
}

impl Reach {
    /// The bands of `params`, widened to where their penalty halves a match.
    #[must_use]
    pub fn of(params: &Parameters) -> Self {
        let widen = |a: f64, b: f64, slack: f32, most: f64| {
            let by = f64::from(slack) * most;
            ((a.min(b) - by).max(0.0), (a.max(b) + by).min(most))
        };
        let (low, high) = (params.popularity_min, params.popularity_max);
        Self {
            energy: widen(params.min_energy, params.max_energy, ENERGY_SLACK, 1.0),
            popularity: widen(f64::from(low), f64::from(high), POPULARITY_SLACK, 100.0),
        }
    }
}

/// An item's three numbers as thousandths, ready for look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) energy: u16,
    pub(super) valence: u16,
    pub(super) popularity: u16,
}

impl Numbers {
    pub(super) fn of(item: &Item) -> Self {
        let step = |known: bool, x: f64| match known {
            true => libm::floor(x.clamp(0.0, 1.0) * STEPS as f64 + 0.5) as u16,
            false => UNSTATED,
        };
        Self {
            energy: step(item.known.energy, item.energy),
            valence: step(item.known.valence, item.valence),
            popularity: step(item.known.popularity, item.popularity / 100.0),
        }
    }

    /// How alike two items feel, 0..=1, by energy and valence.
    pub(super) fn closeness(self, other: Self) -> f32 {
        let apart = self.energy.abs_diff(other.energy) + self.valence.abs_diff(other.valence);
        1.0 - f32::from(apart.min(STEPS as u16)) / STEPS as f32
    }
}

/// The formula for one set of parameters, tabulated once per ranking.
#[derive(Debug)]
pub(super) struct Fit {
    energy: Vec<f32>,
    valence: Vec<f32>,
    popularity: Vec<f32>,
}

impl Fit {
    pub(super) fn of(params: &Parameters) -> Self {
        let valence = params.valence as f32;
        Self {
            energy: table(UNSTATED_FIT, |x| {
                band(
                    x,
                    params.min_energy as f32,
                    params.max_energy as f32,
                    ENERGY_SLACK,
                )
            }),
            valence: table(1.0 - UNSTATED_FIT / 2.0, |x| {
                1.0 - (x - valence).abs() / 2.0
            }),
            popularity: table(UNSTATED_FIT, |x| {
                let (low, high) = (params.popularity_min, params.popularity_max);
                band(x, low as f32 / 100.0, high as f32 / 100.0, POPULARITY_SLACK)
            }),
        }
    }

    /// Energy × popularity × valence, 0..=1.
    pub(super) fn of_numbers(&self, numbers: Numbers) -> f32 {
        let at = |table: &[f32], step: u16| table.get(usize::from(step)).copied().unwrap_or(0.0);
        at(&self.energy, numbers.energy)
            * at(&self.popularity, numbers.popularity)
            * at(&self.valence, numbers.valence)
    }
}

fn table(unstated: f32, fit: impl Fn(f32) -> f32) -> Vec<f32> {
    let mut table: Vec<f32> = (0..=STEPS).map(|i| fit(i as f32 / STEPS as f32)).collect();
    table.push(unstated);
    table
}

fn band(x: f32, one_end: f32, other_end: f32, slack: f32) -> f32 {
    let (low, high) = (one_end.min(other_end), one_end.max(other_end));
    let outside = (low - x).max(x - high).max(0.0) / slack;
    1.0 / (1.0 + outside * outside)
}

/// How an item's genres relate to the chosen ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinship {
    /// Its main genre was chosen.
    Main,
    /// Another of its genres was chosen.
    Second,
    /// None was.
    Outside,
}

/// The genre factor for a main genre of affinity −1..=1.
pub(super) fn of_genre(kinship: Kinship, affinity: f64) -> f32 {
    let base = match kinship {
        Kinship::Main => 0.9,
        Kinship::Second => 0.7,
        Kinship::Outside => 0.5,
    };
    base + 0.1 * affinity as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_soft_outside_and_flat_inside() {
        let near = band(0.5, 0.0, 0.4, 0.15);
        let far = band(0.9, 0.0, 0.4, 0.15);
        assert_eq!(band(0.4, 0.0, 0.4, 0.15), 1.0);
        assert!(1.0 > near && near > far && far > 0.0);
        assert_eq!(band(0.5, 0.4, 0.0, 0.15), near, "ends may come swapped");
    }

    #[test]
    fn the_reach_ends_where_a_factor_is_one_half() {
        let reach = Reach::of(&Parameters::FALLBACK);
        assert!((reach.energy.0 - 0.15).abs() < 1e-6 && (reach.energy.1 - 0.85).abs() < 1e-6);
        assert!(reach.popularity.0.abs() < 1e-6 && (reach.popularity.1 - 100.0).abs() < 1e-6);
        assert!((band(0.85, 0.3, 0.7, ENERGY_SLACK) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn every_factor_stays_within_0_and_1() {
        let fit = Fit::of(&Parameters::FALLBACK);
        for energy in [0, 500, 1000, UNSTATED] {
            for valence in [0, 500, 1000, UNSTATED] {
                for popularity in [0, 500, 1000, UNSTATED] {
                    let x = fit.of_numbers(Numbers {
                        energy,
                        valence,
                        popularity,
                    });
                    assert!((0.0..=1.0).contains(&x) && x > 0.0);
                }
            }
        }
        for kinship in [Kinship::Main, Kinship::Second, Kinship::Outside] {
            assert!(of_genre(kinship, -1.0) > 0.0 && of_genre(kinship, 1.0) <= 1.0);
        }
    }
}
