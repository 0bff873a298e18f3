//! The training: a run that folds what is new, solves and publishes, in slices
//! that may be killed anywhere and repeated without counting anything twice.

mod fold;
mod gate;
mod retention;
mod solve;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worker::console_log;

use crate::app::App;
use crate::clock;
use crate::error::{Failure, Result};
use crate::http::Answer;
use crate::store::Store;
use crate::store::tasks::{TRAINING, TaskRow};

pub use solve::{Purpose, publish, solve};

/// How long one invocation goes on with slices, in milliseconds.
const BUDGET_MS: i64 = 20_000;

/// Where a run stands.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Progress {
    /// What comes next.
    pub phase: Phase,
    /// The last user all of whose pairs were folded.
    pub cursor: String,
    /// A user of whom only some were, and who is counted already.
    pub begun: String,
    /// Σ of the rewards that were folded, in thousandths.
    pub reward_sum: i64,
    /// How many rewards that is.
    pub rewards: i64,
    /// Whether the evidence has changed.
    pub changed: bool,
    /// Lease failures and other setbacks so far.
    pub attempts: u32,
}

/// The steps of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Raw rows and evidence older than 90 days leave.
    #[default]
    Retain,
    /// New, revised and late pairs enter the evidence.
    Fold,
    /// The policy is solved, validated and published.
    Solve,
}

/// After so many failed attempts a run is given up and health turns red.
const ATTEMPTS: u32 = 5;

/// Opens the run that was due at `due`; a trigger that fires twice opens it once.
///
/// # Errors
/// `unavailable`.
pub async fn open(store: &Store, due: i64) -> Result<()> {
    store
        .open_task(&clock::iso(due), &Progress::default())
        .await
}

/// Continues the open run, if there is one.
///
/// # Errors
/// `conflict` while another invocation is at it; what a slice failed with.
pub async fn go_on_if_open(store: &Store, now: i64) -> Result<()> {
    match store.open_run().await? {
        Some(_) => go_on(store, now).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Runs the training now, or continues the open run.
///
/// # Errors
/// `conflict` while another invocation is at it; `unavailable`.
pub async fn trigger(app: &App) -> Result<Answer> {
    let store = &app.store;
    if store.open_run().await?.is_none() {
        open(store, app.now).await?;
    }
    let task = go_on(store, app.now).await?;
    let status = if task.status == "running" { 202 } else { 200 };
    Answer::json(status, &view(&task)?)
}

/// A run as the guide shows it.
///
/// # Errors
/// `internal` for a row that this program cannot have written.
pub fn view(task: &TaskRow) -> Result<Value> {
    let metadata: Value = crate::store::from_json(&task.metadata)?;
    Ok(json!({
        "id": task.id,
        "task_name": task.task_name,
        "status": task.status,
        "executed_at": task.executed_at,
        "finished_at": task.finished_at,
        "users_processed": task.users_processed,
        "records_processed": task.records_processed,
        "metadata": metadata,
    }))
}

/// Continues the open run until it ends or this invocation's time is up.
async fn go_on(store: &Store, now: i64) -> Result<TaskRow> {
    let open = store.open_run().await?;
    let mut task = open.ok_or_else(|| Failure::not_found("no training is open"))?;
    let holder = clock::new_id(now)?;
    let started = clock::now();
    store.lease(&holder, started).await?;
    let run = Run {
        store,
        holder: &holder,
        now,
    };
    loop {
        match run.slice(&task).await {
            Ok(()) => {}
            Err(failure) => {
                let outcome = run.setback(&task, &failure).await;
                store.release(&holder).await?;
                return match outcome? {
                    Some(failed) => Ok(failed),
                    None => Err(failure),
                };
            }
        }
        let next = store.task(task.id).await?;
        task = next.ok_or_else(|| Failure::internal("a training's row is gone"))?;
        if task.status != "running" || clock::now() - started > BUDGET_MS {
            break;
        }
    }
    store.release(&holder).await?;
    Ok(task)
}

/// One invocation's part of a run.
pub struct Run<'a> {
    /// D1 and KV.
    pub store: &'a Store,
    /// Who holds the lease.
    pub holder: &'a str,
    /// The time that the run is for.
    pub now: i64,
}

impl Run<'_> {
    async fn slice(&self, task: &TaskRow) -> Result<()> {
        let progress: Progress = crate::store::from_json(&task.progress)?;
        match progress.phase {
            Phase::Retain => retention::run(self, task, progress).await,
            Phase::Fold => fold::slice(self, task, progress).await,
            Phase::Solve => self.finish(task, &progress).await,
        }
    }

    /// Solves, publishes and closes the run.
    async fn finish(&self, task: &TaskRow, progress: &Progress) -> Result<()> {
        let solved = solve(self.store).await?;
        let average = match progress.rewards {
            0 => 0.0,
            rewards => progress.reward_sum as f64 / 1000.0 / rewards as f64,
        };
        let mut metadata = json!({
            "training": {
                "average_reward": average,
                "users_trained": task.users_processed,
                "total_interactions": task.records_processed,
                "agent_stats": solved.stats,
            },
        });
        let publication = publish(
            self.store,
            self.holder,
            &solved,
            Purpose::Train,
            &metadata,
            self.now,
        )
        .await?;
        if let Some(fields) = metadata.as_object_mut() {
            fields.insert("publication".into(), json!(publication));
        }
        let now = clock::now();
        let close = self
            .store
            .close_task(task.id, "completed", &clock::iso(now), &metadata)?;
        self.store
            .batch(vec![self.store.guard(self.holder, now)?, close])
            .await?;
        console_log!(
            "{}",
            json!({
                "event": TRAINING,
                "users_processed": task.users_processed,
                "records_processed": task.records_processed,
                "publication": publication,
            })
        );
        Ok(())
    }

    /// Notes a failed slice; after too many the run itself has failed.
    async fn setback(&self, task: &TaskRow, failure: &Failure) -> Result<Option<TaskRow>> {
        let mut progress: Progress = crate::store::from_json(&task.progress)?;
        progress.attempts += 1;
        let statement = if progress.attempts < ATTEMPTS {
            self.store.advance_task(
                task.id,
                task.users_processed,
                task.records_processed,
                &progress,
            )?
        } else {
            let metadata = json!({
                "error": { "code": failure.code(), "message": failure.message() },
                "phase": progress.phase,
            });
            let now = clock::iso(clock::now());
            self.store.close_task(task.id, "failed", &now, &metadata)?
        };
        self.store.batch(vec![statement]).await?;
        if progress.attempts < ATTEMPTS {
            return Ok(None);
        }
        self.store.task(task.id).await
    }
}
