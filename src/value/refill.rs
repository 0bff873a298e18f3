//! Reading serialized data into a [`Value`], a fresh one or one that was read before.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Value, quote};

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Self::Null;
        Refill(&mut value).deserialize(deserializer)?;
        Ok(value)
    }
}

/// Replaces a value by what is read. Lists, fields and strings keep their
/// memory where the new value has the shape of the old one: the lines of a log
/// are read without any new memory. After an error the value is anything.
pub(crate) struct Refill<'a>(pub &'a mut Value);

impl<'de> DeserializeSeed<'de> for Refill<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Refill<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.0 = Value::Null;
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        *self.0 = Value::Bool(v);
        Ok(())
    }

    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        *self.0 = Value::Number(v as f64);
        Ok(())
    }

    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        *self.0 = Value::Number(v as f64);
        Ok(())
    }

    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        *self.0 = Value::Number(v);
        Ok(())
    }

    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        match self.0 {
            Value::String(text) => {
                text.clear();
                text.push_str(v);
            }
            other => *other = Value::String(v.to_owned()),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if !matches!(self.0, Value::Array(_)) {
            *self.0 = Value::Array(Vec::new());
        }
        let Value::Array(items) = self.0 else {
            return Ok(());
        };
        let mut count = 0;
        loop {
            let mut fresh = Value::Null;
            let slot = items.get_mut(count);
            let is_fresh = slot.is_none();
            if seq
                .next_element_seed(Refill(slot.unwrap_or(&mut fresh)))?
                .is_none()
            {
                break;
            }
            if is_fresh {
                items.push(fresh);
            }
            count += 1;
        }
        items.truncate(count);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if !matches!(self.0, Value::Object(_)) {
            *self.0 = Value::Object(Vec::new());
        }
        let Value::Object(fields) = self.0 else {
            return Ok(());
        };
        let mut count = 0;
        loop {
            if fields.len() == count {
                fields.push((String::new(), Value::Null));
            }
            let (before, rest) = fields.split_at_mut(count);
            let Some((name, value)) = rest.first_mut() else {
                break;
            };
            if map.next_key_seed(Key(name))?.is_none() {
                break;
            }
            // Later-wins is how one reader checks a value and another uses a different one.
            if before.iter().any(|(known, _)| known == name) {
                return Err(A::Error::custom(format!(
                    "field {} is given twice",
                    quote(name)
                )));
            }
            map.next_value_seed(Refill(value))?;
            count += 1;
        }
        fields.truncate(count);
        Ok(())
    }
}

/// The name of a field, replaced by what is read.
struct Key<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        if self.0 != v {
            v.clone_into(self.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn read(value: &mut Value, text: &str) -> serde_json::Result<()> {
        let mut json = serde_json::Deserializer::from_str(text);
        Refill(value).deserialize(&mut json)?;
        json.end()
    }

    const TEXTS: [&str; 9] = [
        "null",
        "[1, [2, \"two\"], {\"a\": 3}]",
        "[true]",
        "{\"a\": 1, \"b\": \"longer than before\", \"c\": {\"d\": []}}",
        "{\"a\": {\"b\": 2}, \"b\": \"é\"}",
        "{\"b\": [1, 2, 3]}",
        "{}",
        "\"text\"",
        "{\"a\": 1, \"a\": 2}",
    ];

    proptest! {
        #[test]
        fn what_was_there_before_leaves_no_trace(order in proptest::collection::vec(0..TEXTS.len(), 1..8)) {
            let mut value = Value::Null;
            for at in order {
                let fresh = serde_json::from_str::<Value>(TEXTS[at]).ok();
                let refilled = read(&mut value, TEXTS[at]).ok().map(|()| value.clone());
                prop_assert_eq!(fresh, refilled);
            }
        }
    }
}
