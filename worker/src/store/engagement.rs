//! Sums for engagement: of the raw rows while they are kept, of the daily
//! aggregates for the days before.

use serde::Deserialize;

use super::{Arg, Results, Store};
use crate::error::Result;

/// What is measured: name, its value in an interaction, when the interaction
/// says anything about it.
pub const MEASURES: [(&str, &str, &str); 4] = [
    (
        "like_rate",
        "(interaction_type = 'like')",
        "interaction_type IS NOT NULL",
    ),
    (
        "completion_rate",
        "(interaction_type = 'complete' OR coalesce(completion_percentage, 0) >= 90)",
        "interaction_type IS NOT NULL",
    ),
    (
        "skip_rate",
        "(interaction_type = 'skip')",
        "interaction_type IS NOT NULL",
    ),
    (
        "completion_percentage",
        "completion_percentage",
        "completion_percentage IS NOT NULL",
    ),
];

/// One day, arm and measure.
#[derive(Debug, Deserialize)]
pub struct DailyRow {
    /// `2026-10-05`.
    pub day: String,
    /// The arm.
    pub arm: String,
    /// The measure.
    pub measure: String,
    /// How many interactions.
    pub n: u64,
    /// Their sum.
    pub total: f64,
    /// The sum of their squares.
    pub squares: f64,
}

/// One user's interactions of the kept days, by arm and measure.
#[derive(Debug, Deserialize)]
pub struct UserRow {
    /// The arm, or the side of a date.
    pub arm: String,
    /// The measure.
    pub measure: String,
    /// How many interactions.
    pub n: f64,
    /// Their sum.
    pub total: f64,
}

/// Users first seen in a phase of the experiment.
#[derive(Debug, Deserialize)]
pub struct FirstSeen {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// On the agent or not: 1 or 0.
    pub agent: i64,
}

/// How the agent would have decided beside the control arms.
#[derive(Debug, Default, Deserialize)]
pub struct Shadow {
    /// How many decisions it decided silently.
    pub decisions: u64,
    /// In how many it chose what was served.
    pub agreed: Option<u64>,
    /// How likely it was to choose what was served, on average.
    pub likely: Option<f64>,
    /// How much more it expected of its own choice, on average.
    pub gain: Option<f64>,
}

impl Store {
    /// Sums per day, arm and measure, over all days that are known.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn daily(&self) -> Result<Vec<DailyRow>> {
        let mut batch = vec![self.statement(
            "SELECT day, arm, measure, n, total, squares FROM daily_aggregates",
            &[],
        )?];
        for (measure, value, given) in MEASURES {
            batch.push(self.statement(
                &format!(
                    "SELECT substr(created_at, 1, 10) AS day, coalesce(arm, 'organic') AS arm,
                       '{measure}' AS measure, count(*) AS n, total({value}) AS total,
                       total({value} * {value}) AS squares
                     FROM entertainment_interactions WHERE {given} GROUP BY 1, 2"
                ),
                &[],
            )?);
        }
        let mut rows = Vec::new();
        for result in self.batch(batch).await? {
            rows.extend(result.all::<DailyRow>()?);
        }
        Ok(rows)
    }

    /// Sums per user, arm and measure, over the days that are kept.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn by_user(&self) -> Result<Vec<UserRow>> {
        self.user_sums("arm", "arm IN ('agent', 'baseline', 'holdout')", "")
            .await
    }

    /// The same over all arms, with `after` or `before` the day `split` in the
    /// arm's place.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn by_user_around(&self, split: &str) -> Result<Vec<UserRow>> {
        let side = "CASE WHEN created_at >= ?1 THEN 'after' ELSE 'before' END";
        self.user_sums(side, "?1 <> ''", split).await
    }

    async fn user_sums(&self, side: &str, which: &str, split: &str) -> Result<Vec<UserRow>> {
        let args = [Arg::Text(split)];
        let args = if split.is_empty() { &[] } else { &args[..] };
        let mut batch = Vec::new();
        for (measure, value, given) in MEASURES {
            batch.push(self.statement(
                &format!(
                    "SELECT {side} AS arm, '{measure}' AS measure, count(*) AS n,
                       total({value}) AS total
                     FROM entertainment_interactions
                     WHERE {given} AND {which}
                     GROUP BY user_id, 1"
                ),
                args,
            )?);
        }
        let mut rows = Vec::new();
        for result in self.batch(batch).await? {
            rows.extend(result.all::<UserRow>()?);
        }
        Ok(rows)
    }

    /// Every user's first kept decision, and how the agent did in the shadow.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn arms(&self) -> Result<(Vec<FirstSeen>, Shadow)> {
        let rows = self
            .batch(vec![
                self.statement(
                    "SELECT min(decided_at) AS at, arm = 'agent' AS agent FROM decisions
                     WHERE arm IN ('agent', 'baseline', 'holdout') GROUP BY user_id",
                    &[],
                )?,
                self.statement(
                    "SELECT count(*) AS decisions, sum(shadow_index = action_index) AS agreed,
                       avg(shadow_propensity) AS likely, avg(shadow_gain) AS gain
                     FROM decisions WHERE shadow_index IS NOT NULL",
                    &[],
                )?,
            ])
            .await?;
        let mut results = Results::new(rows);
        let seen = results.next()?.all()?;
        Ok((seen, results.next()?.first()?.unwrap_or_default()))
    }

    /// The means of one week's rewards and of the week before, each with its
    /// count and sum of squares.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn weekly_rewards(&self, since: i64) -> Result<Vec<WeekRow>> {
        self.run(
            "SELECT week, count(*) AS n, total(folded / 1000.0) AS total,
               total(folded / 1000.0 * folded / 1000.0) AS squares
             FROM pairs WHERE folded IS NOT NULL AND decided_at >= ?1
             GROUP BY week ORDER BY week DESC LIMIT 3",
            &[Arg::Int(since)],
        )
        .await?
        .all()
    }
}

/// The folded rewards of one ISO week.
#[derive(Debug, Deserialize)]
pub struct WeekRow {
    /// The week.
    pub week: i64,
    /// How many rewards.
    pub n: f64,
    /// Their sum.
    pub total: f64,
    /// The sum of their squares.
    pub squares: f64,
}
