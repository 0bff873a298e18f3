//! Everything about a model that is chosen at its creation.

use serde::Serialize;

use crate::codec::{Reader, Writer};
use crate::context::Extras;
use crate::error::{Code, Result};
use crate::q_table::QConfig;
use crate::reward::RewardWeights;
use crate::taste::TasteConfig;
use crate::value::{Field, Fields, Value};

/// The fields that make a [`Config`].
const FIELDS: [&str; 5] = ["decide_by", "q", "taste", "reward", "extras"];

/// Which of the two value models decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecideBy {
    /// The Bayesian model of SPEC section 5.
    #[default]
    Taste,
    /// The guide's table.
    QTable,
}

/// The settings of a model; the defaults are SPEC's.
///
/// It remembers what was given, and that is what is stored: reading a stored
/// model goes through the same checks as making a new one, and what was left
/// at its default follows the library's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which value model decides.
    pub(crate) decide_by: DecideBy,
    /// Settings of the Q-table.
    pub(crate) q: QConfig,
    /// Settings of the taste model.
    pub(crate) taste: TasteConfig,
    /// What events are worth.
    pub(crate) reward: RewardWeights,
    /// Declared further categories of a context.
    pub(crate) extras: Extras,
    given: Value,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            decide_by: DecideBy::default(),
            q: QConfig::default(),
            taste: TasteConfig::default(),
            reward: RewardWeights::default(),
            extras: Extras::default(),
            given: Value::Object(Vec::new()),
        }
    }
}

impl Config {
    /// Reads `{decide_by?, q?, taste?, reward?, extras?}`; absent ones keep
    /// their defaults.
    ///
    /// # Errors
    /// `invalid_options` for anything out of range or unknown.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "config", value).fields()?;
        let config = Self::read(&mut fields)?;
        fields.finish()?;
        Ok(config)
    }

    /// Reads the settings out of an object that may hold other fields.
    ///
    /// # Errors
    /// The object's code for anything out of range or unknown inside them.
    pub fn read(fields: &mut Fields<'_>) -> Result<Self> {
        let mut config = Self::default();
        let mut given = Vec::new();
        for name in FIELDS {
            let Some(field) = fields.optional(name) else {
                continue;
            };
            match name {
                "decide_by" => {
                    config.decide_by = match field.word(&["taste", "q_table"])? {
                        0 => DecideBy::Taste,
                        _ => DecideBy::QTable,
                    }
                }
                "q" => config.q = QConfig::parse(&field)?,
                "taste" => config.taste = TasteConfig::parse(&field)?,
                "reward" => config.reward = RewardWeights::parse(&field)?,
                _ => config.extras = Extras::parse(&field)?,
            }
            given.push((name.to_owned(), field.value().clone()));
        }
        config.given = Value::Object(given);
        Ok(config)
    }

    /// Declared further categories of a context.
    #[must_use]
    pub const fn extras(&self) -> &Extras {
        &self.extras
    }

    /// What events are worth.
    #[must_use]
    pub const fn reward(&self) -> &RewardWeights {
        &self.reward
    }

    /// Settings of the Q-table.
    #[must_use]
    pub const fn q(&self) -> &QConfig {
        &self.q
    }

    /// Settings of the taste model.
    #[must_use]
    pub const fn taste(&self) -> &TasteConfig {
        &self.taste
    }

    /// What was given, as [`Config::parse`] reads it.
    #[must_use]
    pub const fn given(&self) -> &Value {
        &self.given
    }

    /// Appends the settings to a body.
    pub fn encode(&self, out: &mut Writer) {
        self.given.encode(out);
    }

    /// Takes back what [`Config::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` or `invalid_options` for anything else.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::parse(&Value::decode(input)?)
    }
}
