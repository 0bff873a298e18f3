//! Folded pairs, many at a time: what the Q-table, the users' layers and the
//! judge of a new policy are made from. A pair's own copy of its context is the
//! core's bytes in base64.

use moodloop::evidence::Week;
use serde::Deserialize;

use super::checkpoints::Place;
use super::decisions::DecisionRow;
use super::stretch::{Reach, Stretch};
use super::{Arg, Store};
use crate::error::{Failure, Result};

/// The order of a replay.
const REPLAY: &str = "decided_at, decision_id, content_id";
/// The same from its end.
pub const LATEST: &str = "decided_at DESC, decision_id DESC, content_id DESC";

/// One pair as the Q-table learns it: state, strategy, reward in thousandths,
/// the context (JSON) of what its user asked for next, and when it was decided.
#[derive(Debug, Deserialize)]
pub struct StepRow(pub String, pub usize, pub i64, pub Option<String>, pub i64);

/// One pair as its user's layer sees it: context, strategy, reward in thousandths, when
/// it was decided, and 1 where the evidence holds it. Its ids would be most of it, and
/// nobody asks for them.
#[derive(Debug, Deserialize)]
pub struct VisitRow(pub String, pub usize, pub i64, pub i64, pub i64);

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

    /// And one more of a user's.
    pub fn and(&mut self, user_id: &str, VisitRow(.., decided_at, _): &VisitRow) {
        if (self.user_id.as_str(), self.decided_at) == (user_id, *decided_at) {
            self.count += 1;
        } else {
            user_id.clone_into(&mut self.user_id);
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
}

impl Store {
    /// The next folded pairs after a place in replay order. With
    /// `session`, each with what its user asked for next within so many
    /// milliseconds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn steps(
        &self,
        after: &Place,
        session: Option<i64>,
        reach: &Reach,
    ) -> Result<Stretch<StepRow>> {
        let mut args = after.args().to_vec();
        let next = match session {
            Some(milliseconds) => {
                args.push(Arg::Int(milliseconds));
                "(SELECT n.context FROM decisions n WHERE n.user_id = p.user_id
                  AND n.decided_at <= p.decided_at + ?4
                  AND (n.decided_at, n.decision_id) > (p.decided_at, p.decision_id)
                  ORDER BY n.decided_at, n.decision_id LIMIT 1)"
            }
            None => "NULL",
        };
        let sql = format!(
            "SELECT json_array(state, action_index, folded, {next}, decided_at) AS row, {REPLAY}
             FROM pairs p WHERE folded IS NOT NULL AND ({REPLAY}) > (?1, ?2, ?3)
             ORDER BY {REPLAY} LIMIT ?{}",
            args.len() + 1
        );
        self.stretch(&sql, REPLAY, &args, reach).await
    }

    /// The place of the folded pair that is the `count`-th after another place.
    ///
    /// # Errors
    /// `unavailable`; `internal` where there are fewer.
    pub async fn place_after(&self, place: &Place, count: usize) -> Result<Place> {
        let sql = format!(
            "SELECT json_array({REPLAY}) AS row FROM pairs
             WHERE folded IS NOT NULL AND ({REPLAY}) > (?1, ?2, ?3)
             ORDER BY {REPLAY} LIMIT 1 OFFSET ?4 - 1"
        );
        let args = [&place.args()[..], &[Arg::Int(count as i64)]].concat();
        let found = self.page(&sql, &args).await?.pop();
        found.ok_or_else(|| Failure::internal("a folded pair is gone"))
    }

    /// The next folded pairs: user by user, each in replay order.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn visits(
        &self,
        read: &Read,
        reach: &Reach,
    ) -> Result<Stretch<((String,), Vec<VisitRow>)>> {
        let order = "user_id, week, decided_at, decision_id, content_id";
        let sql = format!(
            "SELECT json_array(context, action_index, folded, decided_at, shared IS NOT NULL) AS row,
               {order}
             FROM pairs WHERE folded IS NOT NULL AND (user_id, week, decided_at) >= (?1, ?2, ?3)
             ORDER BY {order} LIMIT ?5 OFFSET ?4"
        );
        let args = [
            Arg::Text(&read.user_id),
            Arg::Int(Week::of(read.decided_at).0.into()),
            Arg::Int(read.decided_at),
            Arg::Int(read.count),
        ];
        self.groups(&sql, ("user_id", order), &args, reach).await
    }

    /// The latest pairs of decisions that the agent drew here, at most `limit`,
    /// in replay order.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn drawn(&self, limit: usize) -> Result<Vec<DrawnRow>> {
        // A client's propensities are its word, a control arm's are no draws.
        let sql = format!(
            "SELECT json_array({}, p.folded) AS row, p.decided_at, p.decision_id, p.content_id
             FROM pairs p JOIN decisions d ON d.decision_id = p.decision_id
             WHERE p.folded IS NOT NULL AND d.source = 'agent' AND d.arm = 'agent'
             ORDER BY p.decided_at DESC, p.decision_id DESC, p.content_id DESC LIMIT ?1",
            DecisionRow::LIST
        );
        let reach = Reach::of(limit);
        let Stretch { mut rows, .. } = self.stretch(&sql, LATEST, &[], &reach).await?;
        rows.reverse();
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
    fn page<'a>(
        rows: &'a [(&'a str, VisitRow)],
        read: &Read,
        limit: usize,
    ) -> Vec<&'a (&'a str, VisitRow)> {
        let from = (read.user_id.as_str(), read.decided_at);
        let rest = rows.iter().filter(|(user, row)| (*user, row.3) >= from);
        rest.skip(read.count as usize).take(limit).collect()
    }

    #[test]
    fn pages_of_any_size_give_every_pair_once() {
        let mut rows: Vec<(&str, VisitRow)> = Vec::new();
        for user in ["ann", "bob", "cleo"] {
            for (moment, pairs) in [1, 4, 2, 7, 1, 3].into_iter().enumerate() {
                for _ in 0..pairs {
                    let row = VisitRow(String::new(), rows.len(), 0, moment as i64, 1);
                    rows.push((user, row));
                }
            }
        }
        for limit in 1..=rows.len() {
            let mut read = Read::whole("");
            let mut seen = Vec::new();
            loop {
                let page = page(&rows, &read, limit);
                seen.extend(page.iter().map(|(_, row)| row.1));
                page.iter().for_each(|(user, row)| read.and(user, row));
                if page.len() < limit {
                    break;
                }
            }
            assert_eq!(seen, Vec::from_iter(0..rows.len()), "pages of {limit}");
        }
        let after = page(&rows, &Read::whole("ann"), 1);
        assert_eq!(after.first().map(|(user, _)| *user), Some("bob"));
    }
}
