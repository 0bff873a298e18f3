//! From a solved model to the policy that serves: validated, judged, put into
//! KV, and the run closed in the transaction that makes it current.

use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::evaluate::GainReport;
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::q_table::{StateKey, Stats};
use moodloop::taste::LayerFit;
use serde::Serialize;
use serde_json::{Value, json};
use worker::console_log;

use super::basis::Basis;
use super::gate::{self, Drawn};
use super::observed::state;
use super::{Phase, Progress, Run, table};
use crate::clock;
use crate::error::{Failure, Result};
use crate::store::policies::{CURRENT_KEY, PolicyRow, hash_of, public_key, version_key};
use crate::store::settings::CURRENT;
use crate::store::tasks::{TRAINING, TaskRow};
use crate::store::{Statement, Store, execute, to_json};

/// How many users must have seen a Q-table cell before browsers may see it.
const CELL_USERS: i64 = 5;
/// How many such cells one read gives.
const CELLS: i64 = 20_000;
/// How many of the latest pairs judge a new policy; predictions cost time.
const DRAWN: usize = 2000;

/// What became of a solved policy.
#[derive(Clone, Debug, Serialize)]
struct Publication {
    /// The version that serves now.
    version: u64,
    /// Whether it is new.
    published: bool,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What the log says of the new policy against the serving one.
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<Value>,
}

/// Publishes what the run has solved, or says why not, and closes the run.
///
/// A policy whose gain over the serving one lies wholly below zero is not
/// published: the run goes back, once, to solve the users' layers over the one
/// that goes on serving. Where people are being erased, the policy that holds
/// them must go, whatever follows.
///
/// # Errors
/// `internal` for a policy that is not fit to serve; `unavailable`. Repeating
/// it is safe: the same policy gets the same version and bytes.
pub async fn run(
    run: &Run<'_>,
    task: &TaskRow,
    mut progress: Progress,
    basis: &Basis,
) -> Result<Option<TaskRow>> {
    let store = run.store;
    let current = store.settings().await?.current_version();
    let erased = store.erased().await?;
    let (_, q_table) = table::latest(store, run.table.take()).await?;
    let stats = q_table.stats();
    let unpublished = |reason, gain| Publication {
        version: current,
        published: false,
        reason: Some(reason),
        gain,
    };
    if progress.unchanged {
        let publication = unpublished("nothing has changed", None);
        return close(run, task, &progress, &publication, stats, Vec::new()).await;
    }
    if progress.rejected.is_some() && erased.is_empty() {
        let gain = progress.rejected.clone();
        let publication = unpublished("the log says that it would earn less", gain);
        let batch = vec![store.settle_layers(current, progress.fit.visitors() < 2)?];
        return close(run, task, &progress, &publication, stats, batch).await;
    }
    if progress.rejected.is_some() || q_table.learned() != basis.learned {
        progress.begin_again();
        return run.step(task, &progress, vec![]).await;
    }

    let mut policy = basis.policy()?;
    policy.taste.settle(&progress.fit);
    policy.q_table = q_table;
    policy.version = progress.version;
    validate(&policy)?;
    let gain = if erased.is_empty() {
        judge(store, &policy, current).await?
    } else {
        None
    };
    let body = policy.encode();
    let lost = gain.as_ref().is_some_and(gate::is_loss);
    let row = PolicyRow {
        version: progress.version,
        status: if lost { "rejected" } else { "published" }.to_owned(),
        hash: hash_of(&body),
        bytes: if lost { 0 } else { body.len() as u64 },
        metadata: to_json(&learned(task, &progress, stats))?,
        created_at: clock::iso(run.now),
        basis: basis.hash.clone(),
    };
    if lost {
        progress.phase = Phase::Layers;
        progress.cursor = String::new();
        progress.fit = LayerFit::default();
        progress.rejected = Some(json!(gain));
        progress.version = current;
        return run
            .step(task, &progress, vec![store.note_policy(&row)?])
            .await;
    }
    // KV does not know of leases: whoever has lost theirs must not get there.
    let guard = store.guard(run.holder, clock::now())?;
    execute(guard).await?;
    let version = progress.version;
    store.put_policy(&version_key(version), &body).await?;
    keep_shared(store, &mut policy).await?;
    store
        .put_policy(&public_key(version), &policy.encode())
        .await?;
    store.put_policy(CURRENT_KEY, &body).await?;
    let publication = Publication {
        version,
        published: true,
        reason: None,
        gain: gain.map(|gain| json!(gain)),
    };
    let batch = vec![
        store.note_policy(&row)?,
        store.write_setting(CURRENT, &to_json(&version)?)?,
        store.settle_layers(version, progress.fit.visitors() < 2)?,
    ];
    let closed = close(run, task, &progress, &publication, stats, batch).await?;
    crate::policy::forget();
    Ok(closed)
}

/// Lets the versions go that hold erased people, and closes the run in the
/// transaction of `batch`.
async fn close(
    run: &Run<'_>,
    task: &TaskRow,
    progress: &Progress,
    publication: &Publication,
    stats: Stats,
    batch: Vec<Statement>,
) -> Result<Option<TaskRow>> {
    let store = run.store;
    let erased = store.erased().await?;
    let mut statements = vec![store.guard(run.holder, clock::now())?];
    statements.extend(batch);
    if let Some(first) = erased.iter().filter_map(|gone| gone.first_version).min() {
        let versions = store.versions_since(first, publication.version).await?;
        for &version in &versions {
            store.delete_policy(version).await?;
        }
        statements.push(store.note_gone(&versions, "erased")?);
    }
    statements.push(store.finish_erasures(&erased)?);
    let mut metadata = learned(task, progress, stats);
    if let Some(fields) = metadata.as_object_mut() {
        fields.insert("publication".into(), json!(publication));
    }
    let now = clock::iso(clock::now());
    statements.push(store.close_task(task.id, "completed", &now, &metadata)?);
    store.batch(statements).await?;
    console_log!(
        "{}",
        json!({
            "event": task.task_name,
            "users_processed": task.users_processed,
            "records_processed": task.records_processed,
            "publication": publication,
        })
    );
    Ok(None)
}

/// What a run has learned, in the guide's shape.
fn learned(task: &TaskRow, progress: &Progress, stats: Stats) -> Value {
    if task.task_name != TRAINING {
        return json!({ "erasure": { "agent_stats": stats } });
    }
    let average = match progress.rewards {
        0 => 0.0,
        rewards => progress.reward_sum as f64 / 1000.0 / rewards as f64,
    };
    json!({
        "training": {
            "average_reward": average,
            "users_trained": task.users_processed,
            "total_interactions": task.records_processed,
            "agent_stats": stats,
        },
    })
}

/// What the log says of a solved policy against the one that serves; nothing
/// before the first training, or when that one is gone.
async fn judge(store: &Store, policy: &Policy, current: u64) -> Result<Option<GainReport>> {
    let Some(serving) = kept(store, current).await? else {
        return Ok(None);
    };
    let strategies = policy.mapping().space().len();
    let mut drawn = Vec::new();
    for row in store.drawn(DRAWN).await? {
        let decision = row
            .decision
            .decision(strategies, policy.config().extras())?;
        drawn.push(Drawn {
            decision_id: decision.decision_id,
            action_index: decision.action_index.index(),
            propensity: decision.propensity,
            reward: row.folded as f64 / 1000.0,
            context: decision.context,
        });
    }
    gate::gain(policy, &serving, &drawn).map(Some)
}

/// A kept version; none where its bytes are gone or not readable.
///
/// # Errors
/// `unavailable`.
pub async fn kept(store: &Store, version: u64) -> Result<Option<Policy>> {
    let body = store.policy_bytes(&version_key(version)).await?;
    Ok(body.and_then(|body| Policy::decode(&body, Mapping::default()).ok()))
}

/// Drops the cells of the Q-table that too few users have seen for browsers to
/// see them.
async fn keep_shared(store: &Store, policy: &mut Policy) -> Result<()> {
    let mut shared: Vec<(StateKey, usize)> = Vec::new();
    let mut after = (String::new(), -1);
    loop {
        let cells = store.shared_cells(&after, CELL_USERS, CELLS).await?;
        let full = cells.len() as i64 == CELLS;
        for (text, action) in &cells {
            shared.push((state(text)?, *action as usize));
        }
        match cells.into_iter().next_back() {
            Some(last) if full => after = last,
            _ => break,
        }
    }
    shared.sort_unstable();
    policy
        .q_table
        .retain(|state, strategy| shared.binary_search(&(state, strategy.index())).is_ok());
    Ok(())
}

/// Refuses a policy that must not serve: one that does not survive its own
/// bytes, or whose values or probabilities are not what they should be.
fn validate(policy: &Policy) -> Result<()> {
    let again = Policy::decode(&policy.encode(), Mapping::default())?;
    for content_type in ContentType::ALL {
        for (mood, time_of_day) in Mood::ALL
            .into_iter()
            .zip(TimeOfDay::ALL.into_iter().cycle())
        {
            let context = Context {
                mood,
                ..Context::neutral(content_type, time_of_day)
            };
            let prediction = again.predict(&again.layout().features(&context), None);
            let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
            let propensities = again.propensities(&context, None, true);
            let sum: f64 = propensities.iter().sum();
            let fit = finite(&prediction.mean)
                && finite(&prediction.sd)
                && propensities.iter().all(|&p| p > 0.0)
                && (sum - 1.0).abs() < 1e-9;
            if !fit {
                return Err(Failure::internal("the solved policy is not fit to serve"));
            }
        }
    }
    Ok(())
}
