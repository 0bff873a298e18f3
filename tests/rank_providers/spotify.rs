//! Requests to Spotify and its answers.

use moodloop::Code;
use moodloop::context::ContentType;
use moodloop::genres::{Targets, order};
use moodloop::params::Parameters;
use moodloop::providers::spotify;
use moodloop::rank::{Affinity, Index, Item, RankRequest, rank};

use super::{fixture, genres, guide, json};

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
    let request = spotify::search_request("https://api.test", "tok", "hip_hop", 50, 0);
    assert_eq!(
        request.url,
        "https://api.test/v1/search?q=genre%3A%22hip+hop%22&type=track&limit=10&offset=0"
    );
    let hostile =
        spotify::search_request("https://api.test", "tok", "a\" OR year:1&limit=50", 1, 3);
    assert!(hostile.url.ends_with("&type=track&limit=1&offset=3"));
    assert_eq!(hostile.url.matches("%22").count(), 2, "{}", hostile.url);
    let last = spotify::search_request("https://api.test", "tok", "jazz", 10, usize::MAX);
    assert!(last.url.ends_with("&offset=990"), "{}", last.url);
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
