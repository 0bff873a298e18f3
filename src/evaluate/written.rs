//! Offline logs as they are written: what [`super::LogReader`] reads.

use serde::Serialize;

use crate::context::{Extras, NamedContext};
use crate::error::{Code, Error, Result};
use crate::log::Log;
use crate::strategy::ActionSpace;

/// One line to write; its fields are those of [`super::LogLine`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WrittenLine<'a> {
    /// The id of the decision.
    pub decision_id: &'a str,
    /// The thing that was shown, if things of one decision are told apart.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub content_id: &'a str,
    /// Who it was shown to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<&'a str>,
    /// When it was decided, in milliseconds since 1970 (UTC).
    pub decided_at: i64,
    /// What was known.
    pub context: NamedContext,
    /// The name of what was chosen.
    pub strategy: String,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// What it earned, in reward units.
    pub reward: f64,
}

impl WrittenLine<'_> {
    /// Appends the line to `log`.
    ///
    /// # Errors
    /// `corrupt_log` for what JSON cannot hold, which no valid line does.
    pub fn append_to(&self, log: &mut String) -> Result<()> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new(Code::CorruptLog, error.to_string()))?;
        log.push_str(&json);
        log.push('\n');
        Ok(())
    }
}

/// The rewarded pairs of an agent's log as lines, in order. Decisions that
/// teach nothing, because they were not executed or were a fallback, are left
/// out: their propensities are not those of a policy.
///
/// # Errors
/// As [`WrittenLine::append_to`].
pub fn written(log: &Log, space: &ActionSpace, extras: &Extras) -> Result<String> {
    let mut text = String::new();
    for pair in log.pairs().filter(|pair| pair.decision.teaches()) {
        let decision = pair.decision;
        WrittenLine {
            decision_id: &decision.decision_id,
            content_id: pair.content_id,
            user_id: decision.user_id.as_deref(),
            decided_at: decision.decided_at,
            context: decision.context.named(extras),
            strategy: space.name(decision.action_index),
            propensity: decision.propensity,
            reward: pair.reward as f64 / 1000.0,
        }
        .append_to(&mut text)?;
    }
    Ok(text)
}
