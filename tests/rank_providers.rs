//! Spotify and YouTube against answers of the documented shapes
//! (tests/fixtures, written by hand) and against hostile ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail loudly"
)]

use moodloop::context::{ContentType, Context, Mood, Personality, TimeOfDay};
use moodloop::genres::{Targets, order};
use moodloop::params::{Mapping, Parameters};
use moodloop::providers::{Failure, spotify, youtube};
use moodloop::rank::{Affinity, Index, Item, RankRequest, rank};
use moodloop::value::Value;
use moodloop::{Code, Result};
use proptest::prelude::*;

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The guide's worked example: a calm evening of an open introvert.
fn guide() -> (Personality, Parameters) {
    let personality = Personality {
        openness: 85.0,
        extraversion: 35.0,
        neuroticism: 25.0,
        ..Personality::NEUTRAL
    };
    let context = Context {
        personality,
        mood: Mood::Relaxed,
        ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
    };
    let mapping = Mapping::default();
    let strategy = mapping.space().parse("low_diverse_exploratory").unwrap();
    (personality, mapping.parameters(strategy, &context))
}

fn genres(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_guides_call_is_made() {
    let (personality, params) = guide();
    let targets = Targets::of(&personality);
    let names = genres(&order(ContentType::Music, &personality));
    let request =
        spotify::recommendations_request("https://api.test/", "tok", &params, &targets, &names, 10)
            .unwrap();
    let expected = format!(
        "https://api.test/v1/recommendations?seed_genres=classical%2Cambient%2Cjazz%2Cworld-music%2Cidm&limit=10\
         &min_energy=0.1&max_energy=0.4&target_valence=0.6&target_danceability={}&target_acousticness={}\
         &target_instrumentalness={}&min_popularity=0&max_popularity=40",
        targets.target_danceability, targets.target_acousticness, targets.target_instrumentalness
    );
    assert_eq!((request.method, request.url), ("GET", expected));
    assert!(
        request
            .headers
            .contains(&("authorization", "Bearer tok".into()))
    );
    assert_eq!(
        spotify::recommendations_honoured(&params, &names),
        ["energy", "diversity", "novelty"]
    );
    let six = Parameters {
        genre_count: 6,
        ..params.clone()
    };
    assert_eq!(
        spotify::recommendations_honoured(&six, &names),
        ["energy", "novelty"]
    );
    let error = spotify::recommendations_request(
        "https://api.test",
        "tok",
        &params,
        &targets,
        &genres(&["polka"]),
        10,
    );
    assert_eq!(error.unwrap_err().code(), Code::InvalidOptions);
}

#[test]
fn a_search_asks_for_one_genre_and_at_most_ten() {
    let request = spotify::search_request("https://api.test", "tok", "hip_hop", 50);
    assert_eq!(
        request.url,
        "https://api.test/v1/search?q=genre%3A%22hip+hop%22&type=track&limit=10"
    );
    let hostile = spotify::search_request("https://api.test", "tok", "a\" OR year:1&limit=50", 1);
    assert!(hostile.url.ends_with("&type=track&limit=1"));
    assert_eq!(hostile.url.matches("%22").count(), 2, "{}", hostile.url);
}

#[test]
fn a_token_is_asked_for_and_read() {
    let request = spotify::token_request("https://accounts.test/", "id", "s&cret");
    assert_eq!(request.url, "https://accounts.test/api/token");
    assert_eq!(
        request.body.as_deref(),
        Some("grant_type=client_credentials&client_id=id&client_secret=s%26cret")
    );
    let token = spotify::parse_token(&json(
        r#"{"access_token": "BQD-1", "token_type": "Bearer", "expires_in": 3600}"#,
    ))
    .unwrap();
    assert_eq!(
        (token.access_token.as_str(), token.expires_in_s),
        ("BQD-1", 3600)
    );
    for bad in [
        r#"{"access_token": "a\nb", "token_type": "Bearer", "expires_in": 3600}"#,
        r#"{"access_token": "qq 42", "token_type": "Bearer", "expires_in": 3600}"#,
        r#"{"access_token": "qq42", "token_type": "mac", "expires_in": 3600}"#,
        r#"{"access_token": "qq42", "token_type": "Bearer", "expires_in": -1}"#,
        r#"{"access_token": "qq42", "token_type": "Bearer"}"#,
        r#"[]"#,
    ] {
        let error = spotify::parse_token(&json(bad)).unwrap_err();
        assert_eq!(error.code(), Code::ProviderFailed);
        assert!(!error.message().contains("42"), "no token in errors");
    }
}

#[test]
fn recommended_tracks_become_items() {
    let (_, params) = guide();
    let body = json(&fixture("spotify_recommendations"));
    let items = spotify::parse_recommendations(&body, &params, &genres(&["classical"])).unwrap();
    let [first, second] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(first.title, "Moonlight Sonata");
    assert_eq!(first.creator.as_deref(), Some("Ludwig van Beethoven"));
    assert_eq!(first.url.as_deref(), Some("https://open.test/track/t1"));
    assert_eq!(
        first.thumbnail.as_deref(),
        Some("https://images.test/small-1")
    );
    assert_eq!((first.energy, first.popularity), (0.25, 36.0));
    assert!(!first.known.energy && first.known.popularity);
    assert_eq!(second.thumbnail, None);
    assert!(!second.known.popularity);
    let several = spotify::parse_recommendations(&body, &params, &genres(&["classical", "jazz"]));
    assert_eq!(
        several.unwrap()[0].genre(),
        None,
        "which of two seeds is not said"
    );
}

#[test]
fn searched_tracks_are_ranked_again() {
    let (personality, params) = guide();
    let mut items = spotify::parse_search(&json(&fixture("spotify_search")), "jazz").unwrap();
    assert_eq!(items.len(), 2, "null is skipped");
    assert!(items.iter().all(|item| item.genre() == Some("jazz")));
    // Another genre's search may give the same track again: told by its id.
    items.push(Item {
        id: "c1".into(),
        title: "Clear Water".into(),
        genres: genres(&["classical"]),
        popularity: 20.0,
        ..items[0].clone()
    });
    let index = Index::build(items).unwrap();
    let affinity = Affinity::default();
    let list = rank(
        &index,
        &RankRequest {
            params: &params,
            personality: Some(&personality),
            content_type: ContentType::Music,
            limit: 2,
            affinity: &affinity,
            exclude: &[],
            seen: &[],
            seed: 3,
            position: 0,
        },
    )
    .unwrap();
    let picked: Vec<&Item> = list.iter().map(|r| r.item).collect();
    assert_eq!(picked.len(), 2);
    assert!(
        picked.iter().any(|item| item.id == "c1"),
        "20 is in the band, 55 is not"
    );
    let known: Vec<&Item> = picked.iter().copied().filter(|i| i.id == "c1").collect();
    assert_eq!(
        spotify::search_honoured(&params, &known),
        ["diversity", "novelty"]
    );
    assert_eq!(
        spotify::search_honoured(&params, &[&index.items()[1]]),
        ["diversity"]
    );
    assert_eq!(spotify::search_honoured(&params, &[]), [""; 0]);
}

#[test]
fn youtube_terms_are_the_guides() {
    let (_, calm) = guide();
    let terms = youtube::search_terms(&calm, 2);
    assert_eq!(
        terms,
        [
            "calm",
            "relaxing",
            "peaceful",
            "ambient",
            "unique",
            "hidden gem",
            "undiscovered"
        ]
    );
    let wild = Parameters {
        min_energy: 0.6,
        max_energy: 1.0,
        valence: 0.8,
        exploration_rate: 0.6,
        ..Parameters::FALLBACK
    };
    assert_eq!(
        youtube::search_terms(&wild, 0),
        [
            "exciting",
            "intense",
            "high energy",
            "upbeat",
            "uplifting",
            "positive",
            "motivational",
            "unique",
            "different",
            "unusual",
            "creative",
            "popular",
            "trending",
        ]
    );
    let dark = Parameters {
        valence: 0.25,
        ..Parameters::FALLBACK
    };
    assert_eq!(
        youtube::search_terms(&dark, 1),
        [
            "deep",
            "meaningful",
            "thought-provoking",
            "recommended",
            "featured"
        ]
    );
    // The cuts are exact: a midpoint of 0.3 or 0.7 is neither low nor high.
    for (min_energy, max_energy) in [(0.2, 0.4), (0.1, 0.5), (0.5, 0.9), (0.6, 0.8)] {
        let params = Parameters {
            min_energy,
            max_energy,
            ..Parameters::FALLBACK
        };
        assert_eq!(
            youtube::search_terms(&params, 1),
            ["recommended", "featured"]
        );
    }
}

#[test]
fn youtube_is_searched_and_read() {
    let (_, params) = guide();
    let names = genres(&["documentary", "nature"]);
    let query = youtube::search_query(&params, 2, &names, 0);
    assert_eq!(query, "documentary|nature calm unique");
    assert_eq!(
        youtube::search_query(&params, 2, &names, 1),
        "documentary|nature relaxing hidden gem"
    );
    let request = youtube::search_request("https://api.test", "key-1", &query, 10);
    assert_eq!(
        request.url,
        "https://api.test/youtube/v3/search?part=snippet&type=video&order=relevance&maxResults=10&q=documentary%7Cnature+calm+unique"
    );
    assert!(!request.url.contains("key-1"));
    let items = youtube::parse_search(
        &json(&fixture("youtube_search")),
        &params,
        &names,
        "https://watch.test/?v=",
    )
    .unwrap();
    let [first, second] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(first.title, "Tom & Ada's \"Deep Sea\" documentary");
    assert_eq!(first.creator.as_deref(), Some("Sea & Sky"));
    assert_eq!(
        first.url.as_deref(),
        Some("https://watch.test/?v=abc_DEF-123")
    );
    assert_eq!(
        first.thumbnail.as_deref(),
        Some("https://thumbs.test/medium.jpg")
    );
    assert_eq!(first.genres, names, "both words are in its texts");
    assert_eq!(second.genre(), None);
    assert_eq!(
        youtube::honoured(&params, &[first]),
        ["energy", "diversity", "novelty"]
    );
    assert_eq!(
        youtube::honoured(&params, &[first, second]),
        ["energy", "novelty"]
    );
    assert_eq!(
        youtube::honoured(&Parameters::FALLBACK, &[second, first]),
        ["novelty"]
    );
}

#[test]
fn failures_are_told_apart() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(&fixture("provider_errors")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let retry_after = case["retry_after"].as_str();
        let body = (!case["body"].is_null()).then(|| json(&case["body"].to_string()));
        let failure = match case["provider"].as_str().unwrap() {
            "spotify" => spotify::classify_error(status, retry_after, body.as_ref()),
            _ => youtube::classify_error(status, retry_after, body.as_ref()),
        };
        assert_eq!(
            serde_json::to_value(failure).unwrap(),
            case["failure"],
            "{}",
            case["name"]
        );
    }
    assert!(Failure::Unavailable.may_retry() && !Failure::QuotaExceeded.may_retry());
}

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
