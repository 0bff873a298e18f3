//! What a request can end in instead of an answer, and the one table from
//! codes to statuses.

use moodloop::Code;
use serde_json::json;

use crate::http::Answer;

/// A refused or failed request: a stable code and one line for people.
#[derive(Clone, Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
    /// Seconds after which a retry makes sense, for `Retry-After`.
    retry_after: Option<u32>,
    /// The methods that the address answers.
    allow: Option<String>,
}

/// The result of everything that answers a request.
pub type Result<T> = std::result::Result<T, Failure>;

/// Every code that HTTP adds to the core's, with its status. The core's codes
/// that blame the caller are 400, those that blame stored bytes 500.
pub const STATUSES: [(&str, u16); 21] = [
    ("invalid_context", 400),
    ("invalid_feedback", 400),
    ("invalid_reward", 400),
    ("invalid_params", 400),
    ("invalid_options", 400),
    ("invalid_item", 400),
    ("corrupt_log", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("not_found", 404),
    ("unknown_decision", 404),
    ("method_not_allowed", 405),
    ("conflict", 409),
    ("payload_too_large", 413),
    ("rate_limited", 429),
    ("internal", 500),
    ("corrupt_model", 500),
    ("evidence_full", 500),
    ("unsupported_version", 500),
    ("provider_failed", 502),
    ("unavailable", 503),
];

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
            allow: None,
        }
    }

    /// No valid credentials.
    pub fn unauthorized(message: &str) -> Self {
        Self::new("unauthorized", message)
    }

    /// Valid or no credentials, but not for this.
    pub fn forbidden(message: &str) -> Self {
        Self::new("forbidden", message)
    }

    /// Nothing at this address.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("not_found", message)
    }

    /// An address that answers other methods, such as `GET, DELETE`.
    pub fn method_not_allowed(allowed: &str) -> Self {
        Self {
            allow: Some(allowed.to_owned()),
            ..Self::new("method_not_allowed", format!("allowed here: {allowed}"))
        }
    }

    /// The request contradicts what is stored.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new("conflict", message)
    }

    /// A body beyond the limit.
    pub fn payload_too_large(limit: usize) -> Self {
        Self::new(
            "payload_too_large",
            format!("a body may hold at most {limit} bytes"),
        )
    }

    /// Too many requests; worth a retry in `seconds`.
    pub fn rate_limited(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new("rate_limited", "too many requests; try again later")
        }
    }

    /// A store or a service is away; worth a retry.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new("unavailable", message)
        }
    }

    /// A fault of this program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("internal", message)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status that goes with the code.
    #[must_use]
    pub fn status(&self) -> u16 {
        STATUSES
            .iter()
            .find(|(code, _)| *code == self.code)
            .map_or(500, |(_, status)| *status)
    }

    /// The answer `{error: {code, message}}`.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn answer(&self) -> Result<Answer> {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut answer = Answer::json(self.status(), &body)?;
        if let Some(seconds) = self.retry_after {
            answer = answer.with("retry-after", seconds.to_string());
        }
        if let Some(methods) = &self.allow {
            answer = answer.with("allow", methods);
        }
        Ok(answer)
    }
}

impl From<moodloop::Error> for Failure {
    fn from(error: moodloop::Error) -> Self {
        Self::new(error.code().as_str(), error.message())
    }
}

/// D1, KV and the platform fail with texts that may quote stored data: they go
/// to the log, never into an answer.
impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        worker::console_error!(
            "{}",
            json!({ "event": "store_failed", "error": error.to_string() })
        );
        Self::unavailable("a store did not answer; nothing was changed")
    }
}

impl From<worker::kv::KvError> for Failure {
    fn from(error: worker::kv::KvError) -> Self {
        worker::Error::from(error).into()
    }
}

/// The error for one input that is not what `code` says it should be.
pub fn invalid(code: Code, message: impl Into<String>) -> Failure {
    moodloop::Error::new(code, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_core_has_a_status() {
        for code in Code::ALL {
            let known = STATUSES.iter().any(|(word, _)| *word == code.as_str());
            assert!(known, "{}", code.as_str());
        }
    }
}
