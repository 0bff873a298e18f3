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

use super::{Phase, Progress, Run};
use crate::clock::DAY_MS;
use crate::error::{Failure, Result};
use crate::store::Store;
use crate::store::checkpoints::Place;
use crate::store::policies::hash_of;
use crate::store::replay::StepRow;
use crate::store::tasks::TaskRow;
use crate::store::{from_json, to_json};

/// How many pairs one read gives.
const PAGE: usize = 1500;
/// How many reads make a slice.
const PAGES: usize = 20;

/// Which settings a checkpoint must have been made under.
///
/// # Errors
/// `internal`, which numbers exclude.
pub fn settings(config: &QConfig) -> Result<String> {
    Ok(hash_of(to_json(config)?.as_bytes()))
}

/// The table at the latest checkpoint, and where that is.
///
/// # Errors
/// `corrupt_model` for a body that is no table; `unavailable`.
pub async fn latest(store: &Store) -> Result<(Place, QTable)> {
    let policy = crate::policy::prior()?;
    let found = store.checkpoint(&settings(policy.config().q())?).await?;
    let Some((place, body)) = found else {
        return Ok((Place::start(), QTable::default()));
    };
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
    let (begun, mut table) = latest(run.store).await?;
    let mut place = begun.clone();
    'pages: for _ in 0..PAGES {
        let rows = run.store.steps(&place, PAGE as i64, session).await?;
        let full = rows.len() == PAGE;
        for row in rows {
            let step = step(&policy, &row)?;
            let at = row.4;
            if Week::of(at) > Week::of(place.0) && !is_end(&place) {
                // One table a transaction: the texts of several weigh more than all the rest.
                place = Place::before(end_of(place.0));
                break 'pages;
            }
            table.learn(&config, step);
            place = Place(at, row.5, row.6);
        }
        if !full {
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
    run.step(task, &progress, checkpoint).await
}

/// When the ISO week that holds `time` is over.
const fn end_of(time: i64) -> i64 {
    // 1970-01-01 was the fourth day of week 0.
    (Week::of(time).0 as i64 * 7 + 4) * DAY_MS
}

/// Whether a place is the end of a week, or the start of everything.
fn is_end(place: &Place) -> bool {
    place.1.is_empty()
}

fn step(policy: &Policy, row: &StepRow) -> Result<Step> {
    let StepRow(state, action, reward, next, ..) = row;
    let unreadable = || Failure::internal("a folded pair is not readable");
    let next = match next {
        None => None,
        Some(text) => {
            let value: Value = from_json(text)?;
            let context = Context::parse(&value, policy.config().extras());
            Some(StateKey::of(&context.map_err(|_| unreadable())?))
        }
    };
    let strategies = policy.mapping().space().len();
    let bits = u128::from_str_radix(state, 16).map_err(|_| unreadable())?;
    Ok(Step {
        state: StateKey::from_bits(bits),
        strategy: Strategy::within(*action, strategies).ok_or_else(unreadable)?,
        reward: *reward,
        next,
    })
}
