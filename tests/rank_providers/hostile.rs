//! Answers that no provider documents: nothing gets through, nothing breaks.

use moodloop::providers::{Failure, spotify, youtube};
use moodloop::rank::Item;
use moodloop::value::Value;
use moodloop::{Code, Result};
use proptest::prelude::*;

use super::{fixture, genres, guide, json};

/// Every parser on one answer.
fn parse_all(body: &Value) -> [Result<Vec<Item>>; 3] {
    let (_, params) = guide();
    [
        spotify::parse_recommendations(body, &params, &genres(&["jazz"])),
        spotify::parse_search(body, "jazz"),
        youtube::parse_search(
            body,
            &params,
            &genres(&["nature"]),
            "https://watch.test/?v=",
        ),
    ]
}

fn assert_harmless(body: &Value) {
    for parsed in parse_all(body) {
        match parsed {
            Ok(items) => {
                for item in items {
                    let url = item.url.unwrap();
                    assert!(url.starts_with("https://"), "{url}");
                    assert!(item.title.chars().count() <= 300 && !item.id.is_empty());
                    assert!(item.thumbnail.is_none_or(|t| t.starts_with("https://")));
                }
            }
            Err(error) => assert_eq!(error.code(), Code::ProviderFailed),
        }
    }
    let overload = spotify::classify_error(429, Some("x"), Some(body));
    assert!(matches!(
        overload,
        Failure::QuotaExceeded | Failure::RateLimited { .. }
    ));
    assert_ne!(
        youtube::classify_error(403, None, Some(body)),
        Failure::Unavailable
    );
}

/// Replaces the `at`-th node of a tree, counted depth first.
fn replace(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| replace(v, at, with)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, v)| replace(v, at, with)),
        _ => {}
    }
}

#[test]
fn each_field_wrong_in_turn_fails_or_is_skipped() {
    let hostile = [
        Value::Null,
        Value::Bool(true),
        Value::Number(f64::NAN),
        Value::Number(f64::INFINITY),
        Value::Number(-1.0),
        Value::String(String::new()),
        Value::String("x".repeat(1_000_000)),
        Value::String("javascript:alert(1)".into()),
        Value::String("https://a\nb".into()),
        Value::String("\u{fffd}".into()),
        Value::Array(vec![Value::Null; 3]),
        Value::Object(Vec::new()),
    ];
    for name in [
        "spotify_recommendations",
        "spotify_search",
        "youtube_search",
    ] {
        let good = json(&fixture(name));
        for node in 0..120 {
            for with in &hostile {
                let mut body = good.clone();
                replace(&mut body, &mut node.clone(), with);
                assert_harmless(&body);
            }
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let names = [
        "tracks",
        "items",
        "id",
        "name",
        "artists",
        "external_urls",
        "spotify",
        "snippet",
        "title",
        "videoId",
        "error",
        "errors",
        "reason",
        "details",
        "url",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_map(Value::Number),
        ".{0,8}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let key = proptest::sample::select(names.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((key.prop_map(str::to_owned), inner), 0..4)
                .prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn any_answer_is_harmless(body in any_value()) {
        assert_harmless(&body);
    }
}
