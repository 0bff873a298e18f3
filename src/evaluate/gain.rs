//! Is one policy better than another? A doubly-robust difference from one log.

use serde::Serialize;

use super::estimators::{check_probabilities, check_sizes};
use super::overlap::{Finding, Overlap, Weights};
use crate::error::{Code, Error, Result};
use crate::stats::{Estimate, Moments};

/// One row of a log, seen from two policies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Whether this is a further row of the decision that the row before belongs to.
    pub continues: bool,
    /// The probability with which the log's policy chose the action, 1e-9..=1.
    pub propensity: f64,
    /// The probability with which the candidate would choose it, 0..=1.
    pub candidate: f64,
    /// The probability with which the current policy would choose it, 0..=1.
    pub current: f64,
    /// The reward of this row.
    pub reward: f64,
    /// What the reward model predicts for the chosen action; 0 without a model.
    pub q_chosen: f64,
    /// The model's expectation under the candidate minus that under the current policy.
    pub q_gain: f64,
}

/// Streaming sums for the candidate's value minus the current policy's,
/// paired row by row: what both do alike cancels out.
#[derive(Clone, Debug, Default)]
pub struct Gain {
    moments: Moments<2>,
    candidate: Weights,
    current: Weights,
    open: Option<(Compared, [f64; 2])>,
}

/// What a log says about the difference of two policies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GainReport {
    /// The weights of the candidate.
    pub candidate: Overlap,
    /// The weights of the current policy.
    pub current: Overlap,
    /// Why there is no estimate, if so.
    pub refusal: Option<Finding>,
    /// The difference in reward per row, above 0 when the candidate earns
    /// more; absent when refused.
    pub gain: Option<Estimate>,
}

impl Gain {
    /// Takes one row.
    ///
    /// # Errors
    /// `corrupt_log` as [`super::Estimators::push`]; nothing is taken then.
    pub fn push(&mut self, row: &Compared) -> Result<()> {
        check_probabilities(row.propensity, &[row.candidate, row.current])?;
        check_sizes(&[row.reward, row.q_chosen, row.q_gain])?;
        let weight = (row.candidate - row.current) / row.propensity;
        let difference = row.q_gain + weight * (row.reward - row.q_chosen);
        if !row.continues {
            self.close();
            self.open = Some((*row, [1.0, difference]));
            return Ok(());
        }
        let same = |first: &Compared| {
            (first.propensity, first.candidate, first.current)
                == (row.propensity, row.candidate, row.current)
        };
        match &mut self.open {
            Some((first, [rows, sum])) if same(first) => {
                *rows += 1.0;
                *sum += difference;
                Ok(())
            }
            _ => Err(Error::new(
                Code::CorruptLog,
                "a row continues another decision than the one before it",
            )),
        }
    }

    fn close(&mut self) {
        if let Some((first, totals)) = self.open.take() {
            self.moments.add(&totals);
            self.candidate.add(first.candidate / first.propensity);
            self.current.add(first.current / first.propensity);
        }
    }

    /// What the rows so far say; may be asked at any time.
    #[must_use]
    pub fn report(&self) -> GainReport {
        let mut all = self.clone();
        all.close();
        let (candidate, current) = (all.candidate.overlap(), all.current.overlap());
        let refusal = candidate.refusal().or_else(|| current.refusal());
        let size = candidate
            .effective_sample_size
            .min(current.effective_sample_size);
        let [rows, sum] = *all.moments.mean();
        let gain = if refusal.is_some() {
            None
        } else {
            let value = sum / rows;
            all.moments
                .standard_error(&[-value / rows, 1.0 / rows])
                .map(|error| Estimate::new(value, error, size))
        };
        GainReport {
            candidate,
            current,
            refusal,
            gain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(candidate: f64, current: f64, reward: f64) -> Compared {
        Compared {
            continues: false,
            propensity: 0.5,
            candidate,
            current,
            reward,
            q_chosen: 0.0,
            q_gain: 0.0,
        }
    }

    #[test]
    fn a_policy_gains_nothing_over_itself() {
        let mut gain = Gain::default();
        for i in 0..100 {
            gain.push(&row(0.5, 0.5, f64::from(i % 3))).unwrap();
        }
        let report = gain.report().gain.unwrap();
        assert_eq!((report.value, report.standard_error), (0.0, 0.0));
    }

    #[test]
    fn the_better_arm_gains_and_without_overlap_nothing_is_said() {
        // Two arms drawn evenly; arm 1 earns 1, arm 0 earns 0.
        let (mut gain, mut blind) = (Gain::default(), Gain::default());
        for i in 0..400u32 {
            let arm = f64::from(i.wrapping_mul(2_654_435_761) >> 31);
            gain.push(&row(0.1 + 0.8 * arm, 0.5, arm)).unwrap();
            blind.push(&row(0.0, 0.5, arm)).unwrap();
        }
        let report = gain.report().gain.unwrap();
        assert!(report.interval.contains(0.4), "{report:?}");
        assert!(report.sequence.low > 0.0);
        let blind = blind.report();
        assert_eq!(
            (blind.refusal.unwrap().code, blind.gain),
            ("no_overlap", None)
        );
    }

    #[test]
    fn a_row_that_continues_nothing_is_refused() {
        let mut gain = Gain::default();
        let next = Compared {
            continues: true,
            ..row(0.5, 0.5, 1.0)
        };
        assert_eq!(gain.push(&next).unwrap_err().code(), Code::CorruptLog);
        gain.push(&row(0.4, 0.5, 1.0)).unwrap();
        assert_eq!(gain.push(&next).unwrap_err().code(), Code::CorruptLog);
    }
}
