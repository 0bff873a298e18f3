//! From evidence and retained pairs to a policy, and its publication.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::evaluate::GainReport;
use moodloop::evidence::{Evidence, Observation, Week};
use moodloop::fold::observation;
use moodloop::log::Source;
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::q_table::{StateKey, Stats, Step};
use moodloop::strategy::Strategy;
use moodloop::taste::Replay;
use moodloop::user_layer::UserLayer;
use serde::Serialize;
use serde_json::Value;

use super::gate::{self, Drawn};

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
/// How many of the latest pairs judge a new policy; predictions cost time.
const DRAWN: usize = 2000;
/// How many users' layers one statement stores.
const LAYERS: usize = 1000;

/// A solved policy and what is known of it.
pub struct Solved {
    /// The policy without anybody's layer; its version is not set yet.
    pub policy: Policy,
    /// Everybody's layers: they are kept with the users, never in a policy.
    pub layers: Vec<(String, UserLayer)>,
    /// The same, as browsers may see it.
    pub public: Policy,
    /// What the guide's monitoring shows.
    pub stats: Stats,
    /// The latest pairs of decisions that the agent drew here.
    pub drawn: Vec<Drawn>,
}

/// Solves the policy from everything that is folded.
///
/// # Errors
/// `corrupt_model` when the evidence does not factor; `unavailable`.
pub async fn solve(store: &Store) -> Result<Solved> {
    let mut policy = crate::policy::prior()?;
    let evidence = store.evidence(policy.layout(), None).await?;
    let (lessons, drawn) = read(store, &policy).await?;
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
    let layers: Vec<(String, UserLayer)> = policy
        .taste
        .users()
        .map(|(user, layer)| (user.to_owned(), layer.clone()))
        .collect();
    // From the end, where leaving is cheap.
    for (user, _) in layers.iter().rev() {
        policy.taste.remove_user(user);
    }
    let mut public = policy.clone();
    public.q_table.retain(|state, strategy| {
        seen.get(&(state, strategy))
            .is_some_and(|users| users.len() >= CELL_USERS)
    });
    Ok(Solved {
        stats: policy.q_table.stats(),
        public,
        layers,
        drawn,
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

async fn read(store: &Store, policy: &Policy) -> Result<(Vec<Lesson>, Vec<Drawn>)> {
    let strategies = policy.mapping().space().len();
    let mut lessons = Vec::new();
    let mut drawn = VecDeque::new();
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
            place = Place(
                decision.decided_at,
                decision.decision_id.clone(),
                row.content_id,
            );
            // A client's propensities are its word, a control arm's are no draws.
            if decision.source == Source::Agent && row.arm == "agent" {
                drawn.push_back(Drawn {
                    decision_id: decision.decision_id,
                    action_index: decision.action_index.index(),
                    propensity: decision.propensity,
                    reward: row.folded as f64 / 1000.0,
                    context: decision.context,
                });
                if drawn.len() > DRAWN {
                    drawn.pop_front();
                }
            }
        }
        if !full {
            return Ok((lessons, drawn.into()));
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
    /// What the log says of the new policy against the serving one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain: Option<GainReport>,
}

/// What a publication is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A training: a policy that would lose does not take over.
    Train,
    /// An erasure: the policy that holds the person must go, whatever follows.
    Erase,
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
    purpose: Purpose,
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
            gain: None,
        });
    }
    let version = store.next_version().await?;
    let gain = match purpose {
        Purpose::Train => judge(store, solved, current).await?,
        Purpose::Erase => None,
    };
    let row = |status: &str, bytes: u64| -> Result<PolicyRow> {
        Ok(PolicyRow {
            version,
            status: status.to_owned(),
            hash: hash.clone(),
            bytes,
            metadata: to_json(metadata)?,
            created_at: clock::iso(now),
        })
    };
    if gain.as_ref().is_some_and(gate::is_loss) {
        let note = store.note_policy(&row("rejected", 0)?)?;
        let guard = store.guard(holder, clock::now())?;
        store.batch(vec![guard, note]).await?;
        return Ok(Publication {
            version: current,
            published: false,
            reason: Some("the log says that it would earn less"),
            gain,
        });
    }
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
            store.note_policy(&row("published", body.len() as u64)?)?,
            store.write_setting(CURRENT, &to_json(&version)?)?,
        ])
        .await?;
    crate::policy::forget();
    Ok(Publication {
        version,
        published: true,
        reason: None,
        gain,
    })
}

/// What the log says of a solved policy against the one that serves; nothing
/// before the first training, or when that one is gone.
async fn judge(store: &Store, solved: &Solved, current: u64) -> Result<Option<GainReport>> {
    let body = store.policy_bytes(&version_key(current)).await?;
    let serving = body.and_then(|body| Policy::decode(&body, Mapping::default()).ok());
    match serving {
        Some(serving) => gate::gain(&solved.policy, &serving, &solved.drawn).map(Some),
        None => Ok(None),
    }
}

/// Puts a version's bytes and its users' layers in place.
async fn write(store: &Store, solved: &Solved, version: u64) -> Result<()> {
    store
        .put_policy(&version_key(version), &versioned(&solved.policy, version))
        .await?;
    store
        .put_policy(&public_key(version), &versioned(&solved.public, version))
        .await?;
    for chunk in solved.layers.chunks(LAYERS) {
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
