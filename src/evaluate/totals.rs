//! What the estimators are made of: every one is a smooth function of a few
//! per-decision totals, so one set of moments gives all values and, by the
//! delta method, all standard errors, clustered by decision.
//!
//! The reward model is fitted on the rows that it predicts, yet they are read
//! once. Values are those of the table that all rows make, for they need only
//! sums by action. Their errors take each row's prediction from the rows before
//! it, which tends to the same; what fitting adds to them is exact, since it
//! depends on a decision's action alone.

use super::report::Estimator;
use super::reward_table::RewardTable;
use crate::stats::Moments;

/// How many numbers a decision's rows add up to.
pub const SUMS: usize = 7;
/// What they add up to; the unit vectors name the entries.
pub type Sums = [f64; SUMS];

const SUM_ROWS: Sums = unit(0);
const SUM_WEIGHT: Sums = unit(1);
const SUM_WEIGHTED_REWARD: Sums = unit(2);
/// What was predicted under the target, above the mean of the rows before.
const SUM_TILT: Sums = unit(3);
/// The weight times what was predicted for the chosen action, above that mean.
const SUM_WEIGHTED_TILT: Sums = unit(4);
const SUM_CLIPPED_REWARD: Sums = unit(5);
const SUM_REWARD: Sums = unit(6);

/// How many totals of a decision the estimators are made of.
const TOTALS: usize = 8;
/// What the estimators are made of, for each decision.
type Totals = [f64; TOTALS];

pub const ROWS: Totals = unit(0);
const WEIGHT: Totals = unit(1);
const WEIGHTED_REWARD: Totals = unit(2);
const PREDICTED: Totals = unit(3);
const WEIGHTED_RESIDUAL: Totals = unit(4);
const CLIPPED_REWARD: Totals = unit(5);
const FITTING: Totals = unit(6);
pub const REWARD: Totals = unit(7);

#[allow(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a wrong index is a build error"
)]
const fn unit<const K: usize>(at: usize) -> [f64; K] {
    let mut vector = [0.0; K];
    vector[at] = 1.0;
    vector
}

fn dot<const K: usize>(a: &[f64; K], b: &[f64; K]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The gradient of the ratio `numerator / denominator` at `means`, and its value.
pub fn ratio(means: &Totals, numerator: &Totals, denominator: &Totals) -> (f64, Totals) {
    let below = dot(denominator, means);
    let value = dot(numerator, means) / below;
    let mut gradient = [0.0; TOTALS];
    for ((g, n), d) in gradient.iter_mut().zip(numerator).zip(denominator) {
        *g = (n - value * d) / below;
    }
    (value, gradient)
}

/// `a + factor · b`.
pub fn plus<const K: usize>(a: [f64; K], b: [f64; K], factor: f64) -> [f64; K] {
    let mut sum = a;
    for (x, y) in sum.iter_mut().zip(b) {
        *x += factor * y;
    }
    sum
}

/// The moments of the totals, with the fitted table where it came too late
/// for the rows: in the noise of fitting, and in the means.
pub fn fitted(table: &RewardTable, parts: &[Moments<SUMS>]) -> (Moments<TOTALS>, Totals) {
    let mean = table.mean();
    let predicted = plus(SUM_TILT, SUM_ROWS, mean);
    let residual = plus(
        plus(SUM_WEIGHTED_REWARD, SUM_WEIGHT, -mean),
        SUM_WEIGHTED_TILT,
        -1.0,
    );
    let mut all = Moments::default();
    let mut explained = 0.0;
    for (action, moments) in parts.iter().enumerate() {
        if moments.count() == 0 {
            continue;
        }
        let influence = table.influence(action);
        let fitting = plus(
            SUM_ROWS.map(|x| x * influence.by_row),
            SUM_REWARD,
            influence.by_reward,
        );
        all.merge(&moments.map(&[
            SUM_ROWS,
            SUM_WEIGHT,
            SUM_WEIGHTED_REWARD,
            predicted,
            residual,
            SUM_CLIPPED_REWARD,
            fitting,
            SUM_REWARD,
        ]));
        let weights = moments.count() as f64 * dot(&SUM_WEIGHT, moments.mean());
        explained += weights * table.predict(action);
    }
    let mut means = *all.mean();
    let exact = [
        (PREDICTED, table.expect() * dot(&ROWS, &means)),
        (
            WEIGHTED_RESIDUAL,
            dot(&WEIGHTED_REWARD, &means) - explained / all.count().max(1) as f64,
        ),
    ];
    for (entry, value) in exact {
        let off = value - dot(&entry, &means);
        means = plus(means, entry, off);
    }
    (all, means)
}

/// An estimator's value and its gradient in the means of the totals.
pub fn value_of(estimator: Estimator, means: &Totals) -> (f64, Totals) {
    match estimator {
        Estimator::Ips => ratio(means, &WEIGHTED_REWARD, &ROWS),
        Estimator::Snips => ratio(means, &WEIGHTED_REWARD, &WEIGHT),
        Estimator::DirectMethod => {
            let (value, gradient) = ratio(means, &PREDICTED, &ROWS);
            let (_, fitting) = ratio(means, &FITTING, &ROWS);
            (value, plus(gradient, fitting, 1.0))
        }
        Estimator::DoublyRobust => ratio(means, &plus(PREDICTED, WEIGHTED_RESIDUAL, 1.0), &ROWS),
        Estimator::SelfNormalisedDoublyRobust => {
            let (predicted, first) = ratio(means, &PREDICTED, &ROWS);
            let (residual, second) = ratio(means, &WEIGHTED_RESIDUAL, &WEIGHT);
            (predicted + residual, plus(first, second, 1.0))
        }
        Estimator::ClippedIps => ratio(means, &CLIPPED_REWARD, &ROWS),
    }
}
