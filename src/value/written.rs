//! The form that data has on the wire, as a [`Value`].
//!
//! A type with named fields says with [`written!`] which of them are written,
//! and has both this form and serde's from that. The derived way makes a copy
//! of every type's code for every serializer; a page loads this one alone.

use super::Value;
use crate::sorted::Map;

/// What has a form on the wire.
pub trait Written {
    /// That form.
    fn written(&self) -> Value;
}

/// What is written as an object.
pub trait WrittenFields {
    /// Appends the fields to those of an object.
    fn write_fields(&self, object: &mut Object);
}

/// An object that is being written.
#[derive(Debug, Default)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// Appends a field.
    pub fn put(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), value));
    }

    /// Appends a field if it holds anything.
    pub fn put_known(&mut self, name: &str, value: Value) {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        if !empty {
            self.put(name, value);
        }
    }

    /// The object as written.
    #[must_use]
    pub fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

/// Gives a type [`Written`] and `Serialize` from its named fields: `name` as it
/// is, `?name` only where it holds anything, `..name` by its own fields.
macro_rules! written {
    (@fields $self:ident $object:ident ..$field:ident $(, $($rest:tt)*)?) => {
        $crate::value::WrittenFields::write_fields(&$self.$field, $object);
        $($crate::value::written!(@fields $self $object $($rest)*);)?
    };
    (@fields $self:ident $object:ident ?$field:ident $(, $($rest:tt)*)?) => {
        $object.put_known(stringify!($field), $crate::value::Written::written(&$self.$field));
        $($crate::value::written!(@fields $self $object $($rest)*);)?
    };
    (@fields $self:ident $object:ident $field:ident $(, $($rest:tt)*)?) => {
        $object.put(stringify!($field), $crate::value::Written::written(&$self.$field));
        $($crate::value::written!(@fields $self $object $($rest)*);)?
    };
    ($name:ty { $($fields:tt)* }) => {
        impl $crate::value::WrittenFields for $name {
            fn write_fields(&self, object: &mut $crate::value::Object) {
                $crate::value::written!(@fields self object $($fields)*);
            }
        }

        impl $crate::value::Written for $name {
            fn written(&self) -> $crate::value::Value {
                let mut object = $crate::value::Object::default();
                $crate::value::WrittenFields::write_fields(self, &mut object);
                object.finish()
            }
        }

        $crate::value::serialize_as_written!($name);
    };
}

/// Serializes a type in the form that it is written in.
macro_rules! serialize_as_written {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(
                &self,
                out: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::value::Written::written(self), out)
            }
        }
    };
}

pub(crate) use serialize_as_written;
pub(crate) use written;

impl Written for f64 {
    fn written(&self) -> Value {
        Value::Number(*self)
    }
}

impl Written for u32 {
    fn written(&self) -> Value {
        Value::Number((*self).into())
    }
}

impl Written for i64 {
    fn written(&self) -> Value {
        Value::Number(*self as f64)
    }
}

impl Written for u64 {
    fn written(&self) -> Value {
        Value::Number(*self as f64)
    }
}

impl Written for bool {
    fn written(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Written for str {
    fn written(&self) -> Value {
        Value::String(self.to_owned())
    }
}

impl Written for String {
    fn written(&self) -> Value {
        self.as_str().written()
    }
}

impl Written for Value {
    fn written(&self) -> Value {
        self.clone()
    }
}

impl<T: Written + ?Sized> Written for &T {
    fn written(&self) -> Value {
        (*self).written()
    }
}

impl<T: Written> Written for Option<T> {
    fn written(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::written)
    }
}

impl<T: Written> Written for [T] {
    fn written(&self) -> Value {
        Value::Array(self.iter().map(T::written).collect())
    }
}

impl<T: Written> Written for Vec<T> {
    fn written(&self) -> Value {
        self.as_slice().written()
    }
}

impl<K: AsRef<str> + Ord, V: Written> WrittenFields for Map<K, V> {
    fn write_fields(&self, object: &mut Object) {
        for (name, value) in self {
            object.put(name.as_ref(), value.written());
        }
    }
}

impl<K: AsRef<str> + Ord, V: Written> Written for Map<K, V> {
    fn written(&self) -> Value {
        let mut object = Object::default();
        self.write_fields(&mut object);
        object.finish()
    }
}

impl<T: WrittenFields + ?Sized> WrittenFields for &T {
    fn write_fields(&self, object: &mut Object) {
        (*self).write_fields(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Inner {
        size: i64,
        name: &'static str,
    }

    written!(Inner { size, name });

    struct Outer {
        known: Option<u32>,
        unknown: Option<u32>,
        nothing: Option<u32>,
        half: f64,
        inner: Inner,
        list: Vec<Inner>,
        map: Map<String, Inner>,
        none: Map<String, Inner>,
    }

    written!(Outer { ?known, ?unknown, nothing, half, ..inner, list, map, ?none });

    #[test]
    fn what_is_written_is_what_serde_says_in_json() {
        let inner = |size| Inner { size, name: "é" };
        let outer = Outer {
            known: Some(3),
            unknown: None,
            nothing: None,
            half: -0.5,
            inner: inner(-4),
            list: vec![inner(1)],
            map: [("a".to_owned(), inner(2))].into_iter().collect(),
            none: Map::new(),
        };
        assert_eq!(
            serde_json::to_string(&outer).unwrap(),
            r#"{"known":3,"nothing":null,"half":-0.5,"size":-4,"name":"é","list":[{"size":1,"name":"é"}],"map":{"a":{"size":2,"name":"é"}}}"#
        );
    }
}
