//! The training: a run that folds what is new, solves and publishes, in slices
//! that may be killed anywhere and repeated without counting anything twice. An
//! erasure is the same run without the fold.

mod basis;
mod fold;
mod gate;
mod layers;
mod observed;
mod publish;
mod retention;
pub mod share;
mod table;

use std::cell::Cell;

use moodloop::codec::{Reader, Writer};
use moodloop::q_table::QTable;
use moodloop::taste::{Half, LayerFit, Tastes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::basis::Basis;
use crate::app::App;
use crate::clock;
use crate::error::{Failure, Result};
use crate::http::Answer;
use crate::store::checkpoints::Place;
use crate::store::marked::UserWeek;
use crate::store::stretch::Reach;
use crate::store::tasks::{ERASURE, TRAINING, TaskRow};
use crate::store::{Statement, Store, bytes, to_json};

/// How long one invocation goes on with slices, in milliseconds: its last one is to end
/// before 25 seconds.
const BUDGET_MS: i64 = 18_000;
/// After so many queries it stops, too: D1 takes 1,000 of an invocation, and a slice has
/// less than 100.
const BUDGET_QUERIES: usize = 900;
/// After so many failed attempts at one slice a run is given up and health
/// turns red.
const ATTEMPTS: u32 = 5;

/// Where a run stands. A run that an older version opened lacks what was added since.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Progress {
    /// What comes next.
    pub phase: Phase,
    /// The last pair that the fold has looked at: its user's week, its number there.
    pub mark: (UserWeek, i64),
    /// The last user whose layer is made in this phase.
    pub cursor: String,
    /// The last ISO week whose evidence holds what it should.
    pub week: i32,
    /// Σ of the rewards that were folded, in thousandths.
    pub reward_sum: i64,
    /// How many rewards that is.
    pub rewards: i64,
    /// The hash of the shared model that everything from the Q-table on belongs
    /// to; another one means to begin there again.
    pub basis: String,
    /// The version that the layers are made for.
    pub version: u64,
    /// How well each prior width predicts the users so far.
    pub fit: LayerFit,
    /// The same over the first half of the shared model, when all are through.
    pub first_fit: LayerFit,
    /// What users' tastes explain so far, as stored bytes.
    tastes: String,
    /// Whether the policy that serves was made from the same.
    pub unchanged: bool,
    /// What the log said of a new policy that was refused: the layers are those
    /// of the one that goes on serving.
    pub rejected: Option<Value>,
    /// How often the present slice has failed.
    pub attempts: u32,
}

impl Progress {
    /// What users' tastes explain so far.
    ///
    /// # Errors
    /// `internal` or `corrupt_model` for bytes that are none.
    pub fn tastes(&self) -> Result<Tastes> {
        if self.tastes.is_empty() {
            return Ok(Tastes::default());
        }
        let body = bytes::decode(&self.tastes)?;
        let mut input = Reader::new(&body);
        let tastes = Tastes::decode(crate::policy::prior()?.layout(), &mut input)?;
        input.finish()?;
        Ok(tastes)
    }

    /// Keeps what users' tastes explain so far.
    pub fn keep_tastes(&mut self, tastes: &Tastes) {
        let mut out = Writer::default();
        tastes.encode(&mut out);
        self.tastes = bytes::encode(&out.into_bytes());
    }

    /// Goes back to where the evidence is made.
    fn begin_again(&mut self) {
        self.phase = Phase::Share;
        self.week = 0;
        self.basis = String::new();
    }
}

/// The steps of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Raw rows and evidence older than 90 days leave.
    #[default]
    Retain,
    /// New, revised and late pairs are merged to rewards.
    Fold,
    /// The evidence takes of everybody what it should.
    Share,
    /// The Q-table is replayed.
    Table,
    /// What is users' own taste is found over the first half of the shared model.
    Tastes,
    /// The users' layers are made over the new shared model.
    Layers,
    /// The policy is validated and published.
    Publish,
}

/// Opens the training that was due at `due`; a trigger that fires twice opens it
/// once.
///
/// # Errors
/// `unavailable`.
pub async fn open(store: &Store, due: i64) -> Result<()> {
    store
        .open_task(TRAINING, &clock::iso(due), &Progress::default())
        .await
}

/// Opens a run that solves and publishes without whoever was erased, unless one
/// is open that will do so too.
///
/// # Errors
/// `unavailable`.
pub async fn open_erasure(store: &Store, now: i64) -> Result<()> {
    if store.open_run().await?.is_some() {
        return Ok(());
    }
    let progress = Progress {
        phase: Phase::Share,
        ..Progress::default()
    };
    store.open_task(ERASURE, &clock::iso(now), &progress).await
}

/// Runs the training now, or continues the open one.
///
/// # Errors
/// `conflict` while another invocation is at it; `unavailable`.
pub async fn trigger(app: &App) -> Result<Answer> {
    let store = &app.store;
    let mut task = store.open_training().await?;
    if task.is_none() {
        open(store, app.now).await?;
        task = store.open_training().await?;
    }
    let gone = || Failure::internal("a training's row is gone");
    let id = task.ok_or_else(gone)?.id;
    go_on(store, app.now).await?;
    let task = store.task(id).await?.ok_or_else(gone)?;
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

/// Continues the open runs until they end or this invocation's time or queries are up.
///
/// # Errors
/// `conflict` while another invocation is at it; what a slice failed with.
pub async fn go_on(store: &Store, now: i64) -> Result<()> {
    let Some(mut task) = store.open_run().await? else {
        return Ok(());
    };
    let store = &store.apart();
    let holder = clock::new_id(now)?;
    let started = clock::now();
    store.lease(&holder, started).await?;
    let mut run = Run {
        store,
        holder: &holder,
        now,
        reach: Reach::default(),
        basis: None,
        table: Cell::default(),
    };
    let outcome = loop {
        let next = match run.slice(&task).await {
            Ok(next) => next,
            Err(failure) => match run.setback(&task, &failure).await {
                Ok(true) => None,
                Ok(false) => break Err(failure),
                Err(worse) => break Err(worse),
            },
        };
        if clock::now() - started > BUDGET_MS || store.asked() > BUDGET_QUERIES {
            break Ok(());
        }
        task = match next {
            Some(next) => next,
            None => match store.open_run().await {
                Ok(Some(next)) => next,
                Ok(None) => break Ok(()),
                Err(failure) => break Err(failure),
            },
        };
    };
    store.release(&holder).await?;
    outcome
}

/// One invocation's part of a run.
pub struct Run<'a> {
    /// D1 and KV.
    store: &'a Store,
    /// Who holds the lease.
    holder: &'a str,
    /// The time that the run is for.
    now: i64,
    /// How many pairs it reads at once.
    reach: Reach,
    /// The shared model, once it was solved.
    basis: Option<Basis>,
    /// The Q-table at the checkpoint that was written last.
    table: Cell<Option<(Place, QTable)>>,
}

impl Run<'_> {
    /// A slice; gives the run as it is then, unless that has ended.
    async fn slice(&mut self, task: &TaskRow) -> Result<Option<TaskRow>> {
        let mut progress: Progress = crate::store::from_json(&task.progress)?;
        progress.attempts = 0;
        match progress.phase {
            Phase::Retain => return retention::run(self, task, progress).await,
            Phase::Fold => return fold::slice(self, task, progress).await,
            Phase::Share => {
                self.basis = None;
                return share::slice(self, task, progress).await;
            }
            Phase::Table | Phase::Tastes | Phase::Layers | Phase::Publish => {}
        }
        let mut basis = match self.basis.take() {
            Some(basis) => basis,
            None => Basis::of(self.store).await?,
        };
        let outcome = self.solve(task, progress, &mut basis).await;
        self.basis = Some(basis);
        outcome
    }

    /// A slice of what follows the fold.
    async fn solve(
        &self,
        task: &TaskRow,
        mut progress: Progress,
        basis: &mut Basis,
    ) -> Result<Option<TaskRow>> {
        if progress.basis != basis.hash {
            basis.second = None;
            if progress.basis.is_empty() {
                return self.begin(task, progress, basis).await;
            }
            // Somebody was erased: what everybody's share is may have changed.
            progress.begin_again();
            return self.step(task, &progress, vec![]).await;
        }
        let solved = matches!(progress.phase, Phase::Layers | Phase::Publish);
        if solved && basis.second.is_none() && !progress.unchanged {
            basis.solve(&progress.first_fit, progress.tastes()?)?;
        }
        match progress.phase {
            Phase::Layers if progress.rejected.is_some() => {
                match publish::kept(self.store, progress.version).await? {
                    Some(serving) => {
                        let weights = &basis.second()?.weights;
                        layers::slice(self, task, progress, &serving.taste, weights).await
                    }
                    None => {
                        progress.phase = Phase::Publish;
                        self.step(task, &progress, vec![]).await
                    }
                }
            }
            Phase::Tastes => {
                let Half { model, weights, .. } = &basis.first;
                layers::slice(self, task, progress, model, weights).await
            }
            Phase::Layers => {
                let Half { model, weights, .. } = basis.second()?;
                layers::slice(self, task, progress, model, weights).await
            }
            Phase::Publish => publish::run(self, task, progress, basis).await,
            _ => table::slice(self, task, progress).await,
        }
    }

    /// Notes the shared model that everything from here on belongs to.
    async fn begin(
        &self,
        task: &TaskRow,
        progress: Progress,
        basis: &Basis,
    ) -> Result<Option<TaskRow>> {
        let store = self.store;
        let current = store.settings().await?.current_version();
        let serving = store.policy_row(current).await?;
        let q = *crate::policy::settings()?.q();
        // With sessions, a decision that nobody reacted to changes the Q-table, too.
        let unchanged = !q.sessions
            && serving.is_some_and(|row| row.basis == basis.hash)
            && !store.layers_behind(current).await?;
        let progress = Progress {
            phase: if unchanged {
                Phase::Publish
            } else {
                Phase::Table
            },
            cursor: String::new(),
            basis: basis.hash.clone(),
            version: store.next_version().await?,
            fit: LayerFit::default(),
            first_fit: LayerFit::default(),
            tastes: String::new(),
            unchanged,
            rejected: None,
            ..progress
        };
        // What the next decisions of a session were is known better now.
        let dropped = store.drop_checkpoints(&table::settings(&q)?, q.sessions)?;
        self.step(task, &progress, vec![dropped]).await
    }

    /// Stores what a slice made and how far the run has come, in one
    /// transaction and under the lease. Gives the run as it is then.
    ///
    /// # Errors
    /// `conflict` or `unavailable` when the lease or D1 is lost; nothing is
    /// stored then.
    async fn step(
        &self,
        task: &TaskRow,
        progress: &Progress,
        made: Vec<Statement>,
    ) -> Result<Option<TaskRow>> {
        let progress = to_json(progress)?;
        let mut batch = vec![self.store.guard(self.holder, clock::now())?];
        batch.extend(made);
        batch.push(self.advance(task, &progress)?);
        let advanced = self.store.batch(batch).await?.pop();
        let row: Option<TaskRow> = advanced.map_or(Ok(None), |rows| rows.first())?;
        Ok(row.map(|row| TaskRow { progress, ..row }))
    }

    /// The statement that stores how far the run has come, its counts being
    /// those of `task`.
    fn advance(&self, task: &TaskRow, progress: &str) -> Result<Statement> {
        self.store.advance_task(
            task.id,
            task.users_processed,
            task.records_processed,
            progress,
        )
    }

    /// Notes a failed slice; after too many the run itself has failed, which is
    /// `true`.
    async fn setback(&self, task: &TaskRow, failure: &Failure) -> Result<bool> {
        let mut progress: Progress = crate::store::from_json(&task.progress)?;
        progress.attempts += 1;
        let given_up = progress.attempts >= ATTEMPTS;
        let statement = if given_up {
            let metadata = json!({
                "error": { "code": failure.code(), "message": failure.message() },
                "phase": progress.phase,
            });
            let now = clock::iso(clock::now());
            self.store.close_task(task.id, "failed", &now, &metadata)?
        } else {
            self.advance(task, &to_json(&progress)?)?
        };
        // Whoever has lost the lease must not turn the run back either.
        let guard = self.store.guard(self.holder, clock::now())?;
        self.store.batch(vec![guard, statement]).await?;
        Ok(given_up)
    }
}
