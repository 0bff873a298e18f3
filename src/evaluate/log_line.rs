//! One line of an offline log: what was decided, with which probability, and
//! what it earned.

use crate::context::{Context, Extras};
use crate::error::{Code, Error, Result};
use crate::strategy::ActionSpace;
use crate::value::{Field, ID_CHARS, Value};

/// The line format's version; a line without `version` has this one.
const VERSION: i64 = 1;
/// The latest time that is believed: the end of the year 9999, in milliseconds.
const LAST_MS: i64 = 253_402_300_799_999;
/// The largest reward, either sign (SPEC section 4).
const LARGEST_REWARD: f64 = 100.0;
/// The most actions that a log may choose among.
const MOST_ACTIONS: usize = 4096;

/// What a log's actions are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// Strategies, by name or by index.
    Strategies(ActionSpace),
    /// Anything else that is numbered from 0: this many.
    Numbered(usize),
}

impl Actions {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Strategies(space) => space.len(),
            Self::Numbered(count) => *count,
        }
    }
}

/// How to read a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogOptions {
    actions: Actions,
    extras: Extras,
    /// Strategy names by index, made once.
    names: Vec<String>,
}

impl LogOptions {
    /// A log of `actions` whose contexts may hold `extras`.
    ///
    /// # Errors
    /// `invalid_options` for no action, or more than 4096.
    pub fn new(actions: Actions, extras: Extras) -> Result<Self> {
        let count = actions.count();
        if !(1..=MOST_ACTIONS).contains(&count) {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("`actions` must be a whole number from 1 to {MOST_ACTIONS}, got `{count}`"),
            ));
        }
        let names = match &actions {
            Actions::Strategies(space) => space.strategies().map(|s| space.name(s)).collect(),
            Actions::Numbered(_) => Vec::new(),
        };
        Ok(Self {
            actions,
            extras,
            names,
        })
    }

    /// How many actions there are.
    #[must_use]
    pub fn actions(&self) -> usize {
        self.actions.count()
    }

    /// The strategies that the actions are, unless they are only numbered.
    #[must_use]
    pub const fn strategies(&self) -> Option<&ActionSpace> {
        match &self.actions {
            Actions::Strategies(space) => Some(space),
            Actions::Numbered(_) => None,
        }
    }

    fn action(&self, strategy: Option<Field<'_>>, action: Option<Field<'_>>) -> Result<usize> {
        match (strategy, action) {
            (None, Some(field)) => field
                .integer(0, self.actions() as i64 - 1)
                .map(|i| i as usize),
            (Some(field), None) => match &self.actions {
                Actions::Strategies(space) => {
                    let name = field.text(ID_CHARS)?;
                    match self.names.iter().position(|n| n == name) {
                        Some(index) => Ok(index),
                        None => space
                            .parse(name)
                            .map(|s| s.index())
                            .map_err(|e| Error::new(Code::CorruptLog, e.message())),
                    }
                }
                Actions::Numbered(_) => {
                    Err(field.must_be("absent, for the actions of this log are numbered"))
                }
            },
            _ => Err(Error::new(
                Code::CorruptLog,
                "`line` must have either `strategy` or `action`",
            )),
        }
    }
}

/// One row of an offline log: a (decision, content) pair.
///
/// On the wire, one JSON object a line:
///
/// ```json
/// {"decision_id": "d1", "content_id": "track-9", "user_id": "u7", "decided_at": 1764000000000, "context": {"content_type": "music", "time_of_day": "evening", "mood": "relaxed"}, "strategy": "low_diverse_exploratory", "propensity": 0.21, "reward": 1.5}
/// ```
///
/// - `decision_id`, `decided_at` (ms since 1970), `propensity` (1e-9..=1),
///   `reward` (−100..=100) and either `strategy` (a name) or `action` (an index)
///   are required.
/// - `content_id`, `user_id`, `context` (as SPEC section 1),
///   `target_propensities` (one per action, summing to 1: what another policy
///   would have done) and `version` (1) may be given; nothing else may.
/// - Lines are in order of `decided_at`; the lines of one decision are adjacent
///   and agree in everything but `content_id` and `reward`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The id of the decision.
    pub decision_id: String,
    /// The thing that was shown, if the log tells things of one decision apart.
    pub content_id: Option<String>,
    /// Who it was shown to.
    pub user_id: Option<String>,
    /// When it was decided, in milliseconds since 1970 (UTC).
    pub decided_at: i64,
    /// What was known.
    pub context: Option<Context>,
    /// The index of what was chosen.
    pub action: usize,
    /// The probability with which it was chosen, 1e-9..=1.
    pub propensity: f64,
    /// What it earned, −100..=100.
    pub reward: f64,
    /// The probabilities of a policy to evaluate, one per action.
    pub target_propensities: Option<Vec<f64>>,
    /// Whether the line before it is of the same decision; set by
    /// [`super::LogReader`], false from [`LogLine::parse`].
    pub continues: bool,
}

impl LogLine {
    /// Reads one line's object.
    ///
    /// # Errors
    /// `unsupported_version` for another `version`; `corrupt_log` for a
    /// missing, unknown or wrong field.
    pub fn parse(value: &Value, options: &LogOptions) -> Result<Self> {
        let mut fields = Field::root(Code::CorruptLog, "line", value).fields()?;
        if let Some(version) = fields.optional("version") {
            let version = version.integer(1, i64::from(i32::MAX))?;
            if version != VERSION {
                return Err(Error::new(
                    Code::UnsupportedVersion,
                    format!("log version `{version}` is newer than `{VERSION}`"),
                ));
            }
        }
        let text = |field: Option<Field<'_>>| -> Result<Option<String>> {
            field.map(|f| f.id().map(str::to_owned)).transpose()
        };
        let propensity = fields.required("propensity")?;
        let line = Self {
            decision_id: fields.required("decision_id")?.id()?.to_owned(),
            content_id: text(fields.optional("content_id"))?,
            user_id: text(fields.optional("user_id"))?,
            decided_at: fields.required("decided_at")?.integer(0, LAST_MS)?,
            context: fields
                .optional("context")
                .map(|f| Context::parse(f.value(), &options.extras))
                .transpose()
                .map_err(|e| Error::new(Code::CorruptLog, e.message()))?,
            action: options.action(fields.optional("strategy"), fields.optional("action"))?,
            propensity: propensity.number(1e-9, 1.0)?,
            reward: fields
                .required("reward")?
                .number(-LARGEST_REWARD, LARGEST_REWARD)?,
            target_propensities: fields
                .optional("target_propensities")
                .map(|f| probabilities(&f, options.actions()))
                .transpose()?,
            continues: false,
        };
        fields.finish()?;
        Ok(line)
    }

    /// Whether `next`, which names the same decision, agrees with this line.
    pub(super) fn agrees(&self, next: &Self) -> bool {
        self.user_id == next.user_id
            && self.decided_at == next.decided_at
            && self.action == next.action
            && self.propensity == next.propensity
            && self.context == next.context
            && self.target_propensities == next.target_propensities
    }
}

fn probabilities(field: &Field<'_>, count: usize) -> Result<Vec<f64>> {
    let entries = field.list(count)?;
    if entries.len() != count {
        return Err(field.must_be(&format!("a list of {count} entries")));
    }
    let list: Vec<f64> = entries
        .iter()
        .map(|f| f.number(0.0, 1.0))
        .collect::<Result<_>>()?;
    let sum: f64 = list.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        return Err(Error::new(
            Code::CorruptLog,
            format!("`line.target_propensities` sum to `{sum}`, not 1"),
        ));
    }
    Ok(list)
}
