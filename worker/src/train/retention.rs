//! The end of retention: raw rows and the evidence of their week leave
//! together; daily sums of what they said stay.

use moodloop::evidence::Week;
use moodloop::fold::RETENTION_MS;

use super::{Phase, Progress, Run};
use crate::clock::{DAY_MS, iso};
use crate::error::Result;
use crate::store::Arg;
use crate::store::tasks::TaskRow;

/// Lets everything go whose ISO week ended more than 90 days before the run,
/// rows and evidence in one transaction, and the policies of that age.
///
/// # Errors
/// `unavailable`; nothing has left then.
pub async fn run(run: &Run<'_>, task: &TaskRow, mut progress: Progress) -> Result<Option<TaskRow>> {
    let kept = Week::of(run.now - RETENTION_MS);
    // 1970-01-01 was the fourth day of week 0.
    let start = (i64::from(kept.0) * 7 - 3) * DAY_MS;
    let (week, cutoff) = (Arg::Int(kept.0.into()), iso(start));
    let store = run.store;
    let leaving = "user_id IS NOT NULL AND (decision_id IN
        (SELECT decision_id FROM decisions WHERE week < ?1)
        OR decision_id IS NULL AND created_at < ?2)";
    let both = [week, Arg::Text(&cutoff)];
    let aggregate = |measure: &str, value: &str, given: &str| {
        store.statement(
            &format!(
                "INSERT INTO daily_aggregates (day, arm, measure, n, total, squares)
                 SELECT substr(created_at, 1, 10), coalesce(arm, 'organic'), '{measure}',
                   count({value}), coalesce(sum({value}), 0), coalesce(sum({value} * {value}), 0)
                 FROM entertainment_interactions WHERE {leaving} AND {given}
                 GROUP BY 1, 2
                 ON CONFLICT (day, arm, measure) DO UPDATE SET n = n + excluded.n,
                   total = total + excluded.total, squares = squares + excluded.squares"
            ),
            &both,
        )
    };
    // Versions of that age have learned from rows that are gone.
    let current = store.settings().await?.current_version();
    let expired = store.versions_before(&cutoff, current).await?;
    for &version in &expired {
        store.delete_policy(version).await?;
    }
    progress.phase = Phase::Fold;
    let mut made = Vec::new();
    for (measure, value, given) in crate::experiment::MEASURES {
        made.push(aggregate(measure, value, given)?);
    }
    for sql in [
        format!("DELETE FROM entertainment_interactions WHERE {leaving}"),
        "DELETE FROM pairs WHERE decision_id IN
           (SELECT decision_id FROM decisions WHERE week < ?1) AND ?2 IS NOT NULL"
            .to_owned(),
        "DELETE FROM decisions WHERE week < ?1 AND ?2 IS NOT NULL".to_owned(),
        "DELETE FROM evidence WHERE week < ?1 AND ?2 IS NOT NULL".to_owned(),
    ] {
        made.push(store.statement(&sql, &both)?);
    }
    made.push(store.note_gone(&expired, "expired")?);
    run.step(task, &progress, made).await
}
