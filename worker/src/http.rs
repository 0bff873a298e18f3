//! A request as handlers see it, and what they answer.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use js_sys::futures::JsFuture;
use js_sys::{JSON, Reflect, Uint8Array};
use moodloop::Code;
use moodloop::value::{Field, Value, quote};
use serde::Serialize;
use serde_json::json;
use wasm_bindgen::JsCast;
use worker::Request;
use worker::worker_sys::web_sys::{Headers, Request as RawRequest, Response, ResponseInit};

use crate::clock;
use crate::error::{Failure, Result, invalid};

/// The largest body that is read, in bytes.
pub const BODY_BYTES: usize = 16 * 1024;
/// How much of a larger body is read on, in bytes.
const DRAINED_BYTES: usize = 4 * 1024 * 1024;

/// A request as it came. Every look at JavaScript's costs more than what is done
/// with what is seen there, so that each is taken once.
pub struct Received {
    /// The method.
    pub method: String,
    headers: Headers,
    request: RawRequest,
}

impl Received {
    /// Takes a request over.
    pub fn new(request: RawRequest) -> Self {
        Self {
            method: request.method(),
            headers: request.headers(),
            request,
        }
    }

    /// Where it went.
    pub fn url(&self) -> String {
        self.request.url()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// The path of a request's URL, without the slash it begins with, and its query.
pub fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    (place.split_once('/').map_or("", |(_, path)| path), query)
}

/// A request that matched a route.
pub struct Call {
    /// What stood in the places of `{…}` in the route's path, decoded.
    pub path: Vec<String>,
    query: Vec<(String, String)>,
    received: Received,
    body: Vec<u8>,
}

impl Call {
    /// Reads what handlers may look at; the body only up to the limit.
    ///
    /// # Errors
    /// `payload_too_large`; `invalid_options` for a parameter given twice.
    pub async fn read(received: Received, query: &str, path: Vec<String>) -> Result<Self> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let mut query: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if query.iter().any(|(known, _)| *known == name) {
                return Err(invalid(
                    Code::InvalidOptions,
                    format!("parameter {} is given twice", quote(&name)),
                ));
            }
            query.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self {
            path,
            query,
            body: read_body(&received).await?,
            received,
        })
    }

    /// The `n`-th place of the route's path.
    pub fn place(&self, n: usize) -> &str {
        self.path.get(n).map_or("", String::as_str)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        self.received.header(name)
    }

    /// The visitor's IANA time zone as Cloudflare knows it; elsewhere there is none.
    pub fn time_zone(&self) -> Option<String> {
        // What `cf` gives is made anew with each look at it, which takes time.
        let cf = Reflect::get(&self.received.request, &"cf".into()).ok()?;
        Reflect::get(&cf, &"timezone".into()).ok()?.as_string()
    }

    /// A query parameter's text.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A query parameter as a value: a number where `numeric` and it is one.
    pub fn value(&self, name: &str, numeric: bool) -> Option<Value> {
        let text = self.parameter(name)?;
        let number = text.parse::<f64>().ok().filter(|_| numeric);
        Some(number.map_or_else(|| Value::String(text.to_owned()), Value::Number))
    }

    /// A whole number among the query parameters.
    ///
    /// # Errors
    /// `invalid_options` for anything but a whole number in `min..=max`.
    pub fn integer(&self, name: &str, min: i64, max: i64, default: i64) -> Result<i64> {
        match self.value(name, true) {
            None => Ok(default),
            Some(value) => Ok(Field::root(Code::InvalidOptions, name, &value).integer(min, max)?),
        }
    }

    /// A date among the query parameters, in milliseconds since 1970.
    ///
    /// # Errors
    /// `invalid_options` for anything but an ISO 8601 date.
    pub fn date(&self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.parameter(name) else {
            return Ok(None);
        };
        let time = clock::parse_iso(text).filter(|_| text.len() >= "2026-10-05".len());
        match time {
            Some(time) => Ok(Some(time)),
            None => {
                let value = Value::String(text.to_owned());
                let field = Field::root(Code::InvalidOptions, name, &value);
                Err(field.must_be("a date such as 2026-10-05").into())
            }
        }
    }

    /// Refuses parameters that the route does not know.
    ///
    /// # Errors
    /// `invalid_options` naming the first unknown one.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        match self
            .query
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some((name, _)) => Err(invalid(
                Code::InvalidOptions,
                format!(
                    "unknown parameter {}; allowed: {}",
                    quote(name),
                    if known.is_empty() {
                        "none".to_owned()
                    } else {
                        known.join(", ")
                    }
                ),
            )),
        }
    }

    /// The body as a tree.
    ///
    /// # Errors
    /// `code` for a body that is not JSON: truncated, with a lone surrogate, a
    /// number beyond an f64 or a field given twice.
    pub fn json(&self, code: Code) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .map_err(|error| invalid(code, format!("the body is not JSON: {error}")))
    }

    /// The body's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }
}

/// An id of the path.
///
/// # Errors
/// `invalid_options` unless it has 1 to 128 characters, none of them control
/// characters.
pub fn id<'a>(name: &str, text: &'a str) -> Result<&'a str> {
    let value = Value::String(text.to_owned());
    Field::root(Code::InvalidOptions, name, &value).id()?;
    Ok(text)
}

/// Reads a body: at once where its length is stated and small, else bit by bit.
async fn read_body(received: &Received) -> Result<Vec<u8>> {
    let request = &received.request;
    let stated = received.header("content-length");
    let stated = stated.and_then(|length| length.parse::<usize>().ok());
    if stated.is_some_and(|length| length <= BODY_BYTES)
        && let Ok(whole) = request.array_buffer()
    {
        let buffer = JsFuture::from(whole).await.map_err(|_| incomplete())?;
        return Ok(Uint8Array::new(&buffer).to_vec());
    }
    if request.body().is_none() {
        return Ok(Vec::new());
    }
    let mut body = Vec::new();
    // The same request, not what its own `clone` would make: a second body.
    let same = <RawRequest as Clone>::clone(request);
    let mut stream = Request::from(same).stream()?;
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| incomplete())?;
        length += chunk.len();
        if length > DRAINED_BYTES {
            break;
        }
        // A client that is still sending would not hear the answer: what is
        // too much is read, but not kept.
        if length <= BODY_BYTES {
            body.extend(chunk);
        }
    }
    if length > BODY_BYTES {
        return Err(Failure::payload_too_large(BODY_BYTES));
    }
    Ok(body)
}

fn incomplete() -> Failure {
    invalid(
        Code::InvalidOptions,
        "the body ended before it was complete",
    )
}

/// What a handler answers.
pub struct Answer {
    /// The status.
    pub status: u16,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
    /// The decision that the request's line of the log names.
    pub noted: Option<Noted>,
}

/// What the log says of a decision: never parameters, mood or personality.
#[derive(Serialize)]
pub struct Noted {
    /// The decision.
    pub decision_id: String,
    /// Who decided.
    pub source: &'static str,
    /// By which version of the policy.
    pub policy_version: u64,
    /// The experiment's arm.
    pub arm: &'static str,
    /// Where the items came from.
    pub provider: &'static str,
}

impl Answer {
    /// A JSON answer.
    ///
    /// # Errors
    /// `internal` for a value that JSON cannot hold.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Failure::internal(format!("an answer cannot be written: {error}")))?;
        Ok(Self {
            status,
            body,
            headers: vec![("content-type", "application/json".into())],
            noted: None,
        })
    }

    /// A binary answer.
    pub fn bytes(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body,
            headers: vec![("content-type", "application/octet-stream".into())],
            noted: None,
        }
    }

    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            body: Vec::new(),
            headers: Vec::new(),
            noted: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether it has a header.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == name)
    }

    /// Names a decision in the request's line of the log.
    #[must_use]
    pub fn noting(self, decision: Noted) -> Self {
        Self {
            noted: Some(decision),
            ..self
        }
    }

    /// The response on the wire.
    pub fn response(self) -> worker::Result<Response> {
        let headers: BTreeMap<_, _> = self.headers.into_iter().collect();
        // Written once and parsed there: to set field by field is a call each.
        let init = json!({ "status": self.status, "headers": headers });
        let init: ResponseInit = JSON::parse(&init.to_string())?.unchecked_into();
        let body = (!self.body.is_empty()).then(|| Uint8Array::from(self.body.as_slice()));
        Ok(Response::new_with_opt_js_u8_array_and_init(
            body.as_ref(),
            &init,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_url_is_a_path_and_a_query() {
        for (url, path, query) in [
            ("http://localhost:8000/api/v1?a=b&c", "api/v1", "a=b&c"),
            ("https://example.com/a/?b?c#d", "a/", "b?c"),
            ("https://example.com/a#b?c", "a", ""),
            ("https://example.com", "", ""),
            ("https://example.com?a/b", "", "a/b"),
            ("https://example.com/http://b", "http://b", ""),
        ] {
            assert_eq!(split(url), (path, query), "{url}");
        }
    }
}
