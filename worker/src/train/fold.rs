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
use crate::store::marked::{Folded, Mark, MarkedRow, Trainee};
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
            &row.mark,
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
    if let Some(last) = rows.last() {
        progress.mark = last.mark.clone();
    }
    let mut users: Vec<&str> = rows.iter().map(MarkedRow::user_id).collect();
    users.sort_unstable();
    users.dedup();
    let weeks: BTreeSet<Week> = rows.iter().map(MarkedRow::week).collect();
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
    let folded: Vec<Folded<'_>> = changes.iter().map(Change::folded).collect();
    let mut shifts: Vec<Shift<'_>> = Vec::new();
    let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
    let mut records = 0;
    for change in &changes {
        let user_id = change.row.user_id();
        let user = touched.entry(user_id).or_default();
        user.counted |= trainees.get(user_id).is_some_and(Trainee::is_counted);
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
        shifts.extend(change.shift());
    }
    if !marked.more && folded.is_empty() {
        // What came in meanwhile may have filled a week.
        progress.mark = Mark::default();
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
    rows: &'a [MarkedRow],
    trainees: &BTreeMap<String, Trainee>,
) -> Result<Vec<Change<'a>>> {
    let weights = policy.config().reward();
    let trains = |row: &&MarkedRow| {
        let trainee = trainees.get(row.user_id());
        // What was learned before must not stay what it was.
        row.folded.or(row.shared).is_some() || trainee.is_some_and(Trainee::is_enough)
    };
    let change = |row: &'a MarkedRow| {
        let (context, packed) = context(policy, row)?;
        let told = row.signals.iter().filter_map(|row| row.signal(weights));
        let told: Vec<Signal> = told.collect();
        let reward = merged(told.iter(), weights, context.mood)?;
        Ok(Change {
            row,
            state: StateKey::of(&context),
            packed,
            reward: reward.filter(|_| row.beyond == 0),
        })
    };
    rows.iter().filter(trains).map(change).collect()
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
