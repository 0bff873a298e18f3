//! Learned pairs read back from their rows.

use moodloop::evidence::Observation;
use moodloop::fold::observation_of;
use moodloop::policy::Policy;
use moodloop::q_table::StateKey;
use moodloop::strategy::Strategy;

use crate::error::{Failure, Result};
use crate::store::decisions::unpack;

/// What is said of a row that no fold can have written.
pub fn unreadable() -> Failure {
    Failure::internal("a folded pair is not readable")
}

/// The state that a pair's row says.
///
/// # Errors
/// `internal` for a row that no fold can have written.
pub fn state(text: &str) -> Result<StateKey> {
    let bits = u128::from_str_radix(text, 16).map_err(|_| unreadable())?;
    Ok(StateKey::from_bits(bits))
}

/// What a pair with such a context is observed to be with a reward in
/// thousandths.
///
/// # Errors
/// `internal` for a row that no fold can have written.
pub fn observed<'a>(
    policy: &'a Policy,
    decided_at: i64,
    action: usize,
    packed: &str,
) -> Result<impl Fn(i64) -> Observation + use<'a>> {
    let context = unpack(packed, policy.config().extras())?;
    let strategies = policy.mapping().space().len();
    let action = Strategy::within(action, strategies).ok_or_else(unreadable)?;
    let layout = policy.layout();
    Ok(move |reward| observation_of(layout, decided_at, action, &context, reward))
}
