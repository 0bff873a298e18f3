//! Interactions: the one seam through which feedback comes in. A queue in front
//! of it, or a database per shard, changes this file only.

use std::sync::LazyLock;

use moodloop::context::Mood;
use moodloop::log::{History, Interaction, Signal, Source};
use moodloop::reward::{Feedback, Kind, RewardWeights};
use serde::Deserialize;

use super::{Arg, Statement, Store};
use crate::error::{Failure, Result};

/// The most interactions that count for one (decision, content) pair; further
/// ones are stored as organic.
pub const PAIR_INTERACTIONS: i64 = 100;

/// What comes in.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Who.
    pub user_id: &'a str,
    /// The decision it names; without one, the user's latest that showed the content.
    pub decision_id: Option<&'a str>,
    /// What kind of content; without it, the decision's.
    pub content_type: Option<&'a str>,
    /// The core's record.
    pub interaction: &'a Interaction,
    /// Tells a retry from another body under the same id.
    pub body_hash: &'a str,
    /// Decisions before this time are not looked at when none is named.
    pub since: i64,
}

/// Stores an interaction, attaches it to its decision and gives the
/// [`StoredInteraction`] unless the id was known.
static RECORD: LazyLock<String> = LazyLock::new(|| {
    let stored = stored("entertainment_interactions", "AND i.interaction_id <> ?2");
    format!(
        "INSERT INTO entertainment_interactions (user_id, interaction_id, decision_id,
           content_type, content_id, interaction_type, completion_percentage, mood_before,
           mood_after, reward, arm, at, body_hash, metadata, created_at)
         SELECT ?1, ?2, d.decision_id, coalesce(?4, d.content_type), ?5, ?6, ?7, ?8, ?9, ?10, d.arm, ?11, ?12,
           CASE WHEN d.decision_id IS NOT NULL THEN json_object(
             'strategy', d.metadata -> 'strategy', 'rl_params', d.metadata -> 'rl_params',
             'time_of_day', d.context ->> 'time_of_day',
             'genre', (SELECT d.contents ->> (key + 1) FROM json_each(d.contents)
               WHERE value = ?5 AND key % 2 = 0),
             'personality', d.context -> 'personality') END,
           strftime('%Y-%m-%dT%H:%M:%fZ', ?11 / 1000.0, 'unixepoch')
         FROM (SELECT 1) LEFT JOIN decisions d ON d.decision_id = coalesce(?3,
           (SELECT decision_id FROM decisions
            WHERE user_id = ?1 AND decided_at >= ?13 AND content_type = coalesce(?4, content_type)
              AND ?5 IN (SELECT value FROM json_each(contents) WHERE key % 2 = 0)
            ORDER BY decided_at DESC LIMIT 1))
           AND d.user_id = ?1 AND d.content_type = coalesce(?4, d.content_type)
           AND (d.arm = 'client' OR ?5 IN (SELECT value FROM json_each(d.contents) WHERE key % 2 = 0))
           AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.decision_id = d.decision_id
             AND p.content_id = ?5 AND p.revision >= ?14)
         ON CONFLICT (user_id, interaction_id) DO NOTHING
         RETURNING {stored}"
    )
});

impl Store {
    /// The statement that stores an interaction once and attaches it to its
    /// decision; the database marks the pair for the next fold. It gives the
    /// [`StoredInteraction`] unless the id was known.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn record_interaction(&self, incoming: &Incoming<'_>) -> Result<Statement> {
        // It would not hold any more, and to try costs a round trip.
        self.memory.borrow_mut().forget(incoming.user_id);
        let interaction = incoming.interaction;
        let (feedback, reward) = match &interaction.signal {
            Signal::Feedback(feedback) => (Some(feedback), None),
            Signal::Reward { reward_thousandths } => (None, Some(*reward_thousandths)),
        };
        let mood = |mood: Option<Mood>| mood.map(Mood::as_str);
        self.statement(
            &RECORD,
            &[
                Arg::Text(incoming.user_id),
                Arg::Text(&interaction.interaction_id),
                incoming.decision_id.into(),
                incoming.content_type.into(),
                Arg::Text(&interaction.content_id),
                feedback.map(|f| f.interaction_type.as_str()).into(),
                feedback
                    .and_then(|f| f.completion_percentage)
                    .map_or(Arg::Null, Arg::Real),
                mood(feedback.and_then(|f| f.mood_before)).into(),
                mood(feedback.and_then(|f| f.mood_after)).into(),
                reward.map_or(Arg::Null, Arg::Int),
                Arg::Int(interaction.at),
                Arg::Text(incoming.body_hash),
                Arg::Int(incoming.since),
                Arg::Int(PAIR_INTERACTIONS),
            ],
        )
    }

    /// What an earlier request stored under an id.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn known_interaction(
        &self,
        user_id: &str,
        interaction_id: &str,
    ) -> Result<Option<StoredInteraction>> {
        let sql = format!(
            "SELECT {} FROM entertainment_interactions s
             WHERE user_id = ?1 AND interaction_id = ?2",
            stored("s", "")
        );
        let args = [Arg::Text(user_id), Arg::Text(interaction_id)];
        Ok(self.run(&sql, &args).await?.texts()?.pop())
    }
}

/// A [`StoredInteraction`] of `table`, of whose pair it knows the interactions
/// that `others` does not leave out.
fn stored(table: &str, others: &str) -> String {
    let history = history(table, others);
    format!(
        "json_array({table}.decision_id, {table}.content_id, {table}.body_hash,
           (SELECT json_array(d.executed, d.source, d.context ->> 'mood', {history})
            FROM decisions d WHERE d.decision_id = {table}.decision_id)) AS row"
    )
}

/// A [`SignalRow`] of the interaction `i`.
const SIGNAL: &str = "json_array(i.interaction_type, i.completion_percentage, i.mood_before,
  i.mood_after, i.reward)";

/// What was said of the pair that a row of `table` is about, as a JSON list of
/// [`HistoryRow`]s; without the interactions that `others` leaves out.
fn history(table: &str, others: &str) -> String {
    let row = format!("json_array(i.at, i.interaction_id, {SIGNAL})");
    said(&row, table, others)
}

/// The same of the pair `p`, as a list of [`SignalRow`]s in (time, id) order.
pub fn signals() -> String {
    let row = format!("{SIGNAL} ORDER BY i.at, i.interaction_id");
    said(&row, "p", "")
}

fn said(row: &str, table: &str, others: &str) -> String {
    format!(
        "json((SELECT json_group_array({row}) FROM entertainment_interactions i
           WHERE i.decision_id = {table}.decision_id AND i.content_id = {table}.content_id
             {others}))"
    )
}

/// How many of a user's latest decisions are looked at for what they were shown.
pub const DECISIONS: usize = 20;

/// Reads the latest likes and dislikes of the user `?1` among contents `?2`.
pub fn verdicts() -> String {
    format!(
        "SELECT json_array(at, interaction_id, content_id, interaction_type = 'like',
           metadata ->> 'genre') AS row {}",
        latest_verdicts("?1", "?2")
    )
}

/// Reads which of the contents `?2` the user `?1` was shown by their latest decisions,
/// as each of these keeps it.
pub fn shown() -> String {
    format!(
        "SELECT contents AS row FROM {} WHERE content_type = ?2 AND contents IS NOT NULL",
        latest_decisions("contents", "?1")
    )
}

/// Where those of a user's likes and dislikes are that are looked at.
pub fn latest_verdicts(user_id: &str, content_type: &str) -> String {
    format!(
        "FROM entertainment_interactions
         WHERE user_id = {user_id} AND content_type = {content_type}
           AND interaction_type IN ('like', 'dislike')
         ORDER BY at DESC, interaction_id DESC LIMIT 200"
    )
}

/// A column of a user's latest decisions, beside their content types.
pub fn latest_decisions(column: &str, user_id: &str) -> String {
    format!(
        "(SELECT {column}, content_type FROM decisions
          WHERE user_id = {user_id} ORDER BY decided_at DESC LIMIT {DECISIONS})"
    )
}

/// A like or dislike.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The interaction.
    pub interaction_id: String,
    /// Of what.
    pub content_id: String,
    /// 1: like.
    pub liked: i64,
    /// The item's main genre, where a decision showed it.
    pub genre: Option<String>,
}

/// What one decision showed.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<Option<String>>")]
pub struct Shown(
    /// Every content, with its main genre.
    pub Vec<(String, Option<String>)>,
);

impl From<Vec<Option<String>>> for Shown {
    /// As `decisions.contents` lists them: a content, its genre, the next content.
    fn from(list: Vec<Option<String>>) -> Self {
        let mut list = list.into_iter();
        let next = || Some((list.next()??, list.next()?));
        Self(std::iter::from_fn(next).collect())
    }
}

/// An interaction as stored.
#[derive(Debug, Deserialize)]
pub struct StoredInteraction {
    /// The decision that it was attached to; none: organic.
    pub decision_id: Option<String>,
    /// The content.
    pub content_id: String,
    /// The hash of the body that came with it.
    pub body_hash: String,
    /// What was said of its pair, without it where it has just been stored:
    /// SQLite does not say whether a statement's own row is there when it gives it.
    pub said: Option<Said>,
}

/// What was said of a content that a decision served.
#[derive(Debug, Deserialize)]
pub struct Said {
    executed: i64,
    source: String,
    /// The decision's mood.
    mood: String,
    history: Vec<HistoryRow>,
}

impl Said {
    /// The reward, in thousandths, that it merges to with `new`; none where
    /// nothing may be learned from it.
    ///
    /// # Errors
    /// `internal` for a row that this program cannot have written.
    pub fn reward(
        &self,
        content_id: &str,
        new: Option<Interaction>,
        weights: &RewardWeights,
    ) -> Result<Option<i64>> {
        let unreadable = || Failure::internal("a stored decision is not readable");
        let source = Source::from_name(&self.source).ok_or_else(unreadable)?;
        if !source.teaches(self.executed != 0) {
            return Ok(None);
        }
        let mood = Mood::from_name(&self.mood).ok_or_else(unreadable)?;
        let mut history = History::default();
        let known = (self.history.iter()).filter_map(|row| row.interaction(content_id, weights));
        known.chain(new).for_each(|one| history.insert(one));
        Ok(history.reward(weights, mood)?)
    }
}

/// What an interaction says: kind, completion, mood before, mood after, reward.
#[derive(Debug, Deserialize)]
pub struct SignalRow(
    Option<String>,
    Option<f64>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

impl SignalRow {
    /// The same as the core knows it; none for a row that this program cannot have
    /// written. A reward that a client computed itself counts for no more than feedback
    /// can.
    pub fn signal(&self, weights: &RewardWeights) -> Option<Signal> {
        let Self(kind, completion_percentage, before, after, reward) = self;
        let mood = |word: &Option<String>| Mood::from_name(word.as_deref()?);
        if let Some(kind) = kind {
            return Some(Signal::Feedback(Feedback {
                interaction_type: Kind::from_name(kind)?,
                completion_percentage: *completion_percentage,
                mood_before: mood(before),
                mood_after: mood(after),
            }));
        }
        let (lowest, highest) = weights.range();
        Some(Signal::Reward {
            reward_thousandths: (*reward)?.clamp(lowest, highest),
        })
    }
}

/// One interaction of a pair. The form in which a statement can list a pair's history.
#[derive(Debug, Deserialize)]
struct HistoryRow(
    /// When, in milliseconds since 1970.
    i64,
    /// Its id.
    String,
    SignalRow,
);

impl HistoryRow {
    /// The interaction as the core knows it, if it does.
    fn interaction(&self, content_id: &str, weights: &RewardWeights) -> Option<Interaction> {
        let Self(at, interaction_id, row) = self;
        Some(Interaction {
            interaction_id: interaction_id.clone(),
            at: *at,
            content_id: content_id.to_owned(),
            signal: row.signal(weights)?,
        })
    }
}
