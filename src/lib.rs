//! The core of moodloop.
