//! Spotify and YouTube against answers of the documented shapes
//! (tests/fixtures, written by hand) and against hostile ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail loudly"
)]

mod hostile;
mod spotify;
mod youtube;

use moodloop::context::{ContentType, Context, Mood, Personality, TimeOfDay};
use moodloop::params::{Mapping, Parameters};
use moodloop::providers::{Failure, spotify as sp, youtube as yt};
use moodloop::value::Value;

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
fn failures_are_told_apart() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(&fixture("provider_errors")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let retry_after = case["retry_after"].as_str();
        let body = (!case["body"].is_null()).then(|| json(&case["body"].to_string()));
        let failure = match case["provider"].as_str().unwrap() {
            "spotify" => sp::classify_error(status, retry_after, body.as_ref()),
            _ => yt::classify_error(status, retry_after, body.as_ref()),
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
