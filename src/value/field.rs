//! The reader that checks input: values with the paths that lead to them.

use super::{ID_CHARS, Value, is_text, quote};
use crate::error::{Code, Error, Result};
use crate::text::{join, number};

/// One value with what it takes to name it, for checks that name the field.
///
/// Its path is looked for only when an error needs one: most fields are fine,
/// and logs have millions of them.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    code: Code,
    /// What errors call the root.
    name: &'a str,
    root: &'a Value,
    value: &'a Value,
}

/// Appends the path from `at` to `wanted`, a part of the same tree.
fn trace(at: &Value, wanted: &Value, path: &mut String) -> bool {
    if std::ptr::eq(at, wanted) {
        return true;
    }
    let end = path.len();
    let mut below = |step: &[&str], value: &Value| {
        path.extend(step.iter().copied());
        let found = trace(value, wanted, path);
        if !found {
            path.truncate(end);
        }
        found
    };
    match at {
        Value::Array(items) => {
            (items.iter().enumerate()).any(|(i, item)| below(&["[", &number(i as f64), "]"], item))
        }
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| below(&[".", name], value)),
        _ => false,
    }
}

impl<'a> Field<'a> {
    /// The root of an input: errors carry `code` and call the value `name`.
    #[must_use]
    pub const fn root(code: Code, name: &'a str, value: &'a Value) -> Self {
        Self {
            code,
            name,
            root: value,
            value,
        }
    }

    const fn part(&self, value: &'a Value) -> Self {
        Self { value, ..*self }
    }

    fn path(&self) -> String {
        let mut path = self.name.to_owned();
        trace(self.root, self.value, &mut path);
        path
    }

    /// The value itself, unchecked.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// The error "`path` must be `expected`, got …".
    #[must_use]
    #[cold]
    pub fn must_be(&self, expected: &str) -> Error {
        let (path, got) = (self.path(), self.value.quoted());
        Error::new(
            self.code,
            join(&["`", &path, "` must be ", expected, ", got ", &got], ""),
        )
    }

    #[cold]
    fn must_be_within(&self, what: &str, min: f64, max: f64) -> Error {
        self.must_be(&join(&[what, &number(min), " to ", &number(max)], ""))
    }

    /// A finite number in `min..=max`.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn number(&self, min: f64, max: f64) -> Result<f64> {
        match self.value {
            Value::Number(n) if *n >= min && *n <= max => Ok(*n),
            _ => Err(self.must_be_within("a number from ", min, max)),
        }
    }

    /// A whole number in `min..=max`, exact in an f64.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn integer(&self, min: i64, max: i64) -> Result<i64> {
        let (min, max) = (min as f64, max as f64);
        match self.value {
            Value::Number(n) if *n >= min && *n <= max && libm::floor(*n) == *n => Ok(*n as i64),
            _ => Err(self.must_be_within("a whole number from ", min, max)),
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
            Value::String(s) if is_text(s, max) => Ok(s),
            _ => Err(self.must_be(&join(
                &[
                    "a well-formed string of 1 to ",
                    &number(max as f64),
                    " characters",
                ],
                "",
            ))),
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
        Err(self.must_be(&join(&["one of ", &join(words, ", ")], "")))
    }

    /// A list of at most `max` entries.
    ///
    /// # Errors
    /// Anything else: the field's code.
    pub fn list(&self, max: usize) -> Result<Vec<Field<'a>>> {
        match self.value {
            Value::Array(items) if items.len() <= max => {
                Ok(items.iter().map(|value| self.part(value)).collect())
            }
            _ => {
                let max = number(max as f64);
                Err(self.must_be(&join(&["a list of at most ", &max, " entries"], "")))
            }
        }
    }

    /// Named fields. Call [`Fields::finish`] after reading the known ones.
    ///
    /// # Errors
    /// Not an object: the field's code.
    pub fn fields(&self) -> Result<Fields<'a>> {
        match self.value {
            Value::Object(entries) => Ok(Fields {
                whole: *self,
                entries,
                known: Vec::with_capacity(entries.len() + 4),
                read: 0,
            }),
            _ => Err(self.must_be("an object")),
        }
    }
}

/// An object being read: it remembers which names were asked for.
#[derive(Debug)]
pub struct Fields<'a> {
    whole: Field<'a>,
    entries: &'a [(String, Value)],
    known: Vec<&'static str>,
    /// One bit for each of the first 64 entries: whether it was asked for.
    read: u64,
}

impl<'a> Fields<'a> {
    /// The field `name` if it is there.
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'a>> {
        self.known.push(name);
        let at = self.entries.iter().position(|(k, _)| k == name)?;
        self.read |= 1u64.checked_shl(at as u32).unwrap_or(0);
        self.entries
            .get(at)
            .map(|(_, value)| self.whole.part(value))
    }

    /// The field `name`.
    ///
    /// # Errors
    /// It is missing: the object's code.
    pub fn required(&mut self, name: &'static str) -> Result<Field<'a>> {
        match self.optional(name) {
            Some(field) => Ok(field),
            None => Err(Error::new(
                self.whole.code,
                join(&["`", &self.whole.path(), ".", name, "` is missing"], ""),
            )),
        }
    }

    /// Sets `slot` to the number `name`, in `min..=max`, if it is there.
    ///
    /// # Errors
    /// Anything else than such a number: the object's code.
    pub fn set(&mut self, name: &'static str, min: f64, max: f64, slot: &mut f64) -> Result<()> {
        if let Some(given) = self.optional(name) {
            *slot = given.number(min, max)?;
        }
        Ok(())
    }

    /// Every entry with its name, for objects whose keys are data.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        let entries = self.entries.iter();
        entries.map(move |(name, value)| (name.as_str(), self.whole.part(value)))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A field nobody asked for: the object's code, listing the known ones.
    pub fn finish(self) -> Result<()> {
        if self.read.count_ones() as usize == self.entries.len() {
            return Ok(());
        }
        let stranger = |(name, _): &&(String, Value)| !self.known.contains(&name.as_str());
        match self.entries.iter().find(stranger) {
            None => Ok(()),
            Some((name, _)) => {
                let (name, path) = (quote(name), self.whole.path());
                let known = join(&self.known, ", ");
                Err(Error::new(
                    self.whole.code,
                    join(
                        &[
                            "unknown field ",
                            &name,
                            " in `",
                            &path,
                            "`; allowed: ",
                            &known,
                        ],
                        "",
                    ),
                ))
            }
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
