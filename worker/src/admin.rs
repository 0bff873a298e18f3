//! What operators see and do.

use moodloop::Code;
use moodloop::evidence::Week;
use moodloop::value::{Field, Value};
use serde_json::json;

use crate::app::App;
use crate::clock::{DAY_MS, iso, parse_iso};
use crate::error::{Failure, Result};
use crate::http::{Answer, Call};
use crate::policy::{Standing, serving};
use crate::store::policies::{CURRENT_KEY, version_key};
use crate::store::settings::CURRENT;
use crate::store::{execute, from_json};
use crate::train;

/// How late the weekly run may be before health is red: an hour.
const LATE_MS: i64 = 60 * 60 * 1000;
/// How long one run may stay open before health is red: six hours.
const OPEN_MS: i64 = 6 * 60 * 60 * 1000;
/// How long KV may take to tell of a new version before health is red.
const BEHIND_MS: i64 = 10 * 60 * 1000;
/// The fewest rewards a week needs for its mean to say anything.
const REWARDS: f64 = 30.0;

/// Training runs, the latest first.
///
/// # Errors
/// `invalid_options`; `unavailable`.
pub async fn history(app: &App, call: &Call) -> Result<Answer> {
    let limit = call.integer("limit", 1, 50, 20)?;
    let tasks = app.store.tasks(limit).await?;
    let tasks: Vec<_> = tasks.iter().map(train::view).collect::<Result<_>>()?;
    Answer::json(200, &json!({ "tasks": tasks }))
}

/// The latest Monday 01:00 UTC that is not after `now`.
fn last_due(now: i64) -> i64 {
    let monday = (i64::from(Week::of(now).0) * 7 - 3) * DAY_MS;
    let due = monday + LATE_MS;
    if due <= now { due } else { due - 7 * DAY_MS }
}

/// Whether the system does its work: green, or red with what is wrong.
///
/// # Errors
/// `unavailable` when D1 does not answer, which is red in itself.
pub async fn health(app: &App) -> Result<Answer> {
    let store = &app.store;
    let now = app.now;
    let settings = store.settings().await?;
    let current = settings.current_version();
    let held = serving(store, now, Some(current)).await?;
    let completed = store.latest("completed").await?;
    let failed = store.latest("failed").await?;
    let open = store.open_run().await?;
    let policy = store.policy_row(current).await?;
    let due = last_due(now);

    let mut problems: Vec<String> = Vec::new();
    let executed = |task: &Option<crate::store::tasks::TaskRow>| {
        task.as_ref().and_then(|task| parse_iso(&task.executed_at))
    };
    let success = executed(&completed);
    if executed(&failed).is_some_and(|failed| success.is_none_or(|good| good < failed)) {
        problems.push("the last training failed".into());
    }
    if let Some(opened) = executed(&open)
        && now - opened > OPEN_MS
    {
        problems.push("a training has been open for more than six hours".into());
    }
    let ran = success.into_iter().chain(executed(&open)).max();
    let first = store.first_day().await?;
    let missed = first.is_some_and(|first| first < due) && ran.is_none_or(|ran| ran < due);
    if missed && now - due > LATE_MS {
        problems.push(format!("the training due {} has not run", iso(due)));
    }
    let made = policy.and_then(|row| parse_iso(&row.created_at));
    let serves = held.policy.borrow().version;
    match held.standing {
        Standing::Current | Standing::Prior if serves == current => {}
        Standing::Current | Standing::Prior => {
            // KV takes about a minute to tell the world.
            if made.is_some_and(|made| now - made > BEHIND_MS) {
                problems.push(format!(
                    "version {serves} serves where version {current} should"
                ));
            }
        }
        Standing::LastGood => problems.push("the policy in KV cannot be had".into()),
        Standing::Unreadable => {
            problems.push("no policy can be had; personality alone decides".into());
        }
    }
    if let Some(fall) = fall(&store.weekly_rewards(now - 28 * DAY_MS).await?, now) {
        problems.push(fall);
    }
    let limits = store.limits().await?;
    problems.extend(app.config.providers.problems.iter().cloned());
    problems.extend(limits.refused(now));
    let providers: Vec<_> = limits.0.iter().map(|limit| limit.view(now)).collect();
    let erasures = store.pending_erasures().await?;
    Answer::json(
        200,
        &json!({
            "status": if problems.is_empty() { "green" } else { "red" },
            "problems": problems,
            "next_run": iso(due + 7 * DAY_MS),
            "last_success": completed.map(|task| task.executed_at),
            "open_run": open.map(|task| task.executed_at),
            "policy": {
                "version": serves,
                "standing": held.standing,
                "age_seconds": made.map(|made| (now - made) / 1000),
            },
            "providers": providers,
            "pending_erasures": erasures,
        }),
    )
}

/// The sentence for a mean reward that fell by more than two standard errors
/// from one whole week to the next.
fn fall(weeks: &[crate::store::engagement::WeekRow], now: i64) -> Option<String> {
    let running = i64::from(Week::of(now).0);
    let mut whole = weeks.iter().filter(|week| week.week < running);
    let (last, before) = (whole.next()?, whole.next()?);
    if last.n < REWARDS || before.n < REWARDS || before.week != last.week - 1 {
        return None;
    }
    let mean = |week: &crate::store::engagement::WeekRow| week.total / week.n;
    let error = |week: &crate::store::engagement::WeekRow| {
        let variance = (week.squares / week.n - mean(week) * mean(week)).max(0.0);
        variance / (week.n - 1.0)
    };
    let change = mean(last) - mean(before);
    let limit = -2.0 * (error(last) + error(before)).sqrt();
    (change < limit).then(|| {
        format!(
            "the mean reward fell from {:.3} to {:.3} within a week",
            mean(before),
            mean(last)
        )
    })
}

/// What the agent has seen, as the last training counted it.
///
/// # Errors
/// `unavailable`.
pub async fn agent_stats(app: &App) -> Result<Answer> {
    let current = app.store.settings().await?.current_version();
    let held = serving(&app.store, app.now, Some(current)).await?;
    let policy = held.policy.borrow();
    Answer::json(
        200,
        &json!({
            "policy_version": policy.version,
            "learned": policy.taste.learned(),
            "agent_stats": policy.q_table.stats(),
        }),
    )
}

/// Kept versions, the latest first.
///
/// # Errors
/// `unavailable`.
pub async fn models(app: &App) -> Result<Answer> {
    let current = app.store.settings().await?.current_version();
    let models = app.store.policy_rows().await?;
    let models: Vec<_> = models
        .iter()
        .map(|row| {
            let metadata: serde_json::Value = from_json(&row.metadata)?;
            Ok(json!({
                "version": row.version,
                "status": row.status,
                "active": row.version == current,
                "created_at": row.created_at,
                "bytes": row.bytes,
                "metadata": metadata,
            }))
        })
        .collect::<Result<_>>()?;
    Answer::json(200, &json!({ "current": current, "models": models }))
}

/// Makes a kept version the one that serves.
///
/// # Errors
/// `invalid_options` for no version number; `not_found` for an unknown one;
/// `conflict` for one that was rejected or erased; `unavailable`.
pub async fn activate(app: &App, call: &Call) -> Result<Answer> {
    let text = call.place(0);
    let value = text
        .parse::<f64>()
        .map_or_else(|_| Value::String(text.to_owned()), Value::Number);
    let version =
        Field::root(Code::InvalidOptions, "version", &value).integer(1, (1 << 53) - 1)? as u64;
    let row = app.store.policy_row(version).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("there is no version {version}")))?;
    if row.status != "published" {
        return Err(Failure::conflict(format!(
            "version {version} was {} and cannot serve",
            row.status
        )));
    }
    let body = app.store.policy_bytes(&version_key(version)).await?;
    let body =
        body.ok_or_else(|| Failure::conflict(format!("the bytes of version {version} are gone")))?;
    app.store.put_policy(CURRENT_KEY, &body).await?;
    let setting = app
        .store
        .write_setting(CURRENT, &crate::store::to_json(&version)?)?;
    execute(setting).await?;
    crate::policy::forget();
    Answer::json(200, &json!({ "version": version, "active": true }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekly_run_is_due_on_mondays_at_one() {
        // 2025-10-06 was a Monday.
        let due = 1_759_712_400_000;
        assert_eq!(last_due(due), due);
        assert_eq!(last_due(due - 1), due - 7 * DAY_MS);
        assert_eq!(last_due(due + 7 * DAY_MS - 1), due);
    }
}
