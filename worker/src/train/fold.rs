//! From the log to learned pairs and evidence: each pair's row holds the one
//! reward of everything that was said about it. Row and sums change in one
//! transaction.

use std::collections::{BTreeMap, BTreeSet};

use moodloop::evidence::Week;
use moodloop::log::Decision;
use moodloop::policy::Policy;
use moodloop::q_table::StateKey;

use super::observed::kept;
use super::{Phase, Progress, Run, share};
use crate::clock;
use crate::error::Result;
use crate::store::Results;
use crate::store::pairs::{Cap, Folded, PairRow, Trainee, log_of};
use crate::store::policies::evidence;
use crate::store::shares::Move;
use crate::store::tasks::TaskRow;

/// Users with fewer interactions do not train.
const LEAST_INTERACTIONS: i64 = 5;
/// A user's pairs of one week beyond these do not train.
const MOST_PAIRS: i64 = 500;
/// How many pairs a slice reads. A slice is one transaction, whose texts weigh on memory several
/// times; beneath this, the transactions themselves weigh on the time.
const PAGE: usize = 1500;

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

    /// How the sums change, if they do.
    fn shift(&self) -> Option<Move> {
        let Decision {
            decision_id,
            decided_at,
            context,
            action_index,
            ..
        } = &self.decision;
        (self.row.shared != self.reward).then(|| Move {
            decision_id: decision_id.clone(),
            content_id: self.row.told.content_id.clone(),
            decided_at: *decided_at,
            context: kept(context),
            action_index: action_index.index(),
            held: self.row.shared,
            wanted: self.reward,
        })
    }

    /// What the pair's row is to hold.
    fn folded(&self) -> Folded {
        let Decision {
            decision_id,
            context,
            action_index,
            ..
        } = &self.decision;
        Folded(
            decision_id.clone(),
            self.row.told.content_id.clone(),
            self.reward,
            self.row.revision,
            format!("{:x}", StateKey::of(context).bits()),
            action_index.index(),
            kept(context),
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
    run: &mut Run<'_>,
    task: &TaskRow,
    mut progress: Progress,
) -> Result<Option<TaskRow>> {
    let store = run.store;
    let caps = match run.caps.take() {
        Some(caps) => caps,
        None => store.caps(MOST_PAIRS).await?,
    };
    let policy = crate::policy::prior()?;
    let rows = store.marked_pairs(&progress.place, PAGE).await?;
    if let Some(last) = rows.last() {
        let (decision_id, content_id) = last.place();
        progress.place = (decision_id.to_owned(), content_id.to_owned());
    }
    let ended = rows.len() < PAGE;
    let mut users: Vec<&str> = rows.iter().map(PairRow::user_id).collect();
    users.sort_unstable();
    users.dedup();
    let weeks: BTreeSet<Week> = rows.iter().map(PairRow::week).collect();
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

    let mut folded: Vec<Folded> = Vec::new();
    let mut shifts: Vec<Move> = Vec::new();
    let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
    let mut records = 0;
    for change in changes(&policy, &rows, &caps, &trainees)? {
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
        folded.push(change.folded());
        shifts.extend(change.shift());
    }
    if ended && folded.is_empty() {
        // What came in meanwhile may have filled a week.
        let latest = store.caps(MOST_PAIRS).await?;
        progress.place = <(String, String)>::default();
        if latest == caps {
            progress.phase = Phase::Share;
        }
        run.caps = Some(latest);
        return run.step(task, &progress, vec![]).await;
    }

    let now = clock::now();
    let users = |which: fn(&Touched) -> bool| -> Vec<&str> {
        let found = touched.iter().filter(|(_, user)| which(user));
        found.map(|(user_id, _)| *user_id).collect()
    };
    let trained = users(|user| user.trained && !user.counted);
    let mut batch = store.write_folded(&folded)?;
    batch.extend(share::sums(store, evidence, &shifts)?);
    batch.push(store.note_trained(&trained, task.id, &clock::iso(now))?);
    batch.push(store.drop_layers(&users(|user| user.moved))?);
    let counted = TaskRow {
        users_processed: task.users_processed + trained.len() as i64,
        records_processed: task.records_processed + records,
        ..task.clone()
    };
    let advanced = run.step(&counted, &progress, batch).await?;
    run.caps = Some(caps);
    Ok(advanced)
}

/// What each row should contribute: its merged reward, or nothing beyond the
/// week's cap. Users with too few interactions contribute what they did.
fn changes<'a>(
    policy: &Policy,
    rows: &'a [PairRow],
    caps: &[Cap],
    trainees: &BTreeMap<String, Trainee>,
) -> Result<Vec<Change<'a>>> {
    let config = policy.config();
    let strategies = policy.mapping().space().len();
    let trains = |row: &&PairRow| {
        let trainee = trainees.get(row.user_id());
        // What was learned before must not stay what it was.
        row.folded.or(row.shared).is_some() || trainee.is_some_and(Trainee::is_enough)
    };
    let change = |row: &'a PairRow| {
        // A log of its own: one of all rows would be sorted anew with each.
        let log = log_of(
            std::slice::from_ref(row),
            strategies,
            config.extras(),
            config.reward(),
        )?;
        let (decision_id, content_id) = row.place();
        let reward = log.reward(decision_id, content_id);
        let beyond = caps.iter().any(|cap| is_beyond(row, cap));
        Ok(Change {
            row,
            decision: log.decision(decision_id)?.clone(),
            reward: reward.filter(|_| !beyond),
        })
    };
    rows.iter().filter(trains).map(change).collect()
}

fn is_beyond(row: &PairRow, cap: &Cap) -> bool {
    let decision = &row.told.decision;
    let place = (
        decision.decided_at,
        &decision.decision_id,
        &row.told.content_id,
    );
    decision.user_id == cap.user_id
        && i64::from(Week::of(decision.decided_at).0) == cap.week
        && place > (cap.decided_at, &cap.decision_id, &cap.content_id)
}
