//! Ranking the demo catalog: each dimension of a strategy moves what is served.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail loudly"
)]

use std::collections::BTreeSet;
use std::path::Path;

use moodloop::context::{ContentType, Context, Personality, TimeOfDay};
use moodloop::params::{Mapping, Parameters};
use moodloop::rank::{Affinity, Index, Item, RankRequest, Ranked, Signal, Slot, rank};
use moodloop::recommendation::reasoning;
use moodloop::strategy::Strategy;
use moodloop::value::Value;

const LIMIT: usize = 10;
const SEEDS: u64 = 5;

fn catalog(content_type: ContentType) -> Vec<Item> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("www/public/catalog")
        .join(format!("{}.json", content_type.as_str()));
    let text = std::fs::read_to_string(&path).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    Item::parse_list(&value, 1000).unwrap()
}

fn whole_catalog() -> Index {
    Index::build(ContentType::ALL.into_iter().flat_map(catalog).collect()).unwrap()
}

fn request<'a>(
    params: &'a Parameters,
    content_type: ContentType,
    affinity: &'a Affinity,
) -> RankRequest<'a> {
    RankRequest {
        params,
        personality: None,
        content_type,
        limit: LIMIT,
        affinity,
        exclude: &[],
        seen: &[],
        seed: 1,
        position: 0,
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean energy, distinct main genres, mean popularity of what a strategy serves.
fn served(index: &Index, content_type: ContentType, strategy: Strategy) -> [f64; 3] {
    let context = Context::neutral(content_type, TimeOfDay::Evening);
    let params = Mapping::default().parameters(strategy, &context);
    let affinity = Affinity::default();
    let lists: Vec<Vec<Ranked<'_>>> = (0..SEEDS)
        .map(|seed| {
            let request = RankRequest {
                seed,
                ..request(&params, content_type, &affinity)
            };
            rank(index, &request).unwrap()
        })
        .collect();
    assert!(lists.iter().all(|list| list.len() == LIMIT));
    let genres = |list: &[Ranked<'_>]| {
        let names: BTreeSet<&str> = list.iter().filter_map(|r| r.item.genre()).collect();
        names.len() as f64
    };
    let items = || lists.iter().flatten().map(|r| r.item);
    [
        mean(items().map(|item| item.energy)),
        mean(lists.iter().map(|list| genres(list))),
        mean(items().map(|item| item.popularity)),
    ]
}

#[test]
fn every_dimension_moves_what_is_served() {
    let index = whole_catalog();
    let mapping = Mapping::default();
    let space = mapping.space();
    println!("27 strategies: mean energy / distinct genres of {LIMIT} / mean popularity");
    let names = ContentType::NAMES.map(|name| format!("{name:>16}"));
    println!("{:<28}{}", "", names.join(""));
    let mut table = Vec::new();
    for strategy in space.strategies() {
        let row = ContentType::ALL.map(|content_type| served(&index, content_type, strategy));
        let cells = row.map(|[e, g, p]| format!("{:>16}", format!("{e:.2} / {g:.1} / {p:.0}")));
        println!("{:<28}{}", space.name(strategy), cells.join(""));
        table.push((space.levels(strategy), row));
    }
    for (column, name) in ContentType::NAMES.into_iter().enumerate() {
        // Mean over the nine strategies at one level of one dimension.
        let at = |dimension: usize, level: usize| {
            let rows = table
                .iter()
                .filter(|(levels, _)| levels[dimension] == level);
            mean(rows.map(|(_, row)| row[column][dimension]))
        };
        let levels = |dimension| [0, 1, 2].map(|level| at(dimension, level));
        let [low, medium, high] = levels(0);
        assert!(
            high > medium + 0.1 && medium > low + 0.1,
            "{name} energy {low} {medium} {high}"
        );
        let [focused, balanced, diverse] = levels(1);
        assert!(
            diverse > balanced && balanced > focused && diverse > focused + 1.5,
            "{name} genres {focused} {balanced} {diverse}"
        );
        let [familiar, mixed, exploratory] = levels(2);
        assert!(
            familiar > mixed + 8.0 && mixed > exploratory + 8.0,
            "{name} popularity {familiar} {mixed} {exploratory}"
        );
    }
}

#[test]
fn likes_change_the_genres_that_are_served() {
    let index = whole_catalog();
    let strategy = Mapping::default()
        .space()
        .parse("medium_focused_mixed")
        .unwrap();
    let context = Context::neutral(ContentType::Music, TimeOfDay::Evening);
    let params = Mapping::default().parameters(strategy, &context);
    let share = |affinity: &Affinity| {
        let list = rank(&index, &request(&params, ContentType::Music, affinity)).unwrap();
        list.iter()
            .filter(|r| r.item.genre() == Some("jazz"))
            .count()
    };
    let mut affinity = Affinity::default();
    let before = share(&affinity);
    for _ in 0..5 {
        affinity.record(ContentType::Music, &["jazz".into()], Signal::Liked);
    }
    assert!(share(&affinity) > before, "before {before}");
    for _ in 0..12 {
        affinity.record(ContentType::Music, &["jazz".into()], Signal::Disliked);
    }
    assert_eq!(share(&affinity), 0);
}

#[test]
fn reasons_name_a_profile_only_where_one_was_given() {
    let index = whole_catalog();
    let open = Personality {
        openness: 85.0,
        extraversion: 35.0,
        neuroticism: 25.0,
        ..Personality::NEUTRAL
    };
    let (params, affinity) = (Parameters::FALLBACK, Affinity::default());
    for (personality, expected) in [
        (None, 0),
        (Some(&Personality::NEUTRAL), 0),
        (Some(&open), 1),
    ] {
        for content_type in ContentType::ALL {
            let request = RankRequest {
                personality,
                ..request(&params, content_type, &affinity)
            };
            let list = rank(&index, &request).unwrap();
            let claims = list
                .iter()
                .filter(|r| reasoning(r.item, r.why).contains("personality"))
                .count();
            assert!(claims.min(1) == expected, "{claims} for {content_type:?}");
            let explored = list.iter().filter(|r| r.why.slot == Slot::Explore);
            for ranked in explored {
                assert!(reasoning(ranked.item, ranked.why).contains("to explore"));
            }
        }
    }
}

#[test]
fn what_was_seen_makes_room_and_what_was_excluded_stays_away() {
    let index = whole_catalog();
    let params = Parameters::FALLBACK;
    let affinity = Affinity::default();
    let first = rank(&index, &request(&params, ContentType::Game, &affinity)).unwrap();
    let ids: Vec<&str> = first.iter().map(|r| r.item.id.as_str()).collect();
    let seen = RankRequest {
        seen: &ids,
        position: 1,
        ..request(&params, ContentType::Game, &affinity)
    };
    let second = rank(&index, &seen).unwrap();
    let again = second
        .iter()
        .filter(|r| ids.contains(&r.item.id.as_str()))
        .count();
    assert!(again <= LIMIT / 2, "{again} of {LIMIT} came again");
    for ranked in &second {
        let met = ids.contains(&ranked.item.id.as_str());
        assert!(!(met && ranked.why.slot == Slot::Explore));
    }
    let excluded = RankRequest {
        exclude: &ids,
        ..request(&params, ContentType::Game, &affinity)
    };
    for ranked in rank(&index, &excluded).unwrap() {
        assert!(!ids.contains(&ranked.item.id.as_str()));
    }
}

#[test]
fn the_demo_catalog_is_as_promised() {
    let mut works = BTreeSet::new();
    let mut count = 0;
    for content_type in ContentType::ALL {
        let items = catalog(content_type);
        assert!(
            items.len() >= 48,
            "{}: {}",
            content_type.as_str(),
            items.len()
        );
        count += items.len();
        for item in items {
            assert_eq!(item.content_type, content_type, "{}", item.id);
            assert!(
                item.url.is_some_and(|url| url.starts_with("https://")),
                "{}",
                item.id
            );
            assert!(
                works.insert((item.title, item.creator)),
                "{} comes twice",
                item.id
            );
        }
    }
    assert!(count >= 240, "{count}");
    // Ids are unique over all files, or this fails.
    assert_eq!(whole_catalog().items().len(), count);
}
