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
use worker::worker_sys::web_sys::{Request as RawRequest, Response, ResponseInit};
use worker::{Request, Url};

use crate::clock;
use crate::error::{Failure, Result, invalid};

/// The largest body that is read, in bytes.
pub const BODY_BYTES: usize = 16 * 1024;
/// How much of a larger body is read on, in bytes.
const DRAINED_BYTES: usize = 4 * 1024 * 1024;

/// A request that matched a route.
pub struct Call {
    /// What stood in the places of `{…}` in the route's path, decoded.
    pub path: Vec<String>,
    query: Vec<(String, String)>,
    request: RawRequest,
    body: Vec<u8>,
}

impl Call {
    /// Reads what handlers may look at; the body only up to the limit.
    ///
    /// # Errors
    /// `payload_too_large`; `invalid_options` for a parameter given twice.
    pub async fn read(request: RawRequest, url: &Url, path: Vec<String>) -> Result<Self> {
        let mut query: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
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
            body: read_body(&request).await?,
            request,
        })
    }

    /// The `n`-th place of the route's path.
    pub fn place(&self, n: usize) -> &str {
        self.path.get(n).map_or("", String::as_str)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// The visitor's IANA time zone as Cloudflare knows it; elsewhere there is none.
    pub fn time_zone(&self) -> Option<String> {
        // What `cf` gives is made anew with each look at it, which takes time.
        let cf = Reflect::get(&self.request, &"cf".into()).ok()?;
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
async fn read_body(request: &RawRequest) -> Result<Vec<u8>> {
    if request.body().is_none() {
        return Ok(Vec::new());
    }
    let stated = request.headers().get("content-length").ok().flatten();
    let stated = stated.and_then(|length| length.parse::<usize>().ok());
    if stated.is_some_and(|length| length <= BODY_BYTES)
        && let Ok(whole) = request.array_buffer()
    {
        let buffer = JsFuture::from(whole).await.map_err(|_| incomplete())?;
        return Ok(Uint8Array::new(&buffer).to_vec());
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
    /// What the request's line of the log says beside the usual.
    pub note: Option<(&'static str, serde_json::Value)>,
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
            note: None,
        })
    }

    /// A binary answer.
    pub fn bytes(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body,
            headers: vec![("content-type", "application/octet-stream".into())],
            note: None,
        }
    }

    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self {
            status,
            body: Vec::new(),
            headers: Vec::new(),
            note: None,
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

    /// Adds something to the request's line of the log.
    #[must_use]
    pub fn noting(self, name: &'static str, value: serde_json::Value) -> Self {
        Self {
            note: Some((name, value)),
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
