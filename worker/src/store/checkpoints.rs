//! The Q-table between two slices and between two runs.

use serde::Deserialize;

use super::{Arg, Statement, Store, bytes};
use crate::error::Result;

/// The most characters that one row carries: D1 takes 2 MB.
const PART: usize = 1_000_000;

/// A place in replay order: (decided_at, decision_id, content_id).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Place(pub i64, pub String, pub String);

impl Place {
    /// Before everything.
    pub fn start() -> Self {
        Self::before(i64::MIN / 2048)
    }

    /// What `(decided_at, decision_id, content_id)` is bound to.
    pub fn args(&self) -> [Arg<'_>; 3] {
        [Arg::Int(self.0), Arg::Text(&self.1), Arg::Text(&self.2)]
    }

    /// Before everything that was decided at `time` or later.
    pub fn before(time: i64) -> Self {
        Self(time, String::new(), String::new())
    }
}

impl Store {
    /// Where the latest checkpoint under some settings is.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn checkpoint_place(&self, settings: &str) -> Result<Option<Place>> {
        let sql = "SELECT json_array(decided_at, decision_id, content_id) AS row FROM q_checkpoints
             WHERE settings = ?1
             ORDER BY decided_at DESC, decision_id DESC, content_id DESC LIMIT 1";
        Ok(self.page(sql, &[Arg::Text(settings)]).await?.pop())
    }

    /// The table of the checkpoint at a place.
    ///
    /// # Errors
    /// `unavailable`; `internal` for a body that cannot be read.
    pub async fn checkpoint(&self, place: &Place) -> Result<Vec<u8>> {
        #[derive(Deserialize)]
        struct Part {
            body: String,
        }
        let rows = self.run(
            "SELECT body FROM q_checkpoints
             WHERE (decided_at, decision_id, content_id) = (?1, ?2, ?3) ORDER BY part",
            &place.args(),
        );
        let parts: Vec<Part> = rows.await?.all()?;
        let text: String = parts.iter().map(|part| part.body.as_str()).collect();
        bytes::decode(&text)
    }

    /// The statement that drops the checkpoints that a run under `settings`
    /// must not start from: those of other settings, and with `inside` those
    /// inside a week.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn drop_checkpoints(&self, settings: &str, inside: bool) -> Result<Statement> {
        self.statement(
            "DELETE FROM q_checkpoints WHERE settings <> ?1 OR (?2 AND decision_id <> '')",
            &[Arg::Text(settings), Arg::Int(inside.into())],
        )
    }

    /// The statements that put a checkpoint in place. Of those inside a week
    /// only the latest stays.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_checkpoint(
        &self,
        settings: &str,
        place: &Place,
        table: &[u8],
    ) -> Result<Vec<Statement>> {
        let at = place.args();
        let mut statements = vec![self.statement(
            "DELETE FROM q_checkpoints WHERE decision_id <> ''
               OR (decided_at, decision_id, content_id) = (?1, ?2, ?3)",
            &at,
        )?];
        let text = bytes::encode(table);
        let mut rest = text.as_str();
        let mut part = 0;
        while !rest.is_empty() {
            // Base64 is ASCII, so that any place is one between characters.
            let (body, after) = rest.split_at(rest.len().min(PART));
            let mut args = at.to_vec();
            args.extend([Arg::Text(settings), Arg::Int(part), Arg::Text(body)]);
            statements.push(self.statement(
                "INSERT INTO q_checkpoints
                   (decided_at, decision_id, content_id, settings, part, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &args,
            )?);
            (rest, part) = (after, part + 1);
        }
        Ok(statements)
    }
}
