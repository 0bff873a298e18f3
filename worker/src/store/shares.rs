//! What the evidence holds of each pair, and what it is to hold.

use std::borrow::Cow;

use moodloop::evidence::Week;
use serde::{Deserialize, Serialize};

use super::{Arg, Statement, Store, json_lists};
use crate::clock::DAY_MS;
use crate::error::Result;

/// How the evidence is to hold a pair otherwise than it does.
#[derive(Debug, Deserialize)]
pub struct Shift<'a> {
    /// When it was decided, in milliseconds since 1970.
    pub decided_at: i64,
    /// Its context, as [`pack`](super::decisions::pack) makes it.
    pub packed: Cow<'a, str>,
    /// The strategy.
    pub action_index: usize,
    /// What the evidence holds, in thousandths; none: nothing.
    pub held: Option<i64>,
    /// What it is to hold.
    pub wanted: Option<i64>,
}

impl Shift<'_> {
    /// The ISO week of the decision.
    pub const fn week(&self) -> Week {
        Week::of(self.decided_at)
    }
}

/// A pair that the evidence is to hold otherwise.
#[derive(Debug, Deserialize)]
pub struct Move {
    /// The decision.
    pub decision_id: String,
    /// The content.
    pub content_id: String,
    /// How.
    pub shift: Shift<'static>,
}

/// What a pair's row is to say: decision, content, reward in thousandths.
#[derive(Debug, Serialize)]
pub struct Shared<'a>(pub &'a str, pub &'a str, pub Option<i64>);

/// When an ISO week begins, in milliseconds since 1970.
pub const fn start_of(week: Week) -> i64 {
    // 1970-01-01 was the fourth day of week 0.
    (week.0 as i64 * 7 - 3) * DAY_MS
}

impl Store {
    /// The first week after another that decisions are kept of.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn week_after(&self, week: Week) -> Result<Option<Week>> {
        let sql = "SELECT json_array(week) AS row FROM decisions
             WHERE week > ?1 ORDER BY week LIMIT 1";
        let found: Vec<(i32,)> = self.page(sql, &[Arg::Int(week.0.into())]).await?;
        Ok(found.first().map(|&(week,)| Week(week)))
    }

    /// How many users have how many learned pairs in a week: (pairs, users).
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn crowd(&self, week: Week) -> Result<Vec<(u64, u64)>> {
        let sql = "SELECT json_array(pairs, count(*)) AS row FROM
             (SELECT count(*) AS pairs FROM pairs
              WHERE folded IS NOT NULL AND decided_at >= ?1 AND decided_at < ?2 GROUP BY user_id)
             GROUP BY pairs";
        let args = [start_of(week), start_of(Week(week.0 + 1))].map(Arg::Int);
        self.page(sql, &args).await
    }

    /// Pairs of a week that the evidence holds otherwise than it should, at most
    /// `limit`: of each user it should hold the first in replay order, `share`
    /// thousandths of a pair. What is less than a whole one is the chance of one more,
    /// and the millisecond of its decision the lot.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn moves(&self, week: Week, share: u64, limit: i64) -> Result<Vec<Move>> {
        let sql = "WITH wanted AS (
               SELECT decision_id, content_id, decided_at, context, action_index, shared,
                 CASE WHEN 1000 * row_number() OVER (
                   PARTITION BY user_id ORDER BY decided_at, decision_id, content_id)
                   + decided_at % 1000 < 1000 + ?3
                 THEN folded END AS wanted
               FROM pairs WHERE folded IS NOT NULL AND decided_at >= ?1 AND decided_at < ?2)
             SELECT json_array(decision_id, content_id,
               json_array(decided_at, context, action_index, shared, wanted)) AS row
             FROM wanted WHERE shared IS NOT wanted LIMIT ?4";
        let args = [
            Arg::Int(start_of(week)),
            Arg::Int(start_of(Week(week.0 + 1))),
            Arg::Int(share as i64),
            Arg::Int(limit),
        ];
        self.page(sql, &args).await
    }

    /// Pairs of a user that the evidence holds and is to hold no more, at most
    /// `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn moves_out(&self, user_id: &str, limit: i64) -> Result<Vec<Move>> {
        let sql = "SELECT json_array(decision_id, content_id,
               json_array(decided_at, context, action_index, shared, NULL)) AS row
             FROM pairs WHERE user_id = ?1 AND shared IS NOT NULL LIMIT ?2";
        self.page(sql, &[Arg::Text(user_id), Arg::Int(limit)]).await
    }

    /// The statements that note what the evidence holds of pairs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_shared(&self, pairs: &[Shared<'_>]) -> Result<Vec<Statement>> {
        let sql = "UPDATE pairs SET shared = value ->> 2 FROM json_each(?1)
             WHERE pairs.decision_id = value ->> 0 AND pairs.content_id = value ->> 1";
        let lists = json_lists(pairs)?;
        let statements = lists
            .iter()
            .map(|list| self.statement(sql, &[Arg::Text(list)]));
        statements.collect()
    }

    /// How many pairs of each week the evidence holds, and how many were
    /// learned: (week, shared, folded).
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn held_by_week(&self) -> Result<Vec<(i32, i64, i64)>> {
        self.page(
            "SELECT json_array(week, count(shared), count(folded)) AS row FROM pairs
             WHERE folded IS NOT NULL OR shared IS NOT NULL GROUP BY week",
            &[],
        )
        .await
    }
}
