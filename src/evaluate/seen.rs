//! Recognising repeats in bounded memory.

use std::collections::{BTreeSet, VecDeque};

use crate::codec::hash;

/// How many decisions back a repeated id is recognised.
const WINDOW: usize = 65_536;
/// The most rows of one decision.
const MOST_ROWS: usize = 1024;

/// The ids of the latest decisions, and the content ids of the latest one, as
/// 64-bit hashes: at most a few megabytes however long the log. The chance that
/// a new id is taken for an old one is 4 in 10¹⁵.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    order: VecDeque<u64>,
    decisions: BTreeSet<u64>,
    contents: BTreeSet<u64>,
}

impl Seen {
    /// Whether `decision_id` is among the latest 65,536.
    pub fn decision(&self, decision_id: &str) -> bool {
        self.decisions.contains(&hash(decision_id.as_bytes(), 0))
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
        if self.order.len() >= WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.decisions.remove(&oldest);
        }
        let id = hash(decision_id.as_bytes(), 0);
        self.order.push_back(id);
        self.decisions.insert(id);
        self.contents.clear();
        self.go_on(content_id);
    }

    /// Notes a further row of the latest decision.
    pub fn go_on(&mut self, content_id: Option<&str>) {
        self.contents.insert(content_hash(content_id));
    }
}

fn content_hash(content_id: Option<&str>) -> u64 {
    // Content ids are never empty, so the empty text stands for none.
    hash(content_id.unwrap_or_default().as_bytes(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_window_slides() {
        let mut seen = Seen::default();
        for i in 0..WINDOW + 10 {
            seen.begin(&i.to_string(), None);
        }
        assert_eq!((seen.order.len(), seen.decisions.len()), (WINDOW, WINDOW));
        assert!(!seen.decision("9") && seen.decision("10"));
        for i in 1..MOST_ROWS {
            seen.go_on(Some(&i.to_string()));
        }
        assert!(seen.full() && seen.content(None) && !seen.content(Some("x")));
    }
}
