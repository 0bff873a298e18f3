//! Outside providers as pure functions: parameters in, a request description
//! out; an answer in, items out (SPEC section 7).
//!
//! Nothing here fetches, knows a host or keeps a key: base addresses and
//! credentials are arguments, so that the browser and the Worker run the same
//! code with their own fetch, and tests with a local upstream. The catalog,
//! the provider that needs none of this, is [`crate::rank`].
//!
//! **What is trained on.** The learner sees strategies, contexts and the
//! site's own feedback, never a field of an answer: Spotify's terms forbid
//! training on its content. `honoured` names the dimensions that a provider
//! really applied; a decision that was not honoured in full is not trained on.

pub mod spotify;
pub mod youtube;

use std::fmt;

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::rank::{Item, is_address};
use crate::value::Value;

/// An HTTP request to be made by whoever can.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The full address, made from the base that was handed in.
    pub url: String,
    /// Header names and values; they hold credentials.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a `POST`; it may hold credentials.
    pub body: Option<String>,
}

impl fmt::Debug for Request {
    /// Without headers and body: both may hold credentials, and logs last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, self.url)
    }
}

impl Request {
    fn get(
        base: &str,
        path: &str,
        query: &[(&str, String)],
        header: (&'static str, String),
    ) -> Self {
        Self {
            method: "GET",
            url: format!("{}{path}?{}", base.trim_end_matches('/'), form(query)),
            headers: vec![("accept", "application/json".to_owned()), header],
            body: None,
        }
    }
}

/// `pairs` as `application/x-www-form-urlencoded`.
fn form(pairs: &[(&str, String)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(pairs);
    out.finish()
}

/// Why a provider gave nothing, as far as it decides what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// Too many requests at once: worth waiting for.
    RateLimited {
        /// The seconds to wait that the provider named, at most a day.
        retry_after_s: Option<u32>,
    },
    /// The quota is spent: waiting seconds does not cure it.
    QuotaExceeded,
    /// The token or key is not, or no longer, accepted.
    Unauthorized,
    /// This application may not use this endpoint at all.
    Closed,
    /// The provider failed on its side: worth one more try.
    Unavailable,
    /// The provider did not accept the request; repeating it is useless.
    Refused,
}

impl Failure {
    /// Whether the same request may succeed soon.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable)
    }

    /// What the status alone says, for statuses that mean the same everywhere.
    fn of_status(status: u16, retry_after: Option<&str>) -> Self {
        match status {
            401 => Self::Unauthorized,
            403 | 404 | 410 => Self::Closed,
            429 => Self::RateLimited {
                retry_after_s: retry_after.and_then(seconds),
            },
            408 | 500.. => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

/// A `Retry-After` in whole seconds; the date form is not used by providers.
fn seconds(header: &str) -> Option<u32> {
    let seconds: u64 = header.trim().parse().ok()?;
    Some(seconds.min(86_400) as u32)
}

/// The error for an answer that is not what the provider documents.
fn failed(what: &str) -> Error {
    Error::new(Code::ProviderFailed, what)
}

/// The entries of a list of results: those that `read` understands.
///
/// Providers mix unreadable entries into good answers (Spotify sends `null`),
/// so these are skipped; an answer of only such entries is a failure.
fn entries(list: &[Value], what: &str, read: impl Fn(&Value) -> Option<Item>) -> Result<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    for item in list.iter().filter_map(read) {
        if !items.iter().any(|known| known.id == item.id) {
            items.push(item);
        }
    }
    if items.is_empty() && !list.is_empty() {
        return Err(failed(what));
    }
    Ok(items)
}

/// The value at `path` of nested objects.
fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Object(fields) => fields.iter().find(|(k, _)| k == name).map(|(_, v)| v),
        _ => None,
    })
}

/// The list at `path`.
fn list<'a>(value: &'a Value, path: &[&str]) -> Option<&'a [Value]> {
    match at(value, path)? {
        Value::Array(list) => Some(list),
        _ => None,
    }
}

/// The string at `path`, if it is well-formed and has 1 to `max` characters.
fn text<'a>(value: &'a Value, path: &[&str], max: usize) -> Option<&'a str> {
    let field = crate::value::Field::root(Code::ProviderFailed, "answer", at(value, path)?);
    field.text(max).ok()
}

/// The number at `path`, if it is in `min..=max`.
fn number(value: &Value, path: &[&str], min: f64, max: f64) -> Option<f64> {
    let field = crate::value::Field::root(Code::ProviderFailed, "answer", at(value, path)?);
    field.number(min, max).ok()
}

/// The https address at `path`; providers have no reason to send another.
fn address<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    text(value, path, crate::rank::URL_CHARS).filter(|a| a.starts_with("https://") && is_address(a))
}

/// How many different main genres `items` have.
fn genres_in(items: &[&Item]) -> usize {
    let mut genres: Vec<&str> = items.iter().filter_map(|item| item.genre()).collect();
    genres.sort_unstable();
    genres.dedup();
    genres.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_credentials() {
        let request = Request {
            method: "POST",
            url: "https://upstream.test/x".into(),
            headers: vec![("authorization", "Bearer secret".into())],
            body: Some("client_secret=secret".into()),
        };
        assert!(!format!("{request:?}").contains("secret"));
    }

    #[test]
    fn retry_after_is_seconds_and_bounded() {
        assert_eq!(seconds(" 7 "), Some(7));
        assert_eq!(seconds("999999999999"), Some(86_400));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
