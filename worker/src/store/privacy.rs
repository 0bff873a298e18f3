//! Everything held about one person: to show it, and to let it go.

use serde::Deserialize;
use serde_json::Value;

use super::{Arg, Results, Statement, Store, from_json, to_json};
use crate::error::Result;

/// How many decisions, and interactions, one page shows.
pub const PAGE: i64 = 500;

/// One page of what is held.
#[derive(Debug)]
pub struct Page {
    /// Decisions with what they served.
    pub decisions: Vec<Value>,
    /// Interactions, with the reward of their pair.
    pub interactions: Vec<Value>,
}

/// A person who asked to be erased.
#[derive(Debug, Deserialize)]
pub struct Erasure {
    /// Who.
    pub user_id: String,
    /// The first policy version that may hold them.
    pub first_version: Option<u64>,
}

#[derive(Deserialize)]
struct Text {
    json: String,
}

#[derive(Deserialize)]
struct Number {
    n: Option<i64>,
}

impl Store {
    /// A page of a user's decisions and interactions, oldest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn data_of(&self, user_id: &str, offset: i64) -> Result<Page> {
        let args = [Arg::Text(user_id), Arg::Int(PAGE), Arg::Int(offset)];
        let rows = self
            .batch(vec![
                self.statement(
                    "SELECT json_object('decision_id', decision_id, 'decided_at', decided_at,
                       'context', json(context), 'action_index', action_index,
                       'propensity', propensity, 'source', source,
                       'policy_version', policy_version, 'executed', executed, 'arm', arm,
                       'shadow_index', shadow_index, 'shadow_propensity', shadow_propensity,
                       'shadow_gain', shadow_gain,
                       'recommendations', (SELECT json_group_array(json_object(
                          'content_id', r.content_id, 'title', r.title, 'genre', r.genre,
                          'position', r.position, 'metadata', json(r.metadata),
                          'created_at', r.created_at))
                         FROM entertainment_recommendations r
                         WHERE r.decision_id = d.decision_id)) AS json
                     FROM decisions d WHERE user_id = ?1
                     ORDER BY decided_at, decision_id LIMIT ?2 OFFSET ?3",
                    &args,
                )?,
                self.statement(
                    "SELECT json_object('interaction_id', i.interaction_id,
                       'decision_id', i.decision_id, 'content_type', i.content_type,
                       'content_id', i.content_id, 'interaction_type', i.interaction_type,
                       'completion_percentage', i.completion_percentage,
                       'mood_before', i.mood_before, 'mood_after', i.mood_after,
                       'reward', i.reward / 1000.0, 'arm', i.arm, 'metadata', json(i.metadata),
                       'created_at', i.created_at, 'learned_reward', p.folded / 1000.0) AS json
                     FROM entertainment_interactions i LEFT JOIN pairs p
                       ON p.decision_id = i.decision_id AND p.content_id = i.content_id
                     WHERE i.user_id = ?1 ORDER BY i.at, i.interaction_id LIMIT ?2 OFFSET ?3",
                    &args,
                )?,
            ])
            .await?;
        let mut results = Results::new(rows);
        let mut list = || -> Result<Vec<Value>> {
            let texts: Vec<Text> = results.next()?.all()?;
            texts.iter().map(|row| from_json(&row.json)).collect()
        };
        Ok(Page {
            decisions: list()?,
            interactions: list()?,
        })
    }

    /// Notes that a person wants to be erased, and lets their profile go.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_erasure(&self, user_id: &str, now: &str) -> Result<()> {
        self.memory.borrow_mut().forget(user_id);
        self.batch(vec![
            self.statement(
                "INSERT INTO erasures (user_id, requested_at, first_version)
                 VALUES (?1, ?2, (SELECT first_version FROM users WHERE user_id = ?1))
                 ON CONFLICT (user_id) DO NOTHING",
                &[Arg::Text(user_id), Arg::Text(now)],
            )?,
            self.statement(
                "UPDATE users SET personality = NULL, layer = NULL, layer_version = NULL
                 WHERE user_id = ?1",
                &[Arg::Text(user_id)],
            )?,
        ])
        .await?;
        Ok(())
    }

    /// People who asked to be erased and are not wholly gone.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        self.run(
            "SELECT user_id, first_version FROM erasures ORDER BY requested_at LIMIT 100",
            &[],
        )
        .await?
        .all()
    }

    /// One such person.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn erasure(&self, user_id: &str) -> Result<Option<Erasure>> {
        self.run(
            "SELECT user_id, first_version FROM erasures WHERE user_id = ?1",
            &[Arg::Text(user_id)],
        )
        .await?
        .first()
    }

    /// How many they are.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn pending_erasures(&self) -> Result<i64> {
        let rows = self.run("SELECT count(*) AS n FROM erasures", &[]).await?;
        Ok(rows.first::<Number>()?.and_then(|row| row.n).unwrap_or(0))
    }

    /// The statement that deletes pairs that have left the evidence.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn delete_pairs(&self, pairs: &[(&str, &str)]) -> Result<Statement> {
        self.statement(
            "DELETE FROM pairs WHERE (decision_id, content_id) IN
               (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
            &[Arg::Text(&to_json(&pairs)?)],
        )
    }

    /// The statements that delete every row of a person; with them the erasure
    /// of whoever is in no policy is done. A row that the evidence still holds
    /// stays, so that nothing is deleted by half.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn delete_rows(&self, user_id: &str) -> Result<Vec<Statement>> {
        [
            // A training may have taken them in since they asked.
            "UPDATE erasures SET first_version = coalesce(first_version,
               (SELECT first_version FROM users WHERE user_id = ?1)) WHERE user_id = ?1",
            "DELETE FROM pairs WHERE user_id = ?1 AND shared IS NULL",
            "DELETE FROM entertainment_interactions WHERE user_id = ?1
               AND NOT EXISTS (SELECT 1 FROM pairs WHERE user_id = ?1)",
            "DELETE FROM decisions WHERE user_id = ?1
               AND NOT EXISTS (SELECT 1 FROM pairs WHERE user_id = ?1)",
            "DELETE FROM users WHERE user_id = ?1",
            "DELETE FROM erasures WHERE user_id = ?1 AND first_version IS NULL",
        ]
        .iter()
        .map(|sql| self.statement(sql, &[Arg::Text(user_id)]))
        .collect()
    }

    /// The people of whom nothing is left but what policies hold.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn erased(&self) -> Result<Vec<Erasure>> {
        self.run(
            "SELECT user_id, first_version FROM erasures e
             WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id = e.user_id)
               AND NOT EXISTS (SELECT 1 FROM decisions WHERE user_id = e.user_id)
               AND NOT EXISTS (SELECT 1 FROM entertainment_interactions
                               WHERE user_id = e.user_id)",
            &[],
        )
        .await?
        .all()
    }

    /// The statement that notes erasures as done.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn finish_erasures(&self, erased: &[Erasure]) -> Result<Statement> {
        let users: Vec<&str> = erased.iter().map(|gone| gone.user_id.as_str()).collect();
        self.statement(
            "DELETE FROM erasures WHERE user_id IN (SELECT value FROM json_each(?1))",
            &[Arg::Text(&to_json(&users)?)],
        )
    }

    /// When the oldest kept decision was taken.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn first_day(&self) -> Result<Option<i64>> {
        let rows = self
            .run(
                "SELECT decided_at AS n FROM decisions ORDER BY week, decided_at LIMIT 1",
                &[],
            )
            .await?;
        Ok(rows.first::<Number>()?.and_then(|row| row.n))
    }
}
