//! System tasks and the lease that keeps two of them from writing evidence at
//! once.

use serde::{Deserialize, Serialize};

use super::{Arg, Statement, Store, to_json};
use crate::error::{Failure, Result};

/// The name of the training's runs.
pub const TRAINING: &str = "rl_training";
/// The name of the runs that solve without people who were erased.
pub const ERASURE: &str = "erasure";
/// How long a lease holds without a sign of life, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// The one lease: whoever folds or erases.
const LEASE: &str = "evidence";

/// A run of a task.
#[derive(Clone, Debug, Deserialize)]
pub struct TaskRow {
    /// The row.
    pub id: i64,
    /// What ran.
    pub task_name: String,
    /// `running`, `completed` or `failed`.
    pub status: String,
    /// When it was due, ISO 8601.
    pub executed_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How many users it touched.
    pub users_processed: i64,
    /// How many interactions it took in.
    pub records_processed: i64,
    /// JSON in the guide's shape.
    pub metadata: String,
    /// JSON: where the next slice goes on.
    #[serde(default)]
    pub progress: String,
}

impl Store {
    /// Opens a run of a task that was due at `due`. It changes nothing when one is open
    /// or the same trigger opened one before.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn open_task(&self, name: &str, due: &str, progress: &impl Serialize) -> Result<()> {
        self.run(
            "INSERT OR IGNORE INTO system_tasks (task_name, status, executed_at, metadata, progress)
             VALUES (?1, 'running', ?2, '{}', ?3)",
            &[
                Arg::Text(name),
                Arg::Text(due),
                Arg::Text(&to_json(progress)?),
            ],
        )
        .await?;
        Ok(())
    }

    /// The open run of the training, if there is one.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn open_training(&self) -> Result<Option<TaskRow>> {
        self.run(
            "SELECT * FROM system_tasks WHERE task_name = ?1 AND status = 'running'",
            &[Arg::Text(TRAINING)],
        )
        .await?
        .first()
    }

    /// The open run that was opened first, whatever it is of.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn open_run(&self) -> Result<Option<TaskRow>> {
        self.run(
            "SELECT * FROM system_tasks WHERE status = 'running' ORDER BY id LIMIT 1",
            &[],
        )
        .await?
        .first()
    }

    /// A run by its row.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn task(&self, id: i64) -> Result<Option<TaskRow>> {
        self.run("SELECT * FROM system_tasks WHERE id = ?1", &[Arg::Int(id)])
            .await?
            .first()
    }

    /// Runs, the latest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn tasks(&self, limit: i64) -> Result<Vec<TaskRow>> {
        self.run(
            "SELECT * FROM system_tasks ORDER BY executed_at DESC, id DESC LIMIT ?1",
            &[Arg::Int(limit)],
        )
        .await?
        .all()
    }

    /// The latest run of the training that ended with `status`.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn latest(&self, status: &str) -> Result<Option<TaskRow>> {
        self.run(
            "SELECT * FROM system_tasks WHERE task_name = ?1 AND status = ?2
             ORDER BY executed_at DESC LIMIT 1",
            &[Arg::Text(TRAINING), Arg::Text(status)],
        )
        .await?
        .first()
    }

    /// The statement that moves an open run on, and gives it as it is then, but for its
    /// progress, which may be long and is known.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn advance_task(
        &self,
        id: i64,
        users: i64,
        records: i64,
        progress: &str,
    ) -> Result<Statement> {
        self.statement(
            "UPDATE system_tasks SET users_processed = ?2, records_processed = ?3, progress = ?4
             WHERE id = ?1 AND status = 'running'
             RETURNING id, task_name, status, executed_at, finished_at, users_processed,
               records_processed, metadata",
            &[
                Arg::Int(id),
                Arg::Int(users),
                Arg::Int(records),
                Arg::Text(progress),
            ],
        )
    }

    /// The statement that ends an open run.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn close_task(
        &self,
        id: i64,
        status: &str,
        now: &str,
        metadata: &impl Serialize,
    ) -> Result<Statement> {
        self.statement(
            "UPDATE system_tasks SET status = ?2, finished_at = ?3, metadata = ?4, progress = '{}'
             WHERE id = ?1 AND status = 'running'",
            &[
                Arg::Int(id),
                Arg::Text(status),
                Arg::Text(now),
                Arg::Text(&to_json(metadata)?),
            ],
        )
    }

    /// Takes the lease for `holder` unless another holder's is alive.
    ///
    /// # Errors
    /// `conflict` when it is taken; `unavailable`.
    pub async fn lease(&self, holder: &str, now: i64) -> Result<()> {
        let rows = self
            .run(
                "INSERT INTO leases (name, holder, expires_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE
                 SET holder = excluded.holder, expires_at = excluded.expires_at
                 WHERE leases.expires_at <= ?4 OR leases.holder = excluded.holder",
                &[
                    Arg::Text(LEASE),
                    Arg::Text(holder),
                    Arg::Int(now + LEASE_MS),
                    Arg::Int(now),
                ],
            )
            .await?;
        if rows.changes() == 0 {
            return Err(Failure::conflict(
                "a training or an erasure is at work; try again in a minute",
            ));
        }
        Ok(())
    }

    /// The first statement of every batch that writes evidence: it renews the
    /// lease, and fails the whole batch when another holder has taken it.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn guard(&self, holder: &str, now: i64) -> Result<Statement> {
        // NULL in a column that is NOT NULL is how SQL says no.
        self.statement(
            "UPDATE leases SET holder = CASE WHEN holder = ?2 THEN holder END, expires_at = ?3
             WHERE name = ?1",
            &[
                Arg::Text(LEASE),
                Arg::Text(holder),
                Arg::Int(now + LEASE_MS),
            ],
        )
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn release(&self, holder: &str) -> Result<()> {
        self.run(
            "UPDATE leases SET holder = '', expires_at = 0 WHERE name = ?1 AND holder = ?2",
            &[Arg::Text(LEASE), Arg::Text(holder)],
        )
        .await?;
        Ok(())
    }
}
