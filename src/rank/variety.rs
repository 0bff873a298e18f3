//! Variety: the next pick is the best one that is not like those before it
//! (maximal marginal relevance, Carbonell & Goldstein 1998).

use crate::sorted::Map;

use super::candidates::{Candidate, precedes};

/// How much likeness costs beside a score of 0..=1.
const LIKENESS: f32 = 0.3;
/// What the parts of likeness to an earlier pick weigh; they sum to 1.
const SAME_CREATOR: f32 = 0.6;
const SAME_FEEL: f32 = 0.4;
/// How much it costs that a genre already fills the slots.
const CROWDING: f32 = 0.3;

/// Picks candidates one by one and remembers what was picked.
#[derive(Debug, Default)]
pub(super) struct Picker {
    picked: usize,
    genres: Map<u32, usize>,
    /// Works that must not come (again): [`super::index::Row::work`].
    works: Vec<u64>,
}

/// A candidate with its greatest likeness to any pick so far.
#[derive(Debug)]
pub(super) struct Contender<'a> {
    candidate: Candidate<'a>,
    likeness: f32,
}

/// A pool ready for picking, best scores first.
pub(super) fn contenders(mut pool: Vec<Candidate<'_>>) -> Vec<Contender<'_>> {
    pool.sort_unstable_by(precedes);
    pool.into_iter()
        .map(|candidate| Contender {
            candidate,
            likeness: 0.0,
        })
        .collect()
}

impl Picker {
    /// A picker that also avoids `works`.
    pub(super) fn avoiding(works: Vec<u64>) -> Self {
        Self {
            works,
            ..Self::default()
        }
    }

    /// The next pick from `pool`, if anything is left that is not a
    /// near-duplicate of an earlier one.
    pub(super) fn pick<'a>(&mut self, pool: &mut Vec<Contender<'a>>) -> Option<Candidate<'a>> {
        pool.retain(|c| !self.works.contains(&c.candidate.row.work));
        let worth = |c: &Contender<'_>| {
            let genre = self.genres.get(&c.candidate.row.genre).copied();
            let crowding = genre.unwrap_or(0) as f32 / self.picked.max(1) as f32;
            c.candidate.score - LIKENESS * c.likeness - CROWDING * crowding
        };
        let (mut place, mut most) = (None, f32::NEG_INFINITY);
        for (i, contender) in pool.iter().enumerate() {
            let worth = worth(contender);
            if worth > most {
                (place, most) = (Some(i), worth);
            }
        }
        let pick = place
            .and_then(|place| pool.get(place))
            .map(|contender| contender.candidate)?;
        self.picked += 1;
        *self.genres.or_default(pick.row.genre) += 1;
        self.works.push(pick.row.work);
        Some(pick)
    }

    /// Tells a pool about a pick from any pool.
    pub(super) fn note(pool: &mut [Contender<'_>], pick: &Candidate<'_>) {
        for contender in pool {
            let row = contender.candidate.row;
            let creator = row.creator != 0 && row.creator == pick.row.creator;
            let likeness = if creator { SAME_CREATOR } else { 0.0 }
                + SAME_FEEL * row.numbers.closeness(pick.row.numbers);
            contender.likeness = contender.likeness.max(likeness);
        }
    }
}
