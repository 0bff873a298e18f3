//! A target policy against a log, line by line.

use super::estimators::{Estimators, Logged};
use super::log_line::LogLine;
use super::report::Report;
use super::target::Target;
use crate::error::Result;

/// Evaluates one target, with a reward model of its own.
#[derive(Clone, Debug)]
pub struct Evaluation<T> {
    target: T,
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
            estimators: Estimators::new(actions, clip)?,
            probabilities: vec![0.0; actions],
        })
    }

    /// Takes a line.
    ///
    /// # Errors
    /// `corrupt_log` when the target cannot answer for the line, or its answer
    /// is no distribution.
    pub fn push(&mut self, line: &LogLine) -> Result<()> {
        // One answer for each decision.
        if !line.continues {
            self.target.probabilities(line, &mut self.probabilities)?;
        }
        self.estimators.push(&Logged {
            continues: line.continues,
            action: line.action,
            propensity: line.propensity,
            target: &self.probabilities,
            reward: line.reward,
        })
    }

    /// What the lines so far say.
    #[must_use]
    pub fn report(&self) -> Report {
        self.estimators.report()
    }
}
