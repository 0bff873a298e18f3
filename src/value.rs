//! Input from outside as one tree, and the reader that checks it.
//!
//! JavaScript objects, HTTP bodies and imported JSON all become a [`Value`];
//! each core type then has one `parse`, so that a misspelt field or a NaN gets
//! the same code and sentence whichever way it came in.

use std::fmt;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::codec::{Reader, Writer};
use crate::error::{Code, Error, Result};

/// The longest id (user, decision, content) in characters.
pub const ID_CHARS: usize = 128;
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
            Self::Bool(b) => format!("`{b}`"),
            Self::Number(n) => format!("`{n}`"),
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
        let corrupt = || Error::new(Code::CorruptModel, "not a readable model: a setting");
        let deeper = depth.checked_sub(1).ok_or_else(corrupt)?;
        Ok(match input.byte()? {
            0 => Self::Null,
            b @ 1..=2 => Self::Bool(b == 2),
            3 => Self::Number(input.float()?),
            4 => Self::String(input.text()?.to_owned()),
            5 => (0..input.count(1)?)
                .map(|_| Self::decode_at(input, deeper))
                .collect::<Result<_>>()
                .map(Self::Array)?,
            6 => (0..input.count(2)?)
                .map(|_| Ok((input.text()?.to_owned(), Self::decode_at(input, deeper)?)))
                .collect::<Result<_>>()
                .map(Self::Object)?,
            _ => return Err(corrupt()),
        })
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_unit(),
            Self::Bool(b) => out.serialize_bool(*b),
            Self::Number(n) => out.serialize_f64(*n),
            Self::String(s) => out.serialize_str(s),
            Self::Array(items) => out.collect_seq(items),
            Self::Object(fields) => out.collect_map(fields.iter().map(|(k, v)| (k, v))),
        }
    }
}

/// `text` in backticks, cut to 40 characters, control characters escaped.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::from("`");
    let mut chars = text.chars();
    for c in chars.by_ref().take(QUOTED_CHARS) {
        if c.is_control() || c == '`' {
            out.extend(c.escape_default());
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

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> std::result::Result<Value, E> {
        Ok(Value::Number(v as f64))
    }

    fn visit_u64<E>(self, v: u64) -> std::result::Result<Value, E> {
        Ok(Value::Number(v as f64))
    }

    fn visit_f64<E>(self, v: f64) -> std::result::Result<Value, E> {
        Ok(Value::Number(v))
    }

    fn visit_str<E>(self, v: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> std::result::Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            // Later-wins is how one reader checks a value and another uses a different one.
            if fields.iter().any(|(k, _)| *k == key) {
                return Err(A::Error::custom(format!(
                    "field {} is given twice",
                    quote(&key)
                )));
            }
            fields.push((key, value));
        }
        Ok(Value::Object(fields))
    }
}

/// One value with the path that leads to it, for checks that name the field.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    code: Code,
    /// The path of what holds it; a root's own name.
    within: Rc<str>,
    step: Step<'a>,
    value: &'a Value,
}

/// The last step of a path. Paths are joined only when an error needs one:
/// most fields are fine, and logs have millions of them.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> Field<'a> {
    /// The root of an input: errors carry `code` and call the value `name`.
    #[must_use]
    pub fn root(code: Code, name: &str, value: &'a Value) -> Self {
        Self {
            code,
            within: name.into(),
            step: Step::Root,
            value,
        }
    }

    fn path(&self) -> Rc<str> {
        match self.step {
            Step::Root => Rc::clone(&self.within),
            Step::Name(name) => format!("{}.{name}", self.within).into(),
            Step::Index(i) => format!("{}[{i}]", self.within).into(),
        }
    }

    /// The value itself, unchecked.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// The error "`path` must be `expected`, got …".
    #[must_use]
    pub fn must_be(&self, expected: &str) -> Error {
        Error::new(
            self.code,
            format!(
                "`{}` must be {expected}, got {}",
                self.path(),
                self.value.quoted()
            ),
        )
    }

    /// A finite number in `min..=max`.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn number(&self, min: f64, max: f64) -> Result<f64> {
        match self.value {
            Value::Number(n) if *n >= min && *n <= max => Ok(*n),
            _ => Err(self.must_be(&format!("a number from {min} to {max}"))),
        }
    }

    /// A whole number in `min..=max`, exact in an f64.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn integer(&self, min: i64, max: i64) -> Result<i64> {
        match self.value {
            Value::Number(n) if *n >= min as f64 && *n <= max as f64 && libm::floor(*n) == *n => {
                Ok(*n as i64)
            }
            _ => Err(self.must_be(&format!("a whole number from {min} to {max}"))),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn boolean(&self) -> Result<bool> {
        match self.value {
            Value::Bool(b) => Ok(*b),
            _ => Err(self.must_be("true or false")),
        }
    }

    /// A string of 1 to `max` characters without control characters and without
    /// U+FFFD, the trace that a lone surrogate leaves.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn text(&self, max: usize) -> Result<&'a str> {
        match self.value {
            Value::String(s)
                if !s.is_empty()
                    && s.chars().count() <= max
                    && !s.contains(|c: char| c.is_control() || c == '\u{fffd}') =>
            {
                Ok(s)
            }
            _ => Err(self.must_be(&format!("a well-formed string of 1 to {max} characters"))),
        }
    }

    /// An id: 1 to 128 characters.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn id(&self) -> Result<&'a str> {
        self.text(ID_CHARS)
    }

    /// One of `words`; gives its position.
    ///
    /// # Errors
    /// Anything else: the field's code, listing what is allowed.
    pub fn word<W: AsRef<str>>(&self, words: &[W]) -> Result<usize> {
        if let Value::String(s) = self.value
            && let Some(i) = words.iter().position(|w| w.as_ref() == s)
        {
            return Ok(i);
        }
        let list: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        Err(self.must_be(&format!("one of {}", list.join(", "))))
    }

    /// A list of at most `max` entries.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn list(&self, max: usize) -> Result<Vec<Field<'a>>> {
        match self.value {
            Value::Array(items) if items.len() <= max => {
                let path = self.path();
                Ok(items
                    .iter()
                    .enumerate()
                    .map(|(i, value)| Field {
                        code: self.code,
                        within: Rc::clone(&path),
                        step: Step::Index(i),
                        value,
                    })
                    .collect())
            }
            _ => Err(self.must_be(&format!("a list of at most {max} entries"))),
        }
    }

    /// Named fields. Call [`Fields::finish`] after reading the known ones.
    ///
    /// # Errors
    /// Not an object: the field's code.
    pub fn fields(&self) -> Result<Fields<'a>> {
        match self.value {
            Value::Object(entries) => Ok(Fields {
                code: self.code,
                path: self.path(),
                entries,
                known: Vec::new(),
            }),
            _ => Err(self.must_be("an object")),
        }
    }
}

/// An object being read: it remembers which names were asked for.
#[derive(Debug)]
pub struct Fields<'a> {
    code: Code,
    path: Rc<str>,
    entries: &'a [(String, Value)],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field `name` if it is there.
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'a>> {
        self.known.push(name);
        let (_, value) = self.entries.iter().find(|(k, _)| k == name)?;
        Some(Field {
            code: self.code,
            within: Rc::clone(&self.path),
            step: Step::Name(name),
            value,
        })
    }

    /// The field `name`.
    ///
    /// # Errors
    /// It is missing: the object's code.
    pub fn required(&mut self, name: &'static str) -> Result<Field<'a>> {
        self.optional(name)
            .ok_or_else(|| Error::new(self.code, format!("`{}.{name}` is missing", self.path)))
    }

    /// Every entry with its name, for objects whose keys are data.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        let (code, path) = (self.code, self.path);
        self.entries.iter().map(move |(name, value)| {
            let field = Field {
                code,
                within: Rc::clone(&path),
                step: Step::Name(name),
                value,
            };
            (name.as_str(), field)
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A field nobody asked for: the object's code, listing the known ones.
    pub fn finish(self) -> Result<()> {
        match self
            .entries
            .iter()
            .find(|(name, _)| !self.known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some((name, _)) => Err(Error::new(
                self.code,
                format!(
                    "unknown field {} in `{}`; allowed: {}",
                    quote(name),
                    self.path,
                    self.known.join(", ")
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_unknown_field_is_named_and_the_known_are_listed() {
        let value = json(r#"{"mood": "sad", "moood": 1}"#);
        let mut fields = Field::root(Code::InvalidContext, "context", &value)
            .fields()
            .unwrap();
        assert!(fields.optional("mood").is_some());
        let error = fields.finish().unwrap_err();
        assert_eq!(
            error.message(),
            "unknown field `moood` in `context`; allowed: mood"
        );
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let error = serde_json::from_str::<Value>(r#"{"a": 1, "a": 2}"#).unwrap_err();
        assert!(error.to_string().contains("`a` is given twice"), "{error}");
    }

    #[test]
    fn numbers_must_be_finite_and_in_range() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, 100.5] {
            let value = Value::Number(bad);
            let field = Field::root(Code::InvalidContext, "openness", &value);
            assert_eq!(
                field.number(0.0, 100.0).unwrap_err().code(),
                Code::InvalidContext
            );
        }
    }

    #[test]
    fn long_and_hostile_strings_are_quoted_short() {
        let quoted = Value::String("x\n`".repeat(1_000_000)).quoted();
        assert!(quoted.chars().count() < 120 && !quoted.contains('\n'));
    }

    #[test]
    fn text_refuses_the_trace_of_a_lone_surrogate() {
        let value = Value::String("user-\u{fffd}".into());
        assert!(
            Field::root(Code::InvalidContext, "user_id", &value)
                .id()
                .is_err()
        );
    }
}
