//! The one error of the core: a stable code and a sentence.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// What went wrong, as a stable word that programs may compare.
        ///
        /// JavaScript sees it as `error.code`, HTTP as `error.code` in the body; one
        /// table in the Worker maps codes to statuses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it appears in JavaScript and over HTTP.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// A context that SPEC section 1 does not allow.
    InvalidContext "invalid_context";
    /// Feedback with an unknown kind, a percentage out of range, or nothing in it.
    InvalidFeedback "invalid_feedback";
    /// A reward that is not finite or whose magnitude exceeds 100.
    InvalidReward "invalid_reward";
    /// Parameters or a strategy name that SPEC section 3 does not know.
    InvalidParams "invalid_params";
    /// Options of an agent, a ranking or a request that are out of range or unknown.
    InvalidOptions "invalid_options";
    /// A catalog item that lacks a field or holds a value out of range.
    InvalidItem "invalid_item";
    /// Feedback for a decision that this agent does not hold.
    UnknownDecision "unknown_decision";
    /// An integer sum of the evidence would overflow.
    EvidenceFull "evidence_full";
    /// Bytes that are no model, or a model that cannot be solved.
    CorruptModel "corrupt_model";
    /// A log entry that cannot be one: truncated, reordered, or contradicting itself.
    CorruptLog "corrupt_log";
    /// Bytes of a format newer than this build can read.
    UnsupportedVersion "unsupported_version";
    /// A provider (Spotify, YouTube) answered with something other than documented.
    ProviderFailed "provider_failed";
}

/// An error of the core: a [`Code`] and one lowercase line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Inner>);

/// Behind one pointer: what can fail returns mostly values, and these stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    code: Code,
    message: String,
}

/// The result of everything in the core that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with `code`; `message` is one lowercase line that quotes the
    /// offending input in backticks.
    #[must_use]
    #[cold]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
        }))
    }

    /// The stable code, for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence, for people; its wording may change.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().as_str(), self.message())
    }
}

impl std::error::Error for Error {}
