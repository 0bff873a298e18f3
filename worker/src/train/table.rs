//! The replay of the Q-table: from the latest checkpoint on, in slices that end
//! in a checkpoint themselves.

use moodloop::codec::{Reader, Writer};
use moodloop::context::Context;
use moodloop::evidence::Week;
use moodloop::fold::SESSION_MS;
use moodloop::policy::Policy;
use moodloop::q_table::{QConfig, QTable, StateKey, Step};
use moodloop::strategy::Strategy;
use moodloop::value::Value;

use super::observed::{state, unreadable};
use super::{Phase, Progress, Run};
use crate::error::Result;
use crate::store::Store;
use crate::store::checkpoints::Place;
use crate::store::policies::hash_of;
use crate::store::replay::StepRow;
use crate::store::shares::start_of;
use crate::store::tasks::TaskRow;
use crate::store::{from_json, to_json};

/// How many reads make a slice.
const READS: usize = 20;

/// Which settings a checkpoint must have been made under.
///
/// # Errors
/// `internal`, which numbers exclude.
pub fn settings(config: &QConfig) -> Result<String> {
    Ok(hash_of(to_json(config)?.as_bytes()))
}

/// The table at the latest checkpoint, and where that is. `held` is not read again if
/// it is that.
///
/// # Errors
/// `corrupt_model` for a body that is no table; `unavailable`.
pub async fn latest(store: &Store, held: Option<(Place, QTable)>) -> Result<(Place, QTable)> {
    let policy = crate::policy::prior()?;
    let found = store
        .checkpoint_place(&settings(policy.config().q())?)
        .await?;
    let Some(place) = found else {
        return Ok((Place::start(), QTable::default()));
    };
    if let Some((_, table)) = held.filter(|(at, _)| *at == place) {
        return Ok((place, table));
    }
    let body = store.checkpoint(&place).await?;
    let mut input = Reader::new(&body);
    let table = QTable::decode(&mut input, policy.mapping().space().len())?;
    input.finish()?;
    Ok((place, table))
}

/// Learns the next pairs, of one week at most, or moves the run on when there are none.
///
/// # Errors
/// `conflict` or `unavailable` when the lease or D1 is lost; nothing of the
/// slice is stored then.
pub async fn slice(
    run: &Run<'_>,
    task: &TaskRow,
    mut progress: Progress,
) -> Result<Option<TaskRow>> {
    let policy = crate::policy::prior()?;
    let config = *policy.config().q();
    let settings = settings(&config)?;
    let session = config.sessions.then_some(SESSION_MS);
    let (begun, mut table) = latest(run.store, run.table.take()).await?;
    let mut place = begun.clone();
    // The week that it is in, unless that is over.
    let mut week = (!is_end(&place)).then(|| Week::of(place.0));
    'reads: for _ in 0..READS {
        let steps = run.store.steps(&place, session, &run.reach).await?;
        for row in &steps.rows {
            let now = Week::of(row.4);
            if let Some(over) = week.replace(now).filter(|week| *week < now) {
                // One table a transaction: the texts of several weigh more than all the rest.
                place = Place::before(start_of(Week(over.0 + 1)));
                break 'reads;
            }
            table.learn(&config, step(&policy, row)?);
        }
        if !steps.rows.is_empty() {
            place = run.store.place_after(&place, steps.rows.len()).await?;
        }
        if !steps.more {
            progress.phase = Phase::Tastes;
            break;
        }
    }
    let mut checkpoint = Vec::new();
    if place != begun {
        let mut out = Writer::default();
        table.encode(&mut out);
        let body = out.into_bytes();
        checkpoint = run.store.write_checkpoint(&settings, &place, &body)?;
    }
    let advanced = run.step(task, &progress, checkpoint).await?;
    run.table.set(Some((place, table)));
    Ok(advanced)
}

/// Whether a place is the end of a week, or the start of everything.
fn is_end(place: &Place) -> bool {
    place.1.is_empty()
}

fn step(policy: &Policy, row: &StepRow) -> Result<Step> {
    let StepRow(hex, action, reward, next, ..) = row;
    let next = match next {
        None => None,
        Some(text) => {
            let value: Value = from_json(text)?;
            let context = Context::parse(&value, policy.config().extras());
            Some(StateKey::of(&context.map_err(|_| unreadable())?))
        }
    };
    let strategies = policy.mapping().space().len();
    Ok(Step {
        state: state(hex)?,
        strategy: Strategy::within(*action, strategies).ok_or_else(unreadable)?,
        reward: *reward,
        next,
    })
}
