//! What the evidence takes of learned pairs, week by week: of everybody at most
//! a little more than the crowd's middle half brings, so that nobody outvotes
//! the rest. Row and sums change in one transaction.

use std::collections::BTreeSet;

use moodloop::evidence::{Evidence, Week, fair_share};
use moodloop::policy::Policy;

use super::observed::observed;
use super::{Phase, Progress, Run};
use crate::error::{Failure, Result};
use crate::store::policies::evidence;
use crate::store::shares::{Move, Shared};
use crate::store::tasks::TaskRow;
use crate::store::{Statement, Store, execute};

/// How many pairs one slice moves at most.
const SLICE: usize = 2000;

/// Brings the evidence of the next week that needs it a step nearer to what it
/// is to hold, or moves the run on when all do.
///
/// # Errors
/// `conflict` or `unavailable` when the lease or D1 is lost; nothing of the
/// slice is stored then.
pub async fn slice(
    run: &Run<'_>,
    task: &TaskRow,
    mut progress: Progress,
) -> Result<Option<TaskRow>> {
    let store = run.store;
    while let Some(week) = store.week_after(Week(progress.week)).await? {
        let share = fair_share(&store.crowd(week).await?);
        let moves = store.moves(week, share, SLICE as i64).await?;
        if moves.len() < SLICE {
            progress.week = week.0;
        }
        if moves.is_empty() {
            continue;
        }
        let made = statements(store, &moves).await?;
        return run.step(task, &progress, made).await;
    }
    progress.phase = Phase::Table;
    progress.cursor = String::new();
    run.step(task, &progress, vec![]).await
}

/// The statements that move pairs into the evidence, out of it, or from one
/// reward to another, and note it. Run them in one batch.
///
/// # Errors
/// As [`sums`].
pub async fn statements(store: &Store, moves: &[Move]) -> Result<Vec<Statement>> {
    let rows: Vec<Shared<'_>> = (moves.iter())
        .map(|one| Shared(&one.decision_id, &one.content_id, one.wanted))
        .collect();
    let read = execute(store.evidence_of(&weeks(moves))?).await?;
    let policy = crate::policy::prior()?;
    let mut statements = store.write_shared(&rows)?;
    statements.extend(sums(store, evidence(&read, policy.layout())?, moves)?);
    Ok(statements)
}

/// The statements that do so to the sums alone, `evidence` being that of the weeks.
///
/// # Errors
/// `evidence_full`; `internal` for a pair that the evidence cannot hold;
/// `unavailable`.
pub fn sums(store: &Store, mut evidence: Evidence, moves: &[Move]) -> Result<Vec<Statement>> {
    let policy = crate::policy::prior()?;
    for one in moves {
        shift(&policy, &mut evidence, one)?;
    }
    (weeks(moves).into_iter())
        .map(|week| store.write_evidence(week, &evidence, policy.layout()))
        .collect()
}

fn weeks(moves: &[Move]) -> BTreeSet<Week> {
    moves.iter().map(|one| Week::of(one.decided_at)).collect()
}

fn shift(policy: &Policy, evidence: &mut Evidence, one: &Move) -> Result<()> {
    let observed = observed(policy, one.decided_at, one.action_index, &one.context)?;
    if let Some(held) = one.held {
        evidence
            .subtract(&observed(held))
            .map_err(|error| Failure::internal(error.message().to_owned()))?;
    }
    if let Some(wanted) = one.wanted {
        evidence.add(&observed(wanted))?;
    }
    Ok(())
}
