//! What an evaluation says: estimates with their uncertainty, as data.

use serde::Serialize;

use super::overlap::{Finding, Overlap};
use crate::stats::Estimate;

/// A way to estimate a policy's mean reward from another policy's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// Inverse propensity scoring (Horvitz & Thompson 1952): the mean of
    /// weight · reward. Unbiased; noisy where weights are large.
    Ips,
    /// Self-normalised IPS (Swaminathan & Joachims 2015): weights divided by
    /// their sum. Nearly unbiased, steadier.
    Snips,
    /// The mean of what a reward model predicts. As wrong as its model; its
    /// interval counts the noise of fitting the model, never its bias.
    DirectMethod,
    /// The model's prediction plus the weighted residual (Dudík, Langford & Li
    /// 2011). Unbiased whatever the model, steadier than IPS with a good one:
    /// the one to read first.
    DoublyRobust,
    /// Doubly robust with self-normalised weights.
    SelfNormalisedDoublyRobust,
    /// IPS with weights cut at a bound (Ionides 2008). Biased towards 0 as
    /// soon as anything is cut.
    ClippedIps,
}

/// One estimator's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimated {
    /// Which estimator.
    pub estimator: Estimator,
    /// How many of the target's own decisions would tell as much; for the
    /// direct method, which has no weights, the number of decisions.
    pub effective_sample_size: f64,
    /// The target's mean reward per row.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// The target's value minus the log's own, from the same rows.
    pub gain: Estimate,
}

/// What a log says about a target policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Rows, that is, (decision, content) pairs with a reward.
    pub rows: u64,
    /// How the weights are spread.
    pub overlap: Overlap,
    /// What the logging policy itself earned; absent for fewer than two decisions.
    pub logged: Option<Estimate>,
    /// Why there are no estimates, if so.
    pub refusal: Option<Finding>,
    /// What to mind when reading the estimates.
    pub warnings: Vec<Finding>,
    /// The estimates; empty when refused.
    pub estimates: Vec<Estimated>,
}

impl Report {
    /// The answer of `estimator`, unless refused or not computed.
    #[must_use]
    pub fn estimate(&self, estimator: Estimator) -> Option<&Estimated> {
        self.estimates.iter().find(|e| e.estimator == estimator)
    }
}
