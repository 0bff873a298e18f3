//! Users: what they told of themselves, and their layer.

use moodloop::codec::{Reader, Writer};
use moodloop::taste::Width;
use moodloop::user_layer::UserLayer;
use serde::Deserialize;

use super::policies::NEXT_VERSION;
use super::{Arg, Statement, Store, bytes, json_lists, to_json};
use crate::error::Result;

/// A stored user.
#[derive(Debug, Deserialize)]
pub struct UserRow {
    /// JSON of five scores, if one was put.
    pub personality: Option<String>,
    layer: Option<String>,
    /// The policy that the layer belongs to.
    pub layer_version: Option<u64>,
    /// The first policy that holds this person.
    pub first_version: Option<u64>,
    /// When the row was made, ISO 8601.
    pub created_at: String,
    /// When it was last written, ISO 8601.
    pub updated_at: String,
}

impl UserRow {
    /// The layer as it is stored.
    pub fn layer_text(&self) -> Option<&str> {
        self.layer.as_deref()
    }

    /// The solved layer of `size` effects under a prior width;
    /// none where there is none, or where it is of another size: it is a cache,
    /// and made again by the next training.
    pub fn layer(&self, size: usize, width: Width) -> Option<UserLayer> {
        let body = bytes::decode(self.layer.as_deref()?).ok()?;
        let mut input = Reader::new(&body);
        let layers: Vec<UserLayer> =
            std::iter::from_fn(|| UserLayer::decode(size, &mut input).ok()).collect();
        width.layer(|i| layers.get(i))
    }
}

/// Reads the user `?1`.
pub const USER: &str = "SELECT json_array(personality, layer, layer_version, first_version,
       created_at, updated_at) AS row FROM users WHERE user_id = ?1";

impl Store {
    /// A user.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn user(&self, user_id: &str) -> Result<Option<UserRow>> {
        Ok(self.page(USER, &[Arg::Text(user_id)]).await?.pop())
    }

    /// Keeps a user's scores.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put_personality(&self, user_id: &str, scores: &str, now: &str) -> Result<()> {
        self.memory.borrow_mut().forget(user_id);
        self.run(
            "INSERT INTO users (user_id, personality, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (user_id) DO UPDATE
             SET personality = excluded.personality, updated_at = excluded.updated_at",
            &[Arg::Text(user_id), Arg::Text(scores), Arg::Text(now)],
        )
        .await?;
        Ok(())
    }

    /// The statement that notes users as trained by the run `task`, and as held
    /// by the next policy and later ones.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn note_trained(&self, users: &[&str], task: i64, now: &str) -> Result<Statement> {
        self.statement(
            &format!(
                "INSERT INTO users (user_id, first_version, trained_by, created_at, updated_at)
                 SELECT value, {NEXT_VERSION}, ?2, ?3, ?3 FROM json_each(?1) WHERE true
                 ON CONFLICT (user_id) DO UPDATE
                 SET first_version = coalesce(first_version, excluded.first_version),
                   trained_by = excluded.trained_by"
            ),
            &[Arg::Text(&to_json(&users)?), Arg::Int(task), Arg::Text(now)],
        )
    }

    /// The statement that drops layers that do not know all that was folded.
    /// Until there is one again, a request makes it from the latest pairs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn drop_layers(&self, users: &[&str]) -> Result<Statement> {
        self.statement(
            "UPDATE users SET layer = NULL, layer_version = NULL
             WHERE user_id IN (SELECT value FROM json_each(?1))
               AND (layer IS NOT NULL OR layer_version IS NOT NULL)",
            &[Arg::Text(&to_json(&users)?)],
        )
    }

    /// Whether somebody who was trained has no layer of policy `version`:
    /// something of theirs was folded since.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn layers_behind(&self, version: u64) -> Result<bool> {
        let sql = "SELECT json_array(1) AS row FROM users
             WHERE first_version IS NOT NULL AND layer_version IS NOT ?1 LIMIT 1";
        let found: Vec<(i64,)> = self.page(sql, &[Arg::Int(version as i64)]).await?;
        Ok(!found.is_empty())
    }

    /// The statements that store solved layers for policy `version`: each user's
    /// under all prior widths, because which of them the policy will have is
    /// known only when everybody's are made.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_layers(
        &self,
        layers: &[(String, Vec<UserLayer>)],
        version: u64,
    ) -> Result<Vec<Statement>> {
        let rows: Vec<(&str, String)> = layers
            .iter()
            .map(|(user, layers)| {
                let mut out = Writer::default();
                for layer in layers {
                    layer.encode(&mut out);
                }
                (user.as_str(), bytes::encode(&out.into_bytes()))
            })
            .collect();
        let sql = "UPDATE users SET layer = value ->> 1, layer_version = ?2
             FROM json_each(?1) WHERE users.user_id = value ->> 0";
        let lists = json_lists(&rows)?;
        let statements = lists
            .iter()
            .map(|list| self.statement(sql, &[Arg::Text(list), Arg::Int(version as i64)]));
        statements.collect()
    }

    /// The statement that gives policy `version` to users without a layer of
    /// it: they have nothing folded any more. A user who is `alone` is what the
    /// shared model describes, and has none either.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn settle_layers(&self, version: u64, alone: bool) -> Result<Statement> {
        self.statement(
            "UPDATE users SET layer = NULL, layer_version = ?1
             WHERE first_version IS NOT NULL AND (?2 OR layer_version IS NOT ?1)",
            &[Arg::Int(version as i64), Arg::Int(alone.into())],
        )
    }
}
