//! When a provider may be asked again.

use moodloop::providers::Failure;

use crate::app::App;
use crate::store::limits::Closing;

/// How long a provider rests that did not answer, or limits without saying for
/// how long, in milliseconds.
const REST_MS: i64 = 30_000;
/// How long it rests when only an operator can help.
const REFUSED_MS: i64 = 10 * 60 * 1000;
/// How long it rests when the app's quota is spent.
const QUOTA_MS: i64 = 60 * 60 * 1000;

/// What follows from a failure: until when nobody asks, and why. Nothing
/// follows from a request that was wrong by itself.
pub fn closing(failure: Failure, now: i64) -> Option<Closing> {
    let (rest, reason) = match failure {
        Failure::RateLimited { retry_after_s } => {
            let named = retry_after_s.map(|seconds| i64::from(seconds) * 1000);
            (named.unwrap_or(REST_MS), "rate_limited")
        }
        Failure::QuotaExceeded => (QUOTA_MS, "quota_exceeded"),
        Failure::Unauthorized => (REFUSED_MS, "unauthorized"),
        Failure::Closed => (REFUSED_MS, "closed"),
        Failure::Unavailable => (REST_MS, "unavailable"),
        Failure::Refused => return None,
    };
    Some(Closing {
        until: now + rest,
        reason,
    })
}

/// Notes a failure for all isolates. The request goes on without: a note that
/// cannot be written costs another question, not an answer.
pub async fn note(app: &App, provider: &str, failure: Failure) {
    if let Some(closing) = closing(failure, app.now) {
        // A failed store has logged itself.
        let _unwritten = app.store.close_provider(provider, &closing).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_ends_when_it_says_and_a_wrong_request_closes_nothing() {
        let limited = |retry_after_s| closing(Failure::RateLimited { retry_after_s }, 1_000);
        assert_eq!(limited(Some(7)).unwrap().until, 8_000);
        assert_eq!(limited(None).unwrap().until, 1_000 + REST_MS);
        let quota = closing(Failure::QuotaExceeded, 1_000).unwrap();
        assert_eq!(
            (quota.until, quota.reason),
            (1_000 + QUOTA_MS, "quota_exceeded")
        );
        assert!(closing(Failure::Refused, 1_000).is_none());
    }
}
