//! Ranking a site's own catalog (SPEC section 7).
//!
//! Of the content type asked for: every item gets a match from
//! [`fit`](self#the-match); `genre_count` genres are chosen by the person's
//! [`Affinity`] and by what the catalog has to offer in them; a share
//! `exploration_rate` of the slots goes to unfamiliar items; slots are filled
//! for variety, without near-duplicates and without anything excluded. Chance
//! comes from a seed only: the same input gives the same list, whatever the
//! order of the catalog.
//!
//! # The match
//! `match_score = 100 × energy × popularity × valence × genre`. Energy and
//! popularity are 1 inside their bands and `1 / (1 + (d/s)²)` at a distance d
//! outside (s = 0.15, and 20 of 100); valence is `1 − |v − target| / 2`; genre
//! is 0.9 for a main genre that was chosen, 0.7 when another genre of the item
//! was, else 0.5, plus a tenth of the main genre's affinity −1..=1, in which
//! personality and likes come together.

mod affinity;
mod candidates;
mod fit;
mod index;
mod item;
mod ranking;
mod variety;

pub use affinity::{Affinity, Signal};
pub use fit::Reach;
pub use index::{ITEMS, Index};
pub use item::{GENRE_CHARS, GENRES, Item, Known, TITLE_CHARS, URL_CHARS, is_address};
pub use ranking::{CATALOG, HONOURED, Ranking, recommend};

use serde::Serialize;

use crate::context::{ContentType, Personality};
use crate::error::{Code, Error, Result};
use crate::params::Parameters;
use crate::rng::{Purpose, bits, uniform};

use candidates::{Candidate, Pools, personality_leans, pools};
use fit::Kinship;
use variety::{Picker, contenders};

/// The most items one ranking gives.
pub const LIMIT: usize = 50;

/// What to rank for.
#[derive(Clone, Copy, Debug)]
pub struct RankRequest<'a> {
    /// What the strategy asks for.
    pub params: &'a Parameters,
    /// The person's scores; `None` when they gave none or profiling is off.
    pub personality: Option<&'a Personality>,
    /// Which items to rank.
    pub content_type: ContentType,
    /// How many to give, 1..=50.
    pub limit: usize,
    /// What the person liked so far.
    pub affinity: &'a Affinity,
    /// Ids never to give, such as what was recently disliked; their
    /// near-duplicates stay away too. Unknown ids are ignored.
    pub exclude: &'a [&'a str],
    /// Ids the person has met: they come later, and not as exploration.
    /// Unknown ids are ignored.
    pub seen: &'a [&'a str],
    /// Seeds all chance.
    pub seed: u64,
    /// Counts the rankings of one seed, so that each draws anew.
    pub position: u64,
}

impl RankRequest<'_> {
    fn personality_or_neutral(&self) -> Personality {
        self.personality.copied().unwrap_or(Personality::NEUTRAL)
    }
}

/// What a slot of the list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The best match.
    Fit,
    /// Something unfamiliar, by `exploration_rate`.
    Explore,
}

/// Facts about why an item was picked; what people are told is made from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    /// What its slot is for.
    pub slot: Slot,
    /// Its main genre is one of those chosen for the person.
    pub genre_chosen: bool,
    /// A personality was given, and it speaks for the main genre.
    pub personality: bool,
    /// The person liked the main genre more often than they disliked it.
    pub liked: bool,
}

/// One place of a ranking.
#[derive(Clone, Copy, Debug)]
pub struct Ranked<'a> {
    /// The item.
    pub item: &'a Item,
    /// Its position in [`Index::items`].
    pub position: usize,
    /// How well it fits parameters and person, 0..=100 ([the match](self#the-match)).
    pub match_score: u32,
    /// Why it is here.
    pub why: Why,
}

/// The best `limit` items of an index, best first, exploration spread between.
///
/// Fewer come only when the catalog has fewer that are not excluded or
/// near-duplicates.
///
/// # Errors
/// `invalid_options` for a limit outside 1..=50.
pub fn rank<'a>(index: &'a Index, request: &RankRequest<'_>) -> Result<Vec<Ranked<'a>>> {
    if request.limit == 0 || request.limit > LIMIT {
        return Err(Error::new(
            Code::InvalidOptions,
            format!(
                "`limit` must be a whole number from 1 to {LIMIT}, got `{}`",
                request.limit
            ),
        ));
    }
    let Some(shelf) = index.shelf(request.content_type) else {
        return Ok(Vec::new());
    };
    let rows = |ids: &[&str]| -> Vec<usize> {
        ids.iter()
            .filter_map(|id| index.row(request.content_type, id))
            .collect()
    };
    let (seen, blocked) = (rows(request.seen), rows(request.exclude));
    let key = bits(request.seed, Purpose::Rank, request.position);
    let works = blocked.iter().filter_map(|&row| shelf.rows.get(row));
    let works: Vec<u64> = works.map(|row| row.work).collect();
    let rows = (seen.as_slice(), blocked.as_slice());
    let mut picks = Vec::new();
    // A few candidates for each place suffice, unless near-duplicates crowd
    // them out: then everything is considered.
    for keep in [2 * request.limit, 8 * shelf.rows.len()] {
        let pools = pools(shelf, request, rows, key, keep);
        picks = fill(pools, works.clone(), request, key);
        if picks.len() == request.limit || keep >= shelf.rows.len() {
            break;
        }
    }
    let list = picks.iter().filter_map(|pick| ranked(index, request, pick));
    Ok(list.collect())
}

/// Fills the places one by one from the two pools, avoiding `works`.
fn fill<'a>(
    pools: Pools<'a>,
    works: Vec<u64>,
    request: &RankRequest<'_>,
    key: u64,
) -> Vec<Candidate<'a>> {
    let mut picker = Picker::avoiding(works);
    let mut by_fit = contenders(pools.fit);
    let mut by_news = contenders(pools.explore);
    let share = request.params.exploration_rate.clamp(0.0, 1.0);
    let start = uniform(key, Purpose::Rank, 0);
    let mut picks = Vec::with_capacity(request.limit);
    for place in 0..request.limit {
        // Systematic sampling: `share` of the places, evenly spread, the first
        // one by chance.
        let steps = |n: usize| libm::floor(n as f64 * share + start);
        let explore = steps(place + 1) > steps(place);
        let (first, second) = match explore {
            true => (&mut by_news, &mut by_fit),
            false => (&mut by_fit, &mut by_news),
        };
        let Some(pick) = picker.pick(first).or_else(|| picker.pick(second)) else {
            break;
        };
        Picker::note(&mut by_fit, &pick);
        Picker::note(&mut by_news, &pick);
        picks.push(pick);
    }
    picks
}

fn ranked<'a>(
    index: &'a Index,
    request: &RankRequest<'_>,
    pick: &Candidate<'_>,
) -> Option<Ranked<'a>> {
    let position = pick.row.item as usize;
    let item = index.items().get(position)?;
    let genre = item.genre().unwrap_or_default();
    Some(Ranked {
        item,
        position,
        match_score: libm::floorf(pick.matching * 100.0 + 0.5).clamp(0.0, 100.0) as u32,
        why: Why {
            slot: pick.slot,
            genre_chosen: pick.kinship == Kinship::Main,
            personality: personality_leans(request, genre),
            liked: request.affinity.taste(request.content_type, genre) > 0.0,
        },
    })
}
