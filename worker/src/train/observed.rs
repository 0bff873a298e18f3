//! Learned pairs read back from their rows.

use moodloop::codec::{Reader, Writer};
use moodloop::context::Context;
use moodloop::evidence::Observation;
use moodloop::fold::observation_of;
use moodloop::policy::Policy;
use moodloop::strategy::Strategy;

use crate::error::{Failure, Result};
use crate::store::bytes;

/// A context as a pair keeps it.
pub fn kept(context: &Context) -> String {
    let mut out = Writer::default();
    context.encode(&mut out);
    bytes::encode(&out.into_bytes())
}

/// What is said of a row that no fold can have written.
pub fn unreadable() -> Failure {
    Failure::internal("a folded pair is not readable")
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
    context: &str,
) -> Result<impl Fn(i64) -> Observation + use<'a>> {
    let body = bytes::decode(context)?;
    let mut input = Reader::new(&body);
    let context = Context::decode(&mut input, policy.config().extras());
    let context = context.map_err(|_| unreadable())?;
    input.finish().map_err(|_| unreadable())?;
    let strategies = policy.mapping().space().len();
    let action = Strategy::within(action, strategies).ok_or_else(unreadable)?;
    let layout = policy.layout();
    Ok(move |reward| observation_of(layout, decided_at, action, &context, reward))
}
