//! What ranking a catalog needs to know of a decision and its visitor.
//!
//! It stands between the agent and the catalog, so that the two may live in
//! different places: a page loads the agent at once and the ranking on demand,
//! and a large catalog is ranked off the main thread.

use crate::context::{ContentType, Personality, TimeOfDay};
use crate::error::{Code, Result};
use crate::log::Source;
use crate::params::Parameters;
use crate::value::{Field, Value, written};

/// The most ids of one kind.
const IDS: usize = 1_000_000;

/// A decision, and what its visitor said about items so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// The decision to execute.
    pub decision_id: String,
    /// What its strategy means in its context.
    pub params: Parameters,
    /// What is asked for.
    pub content_type: ContentType,
    /// When in the visitor's day.
    pub time_of_day: TimeOfDay,
    /// The visitor's scores; none when they gave none.
    pub personality: Option<Personality>,
    /// The strategy's name.
    pub strategy: String,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// The version of the policy that chose it.
    pub policy_version: u64,
    /// Who chose it.
    pub source: Source,
    /// The probability, in whole per cent, that it beats the baseline.
    pub confidence: u32,
    /// The dimensions that the strategy sets.
    pub dimensions: Vec<String>,
    /// Items whose last verdict was a like.
    pub liked: Vec<String>,
    /// Items whose last verdict was a dislike.
    pub disliked: Vec<String>,
    /// Items that anything was said about.
    pub met: Vec<String>,
}

written!(Brief { decision_id, params, content_type, time_of_day, ?personality, strategy, propensity, policy_version, source, confidence, dimensions, liked, disliked, met });

impl Brief {
    /// Reads a brief as it serializes.
    ///
    /// # Errors
    /// `invalid_options` for anything missing, unknown or out of range,
    /// `invalid_params` for its parameters.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "brief", value).fields()?;
        let mut ids = |name: &'static str| -> Result<Vec<String>> {
            let list = fields.required(name)?.list(IDS)?;
            list.iter().map(|id| id.id().map(str::to_owned)).collect()
        };
        let lists = [
            ids("dimensions")?,
            ids("liked")?,
            ids("disliked")?,
            ids("met")?,
        ];
        let [dimensions, liked, disliked, met] = lists;
        let brief = Self {
            decision_id: fields.required("decision_id")?.id()?.to_owned(),
            params: Parameters::parse(fields.required("params")?.value())?,
            content_type: ContentType::read(&fields.required("content_type")?)?,
            time_of_day: TimeOfDay::read(&fields.required("time_of_day")?)?,
            personality: match fields.optional("personality") {
                Some(field) => Some(Personality::read(&field)?),
                None => None,
            },
            strategy: fields.required("strategy")?.id()?.to_owned(),
            propensity: fields.required("propensity")?.number(0.0, 1.0)?,
            policy_version: fields.required("policy_version")?.integer(0, 1 << 53)? as u64,
            source: Source::read(&fields.required("source")?)?,
            confidence: fields.required("confidence")?.integer(0, 100)? as u32,
            dimensions,
            liked,
            disliked,
            met,
        };
        fields.finish()?;
        Ok(brief)
    }
}
