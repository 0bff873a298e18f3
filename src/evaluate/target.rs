//! Policies to evaluate: anything that says with which probabilities it would
//! have chosen.

use super::log_line::LogLine;
use crate::error::{Code, Error, Result};
use crate::params;
use crate::strategy::{ActionSpace, Strategy};
use crate::value::quote;

/// A policy seen from a log.
pub trait Target {
    /// Fills `out`, one probability per action, with what this policy would
    /// have done where `line` was decided. They must sum to 1.
    ///
    /// # Errors
    /// `corrupt_log` when the line lacks what the policy needs.
    fn probabilities(&self, line: &LogLine, out: &mut [f64]) -> Result<()>;
}

impl<F: Fn(&LogLine, &mut [f64]) -> Result<()>> Target for F {
    fn probabilities(&self, line: &LogLine, out: &mut [f64]) -> Result<()> {
        self(line, out)
    }
}

/// Every action alike.
///
/// # Errors
/// None; the shape is that of [`Target::probabilities`].
pub fn uniform(_: &LogLine, out: &mut [f64]) -> Result<()> {
    let p = 1.0 / out.len().max(1) as f64;
    out.fill(p);
    Ok(())
}

/// The probabilities that each line brings as `target_propensities`.
///
/// # Errors
/// `corrupt_log` for a line without them.
pub fn logged_target(line: &LogLine, out: &mut [f64]) -> Result<()> {
    let given = line.target_propensities.as_deref().ok_or_else(|| {
        Error::new(
            Code::CorruptLog,
            format!(
                "decision {} lacks `target_propensities`",
                quote(&line.decision_id)
            ),
        )
    })?;
    out.fill(0.0);
    for (p, given) in out.iter_mut().zip(given) {
        *p = *given;
    }
    Ok(())
}

/// Always `strategy`.
pub fn fixed(strategy: Strategy) -> impl Target {
    move |_: &LogLine, out: &mut [f64]| {
        only(strategy, out);
        Ok(())
    }
}

/// The baseline of SPEC section 3, which looks at personality alone; its lines
/// need a context.
pub fn baseline(space: ActionSpace) -> impl Target {
    move |line: &LogLine, out: &mut [f64]| {
        let context = line.context.as_ref().ok_or_else(|| {
            Error::new(
                Code::CorruptLog,
                format!("decision {} lacks `context`", quote(&line.decision_id)),
            )
        })?;
        only(params::baseline(&space, &context.personality), out);
        Ok(())
    }
}

fn only(strategy: Strategy, out: &mut [f64]) {
    out.fill(0.0);
    if let Some(p) = out.get_mut(strategy.index()) {
        *p = 1.0;
    }
}
