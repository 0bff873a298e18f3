//! Pairs of decision and content, with what the evidence holds of them.

use moodloop::context::Extras;
use moodloop::evidence::Week;
use moodloop::log::Log;
use moodloop::reward::RewardWeights;
use serde::{Deserialize, Serialize};

use super::decisions::DecisionRow;
use super::interactions::{HistoryRow, history};
use super::{Arg, Statement, Store, json_lists, to_json};
use crate::error::Result;

/// What was said about a content that a decision served.
#[derive(Debug, Deserialize)]
pub struct Told {
    /// The decision.
    pub decision: DecisionRow,
    /// The content.
    pub content_id: String,
    history: Vec<HistoryRow>,
}

/// A pair of decision and content.
#[derive(Debug, Deserialize)]
pub struct PairRow {
    /// What was said of it.
    pub told: Told,
    /// How many interactions it had when it was read.
    pub revision: i64,
    /// How many of them a training has reported.
    pub counted: i64,
    /// What was learned of it, in thousandths; none: nothing.
    pub folded: Option<i64>,
    /// What the evidence holds of it.
    pub shared: Option<i64>,
}

/// What a fold makes of a pair.
#[derive(Debug, Serialize)]
pub struct Folded(
    /// The decision.
    pub String,
    /// The content.
    pub String,
    /// What is learned of it from now on, and held by the evidence.
    pub Option<i64>,
    /// The revision that this is about: a newer one stays marked.
    pub i64,
    /// The discretised context, in hexadecimal.
    pub String,
    /// The strategy.
    pub usize,
    /// The context, as [`replay`](super::replay) reads it.
    pub String,
);

impl PairRow {
    /// The ISO week of the decision.
    pub const fn week(&self) -> Week {
        Week::of(self.told.decision.decided_at)
    }

    /// Whose the decision was.
    pub fn user_id(&self) -> &str {
        &self.told.decision.user_id
    }

    /// Where the pair stands in a fold.
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
        for row in &self.history {
            if let Some(interaction) = row.interaction(&self.content_id, weights) {
                log.interact(&self.decision.decision_id, interaction, weights)?;
            }
        }
        Ok(())
    }
}

/// The start of every statement that reads [`PairRow`]s.
fn select() -> String {
    format!(
        "SELECT json_array(json_array({}, p.content_id, {}), p.revision, p.counted, p.folded, p.shared) AS row
         FROM pairs p JOIN decisions d ON d.decision_id = p.decision_id",
        DecisionRow::LIST,
        history("p.content_id", "")
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
    /// here, at most `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn drawn_pairs(&self, since: i64, limit: usize) -> Result<Vec<PairRow>> {
        let sql = format!(
            "{} WHERE p.decided_at >= ?1 AND d.arm = 'agent' AND d.source = 'agent'
             ORDER BY p.decided_at DESC, p.decision_id DESC, p.content_id DESC LIMIT ?2",
            select()
        );
        let args = [Arg::Int(since), Arg::Int(limit as i64)];
        self.page(&sql, &args).await
    }

    /// The marked pairs after one (decision, content), in this order, at most
    /// `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn marked_pairs(
        &self,
        after: &(String, String),
        limit: usize,
    ) -> Result<Vec<PairRow>> {
        // Ids grow with time: what is read and written together lies together.
        let sql = format!(
            "{} WHERE p.dirty = 1 AND (p.decision_id, p.content_id) > (?1, ?2)
             ORDER BY p.decision_id, p.content_id LIMIT ?3",
            select()
        );
        let args = [
            Arg::Text(&after.0),
            Arg::Text(&after.1),
            Arg::Int(limit as i64),
        ];
        let mut rows: Vec<PairRow> = self.page(&sql, &args).await?;
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        Ok(rows)
    }

    /// The statements that note what a fold made of pairs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_folded(&self, pairs: &[Folded]) -> Result<Vec<Statement>> {
        let sql =
            "UPDATE pairs SET folded = value ->> 2, shared = value ->> 2, counted = value ->> 3,
               dirty = revision <> value ->> 3, state = value ->> 4, action_index = value ->> 5,
               context = value ->> 6
             FROM json_each(?1)
             WHERE pairs.decision_id = value ->> 0 AND pairs.content_id = value ->> 1";
        let lists = json_lists(pairs)?;
        let statements = lists
            .iter()
            .map(|list| self.statement(sql, &[Arg::Text(list)]));
        statements.collect()
    }

    /// The statement that reads, as a page of [`Trainee`]s, what a run may do with each
    /// of `users`: fold those with at least `least` interactions that belong to a
    /// decision, and count those that it has not counted yet.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn trainees(&self, users: &[&str], least: i64, task: i64) -> Result<Statement> {
        // Who was trained by this run has enough of them.
        let sql = "SELECT json_array(value, counted, counted OR
               (SELECT count(*) FROM (SELECT 1 FROM entertainment_interactions i
                WHERE i.user_id = value AND i.decision_id IS NOT NULL LIMIT ?2)) >= ?2) AS row
             FROM (SELECT value, EXISTS (SELECT 1 FROM users u
               WHERE u.user_id = value AND u.trained_by = ?3) AS counted FROM json_each(?1))";
        let args = [
            Arg::Text(&to_json(&users)?),
            Arg::Int(least),
            Arg::Int(task),
        ];
        self.paged(sql, &args)
    }

    /// For every week in which a user has more than `most` pairs: the last pair
    /// that counts. Pairs beyond it that were folded are marked.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn caps(&self, most: i64) -> Result<Vec<Cap>> {
        let crowded: Vec<(String, i64)> = self
            .page(
                "SELECT json_array(user_id, week) AS row FROM pairs
                 GROUP BY user_id, week HAVING count(*) > ?1",
                &[Arg::Int(most)],
            )
            .await?;
        let mut caps = Vec::new();
        for (user_id, week) in crowded {
            let rows = self.run(
                "SELECT user_id, week, decided_at, decision_id, content_id FROM pairs
                 WHERE user_id = ?1 AND week = ?2
                 ORDER BY decided_at, decision_id, content_id LIMIT 1 OFFSET ?3",
                &[Arg::Text(&user_id), Arg::Int(week), Arg::Int(most - 1)],
            );
            let Some(cap) = rows.await?.first::<Cap>()? else {
                continue;
            };
            self.run(
                "UPDATE pairs SET dirty = 1
                 WHERE user_id = ?1 AND week = ?2 AND folded IS NOT NULL
                   AND (decided_at, decision_id, content_id) > (?3, ?4, ?5)",
                &[
                    Arg::Text(&user_id),
                    Arg::Int(week),
                    Arg::Int(cap.decided_at),
                    Arg::Text(&cap.decision_id),
                    Arg::Text(&cap.content_id),
                ],
            )
            .await?;
            caps.push(cap);
        }
        Ok(caps)
    }
}

/// A user with something to fold.
#[derive(Debug, Deserialize)]
pub struct Trainee(
    /// Who.
    pub String,
    i64,
    i64,
);

impl Trainee {
    /// Whether this run has counted them already.
    pub const fn is_counted(&self) -> bool {
        self.1 != 0
    }

    /// Whether they have enough interactions to be trained.
    pub const fn is_enough(&self) -> bool {
        self.2 != 0
    }
}

/// The last pair of a user's week that counts.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Cap {
    /// Whose week.
    pub user_id: String,
    /// Which week.
    pub week: i64,
    /// The pair's place: time.
    pub decided_at: i64,
    /// The pair's place: decision.
    pub decision_id: String,
    /// The pair's place: content.
    pub content_id: String,
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
