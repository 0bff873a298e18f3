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
use crate::store::shares::{Move, Shared, Shift};
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
        .map(|one| Shared(&one.decision_id, &one.content_id, one.shift.wanted))
        .collect();
    let shifts = moves.iter().map(|one| &one.shift);
    let read = execute(store.evidence_of(&weeks(shifts.clone()))?).await?;
    let policy = crate::policy::prior()?;
    let mut statements = store.write_shared(&rows)?;
    statements.extend(sums(store, evidence(&read, policy.layout())?, shifts)?);
    Ok(statements)
}

/// The statements that do so to the sums alone, `evidence` being that of the weeks.
///
/// # Errors
/// `evidence_full`; `internal` for a pair that the evidence cannot hold;
/// `unavailable`.
pub fn sums<'a>(
    store: &Store,
    mut evidence: Evidence,
    shifts: impl Iterator<Item = &'a Shift<'a>> + Clone,
) -> Result<Vec<Statement>> {
    let policy = crate::policy::prior()?;
    for shift in shifts.clone() {
        apply(&policy, &mut evidence, shift)?;
    }
    (weeks(shifts).into_iter())
        .map(|week| store.write_evidence(week, &evidence, policy.layout()))
        .collect()
}

fn weeks<'a>(shifts: impl Iterator<Item = &'a Shift<'a>>) -> BTreeSet<Week> {
    shifts.map(Shift::week).collect()
}

fn apply(policy: &Policy, evidence: &mut Evidence, shift: &Shift<'_>) -> Result<()> {
    let observed = observed(policy, shift.decided_at, shift.action_index, &shift.packed)?;
    if let Some(held) = shift.held {
        evidence
            .subtract(&observed(held))
            .map_err(|error| Failure::internal(error.message().to_owned()))?;
    }
    if let Some(wanted) = shift.wanted {
        evidence.add(&observed(wanted))?;
    }
    Ok(())
}
