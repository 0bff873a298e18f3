//! From evidence and retained pairs to a policy, and its publication.

use std::collections::{BTreeMap, BTreeSet};

use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::evidence::{Evidence, Observation, Week};
use moodloop::fold::observation;
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::q_table::{StateKey, Stats, Step};
use moodloop::strategy::Strategy;
use moodloop::taste::Replay;
use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::error::{Failure, Result};
use crate::store::Store;
use crate::store::pairs::Place;
use crate::store::policies::{CURRENT_KEY, PolicyRow, hash_of, public_key, version_key};
use crate::store::settings::CURRENT;
use crate::store::to_json;

/// How many pairs one read of the replay gives.
const PAGE: usize = 5000;
/// How many users must have seen a Q-table cell before browsers may see it.
const CELL_USERS: usize = 5;
/// How many users' layers one statement stores.
const LAYERS: usize = 1000;

/// A solved policy and what is known of it.
pub struct Solved {
    /// The policy; its version is not set yet.
    pub policy: Policy,
    /// The same, as browsers may see it.
    pub public: Policy,
    /// What the guide's monitoring shows.
    pub stats: Stats,
}

/// Solves the policy from everything that is folded.
///
/// # Errors
/// `corrupt_model` when the evidence does not factor; `unavailable`.
pub async fn solve(store: &Store) -> Result<Solved> {
    let mut policy = crate::policy::prior()?;
    let evidence = store.evidence(policy.layout(), None).await?;
    let lessons = read(store, &policy).await?;
    let replay = lessons.iter().map(|lesson| Replay {
        user: Some(lesson.user.as_str()),
        observation: &lesson.observation,
        decided_at: lesson.decided_at,
    });
    check(&evidence, &lessons)?;
    policy.solve(&evidence, replay)?;

    let config = *policy.config().q();
    let mut seen: BTreeMap<(StateKey, Strategy), BTreeSet<&str>> = BTreeMap::new();
    for lesson in &lessons {
        policy.q_table.learn(
            &config,
            Step {
                state: lesson.state,
                strategy: lesson.observation.action,
                reward: lesson.observation.reward,
                next: None,
            },
        );
        let users = seen
            .entry((lesson.state, lesson.observation.action))
            .or_default();
        if users.len() < CELL_USERS {
            users.insert(&lesson.user);
        }
    }
    let mut public = policy.clone();
    public.q_table.retain(|state, strategy| {
        seen.get(&(state, strategy))
            .is_some_and(|users| users.len() >= CELL_USERS)
    });
    Ok(Solved {
        stats: policy.q_table.stats(),
        public,
        policy,
    })
}

/// A folded pair, ready to be learned from.
struct Lesson {
    user: String,
    state: StateKey,
    observation: Observation,
    decided_at: i64,
}

async fn read(store: &Store, policy: &Policy) -> Result<Vec<Lesson>> {
    let strategies = policy.mapping().space().len();
    let mut lessons = Vec::new();
    let mut place = Place::start();
    loop {
        let rows = store.replay(&place, PAGE).await?;
        let full = rows.len() == PAGE;
        for row in rows {
            let decision = row
                .decision
                .decision(strategies, policy.config().extras())?;
            lessons.push(Lesson {
                user: row.decision.user_id,
                state: StateKey::of(&decision.context),
                observation: observation(policy.layout(), &decision, row.folded),
                decided_at: decision.decided_at,
            });
            place = Place(decision.decided_at, decision.decision_id, row.content_id);
        }
        if !full {
            return Ok(lessons);
        }
    }
}

/// The evidence and the folded pairs are written together, so they must agree.
fn check(evidence: &Evidence, lessons: &[Lesson]) -> Result<()> {
    let mut counts: BTreeMap<Week, i64> = BTreeMap::new();
    for lesson in lessons {
        *counts.entry(lesson.observation.week).or_default() += 1;
    }
    let held: BTreeMap<Week, i64> = evidence
        .weeks()
        .map(|week| (week, evidence.count(week)))
        .collect();
    if counts == held {
        Ok(())
    } else {
        Err(Failure::internal(
            "the evidence does not hold what the pairs say it holds",
        ))
    }
}

/// What became of a solved policy.
#[derive(Clone, Debug, Serialize)]
pub struct Publication {
    /// The version that serves now.
    pub version: u64,
    /// Whether it is new.
    pub published: bool,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// Validates a policy, gives it the next version, puts it into KV, and makes
/// it the one that serves. One that equals the serving one is not published
/// again.
///
/// # Errors
/// `internal` for a policy that is not fit to serve; `unavailable`. Repeating
/// it is safe: the same policy gets the same version and bytes.
pub async fn publish(
    store: &Store,
    holder: &str,
    solved: &Solved,
    metadata: &Value,
    now: i64,
) -> Result<Publication> {
    validate(&solved.policy)?;
    let current = store.settings().await?.current_version();
    let hash = hash_of(&unversioned(&solved.policy));
    let serving = store.policy_row(current).await?;
    if serving.is_some_and(|row| row.hash == hash) {
        return Ok(Publication {
            version: current,
            published: false,
            reason: Some("nothing has changed"),
        });
    }
    let version = store.next_version().await?;
    store
        .batch(vec![store.guard(holder, clock::now())?])
        .await?;
    write(store, solved, version).await?;
    let body = versioned(&solved.policy, version);
    store.put_policy(CURRENT_KEY, &body).await?;
    let time = clock::now();
    store
        .batch(vec![
            store.guard(holder, time)?,
            store.note_policy(&PolicyRow {
                version,
                status: "published".to_owned(),
                hash,
                bytes: body.len() as u64,
                metadata: to_json(metadata)?,
                created_at: clock::iso(now),
            })?,
            store.write_setting(CURRENT, &to_json(&version)?)?,
        ])
        .await?;
    crate::policy::forget();
    Ok(Publication {
        version,
        published: true,
        reason: None,
    })
}

/// Puts a version's bytes and its users' layers in place.
async fn write(store: &Store, solved: &Solved, version: u64) -> Result<()> {
    store
        .put_policy(&version_key(version), &versioned(&solved.policy, version))
        .await?;
    store
        .put_policy(&public_key(version), &versioned(&solved.public, version))
        .await?;
    let layers: Vec<_> = solved.policy.taste.users().collect();
    for chunk in layers.chunks(LAYERS) {
        store
            .batch(vec![store.write_layers(chunk, version)?])
            .await?;
    }
    Ok(())
}

fn versioned(policy: &Policy, version: u64) -> Vec<u8> {
    let mut policy = policy.clone();
    policy.version = version;
    policy.encode()
}

/// The bytes by which two policies are the same whatever their version.
fn unversioned(policy: &Policy) -> Vec<u8> {
    versioned(policy, 0)
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
