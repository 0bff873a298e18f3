//! Asking Spotify: an app token, kept until it runs out, and one call of
//! `recommendations` or one search for each genre.

use std::cell::RefCell;

use futures_util::future::join_all;
use moodloop::codec::hash;
use moodloop::genres::Targets;
use moodloop::providers::{Failure, spotify};
use moodloop::rank::Item;

use super::upstream::{Deadline, ask, retrying};
use super::{Asked, Offer, Outcome, Wanted};
use crate::app::App;
use crate::config::Spotify;

/// The provider's name.
pub const NAME: &str = "spotify";
/// How long before its end a token is not used any more, in seconds.
const MARGIN_S: u32 = 60;
/// How many pages of a search requests are spread over.
const PAGES: u64 = 5;

/// A token as an isolate holds it.
#[derive(Clone)]
struct Held {
    /// Of which app and service.
    of: u64,
    token: String,
    good_until: i64,
}

thread_local! {
    static TOKEN: RefCell<Option<Held>> = const { RefCell::new(None) };
}

/// What Spotify offers.
pub async fn offer(app: &App, settings: &Spotify, wanted: &Wanted<'_>) -> Outcome {
    let genres = wanted.genres();
    match found(app, settings, wanted, &genres).await {
        Ok((items, failure)) => {
            let asked = if settings.recommendations {
                Asked::Recommendations(genres)
            } else {
                Asked::SpotifySearch
            };
            (Offer::of(NAME, items, asked), failure)
        }
        Err(failure) => (None, Some(failure)),
    }
}

/// Items, and what failed where not all did.
type Found = (Vec<Item>, Option<Failure>);

async fn found(
    app: &App,
    settings: &Spotify,
    wanted: &Wanted<'_>,
    genres: &[String],
) -> Result<Found, Failure> {
    let deadline = Deadline::begin(app.config.providers.patience_ms);
    let look = async |token: String| {
        if settings.recommendations {
            let items = recommended(settings, wanted, genres, &token, deadline).await?;
            Ok((items, None))
        } else {
            searched(settings, wanted, genres, &token, deadline).await
        }
    };
    match look(token(app, settings, deadline).await?).await {
        // A token may be taken back before its end. Once: what a fresh one
        // does not open stays shut.
        Err(Failure::Unauthorized) => look(fresh_token(app, settings, deadline).await?).await,
        other => other,
    }
}

async fn recommended(
    settings: &Spotify,
    wanted: &Wanted<'_>,
    genres: &[String],
    token: &str,
    deadline: Deadline,
) -> Result<Vec<Item>, Failure> {
    let request = spotify::recommendations_request(
        &settings.api,
        token,
        wanted.params,
        &Targets::of(&wanted.personality),
        genres,
        // Some will be known to the person.
        2 * wanted.limit,
    )
    .map_err(|_| Failure::Refused)?;
    retrying(deadline, async || {
        let (_, body) = ask(&request, deadline, spotify::classify_error).await?;
        spotify::parse_recommendations(&body, wanted.params, genres)
            .map_err(|_| Failure::Unavailable)
    })
    .await
}

/// Searches all genres at once; where some fail the others serve.
async fn searched(
    settings: &Spotify,
    wanted: &Wanted<'_>,
    genres: &[String],
    token: &str,
    deadline: Deadline,
) -> Result<Found, Failure> {
    let page = (wanted.seed % PAGES) as usize;
    let searches = genres.iter().map(|genre| {
        let request =
            spotify::search_request(&settings.api, token, genre, spotify::SEARCH_LIMIT, page);
        retrying(deadline, async move || {
            let (_, body) = ask(&request, deadline, spotify::classify_error).await?;
            spotify::parse_search(&body, genre).map_err(|_| Failure::Unavailable)
        })
    });
    let mut items: Vec<Item> = Vec::new();
    let mut failed = None;
    for outcome in join_all(searches).await {
        match outcome {
            Ok(found) => {
                let known = |item: &Item| items.iter().any(|known| known.id == item.id);
                let new: Vec<Item> = found.into_iter().filter(|item| !known(item)).collect();
                items.extend(new);
            }
            Err(Failure::Unauthorized) => return Err(Failure::Unauthorized),
            Err(failure) => failed = Some(failure),
        }
    }
    match failed {
        Some(failure) if items.is_empty() => Err(failure),
        failed => Ok((items, failed)),
    }
}

/// A token: the isolate's, the one in KV, or a new one.
async fn token(app: &App, settings: &Spotify, deadline: Deadline) -> Result<String, Failure> {
    let of = identity(settings);
    let held = TOKEN.with(|cell| cell.borrow().clone());
    if let Some(held) = held.filter(|held| held.of == of && held.good_until > app.now) {
        return Ok(held.token);
    }
    // Without KV there is a new token; the store has logged what failed.
    let kept = app.store.kept(&key(of)).await.ok().flatten();
    let shared = kept.filter(|kept| kept.at > app.now).and_then(|kept| {
        let token = String::from_utf8(kept.body).ok()?;
        Some((token, kept.at))
    });
    match shared {
        Some((token, good_until)) => {
            hold(of, &token, good_until);
            Ok(token)
        }
        None => fresh_token(app, settings, deadline).await,
    }
}

/// A new token, held by the isolate and shared through KV.
async fn fresh_token(app: &App, settings: &Spotify, deadline: Deadline) -> Result<String, Failure> {
    let request = spotify::token_request(
        &settings.accounts,
        &settings.client_id,
        &settings.client_secret,
    );
    let token = retrying(deadline, async || {
        let (_, body) = ask(&request, deadline, spotify::classify_error).await?;
        spotify::parse_token(&body).map_err(|_| Failure::Unavailable)
    })
    .await?;
    let of = identity(settings);
    let seconds = token.expires_in_s.saturating_sub(MARGIN_S);
    let good_until = app.now + i64::from(seconds) * 1000;
    hold(of, &token.access_token, good_until);
    // KV keeps nothing for less than a minute.
    if seconds >= MARGIN_S {
        let body = token.access_token.as_bytes();
        // Unshared, the next isolate asks for its own.
        let _unshared = app
            .store
            .keep(&key(of), body, good_until, u64::from(seconds))
            .await;
    }
    Ok(token.access_token)
}

fn hold(of: u64, token: &str, good_until: i64) {
    let held = Held {
        of,
        token: token.to_owned(),
        good_until,
    };
    TOKEN.with(|cell| *cell.borrow_mut() = Some(held));
}

/// Tells the tokens of different credentials apart without naming them.
fn identity(settings: &Spotify) -> u64 {
    let all = [
        &settings.accounts,
        &settings.client_id,
        &settings.client_secret,
    ];
    all.iter().fold(0, |seed, text| hash(text.as_bytes(), seed))
}

fn key(of: u64) -> String {
    format!("provider/spotify/token/{of:016x}")
}
