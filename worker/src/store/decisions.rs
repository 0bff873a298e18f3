//! Decisions and the items that they served.

use std::rc::Rc;
use std::sync::LazyLock;

use moodloop::codec::{self, Reader, Writer};
use moodloop::context::{Context, Extras};
use moodloop::evidence::Week;
use moodloop::log::{Decision, Source};
use moodloop::rank::Ranked;
use moodloop::strategy::Strategy;
use moodloop::value::Value;
use serde::Deserialize;

use super::known::{Stamp, stamp};
use super::{Arg, Statement, Store, bytes, from_json, to_json};
use crate::error::{Failure, Result};

/// What the log keeps of a decision beside the core's record.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The experiment's arm, or `client`.
    pub arm: &'a str,
    /// How the agent would have decided beside a control arm.
    pub shadow: Option<Shadow>,
    /// What was served; nothing where the client served by itself.
    pub served: Option<Served<'a>>,
}

/// What the agent would have done where another arm decided.
#[derive(Clone, Copy, Debug)]
pub struct Shadow {
    /// What it would have chosen.
    pub action_index: Strategy,
    /// How likely it was to choose what was served.
    pub propensity: f64,
    /// How much more it expected of its own choice, in reward units.
    pub gain: f64,
}

/// The columns of a new decision, which `?1` to `?19` are bound to.
const INTO: &str = "INSERT INTO decisions (decision_id, user_id, decided_at, week, content_type,
       context, action_index, propensity, source, policy_version, executed, arm,
       shadow_index, shadow_propensity, shadow_gain, contents, labels, metadata, packed)";
const VALUES: &str =
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19";

/// Records a decision.
static RECORD: LazyLock<String> =
    LazyLock::new(|| format!("{INTO} VALUES ({VALUES}) ON CONFLICT (decision_id) DO NOTHING"));

/// Records a decision where `?20` and `?21` are the [`Stamp`] of its user.
static RECORD_IF: LazyLock<String> = LazyLock::new(|| {
    let [rest, latest] = stamp("?2", "?5");
    format!(
        "{INTO} SELECT {VALUES} WHERE ?21 = {latest} AND ?20 = {rest}
         ON CONFLICT (decision_id) DO NOTHING"
    )
});

impl Store {
    /// The statement that records a decision; a repeat of its id changes nothing.
    /// With `stamp`, it records only what was decided by what still holds.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn record_decision(
        &self,
        decision: &Decision,
        declared: &Extras,
        beside: &Beside<'_>,
        stamp: Option<&Stamp>,
    ) -> Result<Statement> {
        let [index, likely, gain] = match beside.shadow {
            Some(shadow) => [
                Arg::Int(shadow.action_index.index() as i64),
                Arg::Real(shadow.propensity),
                Arg::Real(shadow.gain),
            ],
            None => [Arg::Null; 3],
        };
        let served = beside.served.as_ref();
        let values = [
            Arg::Text(&decision.decision_id),
            Arg::Text(decision.user_id.as_deref().unwrap_or_default()),
            Arg::Int(decision.decided_at),
            Arg::Int(Week::of(decision.decided_at).0.into()),
            Arg::Text(decision.context.content_type.as_str()),
            Arg::Text(&to_json(&decision.context.named(declared))?),
            Arg::Int(decision.action_index.index() as i64),
            Arg::Real(decision.propensity),
            Arg::Text(decision.source.as_str()),
            Arg::Int(decision.policy_version as i64),
            Arg::Int(decision.executed.into()),
            Arg::Text(beside.arm),
            index,
            likely,
            gain,
            served.map(|served| &*served.contents).into(),
            served.map(|served| served.labels.as_str()).into(),
            served.map(|served| served.metadata).into(),
            Arg::Text(&pack(&decision.context)),
        ];
        match stamp {
            None => self.statement(&RECORD, &values),
            Some(Stamp(rest, latest)) => {
                let stamp = [rest, latest].map(|text| Arg::Text(text));
                self.statement(&RECORD_IF, &[&values[..], &stamp].concat())
            }
        }
    }
}

/// A context as the core's bytes, in base64: what a training reads of it.
pub fn pack(context: &Context) -> String {
    let mut out = Writer::default();
    context.encode(&mut out);
    bytes::encode(&out.into_bytes())
}

/// What [`pack`] made.
///
/// # Errors
/// `internal` for anything else.
pub fn unpack(packed: &str, declared: &Extras) -> Result<Context> {
    let unreadable = |_| Failure::internal("a stored context is not readable");
    let body = bytes::decode(packed)?;
    let mut input = Reader::new(&body);
    let context = Context::decode(&mut input, declared).map_err(unreadable)?;
    input.finish().map_err(unreadable)?;
    Ok(context)
}

/// What was served, as its decision's row keeps it.
#[derive(Debug)]
pub struct Served<'a> {
    /// JSON: contents in order, each with its main genre behind it.
    pub contents: Rc<str>,
    labels: String,
    metadata: &'a str,
}

impl<'a> Served<'a> {
    /// Items in order, and what is said of all of them, as JSON.
    ///
    /// # Errors
    /// `internal` when JSON cannot hold it.
    pub fn new(items: &[Ranked<'_>], metadata: &'a str) -> Result<Self> {
        let mut contents = Vec::with_capacity(2 * items.len());
        let mut labels = Vec::with_capacity(items.len());
        for Ranked { item, why, .. } in items {
            contents.extend([Some(item.id.as_str()), item.genre()]);
            labels.push((why.slot, &item.title));
        }
        Ok(Self {
            contents: to_json(&contents)?.into(),
            labels: to_json(&labels)?,
            metadata,
        })
    }
}

/// A stored decision.
#[derive(Debug, Deserialize)]
pub struct DecisionRow {
    /// The id.
    pub decision_id: String,
    /// Whose it was.
    pub user_id: String,
    /// When, in milliseconds since 1970.
    pub decided_at: i64,
    context: String,
    action_index: usize,
    propensity: f64,
    source: String,
    policy_version: u64,
    executed: i64,
}

impl DecisionRow {
    /// A row of table `d` as a JSON list.
    pub const LIST: &'static str = "json_array(d.decision_id, d.user_id, d.decided_at, d.context, \
         d.action_index, d.propensity, d.source, d.policy_version, d.executed)";

    /// The decision as the core knows it.
    ///
    /// # Errors
    /// `internal` for a row that this program cannot have written.
    pub fn decision(&self, strategies: usize, declared: &Extras) -> Result<Decision> {
        let unreadable = || {
            // The id's hash finds the row for an operator and names nobody.
            let hash = codec::hash(self.decision_id.as_bytes(), 0);
            Failure::internal(format!("decision #{hash:016x} is not readable"))
        };
        let context: Value = from_json(&self.context)?;
        Ok(Decision {
            decision_id: self.decision_id.clone(),
            decided_at: self.decided_at,
            user_id: Some(self.user_id.clone()),
            context: Context::parse(&context, declared).map_err(|_| unreadable())?,
            action_index: Strategy::within(self.action_index, strategies).ok_or_else(unreadable)?,
            propensity: self.propensity,
            source: Source::from_name(&self.source).ok_or_else(unreadable)?,
            policy_version: self.policy_version,
            executed: self.executed != 0,
        })
    }
}
