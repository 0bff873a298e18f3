//! What outside providers allow: until when one is not to be asked, and how
//! many searches a day has seen.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Arg, Store};
use crate::clock;
use crate::error::Result;

/// Why a provider is not asked for a while.
#[derive(Debug)]
pub struct Closing {
    /// Until when, in milliseconds since 1970.
    pub until: i64,
    /// The word for it.
    pub reason: &'static str,
}

/// What is known of one provider.
#[derive(Debug, Deserialize)]
pub struct Limit {
    provider: String,
    closed_until: i64,
    reason: Option<String>,
    day: Option<String>,
    searches: i64,
}

impl Limit {
    /// What operators see of it.
    pub fn view(&self, now: i64) -> Value {
        let closed = self.closed_until > now;
        json!({
            "provider": self.provider,
            "closed_until": closed.then(|| clock::iso(self.closed_until)),
            "reason": self.reason.as_deref().filter(|_| closed),
            "day": self.day,
            "searches": self.searches,
        })
    }
}

/// Reads what is known of all providers.
pub const LIMITS: &str = "SELECT json_array(provider, closed_until, reason, day, searches) AS row
     FROM provider_limits";

/// What is known of all providers.
#[derive(Debug, Default, Deserialize)]
pub struct Limits(pub Vec<Limit>);

impl Limits {
    /// Whether `provider` may be asked at `now`.
    pub fn open(&self, provider: &str, now: i64) -> bool {
        let known = self.0.iter().find(|limit| limit.provider == provider);
        known.is_none_or(|limit| limit.closed_until <= now)
    }

    /// A sentence for each provider that only an operator can open again.
    pub fn refused(&self, now: i64) -> impl Iterator<Item = String> {
        let closed = self.0.iter().filter(move |limit| limit.closed_until > now);
        closed.filter_map(|limit| {
            let what = match limit.reason.as_deref()? {
                "unauthorized" => "does not accept this deployment's credentials",
                "closed" => "does not let this app use the endpoint",
                _ => return None,
            };
            Some(format!("{} {what}; the catalog serves", limit.provider))
        })
    }
}

impl Store {
    /// What is known of providers, by name.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn limits(&self) -> Result<Limits> {
        let mut limits: Vec<Limit> = self.page(LIMITS, &[]).await?;
        limits.sort_by(|a, b| a.provider.cmp(&b.provider));
        Ok(Limits(limits))
    }

    /// Notes that a provider is not to be asked for a while; of two notes the
    /// longer one holds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn close_provider(&self, provider: &str, closing: &Closing) -> Result<()> {
        self.run(
            "INSERT INTO provider_limits (provider, closed_until, reason) VALUES (?1, ?2, ?3)
             ON CONFLICT (provider) DO UPDATE
             SET closed_until = excluded.closed_until, reason = excluded.reason
             WHERE closed_until < excluded.closed_until",
            &[
                Arg::Text(provider),
                Arg::Int(closing.until),
                Arg::Text(closing.reason),
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes one of the `budget` searches of a provider's `day`; `false` when
    /// none is left. It counts before the search: one that fails is spent, too.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn take_search(&self, provider: &str, day: &str, budget: i64) -> Result<bool> {
        let rows = self
            .run(
                "INSERT INTO provider_limits (provider, day, searches) VALUES (?1, ?2, 1)
                 ON CONFLICT (provider) DO UPDATE
                 SET searches = CASE WHEN day IS excluded.day THEN searches + 1 ELSE 1 END,
                   day = excluded.day
                 WHERE day IS NOT excluded.day OR searches < ?3",
                &[Arg::Text(provider), Arg::Text(day), Arg::Int(budget)],
            )
            .await?;
        Ok(rows.changes() > 0)
    }

    /// Notes that a provider's `day` has no search left, whatever was counted.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn spend_day(&self, provider: &str, day: &str, budget: i64) -> Result<()> {
        self.run(
            "INSERT INTO provider_limits (provider, day, searches) VALUES (?1, ?2, ?3)
             ON CONFLICT (provider) DO UPDATE
             SET day = excluded.day, searches = excluded.searches",
            &[Arg::Text(provider), Arg::Text(day), Arg::Int(budget)],
        )
        .await?;
        Ok(())
    }
}
