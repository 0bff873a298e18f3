//! What D1 said of a user a moment ago. An isolate decides by it once more without
//! reading it again: D1 records the decision only where it still holds.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use moodloop::context::ContentType;

use super::known::Stamp;

/// How long it is remembered, in milliseconds.
const KEPT_MS: i64 = 60_000;
/// How much is remembered of all users together, in bytes of JSON.
const BYTES: usize = 8 * 1024 * 1024;

/// What was read of a user, and what they were served since.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// A [`KnownRow`](super::known::KnownRow) as it was read, in JSON.
    pub row: Rc<[u8]>,
    /// When, in milliseconds since 1970.
    pub read_at: i64,
    /// By what D1 tells whether it still holds.
    pub stamp: Stamp,
    /// What decisions since then have shown, in JSON, the latest first.
    pub served: Vec<Rc<str>>,
}

impl Remembered {
    fn weight(&self) -> usize {
        self.row.len() + self.served.iter().map(|list| list.len()).sum::<usize>()
    }
}

/// What an isolate remembers, by user and content type.
#[derive(Debug, Default)]
pub struct Memory {
    users: BTreeMap<String, BTreeMap<ContentType, Remembered>>,
    /// Of whom was read when, the oldest first; some are forgotten since.
    reads: VecDeque<(i64, String, ContentType)>,
    bytes: usize,
}

impl Memory {
    /// What is remembered at `now` of a user's requests for a content type.
    pub fn recall(&self, user_id: &str, content_type: ContentType, now: i64) -> Option<Remembered> {
        let found = self.users.get(user_id)?.get(&content_type)?;
        (0..KEPT_MS)
            .contains(&(now - found.read_at))
            .then(|| found.clone())
    }

    /// Remembers this instead of what was; what is old by then, or too much, goes.
    pub fn keep(&mut self, user_id: &str, content_type: ContentType, new: Remembered) {
        let now = new.read_at;
        self.bytes += new.weight();
        let known = self.users.entry(user_id.to_owned()).or_default();
        let before = known.insert(content_type, new);
        if before.as_ref().is_none_or(|before| before.read_at != now) {
            self.reads
                .push_back((now, user_id.to_owned(), content_type));
        }
        self.bytes -= before.as_ref().map_or(0, Remembered::weight);
        while let Some((read_at, ..)) = self.reads.front() {
            if self.bytes <= BYTES && (0..KEPT_MS).contains(&(now - read_at)) {
                break;
            }
            let Some((read_at, user_id, content_type)) = self.reads.pop_front() else {
                break;
            };
            self.remove(&user_id, |of, known| {
                of == content_type && known.read_at == read_at
            });
        }
    }

    /// Forgets a user.
    pub fn forget(&mut self, user_id: &str) {
        self.remove(user_id, |_, _| true);
    }

    fn remove(&mut self, user_id: &str, which: impl Fn(ContentType, &Remembered) -> bool) {
        let Some(known) = self.users.get_mut(user_id) else {
            return;
        };
        let mut freed = 0;
        known.retain(|of, known| {
            let goes = which(*of, known);
            freed += if goes { known.weight() } else { 0 };
            !goes
        });
        if known.is_empty() {
            self.users.remove(user_id);
        }
        self.bytes -= freed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSIC: ContentType = ContentType::Music;

    fn read(bytes: usize, read_at: i64) -> Remembered {
        Remembered {
            row: vec![0; bytes].into(),
            read_at,
            stamp: Stamp::default(),
            served: vec!["[]".into()],
        }
    }

    #[test]
    fn it_is_remembered_for_a_minute() {
        let mut memory = Memory::default();
        memory.keep("ann", MUSIC, read(10, 1000));
        assert!(memory.recall("ann", MUSIC, 1000).is_some());
        assert!(memory.recall("ann", MUSIC, 60_999).is_some());
        assert!(memory.recall("ann", MUSIC, 61_000).is_none());
        assert!(
            memory.recall("ann", MUSIC, 999).is_none(),
            "a clock that went back"
        );
        assert!(memory.recall("ann", ContentType::Video, 1000).is_none());
        assert!(memory.recall("an", MUSIC, 1000).is_none());
        memory.keep("bob", MUSIC, read(10, 61_000));
        assert_eq!((memory.users.len(), memory.bytes), (1, 12), "ann is gone");
    }

    #[test]
    fn the_oldest_goes_where_it_is_too_much() {
        let mut memory = Memory::default();
        for n in 0..100 {
            memory.keep(&n.to_string(), MUSIC, read(BYTES / 10, n));
            assert!(memory.bytes <= BYTES);
        }
        assert_eq!(memory.users.len(), 9);
        assert!(memory.recall("90", MUSIC, 100).is_none());
        assert!(memory.recall("91", MUSIC, 100).is_some());
        memory.keep("huge", MUSIC, read(BYTES, 100));
        assert_eq!(
            (memory.users.len(), memory.bytes, memory.reads.len()),
            (0, 0, 0)
        );
    }

    #[test]
    fn a_user_is_forgotten_whole() {
        let mut memory = Memory::default();
        for user in ["ann", "anna"] {
            memory.keep(user, MUSIC, read(10, 0));
            memory.keep(user, ContentType::Game, read(10, 0));
        }
        memory.forget("ann");
        memory.forget("nobody");
        assert!(memory.recall("ann", MUSIC, 0).is_none());
        assert!(memory.recall("anna", ContentType::Game, 0).is_some());
        assert_eq!(memory.bytes, 24);
    }

    #[test]
    fn what_is_kept_again_counts_once() {
        let mut memory = Memory::default();
        for _ in 0..1000 {
            memory.keep("ann", MUSIC, read(10, 5));
        }
        assert_eq!((memory.bytes, memory.reads.len()), (12, 1));
        memory.keep("ann", MUSIC, read(20, 6));
        memory.keep("bob", MUSIC, read(20, 60_005));
        assert!(
            memory.recall("ann", MUSIC, 60_005).is_some(),
            "read again since"
        );
    }
}
