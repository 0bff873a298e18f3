//! Everything about a user that a request needs, in one row.

use std::rc::Rc;
use std::sync::LazyLock;

use serde::Deserialize;
use worker::Context;

use super::interactions::{Shown, Verdict, latest_decisions, latest_verdicts, shown, verdicts};
use super::limits::{LIMITS, Limits};
use super::pairs::{MARKED_WEEKS, PairRow, lessons};
use super::settings::{SETTINGS, Settings};
use super::users::{USER, UserRow};
use super::{Arg, Store, from_json, listed, to_json};
use crate::error::{Failure, Result};

/// Reads a [`KnownRow`] of the user `?1` and the content type `?2`.
static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let lists = [
        USER,
        &verdicts(),
        &shown(),
        &lessons(false),
        SETTINGS,
        LIMITS,
    ]
    .map(listed)
    .join(" || ',' || ");
    let [rest, latest] = stamp("?1", "?2");
    // `|| ''` makes texts of them: what JSON functions give would be taken as JSON.
    let stamp = format!("json_array({rest} || '', {latest} || '')");
    format!("SELECT '[' || {lists} || ',' || {stamp} || ']' AS row")
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
    /// What outside providers allow; no [`Stamp`] speaks of it.
    pub limits: Limits,
    /// By what D1 tells later whether all this still holds.
    pub stamp: Stamp,
}

/// By what D1 tells whether a [`KnownRow`] still holds: two texts that change
/// with whatever it was read from.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Stamp(
    /// Of all but decisions and providers' limits.
    pub String,
    /// The user's latest two decisions for the content type, as a JSON list.
    pub String,
);

/// The two expressions of a [`Stamp`] of a user and a content type.
pub fn stamp(user_id: &str, content_type: &str) -> [String; 2] {
    // A layer changes with its version, a pair's history with its revision, and
    // whoever is trained is trained by another run.
    let rest = format!(
        "json_array(
           (SELECT json_array(personality, layer IS NULL, layer_version, first_version, trained_by)
            FROM users WHERE user_id = {user_id}),
           (SELECT json_array(count(*), sum(at)) FROM (SELECT at {})),
           (SELECT json_array(count(*), sum(revision * decided_at)) FROM pairs
            WHERE user_id = {user_id} AND dirty = 1 AND week IN {MARKED_WEEKS}),
           {})",
        latest_verdicts(user_id, content_type),
        listed(SETTINGS)
    );
    let latest = format!(
        "(SELECT json_group_array(decision_id) FROM
           (SELECT decision_id FROM {} WHERE content_type = {content_type} LIMIT 2))",
        latest_decisions("decision_id", user_id)
    );
    [rest, latest]
}

impl Stamp {
    /// What it is once a further decision is recorded.
    ///
    /// # Errors
    /// `internal` when it is not one.
    pub fn after(&self, decision_id: &str) -> Result<Self> {
        let latest: Vec<String> = from_json(&self.1)?;
        let before = latest.first().map(String::as_str);
        let latest: Vec<&str> = [decision_id].into_iter().chain(before).collect();
        Ok(Self(self.0.clone(), to_json(&latest)?))
    }
}

impl Store {
    /// Reads everything about a user's requests for a content type: a
    /// [`KnownRow`] in JSON.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn known(
        self: &Rc<Self>,
        user_id: &str,
        content_type: &str,
        context: &Context,
    ) -> Result<Vec<u8>> {
        let args = [Arg::Text(user_id), Arg::Text(content_type)];
        let statement = self.statement(&KNOWN, &args)?;
        let row = self.commit(statement, context).await?.bytes()?.pop();
        row.ok_or_else(|| Failure::internal("what is known has no row"))
    }
}
