//! Enums that are one word on the wire.

/// Serializes an enum as its `as_str`. The derived way spells every word out
/// for every serializer.
macro_rules! serialize_as_word {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(
                &self,
                out: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use serialize_as_word;
