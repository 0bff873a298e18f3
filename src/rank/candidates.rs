//! Which items are considered for which slot.

use crate::genres::Genre;
use crate::params::Parameters;

use super::affinity::suits;
use super::fit::{self, Fit, Kinship};
use super::index::{Row, Shelf};
use super::{RankRequest, Slot};

/// How much the supply of fitting items counts beside affinity when genres are
/// chosen: a liked genre without anything calm is no choice for a calm moment.
const SUPPLY_WEIGHT: f64 = 0.2;
/// What is left of the score of an item that the person has seen.
const SEEN: f32 = 0.6;
/// How much of an exploration score an item of a genre already met keeps, and
/// one of a genre that was chosen anyway.
const MET_GENRE: f32 = 0.7;
const CHOSEN_GENRE: f32 = 0.5;
/// How far seeded chance moves a score, so that equals take turns.
const FIT_CHANCE: f32 = 0.04;
const EXPLORE_CHANCE: f32 = 0.25;

/// An item in the running for a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) row: &'a Row,
    /// What is compared: match, or unfamiliarity, with a little chance.
    pub(super) score: f32,
    /// The documented match, 0..=1.
    pub(super) matching: f32,
    pub(super) slot: Slot,
    pub(super) kinship: Kinship,
}

/// What is known of a genre while ranking.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    affinity: f64,
    taste: f64,
    met: bool,
    chosen: bool,
}

/// What is known of a row while ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Seen,
    Blocked,
}

/// The two pools from which slots are filled.
#[derive(Debug)]
pub(super) struct Pools<'a> {
    pub(super) fit: Vec<Candidate<'a>>,
    pub(super) explore: Vec<Candidate<'a>>,
}

/// One row's energy, popularity and valence fit, and its state.
#[derive(Clone, Copy, Debug)]
struct Scored {
    base: f32,
    state: State,
}

/// Chooses `genre_count` genres and gathers the best rows for both pools.
///
/// `seen` and `blocked` are rows of the shelf; `key` seeds chance; of each
/// chosen genre and of the rest, `keep` rows are kept.
pub(super) fn pools<'a>(
    shelf: &'a Shelf,
    request: &RankRequest<'_>,
    (seen, blocked): (&[usize], &[usize]),
    key: u64,
    keep: usize,
) -> Pools<'a> {
    let fit = Fit::of(request.params);
    let mut scored: Vec<Scored> = shelf
        .rows
        .iter()
        .map(|row| Scored {
            base: fit.of_numbers(row.numbers),
            state: State::New,
        })
        .collect();
    for (rows, state) in [(seen, State::Seen), (blocked, State::Blocked)] {
        for &row in rows {
            if let Some(entry) = scored.get_mut(row) {
                entry.state = state;
            }
        }
    }
    let standings = standings(shelf, request, &scored);
    Pools {
        fit: fit_pool(shelf, &scored, &standings, key, keep),
        explore: explore_pool(shelf, request, &scored, &standings, key),
    }
}

fn standings(shelf: &Shelf, request: &RankRequest<'_>, scored: &[Scored]) -> Vec<Standing> {
    let Parameters { genre_count, .. } = *request.params;
    let wanted = (request.limit as f64 / f64::from(genre_count.max(1))).max(1.0);
    let personality = request.personality_or_neutral();
    let mut standings = Vec::with_capacity(shelf.genres.len());
    let mut order = Vec::new();
    for (position, genre) in shelf.genres.iter().enumerate() {
        if genre.rows.is_empty() {
            // No item has it first: it is neither chosen nor asked about.
            standings.push(Standing::default());
            continue;
        }
        let taste = request.affinity.taste(request.content_type, &genre.name);
        let standing = Standing {
            affinity: suits(taste, genre.known, &personality),
            taste,
            met: request.affinity.has_met(request.content_type, &genre.name),
            chosen: false,
        };
        standings.push(standing);
        let free = scored
            .get(genre.rows.clone())
            .unwrap_or_default()
            .iter()
            .filter(|s| s.state != State::Blocked);
        let (mut any, mut supply) = (false, 0.0);
        for entry in free {
            any = true;
            let seen = if entry.state == State::Seen {
                SEEN
            } else {
                1.0
            };
            supply += f64::from((2.0 * entry.base - 1.0).max(0.0) * seen);
        }
        if any && !genre.name.is_empty() {
            let supply = (supply / wanted).min(1.0);
            order.push((standing.affinity + SUPPLY_WEIGHT * supply, position));
        }
    }
    // Ties keep the order of the names.
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, position) in order.into_iter().take(genre_count as usize) {
        if let Some(standing) = standings.get_mut(position) {
            standing.chosen = true;
        }
    }
    standings
}

/// Per chosen genre its best rows, and the best of the rest.
fn fit_pool<'a>(
    shelf: &'a Shelf,
    scored: &[Scored],
    standings: &[Standing],
    key: u64,
    keep: usize,
) -> Vec<Candidate<'a>> {
    let make = |row: usize, kinship: Kinship| {
        let entry = shelf.rows.get(row)?;
        let Scored { base, state } = *scored.get(row)?;
        let standing = standings.get(entry.genre as usize)?;
        let matching = base * fit::of_genre(kinship, standing.affinity);
        let seen = match state {
            State::New => 1.0,
            State::Seen => SEEN,
            State::Blocked => return None,
        };
        Some(Candidate {
            row: entry,
            score: matching * seen * (1.0 - FIT_CHANCE * chance(key, entry.salt)),
            matching,
            slot: Slot::Fit,
            kinship,
        })
    };
    let mut pool = Vec::new();
    let mut rest = Vec::new();
    for (genre, standing) in shelf.genres.iter().zip(standings) {
        if standing.chosen {
            let mut own: Vec<Candidate<'_>> = genre
                .rows
                .clone()
                .filter_map(|row| make(row, Kinship::Main))
                .collect();
            best(&mut own, keep);
            pool.append(&mut own);
            let also = genre.also.iter().map(|&row| row as usize);
            rest.extend(
                also.filter(|&row| !chosen_main(shelf, standings, row))
                    .filter_map(|row| make(row, Kinship::Second)),
            );
        } else {
            rest.extend(
                genre
                    .rows
                    .clone()
                    .filter_map(|row| make(row, Kinship::Outside)),
            );
        }
    }
    // A row may stand in `rest` by several genres: the picker takes it once,
    // by its highest score.
    best(&mut rest, keep);
    pool.append(&mut rest);
    pool
}

fn chosen_main(shelf: &Shelf, standings: &[Standing], row: usize) -> bool {
    let genre = shelf.rows.get(row).map(|entry| entry.genre as usize);
    genre
        .and_then(|genre| standings.get(genre))
        .is_some_and(|standing| standing.chosen)
}

/// Unfamiliar rows that still fit: unseen ones, foremost of genres never met.
fn explore_pool<'a>(
    shelf: &'a Shelf,
    request: &RankRequest<'_>,
    scored: &[Scored],
    standings: &[Standing],
    key: u64,
) -> Vec<Candidate<'a>> {
    let mut pool = Vec::new();
    for (genre, standing) in shelf.genres.iter().zip(standings) {
        let familiar = match (standing.chosen, standing.met) {
            (true, _) => CHOSEN_GENRE,
            (false, true) => MET_GENRE,
            (false, false) => 1.0,
        };
        let wary = 1.0 + standing.taste.min(0.0) as f32;
        let kinship = match standing.chosen {
            true => Kinship::Main,
            false => Kinship::Outside,
        };
        let of_genre = fit::of_genre(kinship, standing.affinity);
        let rows = shelf.rows.get(genre.rows.clone()).unwrap_or_default();
        let states = scored.get(genre.rows.clone()).unwrap_or_default();
        let mut own: Vec<Candidate<'_>> = rows
            .iter()
            .zip(states)
            .filter(|(_, entry)| entry.state == State::New)
            .map(|(row, entry)| Candidate {
                row,
                score: entry.base
                    * familiar
                    * wary
                    * (1.0 - EXPLORE_CHANCE * chance(key.rotate_left(32), row.salt)),
                matching: entry.base * of_genre,
                slot: Slot::Explore,
                kinship,
            })
            .collect();
        // A few of each genre, so that exploring sees many genres.
        best(&mut own, request.limit.div_ceil(4) + 1);
        pool.append(&mut own);
    }
    best(&mut pool, 8 * request.limit);
    pool
}

/// Keeps the `keep` highest scores, in no particular order.
fn best(pool: &mut Vec<Candidate<'_>>, keep: usize) {
    if pool.len() > keep && keep > 0 {
        pool.select_nth_unstable_by(keep - 1, precedes);
        pool.truncate(keep);
    }
}

/// Higher score first; equals in the order of their ids' hashes.
pub(super) fn precedes(a: &Candidate<'_>, b: &Candidate<'_>) -> std::cmp::Ordering {
    b.score
        .total_cmp(&a.score)
        .then(a.row.salt.cmp(&b.row.salt))
}

/// A number in [0, 1) made from `key` and an item (splitmix64's finaliser,
/// Steele et al. 2014): cheap enough for every row.
fn chance(key: u64, salt: u64) -> f32 {
    let mut x = key ^ salt;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 40) as f32 / (1u32 << 24) as f32
}

/// Whether the personality itself speaks for `genre`.
pub(super) fn personality_leans(request: &RankRequest<'_>, genre: &str) -> bool {
    let Some(personality) = request.personality else {
        return false;
    };
    Genre::find(request.content_type, genre).is_some_and(|g| g.leaning(personality) > 0.0)
}
