//! One decision as the log keeps it.

use super::{LATEST_VERSION, TIME};
use crate::context::{Context, Extras, NamedContext};
use crate::error::{Code, Result};
use crate::strategy::{ActionSpace, Strategy};
use crate::value::{Field, Value, words, written};

words! {
    /// Who decided.
    pub enum Source {
        /// The learned policy.
        Agent = "agent",
        /// Personality alone: the control arm, or a policy that cannot be read.
        Baseline = "baseline",
        /// Fixed parameters, when nothing else works. Never trained on.
        Fallback = "fallback",
    }
}

/// A decision: what was known, what was chosen and how likely that was.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Made by the writer; 1 to 128 characters.
    pub decision_id: String,
    /// When, in milliseconds since 1970 (or on the agent's nominal clock).
    pub decided_at: i64,
    /// Whose user layer it used, if any.
    pub user_id: Option<String>,
    /// What was known.
    pub context: Context,
    /// The chosen strategy's index.
    pub action_index: Strategy,
    /// The probability with which it was chosen, in (0, 1].
    pub propensity: f64,
    /// Who decided.
    pub source: Source,
    /// The version of the policy that decided; 0 is the prior.
    pub policy_version: u64,
    /// Whether the provider executed it in full; otherwise nothing is learned
    /// from it (SPEC section 7).
    pub executed: bool,
}

impl Source {
    /// Whether rewards of its decisions may be learned from, where the provider
    /// `executed` them in full.
    #[must_use]
    pub fn teaches(self, executed: bool) -> bool {
        executed && self != Self::Fallback
    }
}

impl Decision {
    /// Whether rewards of this decision may be learned from.
    #[must_use]
    pub fn teaches(&self) -> bool {
        self.source.teaches(self.executed)
    }

    /// The decision as on the wire, extras by their declared names.
    #[must_use]
    pub fn named(&self, declared: &Extras) -> NamedDecision<'_> {
        NamedDecision {
            decision_id: &self.decision_id,
            decided_at: self.decided_at,
            user_id: self.user_id.as_deref(),
            context: self.context.named(declared),
            action_index: self.action_index,
            propensity: self.propensity,
            source: self.source,
            policy_version: self.policy_version,
            executed: self.executed,
        }
    }

    /// Reads a decision as [`Decision::named`] writes it.
    ///
    /// # Errors
    /// `corrupt_log` for a missing or unknown field, `invalid_context` for its context.
    pub fn parse(value: &Value, space: &ActionSpace, declared: &Extras) -> Result<Self> {
        let mut fields = Field::root(Code::CorruptLog, "decision", value).fields()?;
        let decision = Self {
            decision_id: fields.required("decision_id")?.id()?.to_owned(),
            decided_at: fields.required("decided_at")?.integer(-TIME, TIME)?,
            user_id: match fields.optional("user_id") {
                Some(field) => Some(field.id()?.to_owned()),
                None => None,
            },
            context: Context::parse(fields.required("context")?.value(), declared)?,
            action_index: {
                let field = fields.required("action_index")?;
                let index = field.integer(0, space.len() as i64 - 1)?;
                space.get(index as usize).unwrap_or_default()
            },
            propensity: {
                let field = fields.required("propensity")?;
                let propensity = field.number(0.0, 1.0)?;
                if propensity <= 0.0 {
                    return Err(field.must_be("above 0"));
                }
                propensity
            },
            source: Source::read(&fields.required("source")?)?,
            policy_version: fields
                .required("policy_version")?
                .integer(0, LATEST_VERSION as i64)? as u64,
            executed: fields.required("executed")?.boolean()?,
        };
        fields.finish()?;
        Ok(decision)
    }
}

/// What [`Decision::parse`] reads, for writing.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedDecision<'a> {
    decision_id: &'a str,
    decided_at: i64,
    user_id: Option<&'a str>,
    context: NamedContext,
    action_index: Strategy,
    propensity: f64,
    source: Source,
    policy_version: u64,
    executed: bool,
}

written!(NamedDecision<'_> { decision_id, decided_at, ?user_id, context, action_index, propensity, source, policy_version, executed });
