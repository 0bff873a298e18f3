//! A target policy against a log, line by line.

use super::estimators::{Estimators, Logged, check_probabilities};
use super::log_line::LogLine;
use super::report::{Estimator, Report};
use super::reward_table::{Influence, RewardTable};
use super::target::Target;
use crate::error::{Code, Error, Result};

/// How far the sum of a target's probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-6;

/// Evaluates one target with a [`RewardTable`] of its own.
///
/// A log that can be read twice goes through [`Evaluation::fit`] first, then
/// through [`Evaluation::push`]. A stream goes through `push` alone: each line
/// is then predicted from the lines before it, which keeps the doubly-robust
/// estimates unbiased, and the direct method is left out.
#[derive(Clone, Debug)]
pub struct Evaluation<T> {
    target: T,
    table: RewardTable,
    /// Of the fitted table; `None` before a fit.
    influence: Option<Influence>,
    fitted: bool,
    estimators: Estimators,
    probabilities: Vec<f64>,
}

impl<T: Target> Evaluation<T> {
    /// An evaluation over `actions` actions; clipped IPS cuts weights at `clip`.
    ///
    /// # Errors
    /// `invalid_options` for a clip outside 1..=1,000,000.
    pub fn new(target: T, actions: usize, clip: f64) -> Result<Self> {
        Ok(Self {
            target,
            table: RewardTable::new(actions),
            influence: None,
            fitted: false,
            estimators: Estimators::new(clip)?,
            probabilities: vec![0.0; actions],
        })
    }

    /// Takes a line of the first pass: fits the reward model.
    ///
    /// # Errors
    /// `corrupt_log` when the target cannot answer for the line;
    /// `invalid_options` once the second pass has begun.
    pub fn fit(&mut self, line: &LogLine) -> Result<()> {
        if self.influence.is_some() {
            return Err(Error::new(
                Code::InvalidOptions,
                "the reward model cannot be fitted any more: the second pass has begun",
            ));
        }
        self.ask(line)?;
        self.fitted = true;
        self.table
            .observe(line.action, line.reward, &self.probabilities)
    }

    /// Takes a line of the second, or only, pass.
    ///
    /// # Errors
    /// `corrupt_log` when the target cannot answer for the line, or its answer
    /// is no distribution.
    pub fn push(&mut self, line: &LogLine) -> Result<()> {
        self.ask(line)?;
        let q_influence = if self.fitted {
            self.influence
                .get_or_insert_with(|| self.table.influence())
                .of(line.action, line.reward)
        } else {
            0.0
        };
        self.estimators.push(&Logged {
            continues: line.continues,
            propensity: line.propensity,
            target: self
                .probabilities
                .get(line.action)
                .copied()
                .unwrap_or_default(),
            reward: line.reward,
            q_chosen: self.table.predict(line.action),
            q_target: self.table.expect(&self.probabilities),
            q_influence,
        })?;
        if self.fitted {
            return Ok(());
        }
        self.table
            .observe(line.action, line.reward, &self.probabilities)
    }

    /// What the lines so far say.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.estimators.report();
        if !self.fitted {
            report
                .estimates
                .retain(|e| e.estimator != Estimator::DirectMethod);
        }
        report
    }

    /// Asks the target, once for each decision.
    fn ask(&mut self, line: &LogLine) -> Result<()> {
        if line.continues {
            return Ok(());
        }
        self.target.probabilities(line, &mut self.probabilities)?;
        check_probabilities(line.propensity, &self.probabilities)?;
        let sum: f64 = self.probabilities.iter().sum();
        if line.action < self.probabilities.len() && (sum - 1.0).abs() <= SUM_TOLERANCE {
            Ok(())
        } else {
            Err(Error::new(
                Code::CorruptLog,
                format!(
                    "the target's probabilities sum to `{sum}` for action `{}` of `{}`",
                    line.action,
                    self.probabilities.len()
                ),
            ))
        }
    }
}
