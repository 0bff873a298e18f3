//! Folded pairs, many at a time: what the Q-table, the users' layers and the
//! judge of a new policy are made from. A pair's own copy of its context is the
//! core's bytes in base64.

use moodloop::evidence::Week;
use serde::Deserialize;

use super::checkpoints::Place;
use super::decisions::DecisionRow;
use super::{Arg, Store};
use crate::error::Result;

/// One pair as the Q-table learns it: state, strategy, reward in thousandths,
/// the context (JSON) of what its user asked for next, and its place.
#[derive(Debug, Deserialize)]
pub struct StepRow(
    pub String,
    pub usize,
    pub i64,
    pub Option<String>,
    pub i64,
    pub String,
    pub String,
);

impl StepRow {
    /// Where the pair stands in the replay.
    pub fn place(&self) -> (i64, &str, &str) {
        (self.4, &self.5, &self.6)
    }
}

/// One pair as its user's layer sees it: user, context, strategy, reward
/// in thousandths, when it was decided, and 1 where the evidence holds it. Its ids
/// would be most of it, and nobody asks for them.
#[derive(Debug, Deserialize)]
pub struct VisitRow(pub String, pub String, pub usize, pub i64, pub i64, pub i64);

/// How far pairs were read, user by user: all that were decided before a moment, and so
/// many of that moment.
#[derive(Debug)]
pub struct Read {
    user_id: String,
    decided_at: i64,
    count: i64,
}

impl Read {
    /// All of a user's.
    pub fn whole(user_id: &str) -> Self {
        Self {
            user_id: user_id.to_owned(),
            decided_at: i64::MAX / 2048,
            count: 0,
        }
    }

    /// And one more.
    pub fn and(&mut self, VisitRow(user_id, .., decided_at, _): &VisitRow) {
        if (&self.user_id, self.decided_at) == (user_id, *decided_at) {
            self.count += 1;
        } else {
            self.user_id.clone_from(user_id);
            (self.decided_at, self.count) = (*decided_at, 1);
        }
    }
}

/// A pair that the agent drew here.
#[derive(Debug, Deserialize)]
pub struct DrawnRow {
    /// The decision.
    pub decision: DecisionRow,
    /// Its reward, in thousandths.
    pub folded: i64,
    content_id: String,
}

impl DrawnRow {
    fn place(&self) -> (i64, &str, &str) {
        let decision = &self.decision;
        (decision.decided_at, &decision.decision_id, &self.content_id)
    }
}

impl Store {
    /// The folded pairs after a place in replay order, at most `limit`. With
    /// `session`, each with what its user asked for next within so many
    /// milliseconds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn steps(
        &self,
        after: &Place,
        limit: i64,
        session: Option<i64>,
    ) -> Result<Vec<StepRow>> {
        let mut args = vec![
            Arg::Int(after.0),
            Arg::Text(&after.1),
            Arg::Text(&after.2),
            Arg::Int(limit),
        ];
        let next = match session {
            Some(milliseconds) => {
                args.push(Arg::Int(milliseconds));
                "(SELECT n.context FROM decisions n WHERE n.user_id = p.user_id
                  AND n.decided_at <= p.decided_at + ?5
                  AND (n.decided_at, n.decision_id) > (p.decided_at, p.decision_id)
                  ORDER BY n.decided_at, n.decision_id LIMIT 1)"
            }
            None => "NULL",
        };
        let sql = format!(
            "SELECT json_array(state, action_index, folded, {next},
               decided_at, decision_id, content_id) AS row
             FROM pairs p WHERE folded IS NOT NULL
               AND (decided_at, decision_id, content_id) > (?1, ?2, ?3)
             ORDER BY decided_at, decision_id, content_id LIMIT ?4"
        );
        let mut rows: Vec<StepRow> = self.page(&sql, &args).await?;
        // SQL promises no order inside an aggregate; this costs next to nothing.
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        Ok(rows)
    }

    /// The next folded pairs: user by user, each in replay order, at most `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn visits(&self, read: &Read, limit: i64) -> Result<Vec<VisitRow>> {
        let sql = "SELECT json_array(user_id, context, action_index, folded, decided_at,
               shared IS NOT NULL) AS row
             FROM pairs WHERE folded IS NOT NULL AND (user_id, week, decided_at) >= (?1, ?2, ?3)
             ORDER BY user_id, week, decided_at, decision_id, content_id LIMIT ?5 OFFSET ?4";
        let args = [
            Arg::Text(&read.user_id),
            Arg::Int(Week::of(read.decided_at).0.into()),
            Arg::Int(read.decided_at),
            Arg::Int(read.count),
            Arg::Int(limit),
        ];
        let mut rows: Vec<VisitRow> = self.page(sql, &args).await?;
        // SQL promises no order inside an aggregate; pairs of one moment stay as they came.
        rows.sort_by(|a, b| (&a.0, a.4).cmp(&(&b.0, b.4)));
        Ok(rows)
    }

    /// The latest pairs of decisions that the agent drew here, at most `limit`,
    /// in replay order.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn drawn(&self, limit: i64) -> Result<Vec<DrawnRow>> {
        // A client's propensities are its word, a control arm's are no draws.
        let sql = format!(
            "SELECT json_array({}, p.folded, p.content_id) AS row
             FROM pairs p JOIN decisions d ON d.decision_id = p.decision_id
             WHERE p.folded IS NOT NULL AND d.source = 'agent' AND d.arm = 'agent'
             ORDER BY p.decided_at DESC, p.decision_id DESC, p.content_id DESC LIMIT ?1",
            DecisionRow::LIST
        );
        let mut rows: Vec<DrawnRow> = self.page(&sql, &[Arg::Int(limit)]).await?;
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        Ok(rows)
    }

    /// The cells of the Q-table, as (state, strategy), that at least `users`
    /// users have seen; those after one, at most `limit`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn shared_cells(
        &self,
        after: &(String, i64),
        users: i64,
        limit: i64,
    ) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT json_array(state, action_index) AS row FROM pairs
             WHERE folded IS NOT NULL AND (state, action_index) > (?1, ?2)
             GROUP BY state, action_index HAVING count(DISTINCT user_id) >= ?3
             ORDER BY state, action_index LIMIT ?4";
        let args = [
            Arg::Text(&after.0),
            Arg::Int(after.1),
            Arg::Int(users),
            Arg::Int(limit),
        ];
        let mut cells: Vec<(String, i64)> = self.page(sql, &args).await?;
        cells.sort();
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows that [`Store::visits`] reads, without D1.
    fn page<'a>(rows: &'a [VisitRow], read: &Read, limit: usize) -> Vec<&'a VisitRow> {
        let from = (&read.user_id, read.decided_at);
        let rest = rows.iter().filter(|row| (&row.0, row.4) >= from);
        rest.skip(read.count as usize).take(limit).collect()
    }

    #[test]
    fn pages_of_any_size_give_every_pair_once() {
        let mut rows: Vec<VisitRow> = Vec::new();
        for user in ["ann", "bob", "cleo"] {
            for (moment, pairs) in [1, 4, 2, 7, 1, 3].into_iter().enumerate() {
                for _ in 0..pairs {
                    let (user, context) = (user.to_owned(), String::new());
                    rows.push(VisitRow(user, context, rows.len(), 0, moment as i64, 1));
                }
            }
        }
        for limit in 1..=rows.len() {
            let mut read = Read::whole("");
            let mut seen = Vec::new();
            loop {
                let page = page(&rows, &read, limit);
                seen.extend(page.iter().map(|row| row.2));
                page.iter().for_each(|row| read.and(row));
                if page.len() < limit {
                    break;
                }
            }
            assert_eq!(seen, Vec::from_iter(0..rows.len()), "pages of {limit}");
        }
        let after = page(&rows, &Read::whole("ann"), 1);
        assert_eq!(after.first().map(|row| row.0.as_str()), Some("bob"));
    }
}
