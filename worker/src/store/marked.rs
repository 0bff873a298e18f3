//! Marked pairs: what a fold reads of them, and what it makes of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::interactions::{SignalRow, signals};
use super::stretch::{Reach, Stretch};
use super::{Arg, Statement, Store, json_lists, to_json};
use crate::error::Result;

/// Whose marked pairs of which ISO week.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UserWeek(
    /// The week of the decisions.
    pub i32,
    /// The user.
    pub String,
);

/// A marked pair, without its ids: they would be most of it.
#[derive(Debug, Deserialize)]
pub struct MarkedRow {
    /// Its number in the user's week. No other has it as long as it is marked.
    pub mark: i64,
    /// When its decision was made, in milliseconds since 1970.
    pub decided_at: i64,
    /// The strategy.
    pub action_index: usize,
    /// Its context, as [`pack`](super::decisions::pack) makes it.
    pub packed: Option<String>,
    /// The same as JSON, where the decision came without.
    pub context: Option<String>,
    /// What was said of the content, in (time, id) order.
    pub signals: Vec<SignalRow>,
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

/// What a fold makes of a pair.
#[derive(Debug, Serialize)]
pub struct Folded<'a>(
    /// Its number.
    pub i64,
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
    /// The next marked pairs after one that is given by its user's week and its number.
    /// Beyond `most` of a user's week, pairs do not train.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn marked_pairs(
        &self,
        (UserWeek(week, user_id), mark): &(UserWeek, i64),
        most: i64,
        reach: &Reach,
    ) -> Result<Stretch<(UserWeek, Vec<MarkedRow>)>> {
        let group = "week, user_id";
        let order = "week, user_id, mark";
        let sql = format!(
            "SELECT json_array(mark, decided_at, action_index, context,
               CASE WHEN context IS NULL THEN
                 (SELECT d.context FROM decisions d WHERE d.decision_id = p.decision_id) END,
               {}, revision, counted, folded, shared,
               EXISTS (SELECT 1 FROM pairs earlier
                 WHERE earlier.user_id = p.user_id AND earlier.week = p.week
                   AND (earlier.decided_at, earlier.decision_id, earlier.content_id)
                     < (p.decided_at, p.decision_id, p.content_id)
                 LIMIT 1 OFFSET ?4 - 1)) AS row, {order}
             FROM pairs p WHERE dirty = 1 AND ({order}) > (?1, ?2, ?3)
             ORDER BY {order} LIMIT ?5",
            signals()
        );
        let args = [
            Arg::Int((*week).into()),
            Arg::Text(user_id),
            Arg::Int(*mark),
            Arg::Int(most),
        ];
        self.groups(&sql, (group, order), &args, reach).await
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
    pub fn write_folded(&self, pairs: &[(&UserWeek, Vec<Folded<'_>>)]) -> Result<Vec<Statement>> {
        // Left to itself, SQLite goes through a user's pairs once for each of them.
        let sql = "WITH made AS MATERIALIZED (
               SELECT one.value ->> '$[0][0]' AS of_week, one.value ->> '$[0][1]' AS of_user,
                 pair.value ->> 0 AS number, pair.value ->> 1 AS reward, pair.value ->> 2 AS seen,
                 pair.value ->> 3 AS of_state, pair.value ->> 4 AS packed
               FROM json_each(?1) one, json_each(one.value, '$[1]') pair)
             UPDATE pairs SET folded = reward, shared = reward, counted = seen,
               dirty = revision <> seen, state = of_state, context = coalesce(context, packed)
             FROM made
             WHERE dirty = 1 AND week = of_week AND user_id = of_user AND mark = number";
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
    pub fn trainees(&self, users: &BTreeSet<&str>, least: i64, task: i64) -> Result<Statement> {
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
