//! What every recommendation carries (SPEC section 7), with a reason made of
//! true facts only.

use serde::Serialize;

use crate::context::{ContentType, Mood, TimeOfDay};
use crate::params::Parameters;
use crate::rank::{Item, Ranked, Slot, Why};
use crate::strategy::energy_level;

/// How the recommendation came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metadata {
    /// The decision that chose the strategy; feedback refers to it.
    pub decision_id: String,
    /// The dimensions that the provider really applied.
    pub honoured: Vec<&'static str>,
    /// The parameters that were used.
    pub rl_params: Parameters,
    /// The strategy's name; none for the fallback.
    pub strategy: Option<String>,
    /// The probability with which the strategy was chosen; none when it was
    /// not drawn (baseline, fallback).
    pub propensity: Option<f64>,
    /// The version of the policy that decided; none without one.
    pub policy_version: Option<u64>,
    /// The experiment's arm, such as `agent` or `baseline`.
    pub arm: Option<String>,
    /// What decided, such as `agent`, `baseline` or `fallback`.
    pub source: String,
    /// Where the items come from: `catalog`, `spotify` or `youtube`.
    pub provider: String,
    /// The part of the visitor's day.
    pub time_of_day: TimeOfDay,
    /// Whether this place of the list is for the best match or for exploring.
    pub slot: Slot,
}

/// One recommended thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation<'a, M = Metadata> {
    /// The provider's or the site's id.
    pub id: &'a str,
    /// The title.
    pub title: &'a str,
    /// Who made a piece of music; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<&'a str>,
    /// Who published a video; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'a str>,
    /// Who made anything else; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<&'a str>,
    /// The main genre; `null` when the provider does not say.
    pub genre: Option<&'a str>,
    /// The mood that the item's energy and valence make ([`mood_of`]).
    pub mood: Mood,
    /// Energy 0..=100. An estimate where `metadata.honoured` lacks `energy` or
    /// the provider is not the catalog.
    pub energy_level: u32,
    /// Where to find it.
    pub url: Option<&'a str>,
    /// The same, for items of Spotify.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotify_url: Option<&'a str>,
    /// The same, for items of YouTube.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub youtube_url: Option<&'a str>,
    /// A picture.
    pub thumbnail: Option<&'a str>,
    /// Why it is here, in one sentence.
    pub reasoning: String,
    /// Posterior probability, in per cent, that the strategy beats the
    /// baseline's in this context; 50 when it is the same, `null` for the fallback.
    pub confidence: Option<u32>,
    /// How well the item fits parameters and person, 0..=100
    /// ([the formula](crate::rank#the-match)).
    pub match_score: u32,
    /// How it came about.
    pub metadata: M,
}

impl<'a, M> Recommendation<'a, M> {
    /// Completes a ranked item of `provider`; `metadata` is that of its slot.
    #[must_use]
    pub fn new(ranked: &Ranked<'a>, confidence: Option<u32>, provider: &str, metadata: M) -> Self {
        let item = ranked.item;
        let by = |content_types: &[ContentType]| {
            let named = content_types.contains(&item.content_type);
            item.creator.as_deref().filter(|_| named)
        };
        let url = item.url.as_deref();
        let url_of = |name: &str| url.filter(|_| provider == name);
        Self {
            id: &item.id,
            title: &item.title,
            artist: by(&[ContentType::Music]),
            channel: by(&[ContentType::Video]),
            creator: by(&[
                ContentType::Game,
                ContentType::Podcast,
                ContentType::Article,
            ]),
            genre: item.genre(),
            mood: mood_of(item),
            energy_level: percent(item.energy),
            url,
            spotify_url: url_of("spotify"),
            youtube_url: url_of("youtube"),
            thumbnail: item.thumbnail.as_deref(),
            reasoning: reasoning(item, ranked.why),
            confidence,
            match_score: ranked.match_score,
            metadata,
        }
    }
}

fn percent(x: f64) -> u32 {
    libm::floor(x.clamp(0.0, 1.0) * 100.0 + 0.5) as u32
}

/// The mood that an item's energy and valence make, both cut at thirds: low
/// energy is sad, calm or peaceful by valence; medium sad, focused or happy;
/// high angry, energetic or excited.
#[must_use]
pub fn mood_of(item: &Item) -> Mood {
    match (energy_level(item.energy), energy_level(item.valence)) {
        (0, 1) => Mood::Calm,
        (0, 2) => Mood::Peaceful,
        (0 | 1, 0) => Mood::Sad,
        (1, 1) => Mood::Focused,
        (1, _) => Mood::Happy,
        (_, 0) => Mood::Angry,
        (_, 1) => Mood::Energetic,
        (_, _) => Mood::Excited,
    }
}

/// Why an item is here: the guide's sentence where it is true, such as "Based
/// on your personality profile, this calm track matches your preferences for
/// classical with 30% energy".
///
/// A profile is named only if one was given and it speaks for the genre, likes
/// only if there are some, mood and energy only if the source states them; an
/// exploration slot says that it is one.
#[must_use]
pub fn reasoning(item: &Item, why: Why) -> String {
    let noun = match item.content_type {
        ContentType::Music => "track",
        ContentType::Video => "video",
        ContentType::Game => "game",
        ContentType::Podcast => "podcast",
        ContentType::Article => "article",
    };
    let thing = match item.known.energy && item.known.valence {
        true => format!("this {} {noun}", mood_of(item).as_str()),
        false => format!("this {noun}"),
    };
    let genre = item.genre().map(|genre| genre.replace('_', " "));
    let energy = item
        .known
        .energy
        .then(|| format!("with {}% energy", percent(item.energy)));
    let basis = match (why.personality, why.liked) {
        (true, true) => Some("your personality profile and what you liked"),
        (true, false) => Some("your personality profile"),
        (false, true) => Some("what you liked"),
        (false, false) => None,
    };
    let explored = why.slot == Slot::Explore;
    if let (Some(basis), Some(genre), true, false) = (basis, &genre, why.genre_chosen, explored) {
        let sentence = format!("Based on {basis}, {thing} matches your preferences for {genre}");
        return [sentence]
            .into_iter()
            .chain(energy)
            .collect::<Vec<_>>()
            .join(" ");
    }
    let opening = match (explored, why.genre_chosen) {
        (false, _) => "Picked for the moment",
        (true, true) => "Something new to explore",
        (true, false) => "Something different to explore",
    };
    let facts: Vec<String> = genre.into_iter().chain(energy).collect();
    if facts.is_empty() {
        format!("{opening}: {thing}")
    } else {
        format!("{opening}: {thing}, {}", facts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::Known;

    fn sonata() -> Item {
        Item {
            id: "track-123".into(),
            title: "Moonlight Sonata".into(),
            creator: Some("Beethoven".into()),
            content_type: ContentType::Music,
            genres: vec!["classical".into()],
            energy: 0.3,
            valence: 0.4,
            popularity: 80.0,
            url: Some("https://example.org/track-123".into()),
            thumbnail: None,
            known: Known::ALL,
        }
    }

    const PROFILE: Why = Why {
        slot: Slot::Fit,
        genre_chosen: true,
        personality: true,
        liked: false,
    };

    #[test]
    fn the_guides_sentence_comes_out() {
        assert_eq!(
            reasoning(&sonata(), PROFILE),
            "Based on your personality profile, this calm track matches your preferences for classical with 30% energy"
        );
    }

    #[test]
    fn nothing_is_claimed_that_is_not_so() {
        let say = |item: &Item, why: Why| reasoning(item, why);
        let stranger = Why {
            personality: false,
            ..PROFILE
        };
        assert_eq!(
            say(&sonata(), stranger),
            "Picked for the moment: this calm track, classical with 30% energy"
        );
        let outside = Why {
            genre_chosen: false,
            ..PROFILE
        };
        assert!(!say(&sonata(), outside).contains("preferences"));
        let exploring = Why {
            slot: Slot::Explore,
            ..outside
        };
        assert_eq!(
            say(&sonata(), exploring),
            "Something different to explore: this calm track, classical with 30% energy"
        );
        let liked = Why {
            liked: true,
            ..stranger
        };
        assert!(say(&sonata(), liked).starts_with("Based on what you liked, this calm track"));
        let vague = Item {
            genres: Vec::new(),
            known: Known {
                energy: false,
                ..Known::ALL
            },
            ..sonata()
        };
        assert_eq!(say(&vague, PROFILE), "Picked for the moment: this track");
    }

    #[test]
    fn names_on_the_wire_are_the_specs() {
        let metadata = Metadata {
            decision_id: "d1".into(),
            honoured: vec!["energy", "diversity", "novelty"],
            rl_params: Parameters::FALLBACK,
            strategy: None,
            propensity: None,
            policy_version: None,
            arm: None,
            source: "fallback".into(),
            provider: "spotify".into(),
            time_of_day: TimeOfDay::Evening,
            slot: Slot::Explore,
        };
        let item = sonata();
        let ranked = Ranked {
            item: &item,
            position: 0,
            match_score: 91,
            why: Why {
                slot: Slot::Explore,
                ..PROFILE
            },
        };
        let json =
            serde_json::to_value(Recommendation::new(&ranked, Some(82), "spotify", metadata))
                .unwrap();
        let mut keys: Vec<&str> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut expected = vec![
            "artist",
            "confidence",
            "energy_level",
            "genre",
            "id",
            "match_score",
            "metadata",
            "mood",
            "reasoning",
            "spotify_url",
            "thumbnail",
            "title",
            "url",
        ];
        // Another crate may make serde_json keep the order of insertion.
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
        assert_eq!(json["mood"], "calm");
        assert_eq!(json["energy_level"], 30);
        assert_eq!(json["metadata"]["slot"], "explore");
        assert_eq!(json["metadata"]["rl_params"]["genre_count"], 3);
    }

    #[test]
    fn every_item_has_a_mood_word() {
        for energy in [0.0, 0.5, 1.0] {
            for valence in [0.0, 0.5, 1.0] {
                let item = Item {
                    energy,
                    valence,
                    ..sonata()
                };
                assert!(Mood::NAMES.contains(&mood_of(&item).as_str()));
            }
        }
    }
}
