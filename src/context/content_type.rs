//! What kind of thing is recommended.

use crate::value::words;

words! {
    /// A kind of content.
    pub enum ContentType {
        /// Tracks and albums.
        Music = "music",
        /// Films, clips, talks.
        Video = "video",
        /// Games.
        Game = "game",
        /// Podcast shows and episodes.
        Podcast = "podcast",
        /// Things to read.
        Article = "article",
    }
}
