//! Spotify: the guide's `recommendations` call, and search for the many apps
//! that no longer have it.
//!
//! What each really applies (`honoured`):
//! - **recommendations** enforce energy and popularity as bands, so energy and
//!   novelty; diversity when as many seed genres were sent as the strategy
//!   asks for (at most five can be).
//! - **search** knows neither energy nor valence. Diversity is honoured when
//!   the picks come from as many genres as asked for (or every pick from
//!   another); novelty when every pick states a popularity within the band
//!   (development-mode apps get none).

use std::fmt;

use crate::context::ContentType;
use crate::error::{Code, Error, Result};
use crate::genres::{Genre, Targets};
use crate::params::Parameters;
use crate::rank::{Item, Known, TITLE_CHARS};
use crate::value::{ID_CHARS, Value};

use super::{Failure, Request, address, at, entries, failed, form, genres_in, list, number, text};

/// The most seeds that `recommendations` takes.
pub const SEEDS: usize = 5;
/// The most results that a search of a development-mode app gives.
pub const SEARCH_LIMIT: usize = 10;
/// The most results of one search over all of its pages.
const RESULTS: usize = 1000;

/// Our music genres and the nearest seed of Spotify's list.
const SEED_NAMES: [(&str, &str); 15] = [
    ("classical", "classical"),
    ("ambient", "ambient"),
    ("jazz", "jazz"),
    ("world", "world-music"),
    // Spotify has no seed for experimental music; this is the closest kin.
    ("experimental", "idm"),
    ("folk", "folk"),
    ("blues", "blues"),
    ("rock", "rock"),
    ("metal", "metal"),
    ("pop", "pop"),
    ("soundtrack", "soundtracks"),
    ("country", "country"),
    ("electronic", "electronic"),
    ("hip_hop", "hip-hop"),
    ("soul", "soul"),
];

/// An app's access token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What goes after `Bearer `: a secret.
    pub access_token: String,
    /// For how many seconds it is good.
    pub expires_in_s: u32,
}

impl fmt::Debug for Token {
    /// Without the token itself: logs last longer than it does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(for {} s)", self.expires_in_s)
    }
}

/// Asks for an app token (client credentials flow). `accounts` is the base
/// address of Spotify's accounts service.
#[must_use]
pub fn token_request(accounts: &str, client_id: &str, client_secret: &str) -> Request {
    Request {
        method: "POST",
        url: format!("{}/api/token", accounts.trim_end_matches('/')),
        headers: vec![
            ("accept", "application/json".to_owned()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ],
        body: Some(form(&[
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", client_id.to_owned()),
            ("client_secret", client_secret.to_owned()),
        ])),
    }
}

/// Reads the answer to [`token_request`].
///
/// # Errors
/// `provider_failed` without a bearer token of visible ASCII and a lifetime.
pub fn parse_token(body: &Value) -> Result<Token> {
    let token = text(body, &["access_token"], 4096)
        .filter(|token| token.bytes().all(|b| b.is_ascii_graphic()));
    let bearer = text(body, &["token_type"], 16).is_some_and(|t| t.eq_ignore_ascii_case("bearer"));
    match (token, number(body, &["expires_in"], 1.0, 86_400.0)) {
        (Some(token), Some(expires_in)) if bearer => Ok(Token {
            access_token: token.to_owned(),
            expires_in_s: expires_in as u32,
        }),
        _ => Err(failed("spotify answered without a usable token")),
    }
}

/// The seeds that stand for `genres`: at most five, unknown genres left out.
#[must_use]
pub fn seeds(genres: &[String]) -> Vec<&'static str> {
    genres
        .iter()
        .filter_map(|genre| SEED_NAMES.iter().find(|(ours, _)| ours == genre))
        .map(|(_, seed)| *seed)
        .take(SEEDS)
        .collect()
}

/// The guide's call. `api` is the base address of the Web API; of `genres`
/// the first five that Spotify knows are sent; `limit` is cut to 1..=50.
///
/// # Errors
/// `invalid_options` when Spotify knows none of the genres.
pub fn recommendations_request(
    api: &str,
    token: &str,
    params: &Parameters,
    targets: &Targets,
    genres: &[String],
    limit: usize,
) -> Result<Request> {
    let seeds = seeds(genres);
    if seeds.is_empty() {
        return Err(Error::new(
            Code::InvalidOptions,
            format!("spotify has a seed for none of `{}`", genres.join(", ")),
        ));
    }
    let query = [
        ("seed_genres", seeds.join(",")),
        ("limit", limit.clamp(1, 50).to_string()),
        ("min_energy", params.min_energy.to_string()),
        ("max_energy", params.max_energy.to_string()),
        ("target_valence", params.valence.to_string()),
        (
            "target_danceability",
            targets.target_danceability.to_string(),
        ),
        (
            "target_acousticness",
            targets.target_acousticness.to_string(),
        ),
        (
            "target_instrumentalness",
            targets.target_instrumentalness.to_string(),
        ),
        ("min_popularity", params.popularity_min.to_string()),
        ("max_popularity", params.popularity_max.to_string()),
    ];
    Ok(Request::get(
        api,
        "/v1/recommendations",
        &query,
        bearer(token),
    ))
}

/// Searches tracks of one genre; `limit` is cut to 1..=10, `page`, the first of
/// which is 0, so that nothing beyond the first 1,000 results is asked for. A
/// strategy that asks for several genres makes one request for each.
#[must_use]
pub fn search_request(api: &str, token: &str, genre: &str, limit: usize, page: usize) -> Request {
    let words = genre.replace(['"', '_'], " ");
    let limit = limit.clamp(1, SEARCH_LIMIT);
    let offset = page.min(RESULTS / limit - 1) * limit;
    let query = [
        ("q", format!("genre:\"{}\"", words.trim())),
        ("type", "track".to_owned()),
        ("limit", limit.to_string()),
        ("offset", offset.to_string()),
    ];
    Request::get(api, "/v1/search", &query, bearer(token))
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

/// Reads the answer to [`recommendations_request`] for `genres`.
///
/// Tracks do not say their genre: it is known only if one was asked for.
/// Energy and valence are what was asked for, and marked as not stated.
///
/// # Errors
/// `provider_failed` without a list of `tracks`, or when no entry is readable.
pub fn parse_recommendations(
    body: &Value,
    params: &Parameters,
    genres: &[String],
) -> Result<Vec<Item>> {
    let tracks =
        list(body, &["tracks"]).ok_or_else(|| failed("spotify answered without `tracks`"))?;
    let estimate = Estimate {
        genres: match genres {
            [one] => vec![one.clone()],
            _ => Vec::new(),
        },
        energy: (params.min_energy + params.max_energy) / 2.0,
        valence: params.valence,
    };
    entries(tracks, "spotify sent no readable track", |track| {
        read_track(track, &estimate)
    })
}

/// Reads the answer to [`search_request`] for `genre`.
///
/// Energy and valence are those usual in the genre, and marked as not stated.
///
/// # Errors
/// `provider_failed` without a list `tracks.items`, or when no entry is readable.
pub fn parse_search(body: &Value, genre: &str) -> Result<Vec<Item>> {
    let tracks = list(body, &["tracks", "items"])
        .ok_or_else(|| failed("spotify answered without `tracks.items`"))?;
    let sound = Genre::find(ContentType::Music, genre).and_then(Genre::sound);
    let usual = |x: Option<u8>| x.map_or(0.5, |x| f64::from(x) / 100.0);
    let estimate = Estimate {
        genres: vec![genre.to_owned()],
        energy: usual(sound.map(|s| s.energy)),
        valence: usual(sound.map(|s| s.valence)),
    };
    entries(tracks, "spotify sent no readable track", |track| {
        read_track(track, &estimate)
    })
}

/// What a track does not say about itself.
struct Estimate {
    genres: Vec<String>,
    energy: f64,
    valence: f64,
}

fn read_track(track: &Value, estimate: &Estimate) -> Option<Item> {
    let popularity = number(track, &["popularity"], 0.0, 100.0);
    let artists = list(track, &["artists"])?;
    // The last image is the smallest, which is what a card needs.
    let thumbnail = list(track, &["album", "images"])
        .and_then(|images| images.last())
        .and_then(|image| address(image, &["url"]));
    Some(Item {
        id: text(track, &["id"], ID_CHARS)?.to_owned(),
        title: text(track, &["name"], TITLE_CHARS)?.to_owned(),
        creator: artists
            .first()
            .and_then(|artist| text(artist, &["name"], TITLE_CHARS))
            .map(str::to_owned),
        content_type: ContentType::Music,
        genres: estimate.genres.clone(),
        energy: estimate.energy,
        valence: estimate.valence,
        popularity: popularity.unwrap_or(50.0),
        url: Some(address(track, &["external_urls", "spotify"])?.to_owned()),
        thumbnail: thumbnail.map(str::to_owned),
        known: Known {
            energy: false,
            valence: false,
            popularity: popularity.is_some(),
        },
    })
}

/// The dimensions that a `recommendations` call for `genres` applied.
#[must_use]
pub fn recommendations_honoured(params: &Parameters, genres: &[String]) -> Vec<&'static str> {
    let mut honoured = vec!["energy"];
    if seeds(genres).len() == params.genre_count as usize {
        honoured.push("diversity");
    }
    honoured.push("novelty");
    honoured
}

/// The dimensions that searching and re-ranking applied to what was `picked`.
#[must_use]
pub fn search_honoured(params: &Parameters, picked: &[&Item]) -> Vec<&'static str> {
    let mut honoured = Vec::new();
    if picked.is_empty() {
        return honoured;
    }
    if genres_in(picked) >= (params.genre_count as usize).min(picked.len()) {
        honoured.push("diversity");
    }
    let band = f64::from(params.popularity_min)..=f64::from(params.popularity_max);
    if picked
        .iter()
        .all(|item| item.known.popularity && band.contains(&item.popularity))
    {
        honoured.push("novelty");
    }
    honoured
}

/// What an answer that is not a success means. `body` is its JSON, if it had any.
///
/// A 429 with the reason `QUOTA_EXCEEDED` is a spent quota, any other 429 a
/// rate limit; a 403 or 404 is an endpoint closed to this app.
#[must_use]
pub fn classify_error(status: u16, retry_after: Option<&str>, body: Option<&Value>) -> Failure {
    let reason = body.and_then(|body| {
        text(body, &["error", "reason"], 100).or_else(|| text(body, &["reason"], 100))
    });
    // The accounts service calls wrong credentials a bad request.
    let credentials = body
        .and_then(|body| at(body, &["error"]))
        .is_some_and(|e| *e == Value::String("invalid_client".into()));
    match status {
        429 if reason == Some("QUOTA_EXCEEDED") => Failure::QuotaExceeded,
        400 if credentials => Failure::Unauthorized,
        _ => Failure::of_status(status, retry_after),
    }
}
