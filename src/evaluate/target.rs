//! Policies to evaluate: anything that says with which probabilities it would
//! have chosen.

use std::rc::Rc;

use super::log_line::LogLine;
use crate::config::DecideBy;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::params;
use crate::policy::Policy;
use crate::q_table::StateKey;
use crate::strategy::{ActionSpace, Strategy};
use crate::taste::Bulk;
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
    let given = line
        .target_propensities
        .as_deref()
        .ok_or_else(|| lacks(line, "target_propensities"))?;
    copy(given, out)
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
        only(params::baseline(&space, &context(line)?.personality), out);
        Ok(())
    }
}

/// What a policy, the current one or any kept version, would do, exploration
/// included; its lines need a context. Made once, it answers for many.
///
/// A policy scores itself too well on the log that it learned from: evaluate it
/// on decisions made after it was solved.
#[derive(Clone, Debug)]
pub struct Stored {
    policy: Rc<Policy>,
    /// Its taste model, where that decides.
    taste: Option<Bulk>,
}

impl Stored {
    /// Makes `policy` ready.
    #[must_use]
    pub fn new(policy: Rc<Policy>) -> Self {
        let taste = policy.config().decide_by == DecideBy::Taste;
        Self {
            taste: taste.then(|| Bulk::new(&policy.taste)),
            policy,
        }
    }
}

impl Target for Stored {
    fn probabilities(&self, line: &LogLine, out: &mut [f64]) -> Result<()> {
        let (context, user) = (context(line)?, line.user_id.as_deref());
        let Some(bulk) = &self.taste else {
            return copy(&self.policy.propensities(context, user, true), out);
        };
        let taste = &self.policy.taste;
        let features = self.policy.layout().features(context);
        copy(
            &taste.propensities(&bulk.predict(taste, &features, user)),
            out,
        )
    }
}

/// What a policy would do if its Q-table decided; as [`Stored`].
///
/// # Errors
/// `corrupt_log` for a line without a context.
pub fn q_table(policy: &Policy, line: &LogLine, out: &mut [f64]) -> Result<()> {
    let state = StateKey::of(context(line)?);
    let table = &policy.q_table;
    copy(
        &table.propensities(policy.config().q(), state, out.len()),
        out,
    )
}

fn context(line: &LogLine) -> Result<&Context> {
    line.context.as_ref().ok_or_else(|| lacks(line, "context"))
}

fn lacks(line: &LogLine, field: &str) -> Error {
    let id = quote(&line.decision_id);
    Error::new(Code::CorruptLog, format!("decision {id} lacks `{field}`"))
}

/// Fills `out` with `given`, which must have its length.
fn copy(given: &[f64], out: &mut [f64]) -> Result<()> {
    if given.len() != out.len() {
        return Err(Error::new(
            Code::CorruptLog,
            format!(
                "a policy over `{}` actions cannot answer for `{}`",
                given.len(),
                out.len()
            ),
        ));
    }
    out.copy_from_slice(given);
    Ok(())
}

fn only(strategy: Strategy, out: &mut [f64]) {
    out.fill(0.0);
    if let Some(p) = out.get_mut(strategy.index()) {
        *p = 1.0;
    }
}
