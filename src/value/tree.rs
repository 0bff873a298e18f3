//! Anything that serializes, as a [`Value`].
//!
//! One small serializer stands between the many output types of catalog and
//! lab and JavaScript's, so that only `Value` needs the large one.

use std::fmt;

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use super::Value;

/// What does not fit a [`Value`]: bytes, and shapes that no type of ours has.
type Result<T> = std::result::Result<T, fmt::Error>;

impl Value {
    /// `data` as it serializes; `Null` for bytes, and for enum variants that
    /// hold several things, which no output type has.
    #[must_use]
    pub fn of(data: &impl Serialize) -> Self {
        data.serialize(Tree).unwrap_or(Self::Null)
    }
}

struct Tree;

/// A list being made.
struct List(Vec<Value>);

/// An object being made, and the key that waits for its value.
#[derive(Default)]
struct Object {
    fields: Vec<(String, Value)>,
    key: String,
}

impl Object {
    fn push(&mut self, key: &str, value: Value) {
        self.fields.push((key.to_owned(), value));
    }
}

impl Serializer for Tree {
    type Ok = Value;
    type Error = fmt::Error;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = Impossible<Value, fmt::Error>;
    type SerializeTupleVariant = Impossible<Value, fmt::Error>;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Impossible<Value, fmt::Error>;

    fn serialize_bool(self, v: bool) -> Result<Value> {
        Ok(Value::Bool(v))
    }

    fn serialize_i8(self, v: i8) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_i16(self, v: i16) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_i32(self, v: i32) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_i64(self, v: i64) -> Result<Value> {
        Ok(Value::Number(v as f64))
    }

    fn serialize_u8(self, v: u8) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_u16(self, v: u16) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_u32(self, v: u32) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_u64(self, v: u64) -> Result<Value> {
        Ok(Value::Number(v as f64))
    }

    fn serialize_f32(self, v: f32) -> Result<Value> {
        Ok(Value::Number(v.into()))
    }

    fn serialize_f64(self, v: f64) -> Result<Value> {
        Ok(Value::Number(v))
    }

    fn serialize_char(self, v: char) -> Result<Value> {
        Ok(Value::String(v.into()))
    }

    fn serialize_str(self, v: &str) -> Result<Value> {
        Ok(Value::String(v.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value> {
        Err(fmt::Error)
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Result<Value> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        variant: &str,
        value: &T,
    ) -> Result<Value> {
        let mut object = Object::default();
        object.push(variant, value.serialize(self)?);
        Ok(Value::Object(object.fields))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &str, _: usize) -> Result<Self::SerializeTupleStruct> {
        Err(fmt::Error)
    }

    fn serialize_tuple_variant(
        self,
        _: &str,
        _: u32,
        _: &str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object> {
        Ok(Object::default())
    }

    fn serialize_struct(self, _: &str, _: usize) -> Result<Object> {
        Ok(Object::default())
    }

    fn serialize_struct_variant(
        self,
        _: &str,
        _: u32,
        _: &str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        Err(fmt::Error)
    }
}

impl SerializeSeq for List {
    type Ok = Value;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.0.push(value.serialize(Tree)?);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(Value::Array(self.0))
    }
}

impl SerializeTuple for List {
    type Ok = Value;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Value> {
        SerializeSeq::end(self)
    }
}

impl SerializeMap for Object {
    type Ok = Value;
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        match key.serialize(Tree)? {
            Value::String(key) => {
                self.key = key;
                Ok(())
            }
            _ => Err(fmt::Error),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::take(&mut self.key);
        self.fields.push((key, value.serialize(Tree)?));
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(Value::Object(self.fields))
    }
}

impl SerializeStruct for Object {
    type Ok = Value;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        self.push(key, value.serialize(Tree)?);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(Value::Object(self.fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Event {
        Known,
        Counted(u32),
    }

    #[derive(Serialize)]
    struct Inner {
        size: i64,
        name: &'static str,
    }

    #[derive(Serialize)]
    struct Outer {
        events: Vec<Event>,
        pair: (f64, bool),
        nothing: Option<u8>,
        #[serde(flatten)]
        inner: Inner,
        map: crate::sorted::Map<String, Inner>,
    }

    #[test]
    fn it_is_what_json_says_of_the_same_data() {
        let inner = |size| Inner { size, name: "é" };
        let data = Outer {
            events: vec![Event::Known, Event::Counted(3)],
            pair: (-0.5, true),
            nothing: None,
            inner: inner(-4),
            map: [("a".to_owned(), inner(1)), ("b".to_owned(), inner(2))]
                .into_iter()
                .collect(),
        };
        let json = serde_json::to_string(&data).unwrap();
        assert_eq!(Value::of(&data), serde_json::from_str(&json).unwrap());
    }
}
