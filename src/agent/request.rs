//! What callers hand to an agent.

use crate::config::Config;
use crate::context::{Context, Extras};
use crate::error::{Code, Result};
use crate::log::{Signal, TIME};
use crate::reward::{Feedback, from_number};
use crate::value::{Field, Fields, Value};

/// The largest whole number that an f64 holds exactly with all below it.
const SAFE: i64 = (1 << 53) - 1;

/// How an agent is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seeds its draws and ids.
    pub seed: u64,
    /// Whether it explores unless a request says otherwise.
    pub explore: bool,
    /// The model's settings.
    pub config: Config,
}

impl Options {
    /// Reads `{seed?, explore?, decide_by?, q?, taste?, reward?, extras?}`.
    /// `seed` stands in for a missing seed.
    ///
    /// # Errors
    /// `invalid_options` for anything unknown or out of range.
    pub fn parse(value: &Value, seed: u64) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "options", value).fields()?;
        let options = Self {
            seed: match fields.optional("seed") {
                Some(field) => field.integer(0, SAFE)? as u64,
                None => seed,
            },
            explore: match fields.optional("explore") {
                Some(field) => field.boolean()?,
                None => true,
            },
            config: Config::read(&mut fields)?,
        };
        fields.finish()?;
        Ok(options)
    }
}

/// What a decision is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is known.
    pub context: Context,
    /// Whose user layer to use; none for a visitor without a name.
    pub user_id: Option<String>,
    /// The id to give the decision; the agent makes one when absent.
    pub decision_id: Option<String>,
    /// The time, in milliseconds since 1970; the nominal clock when absent.
    pub decided_at: Option<i64>,
    /// Whether to explore; the agent's own setting when absent.
    pub explore: Option<bool>,
}

impl Request {
    /// A request that says nothing but the context.
    #[must_use]
    pub const fn of(context: Context) -> Self {
        Self {
            context,
            user_id: None,
            decision_id: None,
            decided_at: None,
            explore: None,
        }
    }

    /// Reads a context's fields and `{user_id?, decision_id?, decided_at?, explore?}`.
    ///
    /// # Errors
    /// `invalid_context` for anything missing, unknown or out of range.
    pub fn parse(value: &Value, declared: &Extras) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidContext, "context", value).fields()?;
        let request = Self {
            context: Context::read(&mut fields, declared)?,
            user_id: id(&mut fields, "user_id")?,
            decision_id: id(&mut fields, "decision_id")?,
            decided_at: time(&mut fields, "decided_at")?,
            explore: match fields.optional("explore") {
                Some(field) => Some(field.boolean()?),
                None => None,
            },
        };
        fields.finish()?;
        Ok(request)
    }
}

/// What was done with one piece of content of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Makes a repeat recognisable; the agent makes one when absent.
    pub interaction_id: Option<String>,
    /// The time, in milliseconds since 1970; the nominal clock when absent.
    pub at: Option<i64>,
    /// The content; empty for the decision as a whole.
    pub content_id: String,
    /// What was said.
    pub signal: Signal,
}

impl Report {
    /// Reads the guide's feedback or `{reward}`, with `{content_id?,
    /// interaction_id?, at?}`.
    ///
    /// # Errors
    /// `invalid_feedback` for anything missing, unknown or out of range,
    /// `invalid_reward` for a reward beyond ±100.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidFeedback, "feedback", value).fields()?;
        let report = Self::read(&mut fields)?;
        fields.finish()?;
        Ok(report)
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self> {
        let reward = fields.optional("reward");
        Ok(Self {
            interaction_id: id(fields, "interaction_id")?,
            at: time(fields, "at")?,
            content_id: id(fields, "content_id")?.unwrap_or_default(),
            signal: match reward {
                Some(field) => Signal::Reward {
                    reward_thousandths: match field.value() {
                        Value::Number(number) => from_number(*number)?,
                        _ => return Err(field.must_be("a number from -100 to 100")),
                    },
                },
                None => Signal::Feedback(Feedback::read(fields)?),
            },
        })
    }
}

fn id(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<String>> {
    match fields.optional(name) {
        Some(field) => Ok(Some(field.id()?.to_owned())),
        None => Ok(None),
    }
}

fn time(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<i64>> {
    match fields.optional(name) {
        Some(field) => Ok(Some(field.integer(-TIME, TIME)?)),
        None => Ok(None),
    }
}
