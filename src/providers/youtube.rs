//! YouTube: parameters as search terms (the guide's table).
//!
//! What a search really applies (`honoured`): energy when words for it are in
//! the query, which the guide has for low and high only; novelty always, it
//! has words for each level; diversity when the picks come from as many genres
//! as asked for, or every pick from another. An answer states neither energy
//! nor popularity: these are what was asked for, and marked as not stated.
//!
//! A project has 100 searches a day: whoever fetches counts them, and shares
//! answers between users by query.

use crate::context::ContentType;
use crate::error::Result;
use crate::params::Parameters;
use crate::rank::{Item, Known, TITLE_CHARS};
use crate::value::Value;

use super::{Failure, Request, address, at, entries, failed, genres_in, list, text};

/// The most results that one search gives.
pub const SEARCH_LIMIT: usize = 50;

const LOW_ENERGY: &[&str] = &["calm", "relaxing", "peaceful", "ambient"];
const HIGH_ENERGY: &[&str] = &["exciting", "intense", "high energy", "upbeat"];
const LOW_VALENCE: &[&str] = &["deep", "meaningful", "thought-provoking"];
const HIGH_VALENCE: &[&str] = &["uplifting", "positive", "motivational"];
const EXPLORING: &[&str] = &["unique", "different", "unusual", "creative"];
/// By novelty level: familiar, mixed, exploratory.
const NOVELTY: [&[&str]; 3] = [
    &["popular", "trending"],
    &["recommended", "featured"],
    &["unique", "hidden gem", "undiscovered"],
];
/// Above this midpoint or valence the upper words apply, below `LOW` the lower.
const HIGH: f64 = 0.7;
const LOW: f64 = 0.3;

/// The words for energy, if the guide has any for this band.
fn energy_words(params: &Parameters) -> Option<&'static [&'static str]> {
    // Bands have two decimals: rounding their sum keeps the cuts exact, where
    // (0.2 + 0.4) / 2 in floats is not 0.3.
    let sum = libm::floor((params.min_energy + params.max_energy) * 100.0 + 0.5);
    pole(sum / 200.0, LOW_ENERGY, HIGH_ENERGY)
}

fn pole(
    x: f64,
    low: &'static [&'static str],
    high: &'static [&'static str],
) -> Option<&'static [&'static str]> {
    if x > HIGH {
        Some(high)
    } else if x < LOW {
        Some(low)
    } else {
        None
    }
}

/// The word groups that `params` and the novelty level (0 familiar, 1 mixed,
/// 2 exploratory; more counts as 2) ask for: energy, valence, exploration,
/// novelty.
fn groups(params: &Parameters, novelty: usize) -> Vec<&'static [&'static str]> {
    let [familiar, mixed, exploratory] = NOVELTY;
    let exploring = (params.exploration_rate > 0.5).then_some(EXPLORING);
    let novelty = match novelty {
        0 => familiar,
        1 => mixed,
        _ => exploratory,
    };
    energy_words(params)
        .into_iter()
        .chain(pole(params.valence, LOW_VALENCE, HIGH_VALENCE))
        .chain(exploring)
        .chain([novelty])
        .collect()
}

/// Every search term of the guide's table for `params` and a novelty level
/// (0 familiar, 1 mixed, 2 exploratory), each once.
#[must_use]
pub fn search_terms(params: &Parameters, novelty: usize) -> Vec<&'static str> {
    let mut terms = Vec::new();
    for term in groups(params, novelty).into_iter().flatten() {
        if !terms.contains(term) {
            terms.push(*term);
        }
    }
    terms
}

/// One query: any of `genres`, with one term of each group. `turn` rotates
/// through the terms, so that repeated requests do not all ask the same.
#[must_use]
pub fn search_query(params: &Parameters, novelty: usize, genres: &[String], turn: usize) -> String {
    let genres: Vec<String> = genres
        .iter()
        .map(|genre| genre.replace(['_', '|'], " "))
        .collect();
    let mut words = Vec::new();
    if !genres.is_empty() {
        words.push(genres.join("|"));
    }
    for group in groups(params, novelty) {
        if let Some(term) = group.get(turn % group.len().max(1)) {
            let term = (*term).to_owned();
            if !words.contains(&term) {
                words.push(term);
            }
        }
    }
    words.join(" ")
}

/// Searches videos. `api` is the base address of the Data API; the key goes
/// into a header, out of reach of logs; `limit` is cut to 1..=50.
#[must_use]
pub fn search_request(api: &str, key: &str, query: &str, limit: usize) -> Request {
    let query = [
        ("part", "snippet".to_owned()),
        ("type", "video".to_owned()),
        ("order", "relevance".to_owned()),
        ("maxResults", limit.clamp(1, SEARCH_LIMIT).to_string()),
        ("q", query.to_owned()),
    ];
    Request::get(
        api,
        "/youtube/v3/search",
        &query,
        ("x-goog-api-key", key.to_owned()),
    )
}

/// Reads the answer to a search for `genres`. `watch` is what stands before a
/// video's id in its address.
///
/// A video's genres are those asked for that its title or description names;
/// if one was asked for, that one.
///
/// # Errors
/// `provider_failed` without a list of `items`, or when no entry is readable.
pub fn parse_search(
    body: &Value,
    params: &Parameters,
    genres: &[String],
    watch: &str,
) -> Result<Vec<Item>> {
    let videos =
        list(body, &["items"]).ok_or_else(|| failed("youtube answered without `items`"))?;
    entries(videos, "youtube sent no readable video", |video| {
        read_video(video, params, genres, watch)
    })
}

fn read_video(video: &Value, params: &Parameters, genres: &[String], watch: &str) -> Option<Item> {
    let id = text(video, &["id", "videoId"], 64).filter(|id| {
        id.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })?;
    let title = unescape(text(video, &["snippet", "title"], TITLE_CHARS)?);
    let channel = text(video, &["snippet", "channelTitle"], TITLE_CHARS).map(unescape);
    let description = text(video, &["snippet", "description"], 5000).unwrap_or_default();
    let named = format!("{title} {description}").to_lowercase();
    let thumbnails = at(video, &["snippet", "thumbnails"]);
    let thumbnail = ["medium", "high", "default"]
        .iter()
        .find_map(|size| address(thumbnails?, &[size, "url"]));
    Some(Item {
        id: id.to_owned(),
        title,
        creator: channel,
        content_type: ContentType::Video,
        genres: genres
            .iter()
            .filter(|genre| genres.len() == 1 || named.contains(&genre.replace('_', " ")))
            .cloned()
            .collect(),
        energy: (params.min_energy + params.max_energy) / 2.0,
        valence: params.valence,
        popularity: f64::from(params.popularity_min + params.popularity_max) / 2.0,
        url: Some(format!("{watch}{id}")),
        thumbnail: thumbnail.map(str::to_owned),
        known: Known {
            energy: false,
            valence: false,
            popularity: false,
        },
    })
}

/// Search answers come with titles escaped as for HTML, unlike the rest of
/// the API.
fn unescape(text: &str) -> String {
    // `&amp;` last, or `&amp;lt;` would be unescaped twice.
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The dimensions that a search applied to what was `picked`.
#[must_use]
pub fn honoured(params: &Parameters, picked: &[&Item]) -> Vec<&'static str> {
    let mut honoured = Vec::new();
    if picked.is_empty() {
        return honoured;
    }
    if energy_words(params).is_some() {
        honoured.push("energy");
    }
    if genres_in(picked) >= (params.genre_count as usize).min(picked.len()) {
        honoured.push("diversity");
    }
    honoured.push("novelty");
    honoured
}

/// What an answer that is not a success means. `body` is its JSON, if it had any.
///
/// A spent daily budget comes as 403 `quotaExceeded`, or as 429 whose quota is
/// counted by the day; both are told apart from too many requests a minute.
#[must_use]
pub fn classify_error(status: u16, retry_after: Option<&str>, body: Option<&Value>) -> Failure {
    let errors = body.and_then(|body| list(body, &["error", "errors"]));
    let details = body.and_then(|body| list(body, &["error", "details"]));
    let reasons: Vec<&str> = [errors, details]
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| text(entry, &["reason"], 100))
        .collect();
    let says = |words: &[&str]| reasons.iter().any(|reason| words.contains(reason));
    let daily = details.into_iter().flatten().any(|detail| {
        text(detail, &["metadata", "quota_unit"], 100).is_some_and(|unit| unit.starts_with("1/d/"))
    });
    if daily || says(&["quotaExceeded", "dailyLimitExceeded"]) {
        return Failure::QuotaExceeded;
    }
    if says(&["rateLimitExceeded", "userRateLimitExceeded"]) {
        return Failure::of_status(429, retry_after);
    }
    if says(&["keyInvalid", "keyExpired", "API_KEY_INVALID"]) {
        return Failure::Unauthorized;
    }
    Failure::of_status(status, retry_after)
}
