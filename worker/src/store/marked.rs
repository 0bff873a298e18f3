//! Marked pairs: what a fold reads of them, and what it makes of them.

use moodloop::evidence::Week;
use serde::{Deserialize, Serialize};

use super::interactions::{HistoryRow, history};
use super::stretch::{Reach, Stretch};
use super::{Arg, Statement, Store, json_lists, to_json};
use crate::error::Result;

/// A marked pair.
#[derive(Debug, Deserialize)]
pub struct MarkedRow {
    /// The decision.
    pub decision_id: String,
    /// The content.
    pub content_id: String,
    /// Whose the decision was.
    pub user_id: String,
    /// When it was made, in milliseconds since 1970.
    pub decided_at: i64,
    /// The strategy.
    pub action_index: usize,
    /// Its context, as [`pack`](super::decisions::pack) makes it.
    pub packed: Option<String>,
    /// The same as JSON, where the decision came without.
    pub context: Option<String>,
    /// What was said of the content.
    pub history: Vec<HistoryRow>,
    /// How many interactions it had when it was read.
    pub revision: i64,
    /// How many of them a training has reported.
    pub counted: i64,
    /// What was learned of it, in thousandths; none: nothing.
    pub folded: Option<i64>,
    /// What the evidence holds of it.
    pub shared: Option<i64>,
    /// 1: its user has so many others earlier in the week that it does not train.
    pub beyond: i64,
}

impl MarkedRow {
    /// The ISO week of the decision.
    pub const fn week(&self) -> Week {
        Week::of(self.decided_at)
    }
}

/// What a fold makes of a pair.
#[derive(Debug, Serialize)]
pub struct Folded<'a>(
    /// The decision.
    pub &'a str,
    /// The content.
    pub &'a str,
    /// What is learned of it from now on, and held by the evidence.
    pub Option<i64>,
    /// The revision that this is about: a newer one stays marked.
    pub i64,
    /// The discretised context, in hexadecimal.
    pub String,
    /// The packed context, where the pair has none yet.
    pub Option<&'a str>,
);

impl Store {
    /// The next marked pairs after one (decision, content), in this order. Beyond
    /// `most` of a user's week, pairs do not train.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn marked_pairs(
        &self,
        after: &(String, String),
        most: i64,
        reach: &Reach,
    ) -> Result<Stretch<MarkedRow>> {
        // Ids grow with time: what is read and written together lies together.
        let sql = format!(
            "SELECT json_array(decision_id, content_id, user_id, decided_at, action_index, context,
               CASE WHEN context IS NULL THEN
                 (SELECT d.context FROM decisions d WHERE d.decision_id = p.decision_id) END,
               {}, revision, counted, folded, shared,
               EXISTS (SELECT 1 FROM pairs earlier
                 WHERE earlier.user_id = p.user_id AND earlier.week = p.week
                   AND (earlier.decided_at, earlier.decision_id, earlier.content_id)
                     < (p.decided_at, p.decision_id, p.content_id)
                 LIMIT 1 OFFSET ?3 - 1)) AS row,
               decision_id, content_id
             FROM pairs p WHERE dirty = 1 AND (decision_id, content_id) > (?1, ?2)
             ORDER BY decision_id, content_id LIMIT ?4",
            history("p", "")
        );
        let args = [Arg::Text(&after.0), Arg::Text(&after.1), Arg::Int(most)];
        self.stretch(&sql, "decision_id, content_id", &args, reach)
            .await
    }

    /// Marks what was folded of users' weeks beyond `most` pairs, and says how many
    /// pairs that is.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn mark_beyond(&self, most: i64) -> Result<usize> {
        let sql = "UPDATE pairs SET dirty = 1
             FROM (SELECT user_id AS crowd, week AS crowded FROM pairs
               GROUP BY user_id, week HAVING count(*) > ?1)
             WHERE user_id = crowd AND week = crowded AND folded IS NOT NULL AND dirty = 0
               AND (decided_at, decision_id, content_id) > (
                 SELECT decided_at, decision_id, content_id FROM pairs last
                 WHERE last.user_id = crowd AND last.week = crowded
                 ORDER BY decided_at, decision_id, content_id LIMIT 1 OFFSET ?1 - 1)";
        Ok(self.run(sql, &[Arg::Int(most)]).await?.changes())
    }

    /// The statements that note what a fold made of pairs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_folded(&self, pairs: &[Folded<'_>]) -> Result<Vec<Statement>> {
        let sql =
            "UPDATE pairs SET folded = value ->> 2, shared = value ->> 2, counted = value ->> 3,
               dirty = revision <> value ->> 3, state = value ->> 4,
               context = coalesce(context, value ->> 5)
             FROM json_each(?1)
             WHERE pairs.decision_id = value ->> 0 AND pairs.content_id = value ->> 1";
        let lists = json_lists(pairs)?;
        (lists.iter())
            .map(|list| self.statement(sql, &[Arg::Text(list)]))
            .collect()
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
