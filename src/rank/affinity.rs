//! What a person liked, per genre: integer tallies over a weak personality prior.

use crate::sorted::Map;

use crate::codec::{Reader, Writer, unreadable};
use crate::context::{ContentType, Personality};
use crate::error::Result;
use crate::genres::Genre;

/// How much of a personality prior counts. Small, because the effects are
/// (see [`crate::genres`]): five likes overrule it for any personality.
const PRIOR_WEIGHT: f64 = 0.2;
/// How many imagined neutral verdicts stand beside a person's own.
const CAUTION: f64 = 2.0;

/// Something that happened with an item of a genre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It was shown.
    Met,
    /// It was liked.
    Liked,
    /// It was disliked.
    Disliked,
}

/// How often each [`Signal`] was seen for one genre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    met: i64,
    liked: i64,
    disliked: i64,
}

/// One person's tallies per content type and genre.
///
/// Sums of integers: any order of recording and retracting gives the same
/// bytes, and retracting all of it leaves an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affinity {
    /// By content type, in the order of [`ContentType::ALL`].
    tallies: [Map<String, Tally>; ContentType::ALL.len()],
}

impl Affinity {
    /// Counts `signal` for every genre of an item. Genres are in
    /// [`crate::genres::canonical`] spelling, as in [`super::Item::genres`].
    pub fn record(&mut self, content_type: ContentType, genres: &[String], signal: Signal) {
        self.add(content_type, genres, signal, 1);
    }

    /// Takes back one [`Affinity::record`]: a like undone, an event erased.
    pub fn retract(&mut self, content_type: ContentType, genres: &[String], signal: Signal) {
        self.add(content_type, genres, signal, -1);
    }

    fn add(&mut self, content_type: ContentType, genres: &[String], signal: Signal, by: i64) {
        let Some(tallies) = self.tallies.get_mut(content_type as usize) else {
            return;
        };
        for genre in genres {
            let tally = tallies.or_default(genre.clone());
            let count = match signal {
                Signal::Met => &mut tally.met,
                Signal::Liked => &mut tally.liked,
                Signal::Disliked => &mut tally.disliked,
            };
            *count = count.saturating_add(by);
            if *tally == Tally::default() {
                tallies.remove(genre);
            }
        }
    }

    fn tally(&self, content_type: ContentType, genre: &str) -> Tally {
        let tallies = self.tallies.get(content_type as usize);
        tallies
            .and_then(|tallies| tallies.get(genre))
            .copied()
            .unwrap_or_default()
    }

    /// Whether the person has been shown, liked or disliked this genre.
    #[must_use]
    pub fn has_met(&self, content_type: ContentType, genre: &str) -> bool {
        let tally = self.tally(content_type, genre);
        tally.met > 0 || tally.liked > 0 || tally.disliked > 0
    }

    /// The person's own verdict on a genre, −1 to 1 exclusive; 0 without one:
    /// `(liked − disliked) / (liked + disliked + 2)`.
    #[must_use]
    pub fn taste(&self, content_type: ContentType, genre: &str) -> f64 {
        let tally = self.tally(content_type, genre);
        let (liked, disliked) = (tally.liked.max(0) as f64, tally.disliked.max(0) as f64);
        (liked - disliked) / (liked + disliked + CAUTION)
    }

    /// How well a genre suits the person, −1..=1: own verdict plus a fifth of
    /// the personality prior (0 for a genre the tables do not know).
    #[must_use]
    pub fn score(&self, content_type: ContentType, genre: &str, personality: &Personality) -> f64 {
        let known = Genre::find(content_type, genre);
        suits(self.taste(content_type, genre), known, personality)
    }

    /// The `count` genres that suit the person best, for providers that are
    /// asked by genre: those of the tables and those the person has met.
    #[must_use]
    pub fn choose(
        &self,
        content_type: ContentType,
        personality: &Personality,
        count: usize,
    ) -> Vec<String> {
        let mut names = crate::genres::order(content_type, personality)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let own = self.tallies.get(content_type as usize);
        for name in own.into_iter().flat_map(Map::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let mut scored: Vec<(f64, String)> = names
            .into_iter()
            .map(|name| (self.score(content_type, &name, personality), name))
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored
            .into_iter()
            .take(count)
            .map(|(_, name)| name)
            .collect()
    }

    /// Appends the tallies to a binary body.
    pub fn encode(&self, out: &mut Writer) {
        for tallies in &self.tallies {
            out.uint(tallies.len() as u64);
            for (genre, tally) in tallies {
                out.text(genre);
                out.int(tally.met);
                out.int(tally.liked);
                out.int(tally.disliked);
            }
        }
    }

    /// Reads what [`Affinity::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` for anything it does not write: entries out of order,
    /// or an entry without a count.
    pub fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let mut affinity = Self::default();
        for tallies in &mut affinity.tallies {
            for _ in 0..input.count(4)? {
                let genre = input.text()?.to_owned();
                let tally = Tally {
                    met: input.int()?,
                    liked: input.int()?,
                    disliked: input.int()?,
                };
                let ascending = tallies.last().is_none_or(|(last, _)| *last < genre);
                if !ascending || tally == Tally::default() {
                    return Err(unreadable("affinity", "entries out of order or empty"));
                }
                tallies.insert(genre, tally);
            }
        }
        Ok(affinity)
    }
}

/// A verdict of `taste` joined with what personality says of a `known` genre.
pub(super) fn suits(taste: f64, known: Option<&Genre>, personality: &Personality) -> f64 {
    let prior = known.map_or(0.0, |genre| genre.prior(personality));
    (taste + PRIOR_WEIGHT * prior).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIGNALS: [Signal; 3] = [Signal::Met, Signal::Liked, Signal::Disliked];

    fn bytes(affinity: &Affinity) -> Vec<u8> {
        let mut out = Writer::default();
        affinity.encode(&mut out);
        out.into_bytes()
    }

    #[test]
    fn a_dislike_pushes_down_and_silence_leaves_the_prior() {
        let mut affinity = Affinity::default();
        let person = Personality::NEUTRAL;
        let before = affinity.choose(ContentType::Music, &person, 3);
        assert_eq!(before, ["pop", "rock", "electronic"]);
        affinity.record(ContentType::Music, &["pop".into()], Signal::Disliked);
        affinity.record(ContentType::Music, &["polka".into()], Signal::Liked);
        let after = affinity.choose(ContentType::Music, &person, 3);
        assert_eq!(after, ["polka", "rock", "electronic"]);
        assert!(affinity.has_met(ContentType::Music, "polka"));
        assert!(!affinity.has_met(ContentType::Video, "polka"));
    }

    proptest! {
        #[test]
        fn five_likes_overrule_any_personality(scores in proptest::array::uniform5(0.0..=100.0f64), which in 0usize..57) {
            let person = Personality::from_scores(scores);
            for content_type in ContentType::ALL {
                let genres = crate::genres::order(content_type, &person);
                let loved = genres[which % genres.len()].to_owned();
                let mut affinity = Affinity::default();
                for _ in 0..5 {
                    affinity.record(content_type, std::slice::from_ref(&loved), Signal::Liked);
                }
                prop_assert_eq!(&affinity.choose(content_type, &person, 1), &[loved]);
            }
        }

        #[test]
        fn any_order_gives_the_same_bytes_and_erasing_leaves_nothing(
            events in proptest::collection::vec((0usize..3, "[a-c]", 0usize..5), 0..30), turn in 0usize..30,
        ) {
            let apply = |affinity: &mut Affinity, (s, g, c): &(usize, String, usize)| {
                affinity.record(ContentType::ALL[*c], std::slice::from_ref(g), SIGNALS[*s]);
            };
            let (mut one, mut other) = (Affinity::default(), Affinity::default());
            events.iter().for_each(|e| apply(&mut one, e));
            let mut turned = events.clone();
            turned.rotate_left(turn % events.len().max(1));
            turned.iter().for_each(|e| apply(&mut other, e));
            prop_assert_eq!(bytes(&one), bytes(&other));
            let encoded = bytes(&one);
            let mut reader = Reader::new(&encoded);
            prop_assert_eq!(&Affinity::decode(&mut reader).unwrap(), &one);
            reader.finish().unwrap();
            for (s, g, c) in &events {
                one.retract(ContentType::ALL[*c], std::slice::from_ref(g), SIGNALS[*s]);
            }
            prop_assert_eq!(one, Affinity::default());
        }

        #[test]
        fn decoding_is_total(input in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Affinity::decode(&mut Reader::new(&input));
        }
    }
}
