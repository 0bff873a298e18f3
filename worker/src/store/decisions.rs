//! Decisions and the items that they served.

use moodloop::codec;
use moodloop::context::{Context, Extras};
use moodloop::evidence::Week;
use moodloop::log::{Decision, Source};
use moodloop::strategy::Strategy;
use moodloop::value::Value;
use serde::{Deserialize, Serialize};

use super::{Arg, Statement, Store, from_json, to_json};
use crate::error::{Failure, Result};

/// A served item as the log of recommendations keeps it.
#[derive(Debug, Serialize)]
pub struct Served<'a> {
    /// The item's id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its main genre.
    pub genre: Option<&'a str>,
    /// What its place was for.
    pub slot: moodloop::rank::Slot,
}

/// What the log keeps of a decision beside the core's record.
#[derive(Debug)]
pub struct Beside<'a> {
    /// The experiment's arm, or `client`.
    pub arm: &'a str,
    /// How the agent would have decided beside a control arm.
    pub shadow: Option<Shadow>,
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

impl Store {
    /// The statement that records a decision; a repeat of its id changes nothing.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn record_decision(
        &self,
        decision: &Decision,
        declared: &Extras,
        beside: &Beside<'_>,
    ) -> Result<Statement> {
        let [index, likely, gain] = match beside.shadow {
            Some(shadow) => [
                Arg::Int(shadow.action_index.index() as i64),
                Arg::Real(shadow.propensity),
                Arg::Real(shadow.gain),
            ],
            None => [Arg::Null; 3],
        };
        self.statement(
            "INSERT INTO decisions (decision_id, user_id, decided_at, week, content_type, context,
               action_index, propensity, source, policy_version, executed, arm,
               shadow_index, shadow_propensity, shadow_gain)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (decision_id) DO NOTHING",
            &[
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
            ],
        )
    }

    /// The statement that records what a decision served, in order. `metadata`
    /// is what all of its items share.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn record_items(
        &self,
        decision: &Decision,
        items: &[Served<'_>],
        metadata: &impl Serialize,
        now: &str,
    ) -> Result<Statement> {
        self.statement(
            "INSERT INTO entertainment_recommendations (decision_id, position, user_id,
               content_type, content_id, title, genre, metadata, created_at)
             SELECT ?1, key, ?2, ?3, value ->> 'id', value ->> 'title', value ->> 'genre',
               json_set(?4, '$.slot', value ->> 'slot'), ?5
             FROM json_each(?6)",
            &[
                Arg::Text(&decision.decision_id),
                Arg::Text(decision.user_id.as_deref().unwrap_or_default()),
                Arg::Text(decision.context.content_type.as_str()),
                Arg::Text(&to_json(metadata)?),
                Arg::Text(now),
                Arg::Text(&to_json(&items)?),
            ],
        )
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
