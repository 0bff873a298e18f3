//! The policy that serves: decoded once per isolate, looked at again every
//! minute, and what happens when it cannot be had.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use moodloop::config::Config;
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::user_layer::UserLayer;
use moodloop::value::Value;
use serde::Serialize;
use worker::Env;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::http::{Answer, Call};
use crate::store::Store;
use crate::store::policies::{CURRENT_KEY, hash_of, public_key};

/// How long an isolate serves from memory before it looks at KV again.
const RECHECK_MS: i64 = 60_000;
/// How soon it looks again when D1 knows of another version, or KV failed.
const RETRY_MS: i64 = 2_000;

/// How the served policy was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is the one in KV.
    Current,
    /// Nothing was published yet: the prior serves.
    Prior,
    /// KV has none that can be read; the last good one serves.
    LastGood,
    /// KV has none that can be read and there was none before: personality
    /// alone decides.
    Unreadable,
}

/// What an isolate holds.
#[derive(Clone)]
pub struct Serving {
    /// The policy; in the standing `unreadable` the prior, of which only the
    /// rules may be used.
    pub policy: Rc<RefCell<Policy>>,
    /// How it was come by.
    pub standing: Standing,
    hash: String,
    checked_at: i64,
}

thread_local! {
    /// `EPISODES` is exactly `session`: what a user asks for next within 30
    /// minutes is the next state of the Q-table's rule.
    static SESSIONS: OnceCell<bool> = const { OnceCell::new() };
    static SERVING: RefCell<Option<Serving>> = const { RefCell::new(None) };
}

/// Notes what the environment sets of the model; it does not change while an
/// isolate lives. Called before anything else of an event.
pub fn configure(env: &Env) {
    SESSIONS.with(|cell| {
        cell.get_or_init(|| {
            let episodes = env.var("EPISODES").map(|value| value.to_string());
            episodes.is_ok_and(|episodes| episodes == "session")
        });
    });
}

/// The settings of this deployment's model.
///
/// # Errors
/// `invalid_options`, which the two known values exclude.
pub fn settings() -> Result<Config> {
    let object = |name: &str, value| Value::Object(vec![(name.to_owned(), value)]);
    if !SESSIONS.with(|cell| cell.get() == Some(&true)) {
        return Ok(Config::default());
    }
    let q = object("episodes", Value::String("session".to_owned()));
    Ok(Config::parse(&object("q", q))?)
}

/// The policy that has seen nothing.
///
/// # Errors
/// `corrupt_model`, which the settings exclude.
pub fn prior() -> Result<Policy> {
    Ok(Policy::prior(settings()?, Mapping::default())?)
}

/// The policy that serves now. `expected` is the version that D1 says it is,
/// where that is known.
///
/// # Errors
/// `internal` when not even the prior can be made.
pub async fn serving(store: &Store, now: i64, expected: Option<u64>) -> Result<Serving> {
    let held = SERVING.with(|cell| cell.borrow().clone());
    let before = match held {
        Some(serving) if serving.is_fresh(now, expected) => return Ok(serving),
        other => other,
    };
    let fetched = store.policy_bytes(CURRENT_KEY).await;
    let serving = judge(before, fetched, now, expected)?;
    SERVING.with(|cell| *cell.borrow_mut() = Some(serving.clone()));
    Ok(serving)
}

impl Serving {
    fn is_fresh(&self, now: i64, expected: Option<u64>) -> bool {
        // It was taken because nothing seemed to be published, and D1 knows better.
        if self.standing == Standing::Prior && expected.is_some_and(|version| version > 0) {
            return false;
        }
        let age = now - self.checked_at;
        let version = self.policy.borrow().version;
        let agrees = self.standing != Standing::LastGood
            && self.standing != Standing::Unreadable
            && expected.is_none_or(|expected| expected == version);
        (0..if agrees { RECHECK_MS } else { RETRY_MS }).contains(&age)
    }

    fn of(mut policy: Policy, standing: Standing, hash: String, now: i64) -> Self {
        // Visitors come one by one here; the policy must know that there are
        // several, or it would take each for the only one.
        let nobody = UserLayer::new(policy.layout().crossed_len(), 0.0, 0.0);
        policy.taste.set_user("", nobody);
        policy.taste.remove_user("");
        Self {
            policy: Rc::new(RefCell::new(policy)),
            standing,
            hash,
            checked_at: now,
        }
    }
}

/// What serves after a look at KV.
fn judge(
    before: Option<Serving>,
    fetched: Result<Option<Vec<u8>>>,
    now: i64,
    expected: Option<u64>,
) -> Result<Serving> {
    match fetched {
        Ok(Some(body)) => {
            let hash = hash_of(&body);
            if let Some(same) = before.clone().filter(|held| held.hash == hash) {
                return Ok(Serving {
                    standing: Standing::Current,
                    checked_at: now,
                    ..same
                });
            }
            if let Ok(policy) = Policy::decode(&body, Mapping::default()) {
                return Ok(Serving::of(policy, Standing::Current, hash, now));
            }
        }
        // Nothing there, and D1 does not say that there should be: none was published.
        Ok(None) if expected.unwrap_or(0) == 0 => {
            return Ok(Serving::of(prior()?, Standing::Prior, String::new(), now));
        }
        Ok(None) | Err(_) => {}
    }
    // The prior is no version that was ever good.
    let good = [Standing::Current, Standing::LastGood];
    match before.filter(|held| good.contains(&held.standing)) {
        Some(good) => Ok(Serving {
            standing: Standing::LastGood,
            checked_at: now,
            ..good
        }),
        None => Ok(Serving::of(
            prior()?,
            Standing::Unreadable,
            String::new(),
            now,
        )),
    }
}

/// Makes this isolate look at KV with its next request, after a publication.
pub fn forget() {
    SERVING.with(|cell| *cell.borrow_mut() = None);
}

/// What browsers may start from: the published policy without visitors' layers
/// and rarely seen Q-table cells.
///
/// # Errors
/// `not_found` before the first training; `unavailable`.
pub async fn read(app: &App, call: &Call) -> Result<Answer> {
    let version = app.store.settings().await?.current_version();
    let body = match version {
        0 => None,
        version => app.store.policy_bytes(&public_key(version)).await?,
    };
    let body = body.ok_or_else(|| Failure::not_found("no policy was published yet"))?;
    let tag = format!("\"{version}-{}\"", hash_of(&body));
    let known = call.header("if-none-match").unwrap_or_default();
    let matches = known
        .split(',')
        .map(|given| given.trim().trim_start_matches("W/"))
        .any(|given| given == tag || given == "*");
    let answer = if matches {
        Answer::empty(304)
    } else {
        Answer::bytes(body)
    };
    Ok(answer
        .with("etag", tag)
        .with("cache-control", "public, max-age=60"))
}
