//! Input from outside as one tree, and the reader that checks it.
//!
//! JavaScript objects, HTTP bodies and imported JSON all become a [`Value`];
//! each core type then has one `parse`, so that a misspelt field or a NaN gets
//! the same code and sentence whichever way it came in.

mod field;
mod refill;
mod tree;
mod word;
mod written;

pub use field::{Field, Fields};
pub(crate) use refill::Refill;
pub(crate) use word::words;
pub use written::{Object, Written, WrittenFields};
pub(crate) use written::{serialize_as_written, written};

use serde::ser::{Serialize, Serializer};

use crate::codec::{Reader, Writer, unreadable};
use crate::error::Result;
use crate::text::number;

/// The longest id (user, decision, content) in characters.
pub const ID_CHARS: usize = 128;
/// Below this, whole numbers are exact.
const SAFE: f64 = 9e15;
/// How deeply stored settings may nest.
const DEPTH: usize = 8;
/// How much of an offending string an error repeats, in characters.
const QUOTED_CHARS: usize = 40;

/// A JSON-like value. Objects keep their order and hold each key once.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number, NaN and infinities included (JavaScript has them).
    Number(f64),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Named fields.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The value as an error quotes it: short, on one line.
    #[must_use]
    pub fn quoted(&self) -> String {
        match self {
            Self::Null => "`null`".into(),
            Self::Bool(true) => "`true`".into(),
            Self::Bool(false) => "`false`".into(),
            Self::Number(n) => quote(&number(*n)),
            Self::String(s) => quote(s),
            Self::Array(_) => "a list".into(),
            Self::Object(_) => "an object".into(),
        }
    }
}

impl Value {
    /// Appends the value to a body.
    pub fn encode(&self, out: &mut Writer) {
        match self {
            Self::Null => out.byte(0),
            Self::Bool(b) => out.byte(1 + u8::from(*b)),
            Self::Number(n) => {
                out.byte(3);
                out.float(*n);
            }
            Self::String(s) => {
                out.byte(4);
                out.text(s);
            }
            Self::Array(items) => {
                out.byte(5);
                out.uint(items.len() as u64);
                items.iter().for_each(|item| item.encode(out));
            }
            Self::Object(fields) => {
                out.byte(6);
                out.uint(fields.len() as u64);
                for (name, value) in fields {
                    out.text(name);
                    value.encode(out);
                }
            }
        }
    }

    /// Takes back what [`Value::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` for anything else, or nesting deeper than eight.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::decode_at(input, DEPTH)
    }

    fn decode_at(input: &mut Reader<'_>, depth: usize) -> Result<Self> {
        let corrupt = || unreadable("model", "a setting");
        let deeper = depth.checked_sub(1).ok_or_else(corrupt)?;
        Ok(match input.byte()? {
            0 => Self::Null,
            b @ 1..=2 => Self::Bool(b == 2),
            3 => Self::Number(input.float()?),
            4 => Self::String(input.text()?.to_owned()),
            5 => {
                let mut items = Vec::new();
                for _ in 0..input.count(1)? {
                    items.push(Self::decode_at(input, deeper)?);
                }
                Self::Array(items)
            }
            6 => {
                let mut fields = Vec::new();
                for _ in 0..input.count(2)? {
                    let name = input.text()?.to_owned();
                    fields.push((name, Self::decode_at(input, deeper)?));
                }
                Self::Object(fields)
            }
            _ => return Err(corrupt()),
        })
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_unit(),
            Self::Bool(b) => out.serialize_bool(*b),
            // Counts are written without a point.
            Self::Number(n) if n.abs() < SAFE && libm::floor(*n) == *n => {
                out.serialize_i64(*n as i64)
            }
            Self::Number(n) => out.serialize_f64(*n),
            Self::String(s) => out.serialize_str(s),
            Self::Array(items) => out.collect_seq(items),
            Self::Object(fields) => out.collect_map(fields.iter().map(|(k, v)| (k, v))),
        }
    }
}

/// Whether `text` has 1 to `max` characters, no control characters, and no
/// U+FFFD, the trace that a lone surrogate leaves.
pub(crate) fn is_text(text: &str, max: usize) -> bool {
    !text.is_empty()
        && (text.len() <= max || text.chars().nth(max).is_none())
        && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}

/// `text` in backticks, cut to 40 characters; control characters and backticks
/// are replaced.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::from("`");
    let mut chars = text.chars();
    for c in chars.by_ref().take(QUOTED_CHARS) {
        if c.is_control() || c == '`' {
            out.push('\u{fffd}');
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out.push('`');
    out
}
