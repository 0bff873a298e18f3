//! The estimators as streaming sums: every one is a smooth function of a few
//! per-decision totals, so one set of moments gives all values and, by the
//! delta method, all standard errors, clustered by decision.

use super::overlap::{Finding, Weights};
use super::report::{Estimated, Estimator, Report};
use crate::error::{Code, Error, Result};
use crate::stats::{Estimate, Moments};

/// One row of a log, seen from a target policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logged {
    /// Whether this is a further row of the decision that the row before belongs to.
    pub continues: bool,
    /// The probability with which the log's policy chose the action, 1e-9..=1.
    pub propensity: f64,
    /// The probability with which the target would choose it, 0..=1.
    pub target: f64,
    /// The reward of this row.
    pub reward: f64,
    /// What the reward model predicts for the chosen action; 0 without a model.
    pub q_chosen: f64,
    /// What it predicts under the target, Σ π(a)·q(a); 0 without a model.
    pub q_target: f64,
    /// How much this row moved the mean of `q_target`, scaled by the number of
    /// rows, if the model was fitted on this very log; 0 for a model from elsewhere.
    pub q_influence: f64,
}

const TOTALS: usize = 8;
/// What a decision's rows add up to; the unit vectors below name the entries.
type Totals = [f64; TOTALS];

const ROWS: Totals = unit(0);
const WEIGHT: Totals = unit(1);
const WEIGHTED_REWARD: Totals = unit(2);
const PREDICTED: Totals = unit(3);
const WEIGHTED_RESIDUAL: Totals = unit(4);
const CLIPPED_REWARD: Totals = unit(5);
const FITTING: Totals = unit(6);
const REWARD: Totals = unit(7);

#[allow(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a wrong index is a build error"
)]
const fn unit(at: usize) -> Totals {
    let mut vector = [0.0; TOTALS];
    vector[at] = 1.0;
    vector
}

fn dot(a: &Totals, b: &Totals) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The gradient of the ratio `numerator / denominator` at `means`, and its value.
fn ratio(means: &Totals, numerator: &Totals, denominator: &Totals) -> (f64, Totals) {
    let below = dot(denominator, means);
    let value = dot(numerator, means) / below;
    let mut gradient = [0.0; TOTALS];
    for ((g, n), d) in gradient.iter_mut().zip(numerator).zip(denominator) {
        *g = (n - value * d) / below;
    }
    (value, gradient)
}

fn plus(a: Totals, b: Totals, sign: f64) -> Totals {
    let mut sum = a;
    for (x, y) in sum.iter_mut().zip(b) {
        *x += sign * y;
    }
    sum
}

/// The sums behind a [`Report`]; take rows with [`Estimators::push`].
#[derive(Clone, Debug)]
pub struct Estimators {
    clip: f64,
    moments: Moments<TOTALS>,
    weights: Weights,
    clipped_weights: Weights,
    clipped: u64,
    rows: u64,
    /// The decision being read: its propensity, target probability and totals.
    open: Option<(f64, f64, Totals)>,
}

impl Estimators {
    /// Empty sums; clipped IPS cuts weights at `clip`, 1..=1,000,000.
    ///
    /// # Errors
    /// `invalid_options` for any other bound.
    pub fn new(clip: f64) -> Result<Self> {
        if !(1.0..=1e6).contains(&clip) {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("`clip` must be a number from 1 to 1000000, got `{clip}`"),
            ));
        }
        Ok(Self {
            clip,
            moments: Moments::default(),
            weights: Weights::default(),
            clipped_weights: Weights::default(),
            clipped: 0,
            rows: 0,
            open: None,
        })
    }

    /// Takes one row.
    ///
    /// # Errors
    /// `corrupt_log` when a propensity is not in 1e-9..=1, a probability not in
    /// 0..=1, a number larger than 1e12 or NaN, or a continuing row disagrees with its
    /// decision; nothing is taken then.
    pub fn push(&mut self, row: &Logged) -> Result<()> {
        check(row)?;
        if row.continues {
            let Some((propensity, target, totals)) = &mut self.open else {
                return Err(corrupt("a row continues a decision that none began"));
            };
            if *propensity != row.propensity || *target != row.target {
                return Err(corrupt("two rows of one decision differ in propensity"));
            }
            *totals = plus(*totals, totals_of(row, self.clip), 1.0);
        } else {
            self.close();
            self.open = Some((row.propensity, row.target, totals_of(row, self.clip)));
        }
        self.rows += 1;
        Ok(())
    }

    /// Moves the decision being read into the sums.
    fn close(&mut self) {
        if let Some((propensity, target, totals)) = self.open.take() {
            let weight = target / propensity;
            self.moments.add(&totals);
            self.weights.add(weight);
            self.clipped_weights.add(weight.min(self.clip));
            self.clipped += u64::from(weight > self.clip);
        }
    }

    /// What the rows so far say; may be asked at any time.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut all = self.clone();
        all.close();
        all.closed_report()
    }

    fn closed_report(&self) -> Report {
        let overlap = self.weights.overlap();
        let refusal = overlap.refusal();
        let mut warnings = overlap.warnings();
        if self.clipped > 0 {
            warnings.push(Finding::new(
                "clipped",
                format!(
                    "{} decisions have weights above {}: clipped_ips is biased towards 0",
                    self.clipped, self.clip
                ),
            ));
        }
        let means = self.moments.mean();
        let (value, log_gradient) = ratio(means, &REWARD, &ROWS);
        let size = overlap.decisions as f64;
        let logged = self
            .moments
            .standard_error(&log_gradient)
            .map(|error| Estimate::new(value, error, size));
        let estimates = match (&refusal, &logged) {
            (None, Some(logged)) => {
                let effective = overlap.effective_sample_size;
                let cut = self.clipped_weights.overlap().effective_sample_size;
                [
                    Estimator::Ips,
                    Estimator::Snips,
                    Estimator::DirectMethod,
                    Estimator::DoublyRobust,
                    Estimator::SelfNormalisedDoublyRobust,
                    Estimator::ClippedIps,
                ]
                .into_iter()
                .filter_map(|estimator| {
                    let size = match estimator {
                        Estimator::DirectMethod => size,
                        Estimator::ClippedIps => cut,
                        _ => effective,
                    };
                    let (value, gradient) = self.value(estimator);
                    let gain = plus(gradient, log_gradient, -1.0);
                    Some(Estimated {
                        estimator,
                        effective_sample_size: size,
                        estimate: Estimate::new(
                            value,
                            self.moments.standard_error(&gradient)?,
                            size,
                        ),
                        gain: Estimate::new(
                            value - logged.value,
                            self.moments.standard_error(&gain)?,
                            size,
                        ),
                    })
                })
                .collect()
            }
            _ => Vec::new(),
        };
        Report {
            rows: self.rows,
            overlap,
            logged,
            refusal,
            warnings,
            estimates,
        }
    }

    /// An estimator's value and its gradient in the means of the totals.
    fn value(&self, estimator: Estimator) -> (f64, Totals) {
        let means = self.moments.mean();
        match estimator {
            Estimator::Ips => ratio(means, &WEIGHTED_REWARD, &ROWS),
            Estimator::Snips => ratio(means, &WEIGHTED_REWARD, &WEIGHT),
            Estimator::DirectMethod => {
                let (value, gradient) = ratio(means, &PREDICTED, &ROWS);
                let (_, fitting) = ratio(means, &FITTING, &ROWS);
                (value, plus(gradient, fitting, 1.0))
            }
            Estimator::DoublyRobust => {
                ratio(means, &plus(PREDICTED, WEIGHTED_RESIDUAL, 1.0), &ROWS)
            }
            Estimator::SelfNormalisedDoublyRobust => {
                let (predicted, first) = ratio(means, &PREDICTED, &ROWS);
                let (residual, second) = ratio(means, &WEIGHTED_RESIDUAL, &WEIGHT);
                (predicted + residual, plus(first, second, 1.0))
            }
            Estimator::ClippedIps => ratio(means, &CLIPPED_REWARD, &ROWS),
        }
    }
}

fn corrupt(what: &str) -> Error {
    Error::new(Code::CorruptLog, what)
}

/// The smallest propensity that is believed: less is a rounding error, and its
/// weight alone would be the estimate.
const LEAST_PROPENSITY: f64 = 1e-9;
/// The largest size of a reward or prediction; products and squares stay finite.
const LARGEST: f64 = 1e12;

pub(super) fn check_probabilities(propensity: f64, targets: &[f64]) -> Result<()> {
    if !(LEAST_PROPENSITY..=1.0).contains(&propensity) {
        return Err(corrupt(&format!(
            "`propensity` must be a number from {LEAST_PROPENSITY} to 1, got `{propensity}`"
        )));
    }
    match targets.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(p) => Err(corrupt(&format!(
            "the target's probability must be a number from 0 to 1, got `{p}`"
        ))),
        None => Ok(()),
    }
}

pub(super) fn check_sizes(numbers: &[f64]) -> Result<()> {
    match numbers.iter().find(|x| x.is_nan() || x.abs() > LARGEST) {
        Some(x) => Err(corrupt(&format!(
            "rewards and predictions must be numbers of size at most {LARGEST}, got `{x}`"
        ))),
        None => Ok(()),
    }
}

fn check(row: &Logged) -> Result<()> {
    check_probabilities(row.propensity, &[row.target])?;
    check_sizes(&[row.reward, row.q_chosen, row.q_target, row.q_influence])
}

fn totals_of(row: &Logged, clip: f64) -> Totals {
    let weight = row.target / row.propensity;
    [
        1.0,
        weight,
        weight * row.reward,
        row.q_target,
        weight * (row.reward - row.q_chosen),
        weight.min(clip) * row.reward,
        row.q_influence,
        row.reward,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(propensity: f64, target: f64, reward: f64) -> Logged {
        Logged {
            continues: false,
            propensity,
            target,
            reward,
            q_chosen: 0.0,
            q_target: 0.0,
            q_influence: 0.0,
        }
    }

    #[test]
    fn bad_numbers_are_refused_and_leave_no_trace() {
        let mut sums = Estimators::new(10.0).unwrap();
        sums.push(&row(0.5, 0.5, 1.0)).unwrap();
        let before = sums.report();
        for bad in [
            row(0.0, 0.5, 1.0),
            row(1.5, 0.5, 1.0),
            row(f64::NAN, 0.5, 1.0),
            row(0.5, -0.1, 1.0),
            row(0.5, f64::NAN, 1.0),
            row(0.5, 0.5, f64::INFINITY),
            Logged {
                continues: true,
                ..row(0.4, 0.5, 1.0)
            },
        ] {
            assert_eq!(sums.push(&bad).unwrap_err().code(), Code::CorruptLog);
        }
        assert_eq!(sums.report(), before);
        for bad in [0.5, f64::NAN, 2e6] {
            let error = Estimators::new(bad).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions);
        }
    }

    #[test]
    fn rows_of_one_decision_count_as_one_draw() {
        // Doubling every row changes neither values nor standard errors.
        let rewards = [1.0, 0.0, 0.5, 2.0, -1.0];
        let (mut once, mut twice) = (
            Estimators::new(10.0).unwrap(),
            Estimators::new(10.0).unwrap(),
        );
        for i in 0..200 {
            let (p, target) = if i % 2 == 0 { (0.25, 0.2) } else { (0.75, 0.9) };
            let r = row(p, target, rewards[i % 5]);
            once.push(&r).unwrap();
            twice.push(&r).unwrap();
            twice
                .push(&Logged {
                    continues: true,
                    ..r
                })
                .unwrap();
        }
        let (once, twice) = (once.report(), twice.report());
        assert_eq!((once.rows, twice.rows), (200, 400));
        assert_eq!(once.estimates.len(), 6);
        for (a, b) in once.estimates.iter().zip(&twice.estimates) {
            assert!((a.estimate.value - b.estimate.value).abs() < 1e-12);
            let (a, b) = (a.estimate.standard_error, b.estimate.standard_error);
            assert!((a - b).abs() < 1e-12 && (a > 0.0 || b == 0.0));
        }
    }

    #[test]
    fn nothing_is_estimated_from_nothing() {
        let report = Estimators::new(10.0).unwrap().report();
        assert_eq!(report.refusal.unwrap().code, "not_enough_decisions");
        assert_eq!((report.logged, report.estimates), (None, vec![]));
    }
}
