//! Learned pairs read back from their rows.

use moodloop::context::Context;
use moodloop::evidence::Observation;
use moodloop::fold::observation_of;
use moodloop::policy::Policy;
use moodloop::strategy::Strategy;
use moodloop::value::Value;

use crate::error::{Failure, Result};
use crate::store::from_json;

/// What a stored decision, its context in JSON, is observed to be with a reward
/// in thousandths.
///
/// # Errors
/// `internal` for a row that is no decision.
pub fn observed<'a>(
    policy: &'a Policy,
    decided_at: i64,
    action: usize,
    context: &str,
) -> Result<impl Fn(i64) -> Observation + use<'a>> {
    let unreadable = || Failure::internal("a folded pair is not readable");
    let value: Value = from_json(context)?;
    let context = Context::parse(&value, policy.config().extras()).map_err(|_| unreadable())?;
    let strategies = policy.mapping().space().len();
    let action = Strategy::within(action, strategies).ok_or_else(unreadable)?;
    let layout = policy.layout();
    Ok(move |reward| observation_of(layout, decided_at, action, &context, reward))
}
