//! From the log to learned pairs and evidence: each pair's row holds the one
//! reward of everything that was said about it. Row and sums change in one
//! transaction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use moodloop::context::Context;
use moodloop::evidence::Week;
use moodloop::log::{Signal, merged};
use moodloop::policy::Policy;
use moodloop::q_table::StateKey;

use super::observed::unreadable;
use super::{Phase, Progress, Run, share};
use crate::clock;
use crate::error::Result;
use crate::store::decisions::{pack, unpack};
use crate::store::marked::{Folded, MarkedRow, Trainee, UserWeek};
use crate::store::policies::evidence;
use crate::store::shares::Shift;
use crate::store::tasks::TaskRow;
use crate::store::{Results, from_json};

/// Users with fewer interactions do not train.
const LEAST_INTERACTIONS: i64 = 5;
/// A user's pairs of one week beyond these do not train.
const MOST_PAIRS: i64 = 500;

/// What a pair is about to contribute.
struct Change<'a> {
    row: &'a MarkedRow,
    state: StateKey,
    /// The decision's context.
    packed: Cow<'a, str>,
    reward: Option<i64>,
}

impl Change<'_> {
    /// Whether another reward, or none, was learned of the pair.
    fn moves(&self) -> bool {
        self.row.folded != self.reward
    }

    /// How the sums change, if they do.
    fn shift(&self) -> Option<Shift<'_>> {
        let row = self.row;
        (row.shared != self.reward).then(|| Shift {
            decided_at: row.decided_at,
            packed: Cow::Borrowed(&self.packed),
            action_index: row.action_index,
            held: row.shared,
            wanted: self.reward,
        })
    }

    /// What the pair's row is to hold.
    fn folded(&self) -> Folded<'_> {
        let row = self.row;
        Folded(
            row.mark,
            self.reward,
            row.revision,
            format!("{:x}", self.state.bits()),
            row.packed.is_none().then_some(&self.packed),
        )
    }
}

/// What a slice has done with a user.
#[derive(Default)]
struct Touched {
    /// Something of theirs was learned that no training has reported.
    trained: bool,
    /// Their layer does not know all of it any more.
    moved: bool,
    /// This run has counted them already.
    counted: bool,
}

/// Folds the next pairs, or moves the run on when there are none.
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
    let policy = crate::policy::prior()?;
    let marked = store
        .marked_pairs(&progress.mark, MOST_PAIRS, &run.reach)
        .await?;
    let rows = &marked.rows;
    if let Some((group, last)) = rows
        .last()
        .and_then(|(group, rows)| Some((group, rows.last()?)))
    {
        progress.mark = (group.clone(), last.mark);
    }
    let users: BTreeSet<&str> = rows.iter().map(|(group, _)| group.1.as_str()).collect();
    let weeks: BTreeSet<Week> = rows.iter().map(|(group, _)| Week(group.0)).collect();
    let ask = vec![
        store.trainees(&users, LEAST_INTERACTIONS, task.id)?,
        store.evidence_of(&weeks)?,
    ];
    let mut answers = Results::new(store.batch(ask).await?);
    let trainees: Vec<Trainee> = answers.next()?.page()?;
    let trainees = (trainees.into_iter())
        .map(|trainee| (trainee.0.clone(), trainee))
        .collect();
    let evidence = evidence(&answers.next()?, policy.layout())?;

    let changes = changes(&policy, rows, &trainees)?;
    let mut folded: Vec<(&UserWeek, Vec<Folded<'_>>)> = Vec::new();
    let mut shifts: Vec<Shift<'_>> = Vec::new();
    let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
    let mut records = 0;
    for (group, changes) in &changes {
        folded.push((group, changes.iter().map(Change::folded).collect()));
        shifts.extend(changes.iter().filter_map(Change::shift));
        let user = touched.entry(&group.1).or_default();
        user.counted |= trainees.get(&group.1).is_some_and(Trainee::is_counted);
        for change in changes {
            if change.moves() {
                user.moved = true;
                if let Some(reward) = change.reward {
                    progress.reward_sum += reward;
                    progress.rewards += 1;
                }
            }
            let new = change.row.revision - change.row.counted;
            if change.reward.is_some() && new > 0 {
                user.trained = true;
                records += new;
            }
        }
    }
    if !marked.more && folded.is_empty() {
        // What came in meanwhile may have filled a week.
        progress.mark = <(UserWeek, i64)>::default();
        if store.mark_beyond(MOST_PAIRS).await? == 0 {
            progress.phase = Phase::Share;
        }
        return run.step(task, &progress, vec![]).await;
    }

    let now = clock::now();
    let users = |which: fn(&Touched) -> bool| -> Vec<&str> {
        let found = touched.iter().filter(|(_, user)| which(user));
        found.map(|(user_id, _)| *user_id).collect()
    };
    let trained = users(|user| user.trained && !user.counted);
    let mut batch = store.write_folded(&folded)?;
    batch.extend(share::sums(store, evidence, shifts.iter())?);
    batch.push(store.note_trained(&trained, task.id, &clock::iso(now))?);
    batch.push(store.drop_layers(&users(|user| user.moved))?);
    let counted = TaskRow {
        users_processed: task.users_processed + trained.len() as i64,
        records_processed: task.records_processed + records,
        ..task.clone()
    };
    run.step(&counted, &progress, batch).await
}

/// What each row should contribute: its merged reward, or nothing beyond
/// [`MOST_PAIRS`]. Users with too few interactions contribute what they did.
fn changes<'a>(
    policy: &Policy,
    rows: &'a [(UserWeek, Vec<MarkedRow>)],
    trainees: &BTreeMap<String, Trainee>,
) -> Result<Vec<(&'a UserWeek, Vec<Change<'a>>)>> {
    let mut changes = Vec::new();
    for (group, rows) in rows {
        let enough = trainees.get(&group.1).is_some_and(Trainee::is_enough);
        // What was learned before must not stay what it was.
        let trains = |row: &&MarkedRow| enough || row.folded.or(row.shared).is_some();
        let made = rows.iter().filter(trains).map(|row| change(policy, row));
        let made: Vec<Change<'_>> = made.collect::<Result<_>>()?;
        if !made.is_empty() {
            changes.push((group, made));
        }
    }
    Ok(changes)
}

fn change<'a>(policy: &Policy, row: &'a MarkedRow) -> Result<Change<'a>> {
    let weights = policy.config().reward();
    let (context, packed) = context(policy, row)?;
    let signals = row.signals.iter().filter_map(|row| row.signal(weights));
    let signals: Vec<Signal> = signals.collect();
    let reward = merged(signals.iter(), weights, context.mood)?;
    Ok(Change {
        row,
        state: StateKey::of(&context),
        packed,
        reward: reward.filter(|_| row.beyond == 0),
    })
}

/// The context of a pair's decision, and the same packed.
fn context<'a>(policy: &Policy, row: &'a MarkedRow) -> Result<(Context, Cow<'a, str>)> {
    let declared = policy.config().extras();
    if let Some(packed) = &row.packed {
        return Ok((unpack(packed, declared)?, packed.into()));
    }
    let text = row.context.as_deref().ok_or_else(unreadable)?;
    let context = Context::parse(&from_json(text)?, declared).map_err(|_| unreadable())?;
    let packed = pack(&context).into();
    Ok((context, packed))
}
