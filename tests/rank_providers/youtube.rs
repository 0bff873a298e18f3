//! Requests to YouTube and its answers.

use moodloop::params::Parameters;
use moodloop::providers::youtube;

use super::{fixture, genres, guide, json};

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
