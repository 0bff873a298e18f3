//! What two writers of one model tell each other.

use crate::context::Extras;
use crate::error::{Code, Error, Result};
use crate::log::{Decision, Interaction, NamedDecision};
use crate::strategy::ActionSpace;
use crate::value::{Field, Fields, Object, Value, Written, serialize_as_written, written};

use super::Report;

/// One entry of the event log.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A decision was taken.
    Decision(Decision),
    /// Something was said about a decision's content.
    Interaction(String, Interaction),
}

impl Event {
    /// Reads `{decision: {…}}` or `{interaction: {decision_id, interaction_id,
    /// at, content_id, …}}`.
    ///
    /// # Errors
    /// `corrupt_log` for anything else.
    pub fn parse(value: &Value, space: &ActionSpace, declared: &Extras) -> Result<Self> {
        let mut fields = Field::root(Code::CorruptLog, "event", value).fields()?;
        let decision = fields.optional("decision");
        let interaction = fields.optional("interaction");
        fields.finish()?;
        match (decision, interaction) {
            (Some(decision), None) => {
                Decision::parse(decision.value(), space, declared).map(Self::Decision)
            }
            (None, Some(interaction)) => Self::interaction(&interaction),
            _ => Err(Error::new(
                Code::CorruptLog,
                "an event must hold either `decision` or `interaction`",
            )),
        }
    }

    fn interaction(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let decision_id = fields.required("decision_id")?.id()?.to_owned();
        let interaction = interaction(&mut fields)?;
        fields.finish()?;
        Ok(Self::Interaction(decision_id, interaction))
    }
}

/// An event for writing: what [`Event::parse`] reads.
#[derive(Clone, Debug, PartialEq)]
pub enum NamedEvent<'a> {
    /// A decision was taken.
    Decision(NamedDecision<'a>),
    /// Something was said about a decision's content.
    Interaction(NamedInteraction<'a>),
}

impl Written for NamedEvent<'_> {
    fn written(&self) -> Value {
        let mut object = Object::default();
        match self {
            Self::Decision(decision) => object.put("decision", decision.written()),
            Self::Interaction(said) => object.put("interaction", said.written()),
        }
        object.finish()
    }
}

serialize_as_written!(NamedEvent<'_>);

/// An interaction with the decision it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedInteraction<'a> {
    decision_id: &'a str,
    interaction: &'a Interaction,
}

written!(NamedInteraction<'_> { decision_id, ..interaction });

impl<'a> NamedEvent<'a> {
    pub(super) const fn interaction(decision_id: &'a str, interaction: &'a Interaction) -> Self {
        Self::Interaction(NamedInteraction {
            decision_id,
            interaction,
        })
    }
}

/// Reads an interaction that must name its id and time, being of another writer.
///
/// # Errors
/// `corrupt_log` for anything missing or out of range.
pub(super) fn interaction(fields: &mut Fields<'_>) -> Result<Interaction> {
    // Asked for first, so that a missing one is an error and not made up here.
    fields.required("interaction_id")?;
    fields.required("at")?;
    let report = Report::read(fields)?;
    Ok(Interaction {
        interaction_id: report.interaction_id.unwrap_or_default(),
        at: report.at.unwrap_or_default(),
        content_id: report.content_id,
        signal: report.signal,
    })
}
