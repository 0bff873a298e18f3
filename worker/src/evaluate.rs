//! What other policies would have earned here, estimated from what the agent
//! drew. The same reader, estimators and refusals as `moodloop evaluate`.

use std::rc::Rc;

use moodloop::evaluate::{Actions, CLIP, Candidate, LogOptions, OnBadLine, Panel, Stored, written};
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::strategy::ActionSpace;
use serde_json::json;

use crate::app::App;
use crate::clock::iso;
use crate::error::{Failure, Result};
use crate::http::{Answer, Call};
use crate::store::pairs::log_of;
use crate::store::policies::version_key;
use crate::store::stretch::Stretch;

/// How many of the latest rewarded pairs are looked at: predictions cost time.
const PAIRS: usize = 2000;
/// What is evaluated unless named.
const POLICIES: &str = "current,baseline,uniform";

/// Evaluates `policies`, a list of `current`, `version-3`, `q_table`,
/// `baseline`, `uniform` and strategies, on the latest pairs of decisions that
/// the agent drew here `since` a date. A policy scores itself too well on what
/// it learned from: `since` its training is the honest choice.
///
/// # Errors
/// `invalid_options` for a word that is no policy or a `since` that is no date;
/// `not_found` for a version that is not kept; `unavailable`.
pub async fn evaluate(app: &App, call: &Call) -> Result<Answer> {
    let since = call.date("since")?.unwrap_or(0);
    let config = crate::policy::settings()?;
    let space = ActionSpace::default();
    let actions = Actions::Strategies(space.clone());
    let options = LogOptions::new(actions, config.extras().clone())?;
    let mut panel = Panel::new(options, CLIP, OnBadLine::Stop);
    for word in call.parameter("policies").unwrap_or(POLICIES).split(',') {
        panel.add(word, candidate(app, word).await?)?;
    }
    let Stretch { rows, more } = app.store.drawn_pairs(since, PAIRS).await?;
    let log = log_of(&rows, space.len(), config.extras(), config.reward())?;
    let lines = written(&log, &space, config.extras())?;
    panel.push(lines.as_bytes())?;
    let judgement = panel.finish()?;
    let first = rows.iter().map(|row| row.told.decision.decided_at).min();
    Answer::json(
        200,
        &json!({
            "since": first.map(iso),
            "all": !more,
            "counts": judgement.counts,
            "policies": judgement.policies,
        }),
    )
}

/// The policy that a word names.
async fn candidate(app: &App, word: &str) -> Result<Candidate> {
    let version = match word {
        "current" | "q_table" => app.store.settings().await?.current_version(),
        // What each line brings: lines from here bring nothing.
        "logged" => {
            return Err(Failure::not_found(
                "the log here brings no target of its own",
            ));
        }
        _ => match word.strip_prefix("version-").map(str::parse) {
            Some(Ok(version)) => version,
            _ => return Ok(Candidate::named(word)?),
        },
    };
    let policy = Rc::new(stored(app, version).await?);
    Ok(match word {
        "q_table" => Candidate::QTable(policy),
        _ => Candidate::Stored(Stored::new(policy)),
    })
}

/// A kept version; 0 is the prior.
async fn stored(app: &App, version: u64) -> Result<Policy> {
    if version == 0 {
        return crate::policy::prior();
    }
    let body = app.store.policy_bytes(&version_key(version)).await?;
    let body = body.ok_or_else(|| Failure::not_found(format!("version {version} is not kept")))?;
    Ok(Policy::decode(&body, Mapping::default())?)
}
