//! Everything about a user that a request needs, in one row.

use std::sync::LazyLock;

use serde::Deserialize;

use super::interactions::{SHOWN, Shown, VERDICTS, Verdict};
use super::limits::{LIMITS, Limits};
use super::pairs::{PairRow, lessons};
use super::settings::{SETTINGS, Settings};
use super::users::{USER, UserRow};
use super::{Arg, Store, listed};
use crate::error::{Failure, Result};

/// Reads a [`KnownRow`] of the user `?1` and the content type `?2`.
static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let lists = [USER, VERDICTS, SHOWN, &lessons(false), SETTINGS, LIMITS]
        .map(listed)
        .join(" || ',' || ");
    format!("SELECT '[' || {lists} || ']' AS row")
});

/// What D1 holds of a user, and of the deployment.
#[derive(Debug, Deserialize)]
pub struct KnownRow {
    /// The user's row, if there is one.
    pub user: Vec<UserRow>,
    /// Their latest likes and dislikes, in no order.
    pub verdicts: Vec<Verdict>,
    /// What their latest decisions showed.
    pub shown: Vec<Shown>,
    /// Their latest pairs that the stored layer does not know yet.
    pub lessons: Vec<PairRow>,
    /// The deployment's settings.
    pub settings: Settings,
    /// What outside providers allow.
    pub limits: Limits,
}

impl Store {
    /// Reads everything about a user's requests for a content type.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn known(&self, user_id: &str, content_type: &str) -> Result<KnownRow> {
        let args = [Arg::Text(user_id), Arg::Text(content_type)];
        let row = self.run(&KNOWN, &args).await?.texts()?.pop();
        row.ok_or_else(|| Failure::internal("what is known has no row"))
    }
}
