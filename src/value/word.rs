//! Enums that are one word on the wire.

/// Makes an enum whose variants are words of a table: they are written, read,
/// counted and listed in the order given here, which is that of every file and
/// vector too.
///
/// It serializes as its word; the derived way spells every word out for every
/// serializer.
macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$meaning:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$meaning])* $variant,)+
        }

        impl $name {
            /// All of them, in the order every table, vector and file uses.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];
            /// Their words, in the same order.
            pub const NAMES: [&'static str; Self::ALL.len()] = [$($word),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                Self::NAMES.get(self as usize).copied().unwrap_or_default()
            }

            /// The one at `index` of `ALL`.
            #[must_use]
            pub fn from_index(index: usize) -> Option<Self> {
                Self::ALL.get(index).copied()
            }

            /// The one with this word.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                let index = Self::NAMES.iter().position(|known| *known == name)?;
                Self::from_index(index)
            }

            /// Reads the word of a field.
            ///
            /// # Errors
            /// The field's code for any other value, listing the words.
            pub fn read(field: &$crate::value::Field<'_>) -> $crate::Result<Self> {
                let index = field.word(&Self::NAMES)?;
                Ok(Self::from_index(index).unwrap_or(Self::ALL[0]))
            }
        }

        impl $crate::value::Written for $name {
            fn written(&self) -> $crate::value::Value {
                $crate::value::Written::written(self.as_str())
            }
        }

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

pub(crate) use words;
