//! Published policies: bytes in KV, what is known of them in D1.
//!
//! `policy/v/{n}` is version n with everything in it, `policy/current` the one
//! that serves, `policy/public/{n}` what browsers may start from.

use std::collections::BTreeSet;

use moodloop::codec;
use moodloop::evidence::{Evidence, Week};
use moodloop::features::Layout;
use serde::{Deserialize, Serialize};

use super::{Arg, Rows, Statement, Store, bytes};
use crate::error::Result;

/// The key of the policy that serves.
pub const CURRENT_KEY: &str = "policy/current";

/// The version that a policy published now would have, in SQL.
pub const NEXT_VERSION: &str = "(SELECT coalesce(max(version), 0) + 1 FROM policies)";

/// The key of a whole version.
pub fn version_key(version: u64) -> String {
    format!("policy/v/{version}")
}

/// The key of what browsers may see of a version.
pub fn public_key(version: u64) -> String {
    format!("policy/public/{version}")
}

/// The hash by which policies are compared, as 16 hexadecimal digits.
pub fn hash_of(body: &[u8]) -> String {
    format!("{:016x}", codec::hash(body, 0))
}

/// A version as D1 knows it.
#[derive(Debug, Deserialize, Serialize)]
pub struct PolicyRow {
    /// The version.
    pub version: u64,
    /// `published`, `rejected`, `erased` or `expired`.
    pub status: String,
    /// The hash of the bytes.
    pub hash: String,
    /// How many bytes the whole version has.
    pub bytes: u64,
    /// JSON: the training that made it.
    pub metadata: String,
    /// When it was made, ISO 8601.
    pub created_at: String,
    /// The hash of the shared model in it, by which a training finds that there
    /// is nothing new to solve.
    pub basis: String,
}

impl Store {
    /// The bytes under a key of KV.
    ///
    /// # Errors
    /// `unavailable` when KV does not answer.
    pub async fn policy_bytes(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.policies.get(key).bytes().await?)
    }

    /// Writes bytes under a key of KV.
    ///
    /// # Errors
    /// `unavailable` when KV does not answer.
    pub async fn put_policy(&self, key: &str, body: &[u8]) -> Result<()> {
        self.policies.put_bytes(key, body)?.execute().await?;
        Ok(())
    }

    /// Deletes a version from KV.
    ///
    /// # Errors
    /// `unavailable` when KV does not answer.
    pub async fn delete_policy(&self, version: u64) -> Result<()> {
        self.policies.delete(&version_key(version)).await?;
        self.policies.delete(&public_key(version)).await?;
        Ok(())
    }

    /// Known versions, the latest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn policy_rows(&self) -> Result<Vec<PolicyRow>> {
        self.run(
            "SELECT version, status, hash, bytes, metadata, created_at, basis FROM policies
             ORDER BY version DESC LIMIT 200",
            &[],
        )
        .await?
        .all()
    }

    /// One version.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn policy_row(&self, version: u64) -> Result<Option<PolicyRow>> {
        self.run(
            "SELECT version, status, hash, bytes, metadata, created_at, basis FROM policies
             WHERE version = ?1",
            &[Arg::Int(version as i64)],
        )
        .await?
        .first()
    }

    /// The version that the next publication gets.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn next_version(&self) -> Result<u64> {
        #[derive(Deserialize)]
        struct Next {
            next: u64,
        }
        let rows = self
            .run(&format!("SELECT {NEXT_VERSION} AS next"), &[])
            .await?;
        Ok(rows.first::<Next>()?.map_or(1, |row| row.next))
    }

    /// The statement that notes a version.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn note_policy(&self, row: &PolicyRow) -> Result<Statement> {
        self.statement(
            "INSERT INTO policies (version, status, hash, bytes, metadata, created_at, basis)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (version) DO UPDATE SET status = excluded.status, hash = excluded.hash,
               bytes = excluded.bytes, metadata = excluded.metadata,
               created_at = excluded.created_at, basis = excluded.basis",
            &[
                Arg::Int(row.version as i64),
                Arg::Text(&row.status),
                Arg::Text(&row.hash),
                Arg::Int(row.bytes as i64),
                Arg::Text(&row.metadata),
                Arg::Text(&row.created_at),
                Arg::Text(&row.basis),
            ],
        )
    }

    /// The kept versions from `first` on, but for one.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn versions_since(&self, first: u64, but: u64) -> Result<Vec<u64>> {
        self.versions(
            "SELECT version FROM policies
             WHERE status = 'published' AND version >= ?1 AND version <> ?2",
            &[Arg::Int(first as i64), Arg::Int(but as i64)],
        )
        .await
    }

    /// The kept versions that were made before an ISO time, but for one.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn versions_before(&self, time: &str, but: u64) -> Result<Vec<u64>> {
        self.versions(
            "SELECT version FROM policies
             WHERE status = 'published' AND created_at < ?1 AND version <> ?2",
            &[Arg::Text(time), Arg::Int(but as i64)],
        )
        .await
    }

    async fn versions(&self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<u64>> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        let rows: Vec<Version> = self.run(sql, args).await?.all()?;
        Ok(rows.into_iter().map(|row| row.version).collect())
    }

    /// The statement that notes why versions are gone: `erased` or `expired`.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn note_gone(&self, versions: &[u64], status: &str) -> Result<Statement> {
        self.statement(
            "UPDATE policies SET status = ?2 WHERE version IN (SELECT value FROM json_each(?1))",
            &[Arg::Text(&super::to_json(&versions)?), Arg::Text(status)],
        )
    }

    /// The evidence of all weeks.
    ///
    /// # Errors
    /// `unavailable`; `corrupt_model` for a body that is no evidence.
    pub async fn whole_evidence(&self, layout: &Layout) -> Result<Evidence> {
        let rows = self.run("SELECT body FROM evidence ORDER BY week", &[]);
        evidence(&rows.await?, layout)
    }

    /// The statement that reads the [`evidence`] of some weeks.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn evidence_of(&self, weeks: &BTreeSet<Week>) -> Result<Statement> {
        let numbers: Vec<i32> = weeks.iter().map(|week| week.0).collect();
        self.statement(
            "SELECT body FROM evidence
             WHERE week IN (SELECT value FROM json_each(?1)) ORDER BY week",
            &[Arg::Text(&super::to_json(&numbers)?)],
        )
    }

    /// The statement that puts a week's evidence in place; without an
    /// observation there is no row.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_evidence(
        &self,
        week: Week,
        evidence: &Evidence,
        layout: &Layout,
    ) -> Result<Statement> {
        let mut only = Evidence::new(layout);
        only.merge(evidence)?;
        let others: Vec<Week> = only.weeks().filter(|other| *other != week).collect();
        for other in others {
            only.remove_week(other);
        }
        if only.total() == 0 {
            return self.statement(
                "DELETE FROM evidence WHERE week = ?1",
                &[Arg::Int(week.0.into())],
            );
        }
        let mut out = codec::Writer::default();
        only.encode(layout, &mut out);
        self.statement(
            "INSERT INTO evidence (week, body) VALUES (?1, ?2)
             ON CONFLICT (week) DO UPDATE SET body = excluded.body",
            &[
                Arg::Int(week.0.into()),
                Arg::Text(&bytes::encode(&out.into_bytes())),
            ],
        )
    }
}

/// The evidence in the rows that were read of it.
///
/// # Errors
/// `corrupt_model` for a body that is no evidence; as [`Rows::all`].
pub fn evidence(rows: &Rows, layout: &Layout) -> Result<Evidence> {
    #[derive(Deserialize)]
    struct Body {
        body: String,
    }
    let mut evidence = Evidence::new(layout);
    for Body { body } in rows.all()? {
        let body = bytes::decode(&body)?;
        let mut input = codec::Reader::new(&body);
        let week = Evidence::decode(layout, &mut input)?;
        input.finish()?;
        evidence.merge(&week)?;
    }
    Ok(evidence)
}
