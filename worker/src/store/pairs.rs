//! Pairs of decision and content, with their decisions and what was said of them.

use moodloop::context::Extras;
use moodloop::log::{Interaction, Log};
use moodloop::reward::RewardWeights;
use serde::Deserialize;

use super::decisions::DecisionRow;
use super::interactions::{SignalRow, signals};
use super::replay::LATEST;
use super::stretch::{Reach, Stretch};
use super::{Arg, Store};
use crate::error::Result;

/// What was said about a content that a decision served.
#[derive(Debug, Deserialize)]
pub struct Told {
    /// The decision.
    pub decision: DecisionRow,
    /// The content.
    pub content_id: String,
    /// In (time, id) order.
    signals: Vec<SignalRow>,
}

/// A pair of decision and content.
#[derive(Debug, Deserialize)]
pub struct PairRow {
    /// What was said of it.
    pub told: Told,
    /// What was learned of it, in thousandths; none: nothing.
    pub folded: Option<i64>,
}

impl PairRow {
    /// The decision's id and the content's.
    pub fn place(&self) -> (&str, &str) {
        (&self.told.decision.decision_id, &self.told.content_id)
    }
}

impl Told {
    /// Puts the decision and the interactions into a log of the core, which
    /// knows how they merge.
    ///
    /// # Errors
    /// `internal` for a row that this program cannot have written.
    pub fn enter(
        &self,
        log: &mut Log,
        strategies: usize,
        declared: &Extras,
        weights: &RewardWeights,
    ) -> Result<()> {
        log.record(self.decision.decision(strategies, declared)?);
        for (place, row) in self.signals.iter().enumerate() {
            if let Some(signal) = row.signal(weights) {
                // Ids are not read: a hundred of them for each of many pairs would be too long.
                let interaction = Interaction {
                    interaction_id: format!("{place} {}", self.content_id),
                    at: place as i64,
                    content_id: self.content_id.clone(),
                    signal,
                };
                log.interact(&self.decision.decision_id, interaction, weights)?;
            }
        }
        Ok(())
    }
}

/// The start of every statement that reads [`PairRow`]s.
fn select() -> String {
    format!(
        "SELECT json_array(json_array({}, p.content_id, {}), p.folded) AS row,
           p.decided_at, p.decision_id, p.content_id
         FROM pairs p JOIN decisions d ON d.decision_id = p.decision_id",
        DecisionRow::LIST,
        signals()
    )
}

/// The weeks with marked pairs, by which their index goes. They are few; a scan for
/// distinct ones would go through all of it.
pub const MARKED_WEEKS: &str = "(WITH RECURSIVE marked(week) AS (
     SELECT min(week) FROM pairs WHERE dirty = 1
     UNION ALL
     SELECT (SELECT min(week) FROM pairs WHERE dirty = 1 AND week > marked.week)
     FROM marked WHERE week IS NOT NULL)
   SELECT week FROM marked WHERE week IS NOT NULL)";

/// Reads the latest pairs of the user `?1`: those that the stored layer does
/// not know yet, or all.
pub fn lessons(all: bool) -> String {
    let which = if all {
        String::new()
    } else {
        format!("AND p.dirty = 1 AND p.week IN {MARKED_WEEKS}")
    };
    format!(
        "{} WHERE p.user_id = ?1 {which}
         ORDER BY p.decided_at DESC, p.decision_id DESC, p.content_id DESC LIMIT 200",
        select()
    )
}

impl Store {
    /// A user's latest pairs, whether or not the stored layer knows them.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn lessons(&self, user_id: &str) -> Result<Vec<PairRow>> {
        self.page(&lessons(true), &[Arg::Text(user_id)]).await
    }

    /// The latest rewarded pairs of decisions since `since` that the agent drew
    /// here, at most `limit`, the latest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn drawn_pairs(&self, since: i64, limit: usize) -> Result<Stretch<PairRow>> {
        let sql = format!(
            "{} WHERE p.decided_at >= ?1 AND d.arm = 'agent' AND d.source = 'agent'
             ORDER BY p.decided_at DESC, p.decision_id DESC, p.content_id DESC LIMIT ?2",
            select()
        );
        let reach = Reach::of(limit);
        self.stretch(&sql, LATEST, &[Arg::Int(since)], &reach).await
    }
}

/// All pairs in some rows as one log of the core.
///
/// # Errors
/// As [`Told::enter`].
pub fn log_of(
    rows: &[PairRow],
    strategies: usize,
    declared: &Extras,
    weights: &RewardWeights,
) -> Result<Log> {
    let mut log = Log::default();
    for row in rows {
        row.told.enter(&mut log, strategies, declared, weights)?;
    }
    Ok(log)
}
