//! What a user liked, disliked and was shown, for ranking.

use std::collections::BTreeMap;

use moodloop::context::ContentType;
use moodloop::rank::{Affinity, Signal};

use crate::store::interactions::{Shown, Verdict};

/// A user's recent past with one content type.
#[derive(Default)]
pub struct TasteOf {
    /// Tallies per genre.
    pub affinity: Affinity,
    disliked: Vec<String>,
    seen: Vec<String>,
}

impl TasteOf {
    /// Sums up verdicts and what was shown. Of several verdicts on one item the
    /// latest counts.
    pub fn new(
        content_type: ContentType,
        mut verdicts: Vec<Verdict>,
        shown: impl Iterator<Item = Shown>,
    ) -> Self {
        verdicts.sort_by(|a, b| (a.at, &a.interaction_id).cmp(&(b.at, &b.interaction_id)));
        let latest: BTreeMap<&str, &Verdict> = (verdicts.iter())
            .map(|verdict| (verdict.content_id.as_str(), verdict))
            .collect();
        let shown = shown.flat_map(|Shown(items)| items);
        let (seen, met): (_, Vec<_>) = shown.unzip();
        let mut taste = Self {
            affinity: Affinity::default(),
            disliked: Vec::new(),
            seen,
        };
        let mut record = |genre: &Option<String>, signal| {
            if let Some(genre) = genre {
                taste
                    .affinity
                    .record(content_type, std::slice::from_ref(genre), signal);
            }
        };
        for genre in &met {
            record(genre, Signal::Met);
        }
        for verdict in latest.values() {
            let liked = verdict.liked != 0;
            record(
                &verdict.genre,
                if liked {
                    Signal::Liked
                } else {
                    Signal::Disliked
                },
            );
            if !liked {
                taste.disliked.push(verdict.content_id.clone());
            }
        }
        taste
    }

    /// Items that must not come again.
    pub fn disliked(&self) -> Vec<&str> {
        self.disliked.iter().map(String::as_str).collect()
    }

    /// Items that the user has met.
    pub fn seen(&self) -> Vec<&str> {
        self.seen.iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(at: i64, content_id: &str, liked: i64) -> Verdict {
        Verdict {
            at,
            interaction_id: at.to_string(),
            content_id: content_id.into(),
            liked,
            genre: Some("jazz".into()),
        }
    }

    #[test]
    fn the_latest_verdict_on_an_item_counts_once() {
        let taste = TasteOf::new(
            ContentType::Music,
            vec![verdict(2, "a", 1), verdict(1, "a", 0), verdict(3, "b", 0)],
            std::iter::empty(),
        );
        assert_eq!(taste.disliked(), ["b"]);
        assert_eq!(taste.affinity.taste(ContentType::Music, "jazz"), 0.0);
    }
}
