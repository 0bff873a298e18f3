//! What holds for every catalog, every parameters and every seed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail loudly"
)]

use std::collections::BTreeSet;

use moodloop::Code;
use moodloop::context::{ContentType, Personality};
use moodloop::params::Parameters;
use moodloop::rank::{Affinity, Index, Item, Known, RankRequest, Ranked, Slot, rank};
use proptest::prelude::*;

prop_compose! {
    fn item()(
        title in 0u8..40, creator in 0u8..5, kind in 0usize..2, known in any::<[bool; 3]>(),
        genres in proptest::collection::vec(0u8..6, 0..3),
        energy in 0.0..=1.0f64, valence in 0.0..=1.0f64, popularity in 0.0..=100.0f64,
    ) -> Item {
        Item {
            id: String::new(),
            title: format!("title {title}"),
            creator: (creator > 0).then(|| format!("creator {creator}")),
            content_type: ContentType::ALL[kind],
            genres: genres.into_iter().map(|g| format!("genre_{g}")).collect(),
            energy, valence, popularity,
            url: None,
            thumbnail: None,
            known: Known { energy: known[0], valence: known[1], popularity: known[2] },
        }
    }
}

fn items(most: usize) -> impl Strategy<Value = Vec<Item>> {
    proptest::collection::vec(item(), 0..most).prop_map(|mut items| {
        for (i, item) in items.iter_mut().enumerate() {
            item.id = format!("id-{i}");
        }
        items
    })
}

prop_compose! {
    fn params()(
        ends in any::<[u8; 4]>(), valence in 0.0..=1.0f64, genre_count in 1u32..=20, rate in 0.0..=1.0f64,
    ) -> Parameters {
        Parameters {
            // Ends may come swapped: a client's own parameters may hold anything in range.
            min_energy: f64::from(ends[0]) / 255.0,
            max_energy: f64::from(ends[1]) / 255.0,
            valence,
            genre_count,
            exploration_rate: rate,
            popularity_min: u32::from(ends[2]) * 100 / 255,
            popularity_max: u32::from(ends[3]) * 100 / 255,
            ..Parameters::FALLBACK
        }
    }
}

fn ids<'a>(list: &[Ranked<'a>]) -> Vec<&'a str> {
    list.iter().map(|r| r.item.id.as_str()).collect()
}

fn work(item: &Item) -> (Option<String>, String) {
    (item.creator.clone(), item.title.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_list_is_full_distinct_allowed_and_repeatable(
        items in items(60), params in params(), limit in 1usize..=50, seed in any::<u64>(),
        scores in proptest::array::uniform5(0.0..=100.0f64), turn in 0usize..60,
        cut in 0usize..10,
    ) {
        let index = Index::build(items.clone()).unwrap();
        let person = Personality::from_scores(scores);
        let affinity = Affinity::default();
        let all: Vec<&str> = items.iter().map(|i| i.id.as_str()).collect();
        let (exclude, seen) = (&all[..cut.min(all.len())], &all[all.len() / 2..]);
        let request = RankRequest {
            params: &params, personality: Some(&person), content_type: ContentType::Music,
            limit, affinity: &affinity, exclude, seen, seed, position: 3,
        };
        let list = rank(&index, &request).unwrap();

        let banned: BTreeSet<_> = items.iter()
            .filter(|i| i.content_type == ContentType::Music && exclude.contains(&i.id.as_str()))
            .map(work)
            .collect();
        let allowed: BTreeSet<_> = items.iter()
            .filter(|i| i.content_type == ContentType::Music)
            .map(work)
            .filter(|w| !banned.contains(w))
            .collect();
        let works: BTreeSet<_> = list.iter().map(|r| work(r.item)).collect();
        prop_assert_eq!(works.len(), list.len(), "a near-duplicate");
        prop_assert!(works.is_subset(&allowed));
        prop_assert_eq!(list.len(), limit.min(allowed.len()), "not full");
        for ranked in &list {
            prop_assert!(ranked.match_score <= 100);
            prop_assert_eq!(&index.items()[ranked.position], ranked.item);
            if ranked.why.slot == Slot::Explore {
                prop_assert!(!seen.contains(&ranked.item.id.as_str()));
            }
        }

        prop_assert_eq!(ids(&rank(&index, &request).unwrap()), ids(&list));
        let mut turned = items.clone();
        turned.rotate_left(turn % items.len().max(1));
        let other = Index::build(turned).unwrap();
        prop_assert_eq!(ids(&rank(&other, &request).unwrap()), ids(&list), "order matters");
    }

    #[test]
    fn the_share_of_exploration_is_the_rate(rate in 0.0..=1.0f64, limit in 1usize..=20, seed in any::<u64>()) {
        let items: Vec<Item> = (0..200).map(|i| Item {
            id: format!("{i}"), title: format!("{i}"), creator: None,
            content_type: ContentType::Video, genres: vec![format!("g{}", i % 20)],
            energy: 0.5, valence: 0.5, popularity: 50.0, url: None, thumbnail: None, known: Known::ALL,
        }).collect();
        let index = Index::build(items).unwrap();
        let params = Parameters { exploration_rate: rate, ..Parameters::FALLBACK };
        let affinity = Affinity::default();
        let list = rank(&index, &RankRequest {
            params: &params, personality: None, content_type: ContentType::Video, limit,
            affinity: &affinity, exclude: &[], seen: &[], seed, position: 0,
        }).unwrap();
        let explored = list.iter().filter(|r| r.why.slot == Slot::Explore).count() as f64;
        prop_assert!((explored - rate * limit as f64).abs() < 1.0 + 1e-9, "{explored} of {limit}");
    }
}

#[test]
fn limits_are_checked_and_an_empty_catalog_gives_nothing() {
    let index = Index::build(Vec::new()).unwrap();
    let affinity = Affinity::default();
    let params = Parameters::FALLBACK;
    let with = |limit| RankRequest {
        params: &params,
        personality: None,
        content_type: ContentType::Article,
        limit,
        affinity: &affinity,
        exclude: &["nobody"],
        seen: &[],
        seed: 0,
        position: 0,
    };
    assert!(rank(&index, &with(50)).unwrap().is_empty());
    for limit in [0, 51] {
        let error = rank(&index, &with(limit)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOptions);
    }
}

#[test]
fn near_duplicates_do_not_crowd_out_the_rest() {
    let edition = |i: usize| Item {
        id: format!("edition-{i}"),
        title: format!("The Hit (Remix {i})"),
        creator: Some("Somebody".into()),
        content_type: ContentType::Music,
        genres: vec!["pop".into()],
        energy: 0.5,
        valence: 0.5,
        popularity: 50.0,
        url: None,
        thumbnail: None,
        known: Known::ALL,
    };
    let mut items: Vec<Item> = (0..300).map(edition).collect();
    for (i, item) in items.iter_mut().enumerate().take(5) {
        item.title = format!("Rarity {i}");
        item.energy = 1.0;
    }
    let index = Index::build(items).unwrap();
    let (params, affinity) = (Parameters::FALLBACK, Affinity::default());
    let request = RankRequest {
        params: &params,
        personality: None,
        content_type: ContentType::Music,
        limit: 10,
        affinity: &affinity,
        exclude: &[],
        seen: &[],
        seed: 0,
        position: 0,
    };
    let list = rank(&index, &request).unwrap();
    let hits = list.iter().filter(|r| r.item.title.starts_with("The Hit"));
    assert_eq!((list.len(), hits.count()), (6, 1));
    // Nor does an edition of what was disliked come in its place.
    let disliked = RankRequest {
        exclude: &["edition-200"],
        ..request
    };
    assert_eq!(rank(&index, &disliked).unwrap().len(), 5);
}

#[test]
fn equals_are_spread_over_creators_and_genres() {
    let item = |i: usize| Item {
        id: format!("{i}"),
        title: format!("Title {i}"),
        creator: Some(format!("Creator {}", i.saturating_sub(10))),
        content_type: ContentType::Article,
        genres: vec![["essay", "science", "history"][i % 3].into()],
        energy: 0.5,
        valence: 0.5,
        popularity: 50.0,
        url: None,
        thumbnail: None,
        known: Known::ALL,
    };
    // Eleven of twenty are by one creator.
    let index = Index::build((0..20).map(item).collect()).unwrap();
    let affinity = Affinity::default();
    let params = Parameters {
        exploration_rate: 0.0,
        ..Parameters::FALLBACK
    };
    for seed in 0..20 {
        let request = RankRequest {
            params: &params,
            personality: None,
            content_type: ContentType::Article,
            limit: 6,
            affinity: &affinity,
            exclude: &[],
            seen: &[],
            seed,
            position: 0,
        };
        let list = rank(&index, &request).unwrap();
        let creators: BTreeSet<_> = list.iter().map(|r| &r.item.creator).collect();
        assert!(creators.len() >= 5, "{creators:?}");
        for genre in ["essay", "science", "history"] {
            let count = list.iter().filter(|r| r.item.genre() == Some(genre));
            assert_eq!(count.count(), 2, "{genre}");
        }
    }
}
