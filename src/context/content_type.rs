//! What kind of thing is recommended.

use crate::error::Result;
use crate::value::{Field, serialize_as_word};

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentType {
    /// Tracks and albums.
    Music,
    /// Films, clips, talks.
    Video,
    /// Games.
    Game,
    /// Podcast shows and episodes.
    Podcast,
    /// Things to read.
    Article,
}

serialize_as_word!(ContentType);

impl ContentType {
    /// All content types in the order every table, vector and file uses.
    pub const ALL: [Self; 5] = [
        Self::Music,
        Self::Video,
        Self::Game,
        Self::Podcast,
        Self::Article,
    ];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 5] = ["music", "video", "game", "podcast", "article"];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.get(self as usize).copied().unwrap_or_default()
    }

    /// The content type at `index` of [`ContentType::ALL`].
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Reads a content type's name.
    ///
    /// # Errors
    /// The field's code for any other value.
    pub fn read(field: &Field<'_>) -> Result<Self> {
        let index = field.word(&Self::NAMES)?;
        Ok(Self::from_index(index).unwrap_or(Self::Music))
    }
}
