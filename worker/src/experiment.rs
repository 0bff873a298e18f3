//! Agent against baseline: who is on which arm, and whether it helps.

use std::collections::BTreeMap;

use moodloop::Code;
use moodloop::experiment::{
    Assignment, Clusters, Comparison, Day, Kind, METRICS, Metric, Phase, SampleRatio, Tally,
    UserSums, Verdict, before_and_after, compare, sample_ratio,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::clock;
use crate::error::Result;
use crate::http::{Answer, Call};
pub use crate::store::engagement::MEASURES;
use crate::store::engagement::{DailyRow, FirstSeen, UserRow};
use crate::store::settings::{EXPERIMENT, Settings};
use crate::store::{execute, to_json};

/// How far content was followed, where players tell.
const COMPLETION: Metric = Metric {
    name: "completion_percentage",
    words: "completion percentage",
    kind: Kind::Mean,
    more_is_better: true,
};

/// The experiment as D1 keeps it: the assignment, and since when which share
/// was on the agent.
#[derive(Deserialize, Serialize)]
struct Stored {
    name: String,
    agent_per_mille: u16,
    holdout_per_mille: u16,
    phases: Vec<StoredPhase>,
}

#[derive(Clone, Deserialize, Serialize)]
struct StoredPhase {
    since: i64,
    expected_agent_share: f64,
}

fn stored(settings: &Settings) -> Result<Stored> {
    let kept = settings.get(EXPERIMENT)?;
    Ok(kept.unwrap_or_else(|| Stored {
        name: "default".to_owned(),
        agent_per_mille: 1000,
        holdout_per_mille: 0,
        phases: vec![StoredPhase {
            since: 0,
            expected_agent_share: 1.0,
        }],
    }))
}

/// Who is on which arm; everybody on the agent until told otherwise.
///
/// # Errors
/// `internal` for settings that cannot be read.
pub fn assignment(settings: &Settings) -> Result<Assignment> {
    let stored = stored(settings)?;
    Ok(Assignment::new(
        &stored.name,
        stored.agent_per_mille,
        stored.holdout_per_mille,
    )?)
}

/// The experiment's settings.
///
/// # Errors
/// `unavailable`.
pub async fn read(app: &App) -> Result<Answer> {
    let assignment = assignment(&app.store.settings().await?)?;
    Answer::json(200, &assignment)
}

/// Sets the experiment. Changing the name starts another split.
///
/// # Errors
/// `invalid_options` naming the field; `unavailable`.
pub async fn write(app: &App, call: &Call) -> Result<Answer> {
    let body = call.json(Code::InvalidOptions)?;
    let assignment = Assignment::parse(&body)?;
    let before = stored(&app.store.settings().await?)?;
    let plain: Plain = crate::store::from_json(&to_json(&assignment)?)?;
    // Another name or holdout is another experiment; its phases start now.
    let goes_on = before.name == plain.name && before.holdout_per_mille == plain.holdout_per_mille;
    let mut phases = if goes_on { before.phases } else { Vec::new() };
    phases.push(StoredPhase {
        since: app.now,
        expected_agent_share: assignment.expected_agent_share(),
    });
    let stored = Stored {
        name: plain.name,
        agent_per_mille: plain.agent_per_mille,
        holdout_per_mille: plain.holdout_per_mille,
        phases,
    };
    let statement = app.store.write_setting(EXPERIMENT, &to_json(&stored)?)?;
    execute(statement).await?;
    Answer::json(200, &assignment)
}

#[derive(Deserialize)]
struct Plain {
    name: String,
    agent_per_mille: u16,
    holdout_per_mille: u16,
}

/// Like, completion and skip rates: arm against arm, and after against before
/// `split`, with intervals and the verdict in words.
///
/// # Errors
/// `invalid_options` for a `split` that is no date; `unavailable`.
pub async fn engagement(app: &App, call: &Call) -> Result<Answer> {
    let split: Option<String> = call
        .date("split")?
        .map(|time| clock::iso(time).chars().take(10).collect());
    let daily = app.store.daily().await?;
    let users = app.store.by_user().await?;
    let (seen, shadow) = app.store.arms().await?;
    let stored = stored(&app.store.settings().await?)?;

    let metrics = metrics();
    let arms: BTreeMap<&str, BTreeMap<&str, f64>> = ["agent", "baseline", "holdout"]
        .into_iter()
        .map(|arm| {
            let means = metrics.iter().map(|metric| {
                let tally = tally(&daily, metric, |row| row.arm == arm);
                tally.map(|tally| (metric.name, tally.mean()))
            });
            Ok((arm, means.collect::<Result<_>>()?))
        })
        .collect::<Result<_>>()?;
    let mut comparisons = Vec::new();
    for metric in &metrics {
        let clusters = clusters(&users, metric, "agent");
        comparisons.push(compare(metric, &days(&daily, metric)?, Some(&clusters))?);
    }
    let before_after = match &split {
        Some(split) => {
            let users = app.store.by_user_around(split).await?;
            Some(before_after(&daily, &users, &metrics, split)?)
        }
        None => None,
    };
    let ratio = ratio(&stored, &seen)?;
    let verdict = verdict(&comparisons, &ratio);
    Answer::json(
        200,
        &json!({
            "arms": arms,
            "comparisons": comparisons,
            "verdict": verdict,
            "split": split,
            "before_after": before_after,
            "shadow": {
                "decisions": shadow.decisions,
                "agreement": shadow.agreed.map(|agreed| agreed as f64 / shadow.decisions.max(1) as f64),
                "propensity_of_served": shadow.likely,
                "expected_gain": shadow.gain,
            },
            "since": daily.iter().map(|row| row.day.as_str()).min(),
        }),
    )
}

fn metrics() -> Vec<Metric> {
    let rates = METRICS
        .into_iter()
        .filter(|metric| metric.kind == Kind::Rate);
    rates.chain([COMPLETION]).collect()
}

/// The sum of the rows of a metric for which `of` holds.
fn tally(daily: &[DailyRow], metric: &Metric, of: impl Fn(&DailyRow) -> bool) -> Result<Tally> {
    daily
        .iter()
        .filter(|row| row.measure == metric.name && of(row))
        .try_fold(Tally::default(), |sum, row| {
            Ok(sum.plus(Tally::new(row.n, row.total, row.squares)?))
        })
}

fn is_control(arm: &str) -> bool {
    arm == "baseline" || arm == "holdout"
}

fn days(daily: &[DailyRow], metric: &Metric) -> Result<Vec<Day>> {
    let mut names: Vec<&str> = daily.iter().map(|row| row.day.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|day| {
            Ok(Day {
                agent: tally(daily, metric, |row| row.day == day && row.arm == "agent")?,
                baseline: tally(daily, metric, |row| row.day == day && is_control(&row.arm))?,
            })
        })
        .collect()
}

/// Sums by user, those of `first` in the agent's place.
fn clusters(users: &[UserRow], metric: &Metric, first: &str) -> Clusters {
    let mut clusters = Clusters {
        agent: UserSums::default(),
        baseline: UserSums::default(),
    };
    for row in users.iter().filter(|row| row.measure == metric.name) {
        if row.arm == first {
            clusters.agent.add(row.n, row.total);
        } else {
            clusters.baseline.add(row.n, row.total);
        }
    }
    clusters
}

/// Before and after a day, with the same in words.
#[derive(Serialize)]
struct Change {
    #[serde(flatten)]
    comparison: Comparison,
    sentence: String,
}

/// All arms together: after `split` in the agent's place, before it in the
/// baseline's. Where the rows of one side have all left, only daily sums are
/// known: users cannot be told apart then, and intervals come out narrower.
fn before_after(
    daily: &[DailyRow],
    users: &[UserRow],
    metrics: &[Metric],
    split: &str,
) -> Result<BTreeMap<&'static str, Change>> {
    let sides = ["after", "before"];
    let kept = sides.map(|side| users.iter().any(|row| row.arm == side));
    metrics
        .iter()
        .map(|metric| {
            let day = Day {
                agent: tally(daily, metric, |row| row.day.as_str() >= split)?,
                baseline: tally(daily, metric, |row| row.day.as_str() < split)?,
            };
            let clusters = clusters(users, metric, "after");
            let clusters = (kept == [true, true]).then_some(&clusters);
            let comparison = compare(metric, &[day], clusters)?;
            let sentence = before_and_after(&comparison);
            Ok((
                metric.name,
                Change {
                    comparison,
                    sentence,
                },
            ))
        })
        .collect()
}

fn ratio(stored: &Stored, seen: &[FirstSeen]) -> Result<SampleRatio> {
    let mut phases: Vec<Phase> = stored
        .phases
        .iter()
        .map(|phase| Phase {
            agent: 0,
            baseline: 0,
            expected_agent_share: phase.expected_agent_share,
        })
        .collect();
    for user in seen {
        let place = stored
            .phases
            .iter()
            .rposition(|phase| phase.since <= user.at);
        if let Some(phase) = place.and_then(|place| phases.get_mut(place)) {
            if user.agent != 0 {
                phase.agent += 1;
            } else {
                phase.baseline += 1;
            }
        }
    }
    Ok(sample_ratio(&phases)?)
}

/// The like rate decides; the skip rate must not rise.
fn verdict(comparisons: &[Comparison], ratio: &SampleRatio) -> Option<Verdict> {
    let find = |name: &str| comparisons.iter().find(|c| c.metric == name).cloned();
    Some(Verdict::new(
        find("like_rate")?,
        find("skip_rate").into_iter().collect(),
        ratio.clone(),
    ))
}
