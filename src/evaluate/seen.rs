//! Recognising repeats in bounded memory.

use crate::codec::hash;

/// How many decisions back a repeated id is recognised, at least.
const WINDOW: usize = 65_536;
/// Slots of a set of so many hashes; half of them stay empty.
const SLOTS: usize = 2 * WINDOW;
/// The most rows of one decision.
const MOST_ROWS: usize = 1024;

/// The ids of the latest decisions, and the content ids of the latest one, as
/// 64-bit hashes: 2 MB however long the log. The chance that a new id is taken
/// for an old one is 7 in 10¹⁵.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The latest decisions, up to a window of them.
    latest: Hashes,
    /// The window before.
    before: Hashes,
    contents: Vec<u64>,
}

impl Seen {
    /// Whether `decision_id` is among the latest 65,536, or some more.
    pub fn decision(&self, decision_id: &str) -> bool {
        let id = hash(decision_id.as_bytes(), 0);
        self.latest.contains(id) || self.before.contains(id)
    }

    /// Whether the latest decision has a row for `content_id` already.
    pub fn content(&self, content_id: Option<&str>) -> bool {
        self.contents.contains(&content_hash(content_id))
    }

    /// Whether the latest decision can have no further row.
    pub fn full(&self) -> bool {
        self.contents.len() >= MOST_ROWS
    }

    /// Notes a decision with its first row, and forgets the oldest.
    pub fn begin(&mut self, decision_id: &str, content_id: Option<&str>) {
        if self.latest.count >= WINDOW {
            std::mem::swap(&mut self.latest, &mut self.before);
            self.latest.clear();
        }
        self.latest.insert(hash(decision_id.as_bytes(), 0));
        self.contents.clear();
        self.go_on(content_id);
    }

    /// Notes a further row of the latest decision.
    pub fn go_on(&mut self, content_id: Option<&str>) {
        self.contents.push(content_hash(content_id));
    }
}

fn content_hash(content_id: Option<&str>) -> u64 {
    // Content ids are never empty, so the empty text stands for none.
    hash(content_id.unwrap_or_default().as_bytes(), 1)
}

/// A set of up to a window of hashes, each at the first free slot from the one
/// that it names. Being hashes, they need no hashing, and 0 marks a free slot.
#[derive(Clone, Debug, Default)]
struct Hashes {
    slots: Vec<u64>,
    count: usize,
}

impl Hashes {
    /// The slot of `id`, or the free one where it belongs.
    fn slot(&self, id: u64) -> Option<usize> {
        let first = id as usize % SLOTS;
        let mut order = (first..SLOTS).chain(0..first);
        order.find(|&at| self.slots.get(at).is_none_or(|&s| s == id || s == 0))
    }

    fn contains(&self, id: u64) -> bool {
        let held = self.slot(id).and_then(|at| self.slots.get(at));
        held.is_some_and(|&s| s == id)
    }

    fn insert(&mut self, id: u64) {
        self.slots.resize(SLOTS, 0);
        if let Some(slot) = self.slot(id).and_then(|at| self.slots.get_mut(at)) {
            *slot = id;
            self.count += 1;
        }
    }

    fn clear(&mut self) {
        self.slots.fill(0);
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_window_slides() {
        let mut seen = Seen::default();
        for i in 0..2 * WINDOW {
            assert!(!seen.decision(&i.to_string()), "{i}");
            seen.begin(&i.to_string(), None);
        }
        assert!((0..2 * WINDOW).all(|i| seen.decision(&i.to_string())));
        seen.begin("next", None);
        assert!((0..WINDOW).all(|i| !seen.decision(&i.to_string())));
        assert!((WINDOW..2 * WINDOW).all(|i| seen.decision(&i.to_string())));
        assert_eq!(
            (seen.latest.slots.len(), seen.before.slots.len()),
            (SLOTS, SLOTS)
        );
        for i in 1..MOST_ROWS {
            seen.go_on(Some(&i.to_string()));
        }
        assert!(seen.full() && seen.content(None) && !seen.content(Some("x")));
    }

    #[test]
    fn hashes_that_meet_find_other_slots() {
        let mut hashes = Hashes::default();
        let last = SLOTS as u64 - 1;
        for id in [last, last + SLOTS as u64, last + 2 * SLOTS as u64] {
            assert!(!hashes.contains(id));
            hashes.insert(id);
        }
        assert!(
            hashes.contains(last + 2 * SLOTS as u64) && !hashes.contains(last + 3 * SLOTS as u64)
        );
    }
}
