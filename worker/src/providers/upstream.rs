//! One question to an outside provider: in time, of bounded size, asked again
//! where that may help.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use moodloop::providers::{Failure, Request};
use moodloop::value::Value;
use wasm_bindgen::JsValue;
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Method, RequestInit, RequestRedirect,
};

use crate::clock;

/// How often it is asked at most.
const ATTEMPTS: u32 = 3;
/// The pause before the first retry, in milliseconds; half of it is chance.
const PAUSE_MS: i64 = 200;
/// The largest answer that is read, in bytes.
const ANSWER_BYTES: usize = 512 * 1024;

/// How a provider says what went wrong: status, `Retry-After`, JSON body.
pub type Classify = fn(u16, Option<&str>, Option<&Value>) -> Failure;

/// When a provider's time is up.
#[derive(Clone, Copy)]
pub struct Deadline(i64);

impl Deadline {
    /// Starts the clock: a provider has `patience_ms` in all, retries included.
    pub fn begin(patience_ms: i64) -> Self {
        Self(clock::now() + patience_ms)
    }

    /// The milliseconds left, at least 0.
    fn left(self) -> i64 {
        (self.0 - clock::now()).max(0)
    }
}

/// Asks until there is an answer, a failure that asking again does not cure,
/// or no time left. `attempt` asks once.
///
/// # Errors
/// The last failure.
pub async fn retrying<T>(
    deadline: Deadline,
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut asked = 0;
    loop {
        let failure = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        asked += 1;
        let pause = pause(failure, asked, clock::chance());
        if !failure.may_retry() || asked == ATTEMPTS || pause >= deadline.left() {
            return Err(failure);
        }
        wait(pause).await;
    }
}

/// The milliseconds before asking again: what the provider asked for, and a
/// pause that doubles and is half chance, so that isolates do not march in step.
fn pause(failure: Failure, asked: u32, chance: f64) -> i64 {
    let named = match failure {
        Failure::RateLimited {
            retry_after_s: Some(seconds),
        } => i64::from(seconds) * 1000,
        _ => 0,
    };
    let backoff = PAUSE_MS << (asked - 1);
    named + backoff / 2 + (chance * (backoff / 2) as f64) as i64
}

async fn wait(ms: i64) {
    Delay::from(Duration::from_millis(ms.unsigned_abs())).await;
}

/// Asks once; gives the bytes of an answer that is JSON, and the JSON.
///
/// # Errors
/// What `classify` makes of an answer that is no success; `Unavailable` for no
/// answer in time, one that is too large, or one that is not JSON.
pub async fn ask(
    request: &Request,
    deadline: Deadline,
    classify: Classify,
) -> Result<(Vec<u8>, Value), Failure> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchange = pin!(exchange(request, &signal));
    let timeout = pin!(wait(deadline.left()));
    let answer = match select(exchange, timeout).await {
        Either::Left((answer, _)) => answer.map_err(|_| Failure::Unavailable)?,
        Either::Right(((), _)) => {
            controller.abort();
            return Err(Failure::Unavailable);
        }
    };
    let body = answer.body.and_then(|bytes| {
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        Some((bytes, value))
    });
    if (200..300).contains(&answer.status) {
        return body.ok_or(Failure::Unavailable);
    }
    let value = body.as_ref().map(|(_, value)| value);
    Err(classify(
        answer.status,
        answer.retry_after.as_deref(),
        value,
    ))
}

/// What came back. The body is absent where it was too large.
struct Answer {
    status: u16,
    retry_after: Option<String>,
    body: Option<Vec<u8>>,
}

async fn exchange(request: &Request, signal: &AbortSignal) -> worker::Result<Answer> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method.to_owned()))
        .with_headers(headers)
        // A redirect would carry the key to wherever it leads.
        .with_redirect(RequestRedirect::Manual)
        .with_body(request.body.as_deref().map(JsValue::from_str));
    let outgoing = worker::Request::new_with_init(&request.url, &init)?;
    let mut response = Fetch::Request(outgoing).send_with_signal(signal).await?;
    let status = response.status_code();
    let retry_after = response.headers().get("retry-after")?;
    let mut bytes = Vec::new();
    let mut stream = response.stream()?;
    while let Some(chunk) = stream.next().await {
        bytes.extend(chunk?);
        if bytes.len() > ANSWER_BYTES {
            return Ok(Answer {
                status,
                retry_after,
                body: None,
            });
        }
    }
    Ok(Answer {
        status,
        retry_after,
        body: Some(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_honour_what_was_asked_for() {
        let down = Failure::Unavailable;
        assert_eq!((pause(down, 1, 0.0), pause(down, 1, 1.0)), (100, 200));
        assert_eq!((pause(down, 2, 0.0), pause(down, 2, 1.0)), (200, 400));
        let limited = Failure::RateLimited {
            retry_after_s: Some(7),
        };
        assert_eq!(pause(limited, 1, 0.0), 7100);
    }
}
