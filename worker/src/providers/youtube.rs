//! Asking YouTube: one search for each query, shared by everyone who has the
//! same, within the project's searches of the day.

use moodloop::codec::hash;
use moodloop::providers::{Failure, youtube};

use super::upstream::{Deadline, ask, retrying};
use super::{Asked, Offer, Outcome, Wanted};
use crate::app::App;
use crate::clock::{self, DAY_MS};
use crate::config::YouTube;
use crate::store::cache::Kept;

/// The provider's name.
pub const NAME: &str = "youtube";
/// How many searches a project has a day.
const SEARCHES_A_DAY: i64 = 100;
/// The time zone that a project's day is counted in.
const ZONE: &str = "America/Los_Angeles";
/// How long an answer is given without asking again, in milliseconds.
const FRESH_MS: i64 = DAY_MS;
/// How long an answer may be kept at all, in seconds: 30 days, by the terms.
const KEPT_S: u64 = 30 * 24 * 60 * 60;
/// What stands before a video's id in its address.
const WATCH: &str = "https://www.youtube.com/watch?v=";

/// What YouTube offers. Where it fails, is not `open`, or has no search left:
/// an older answer to the same query.
pub async fn offer(app: &App, settings: &YouTube, wanted: &Wanted<'_>, open: bool) -> Outcome {
    let genres = wanted.genres();
    // The words change by the day, so that all who ask on one day share.
    let turn = app.now.div_euclid(DAY_MS).unsigned_abs() as usize;
    let query = youtube::search_query(wanted.params, wanted.novelty, &genres, turn);
    // One search costs the same whatever it gives.
    let search =
        youtube::search_request(&settings.api, &settings.key, &query, youtube::SEARCH_LIMIT);
    let key = format!(
        "provider/youtube/search/{:016x}",
        hash(search.url.as_bytes(), 0)
    );
    let read = |body: &moodloop::value::Value| {
        let items = youtube::parse_search(body, wanted.params, &genres, WATCH);
        items.map_err(|_| Failure::Unavailable)
    };
    let offered = |items| Offer::of(NAME, items, Asked::YouTubeSearch);
    let from = |kept: &Kept| {
        let body = serde_json::from_slice(&kept.body).ok()?;
        offered(read(&body).ok()?)
    };

    // Without KV it is asked; the store has logged what failed.
    let kept = app.store.kept(&key).await.ok().flatten();
    let fresh = kept
        .as_ref()
        .is_some_and(|kept| (0..FRESH_MS).contains(&(app.now - kept.at)));
    let older = || kept.as_ref().and_then(from);
    if fresh || !open {
        return (older(), None);
    }
    let deadline = Deadline::begin(app.config.providers.patience_ms);
    let day = clock::local_day(app.now, ZONE);
    let asked = retrying(deadline, async || {
        let taken = app.store.take_search(NAME, &day, SEARCHES_A_DAY).await;
        // A search that cannot be counted is not made.
        if !taken.unwrap_or(false) {
            return Ok(None);
        }
        let (bytes, body) = ask(&search, deadline, youtube::classify_error).await?;
        Ok(Some((bytes, read(&body)?)))
    })
    .await;
    match asked {
        Ok(Some((bytes, items))) => {
            // Unshared, the next one asks again.
            let _unshared = app.store.keep(&key, &bytes, app.now, KEPT_S).await;
            (offered(items), None)
        }
        Ok(None) => (older(), None),
        Err(failure) => {
            if failure == Failure::QuotaExceeded {
                // Somebody else spends this project's searches, too.
                let _unwritten = app.store.spend_day(NAME, &day, SEARCHES_A_DAY).await;
            }
            (older(), Some(failure))
        }
    }
}
