//! The estimators as streaming sums.

use super::overlap::{Finding, Weights};
use super::report::{Estimated, Estimator, Report};
use super::reward_table::RewardTable;
use super::totals::{REWARD, ROWS, SUMS, Sums, fitted, plus, ratio, value_of};
use crate::error::{Code, Error, Result};
use crate::stats::{Estimate, Moments};

/// One row of a log, seen from a target policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logged<'a> {
    /// Whether this is a further row of the decision that the row before belongs to.
    pub continues: bool,
    /// The index of what the log's policy chose.
    pub action: usize,
    /// The probability with which it chose that, 1e-9..=1.
    pub propensity: f64,
    /// The probabilities with which the target would choose: one for each
    /// action, 0..=1, summing to 1.
    pub target: &'a [f64],
    /// The reward of this row.
    pub reward: f64,
}

/// The sums behind a [`Report`]; take rows with [`Estimators::push`].
#[derive(Clone, Debug)]
pub struct Estimators {
    clip: f64,
    table: RewardTable,
    /// Of the decisions that chose each action.
    moments: Vec<Moments<SUMS>>,
    weights: Weights,
    clipped_weights: Weights,
    clipped: u64,
    rows: u64,
    open: Option<Open>,
}

/// The decision being read.
#[derive(Clone, Debug)]
struct Open {
    action: usize,
    propensity: f64,
    /// The target's probability of the action.
    target: f64,
    sums: Sums,
}

impl Estimators {
    /// Empty sums over `actions` actions; clipped IPS cuts weights at `clip`, 1..=1,000,000.
    ///
    /// # Errors
    /// `invalid_options` for any other bound.
    pub fn new(actions: usize, clip: f64) -> Result<Self> {
        if !(1.0..=1e6).contains(&clip) {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("`clip` must be a number from 1 to 1000000, got `{clip}`"),
            ));
        }
        Ok(Self {
            clip,
            table: RewardTable::new(actions),
            moments: vec![Moments::default(); actions],
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
    /// `corrupt_log` when a propensity is not in 1e-9..=1, the target's
    /// probabilities are no distribution over the actions, a reward is larger
    /// than 1e12 or NaN, or a continuing row disagrees with its decision;
    /// nothing is taken then.
    pub fn push(&mut self, row: &Logged<'_>) -> Result<()> {
        check_probabilities(row.propensity, row.target)?;
        check_sizes(&[row.reward])?;
        check_target(row.target)?;
        let target = row.target.get(row.action).copied().unwrap_or_default();
        let weight = target / row.propensity;
        let sums = [
            1.0,
            weight,
            weight * row.reward,
            self.table.expect_tilt(row.target),
            weight * self.table.tilt(row.action),
            weight.min(self.clip) * row.reward,
            row.reward,
        ];
        if row.continues {
            let Some(open) = &mut self.open else {
                return Err(corrupt("a row continues a decision that none began"));
            };
            let decided = (open.action, open.propensity, open.target);
            if decided != (row.action, row.propensity, target) {
                return Err(corrupt("two rows of one decision differ in propensity"));
            }
            self.table.observe(row.action, row.reward, row.target)?;
            open.sums = plus(open.sums, sums, 1.0);
        } else {
            self.table.observe(row.action, row.reward, row.target)?;
            self.close();
            self.open = Some(Open {
                action: row.action,
                propensity: row.propensity,
                target,
                sums,
            });
        }
        self.rows += 1;
        Ok(())
    }

    /// Moves the decision being read into the sums.
    fn close(&mut self) {
        if let Some(open) = self.open.take()
            && let Some(moments) = self.moments.get_mut(open.action)
        {
            moments.add(&open.sums);
            let weight = open.target / open.propensity;
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
        let (moments, means) = fitted(&self.table, &self.moments);
        let (value, log_gradient) = ratio(&means, &REWARD, &ROWS);
        let size = overlap.decisions as f64;
        let logged = moments
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
                    let (value, gradient) = value_of(estimator, &means);
                    let gain = plus(gradient, log_gradient, -1.0);
                    Some(Estimated {
                        estimator,
                        effective_sample_size: size,
                        estimate: Estimate::new(value, moments.standard_error(&gradient)?, size),
                        gain: Estimate::new(
                            value - logged.value,
                            moments.standard_error(&gain)?,
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
}

fn corrupt(what: &str) -> Error {
    Error::new(Code::CorruptLog, what)
}

/// The smallest propensity that is believed: less is a rounding error, and its
/// weight alone would be the estimate.
const LEAST_PROPENSITY: f64 = 1e-9;
/// How far the sum of a target's probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-6;
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

/// Checks that `target` is a distribution.
fn check_target(target: &[f64]) -> Result<()> {
    let sum: f64 = target.iter().sum();
    if (sum - 1.0).abs() <= SUM_TOLERANCE {
        return Ok(());
    }
    Err(corrupt(&format!(
        "the target's probabilities sum to `{sum}`, not 1"
    )))
}

pub(super) fn check_sizes(numbers: &[f64]) -> Result<()> {
    match numbers.iter().find(|x| x.is_nan() || x.abs() > LARGEST) {
        Some(x) => Err(corrupt(&format!(
            "rewards and predictions must be numbers of size at most {LARGEST}, got `{x}`"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of two actions was chosen, with `propensity`, where the target would
    /// have drawn from `target`.
    fn row(action: usize, propensity: f64, target: &[f64; 2], reward: f64) -> Logged<'_> {
        Logged {
            continues: false,
            action,
            propensity,
            target,
            reward,
        }
    }

    #[test]
    fn bad_numbers_are_refused_and_leave_no_trace() {
        let mut sums = Estimators::new(2, 10.0).unwrap();
        let half = [0.5, 0.5];
        sums.push(&row(0, 0.5, &half, 1.0)).unwrap();
        let before = sums.report();
        for bad in [
            row(0, 0.0, &half, 1.0),
            row(0, 1.5, &half, 1.0),
            row(0, f64::NAN, &half, 1.0),
            row(0, 0.5, &[-0.1, 1.1], 1.0),
            row(0, 0.5, &[f64::NAN, 1.0], 1.0),
            row(0, 0.5, &[0.5, 0.4], 1.0),
            row(0, 0.5, &half, f64::INFINITY),
            row(2, 0.5, &half, 1.0),
            Logged {
                target: &[1.0],
                ..row(0, 0.5, &half, 1.0)
            },
            Logged {
                continues: true,
                ..row(0, 0.4, &half, 1.0)
            },
            Logged {
                continues: true,
                ..row(1, 0.5, &half, 1.0)
            },
        ] {
            assert_eq!(sums.push(&bad).unwrap_err().code(), Code::CorruptLog);
        }
        assert_eq!(sums.report(), before);
        for bad in [0.5, f64::NAN, 2e6] {
            let error = Estimators::new(2, bad).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions);
        }
    }

    /// 200 decisions, each with so many equal rows.
    fn repeated(times: usize) -> Report {
        let rewards = [1.0, 0.0, 0.5, 2.0, -1.0];
        let mut sums = Estimators::new(2, 10.0).unwrap();
        for i in 0..200 {
            let first = match i % 2 {
                0 => row(0, 0.25, &[0.2, 0.8], rewards[i % 5]),
                _ => row(1, 0.75, &[0.1, 0.9], rewards[i % 5]),
            };
            for time in 0..times {
                let continues = time > 0;
                sums.push(&Logged { continues, ..first }).unwrap();
            }
        }
        sums.report()
    }

    #[test]
    fn rows_of_one_decision_count_as_one_draw() {
        // Doubling every row changes neither values nor standard errors where no
        // model is asked, for that one learns from rows.
        let (once, twice) = (repeated(1), repeated(2));
        assert_eq!((once.rows, twice.rows), (200, 400));
        assert_eq!((once.estimates.len(), twice.estimates.len()), (6, 6));
        for estimator in [Estimator::Ips, Estimator::Snips, Estimator::ClippedIps] {
            let [a, b] = [&once, &twice].map(|r| &r.estimate(estimator).unwrap().estimate);
            assert!((a.value - b.value).abs() < 1e-12);
            let (a, b) = (a.standard_error, b.standard_error);
            assert!((a - b).abs() < 1e-12 && a > 0.0);
        }
    }

    #[test]
    fn where_rewards_never_vary_nothing_is_uncertain_but_the_weights() {
        let mut sums = Estimators::new(2, 10.0).unwrap();
        for i in 0..100 {
            let target = if i % 3 == 0 { [0.3, 0.7] } else { [0.6, 0.4] };
            sums.push(&row(i % 2, 0.5, &target, 50.0)).unwrap();
        }
        let report = sums.report();
        for estimator in [Estimator::DirectMethod, Estimator::DoublyRobust] {
            let estimate = &report.estimate(estimator).unwrap().estimate;
            assert!((estimate.value - 50.0).abs() < 1e-9, "{estimate:?}");
            assert!(estimate.standard_error < 1e-6, "{estimate:?}");
        }
        let weighted = &report.estimate(Estimator::Ips).unwrap().estimate;
        assert!(weighted.standard_error > 0.1);
    }

    #[test]
    fn nothing_is_estimated_from_nothing() {
        let report = Estimators::new(2, 10.0).unwrap().report();
        assert_eq!(report.refusal.unwrap().code, "not_enough_decisions");
        assert_eq!((report.logged, report.estimates), (None, vec![]));
    }
}
