//! From the log to learned pairs: each pair's row holds the one reward of
//! everything that was said about it.

use std::collections::BTreeSet;

use moodloop::evidence::Week;
use moodloop::log::Decision;
use moodloop::policy::Policy;
use moodloop::q_table::StateKey;

use super::{Phase, Progress, Run};
use crate::clock;
use crate::error::Result;
use crate::store::pairs::{Cap, Folded, PairRow, log_of};
use crate::store::tasks::TaskRow;

/// Users with fewer interactions do not train.
const LEAST_INTERACTIONS: i64 = 5;
/// A user's pairs of one week beyond these do not train.
const MOST_PAIRS: i64 = 500;
/// How many pairs one slice folds at most.
const SLICE: usize = 2000;
/// How many users one slice looks at.
const USERS: i64 = 200;

/// What a pair is about to contribute.
struct Change<'a> {
    row: &'a PairRow,
    decision: Decision,
    reward: Option<i64>,
}

impl Change<'_> {
    /// Whether another reward, or none, was learned of the pair.
    fn moves(&self) -> bool {
        self.row.folded != self.reward
    }

    /// What the pair's row is to hold.
    fn folded(&self) -> Folded<'_> {
        let decision = &self.decision;
        Folded(
            &decision.decision_id,
            &self.row.content_id,
            self.reward,
            self.row.revision,
            format!("{:x}", StateKey::of(&decision.context).bits()),
            decision.action_index.index(),
        )
    }
}

/// Folds the next pairs, or moves the run on when there are none.
///
/// # Errors
/// `conflict` or `unavailable` when the lease or D1 is lost; nothing of the
/// slice is stored then.
pub async fn slice(run: &Run<'_>, task: &TaskRow, mut progress: Progress) -> Result<()> {
    let store = run.store;
    let found = store
        .users_to_fold(&progress.cursor, LEAST_INTERACTIONS, USERS)
        .await?;
    let mut users = Vec::new();
    let mut marked = 0;
    for user in found {
        if !users.is_empty() && marked + user.marked > SLICE {
            break;
        }
        marked += user.marked;
        users.push(user.user_id);
    }
    let Some(last) = users.last().cloned() else {
        progress.phase = Phase::Share;
        return run.step(task, &progress, vec![]).await;
    };

    let caps = store.cap(&users, MOST_PAIRS).await?;
    let rows = store.marked_pairs(&users, SLICE).await?;
    let policy = crate::policy::prior()?;
    let changes = changes(&policy, &rows, &caps)?;
    let moved: Vec<&Change<'_>> = changes.iter().filter(|change| change.moves()).collect();
    for reward in moved.iter().filter_map(|change| change.reward) {
        progress.reward_sum += reward;
        progress.rewards += 1;
    }
    let mut trained: BTreeSet<&str> = BTreeSet::new();
    let mut records = 0;
    for change in &changes {
        let new = change.row.revision - change.row.counted;
        if change.reward.is_some() && new > 0 {
            trained.insert(&change.row.decision.user_id);
            records += new;
        }
    }
    let counted = trained.contains(progress.begun.as_str());
    let trained: Vec<&str> = trained.into_iter().collect();
    let new_users = trained.len() as i64 - i64::from(counted);
    // A user with more marked pairs than a slice holds is not done yet.
    if rows.len() < SLICE {
        progress.cursor = last;
        progress.begun = String::new();
    } else {
        progress.begun = last;
    }
    let now = clock::now();
    let version = store.next_version().await?;
    let folded: Vec<Folded<'_>> = changes.iter().map(Change::folded).collect();
    let moved: BTreeSet<&str> = (moved.iter())
        .map(|change| change.row.decision.user_id.as_str())
        .collect();
    let moved: Vec<&str> = moved.into_iter().collect();
    let batch = vec![
        store.guard(run.holder, now)?,
        store.write_folded(&folded)?,
        store.note_trained(&trained, version, &clock::iso(now))?,
        store.drop_layers(&moved)?,
        store.advance_task(
            task.id,
            task.users_processed + new_users,
            task.records_processed + records,
            &progress,
        )?,
    ];
    store.batch(batch).await?;
    Ok(())
}

/// What each row should contribute: its merged reward, or nothing beyond the
/// week's cap.
fn changes<'a>(policy: &Policy, rows: &'a [PairRow], caps: &[Cap]) -> Result<Vec<Change<'a>>> {
    let config = policy.config();
    let strategies = policy.mapping().space().len();
    let change = |row: &'a PairRow| {
        // A log of its own: one of all rows would be sorted anew with each.
        let log = log_of(
            std::slice::from_ref(row),
            strategies,
            config.extras(),
            config.reward(),
        )?;
        let reward = log.reward(&row.decision.decision_id, &row.content_id);
        let beyond = caps.iter().any(|cap| is_beyond(row, cap));
        Ok(Change {
            row,
            decision: log.decision(&row.decision.decision_id)?.clone(),
            reward: reward.filter(|_| !beyond),
        })
    };
    rows.iter().map(change).collect()
}

fn is_beyond(row: &PairRow, cap: &Cap) -> bool {
    let decision = &row.decision;
    let place = (decision.decided_at, &decision.decision_id, &row.content_id);
    decision.user_id == cap.user_id
        && i64::from(Week::of(decision.decided_at).0) == cap.week
        && place > (cap.decided_at, &cap.decision_id, &cap.content_id)
}
