//! Which content type gets its items from where; the catalog serves the rest.

use moodloop::context::ContentType;
use moodloop::rank::CATALOG;
use moodloop::value::quote;

/// How long a request waits for a provider unless told otherwise, in
/// milliseconds (SPEC section 7).
const PATIENCE_MS: i64 = 2_000;

/// Spotify, for music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotify {
    /// The app's public id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The base address of the Web API.
    pub api: String,
    /// The base address of the accounts service.
    pub accounts: String,
    /// Whether this app still has `recommendations`; else it searches.
    pub recommendations: bool,
}

/// YouTube, for video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YouTube {
    /// The project's key: a secret.
    pub key: String,
    /// The base address of the Data API.
    pub api: String,
}

/// The providers that are configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Providers {
    /// `MUSIC_PROVIDER` is `spotify` or `spotify_recommendations`.
    pub spotify: Option<Spotify>,
    /// `VIDEO_PROVIDER` is `youtube`.
    pub youtube: Option<YouTube>,
    /// How long one request waits for a provider in all, in milliseconds.
    pub patience_ms: i64,
    /// What is wrong with the configuration; the catalog serves meanwhile.
    pub problems: Vec<String>,
}

impl Providers {
    /// Whether a provider is asked for a content type, and not the catalog alone.
    pub const fn are_asked_for(&self, content_type: ContentType) -> bool {
        match content_type {
            ContentType::Music => self.spotify.is_some(),
            ContentType::Video => self.youtube.is_some(),
            ContentType::Game | ContentType::Podcast | ContentType::Article => false,
        }
    }

    /// Reads variables and secrets by their names.
    pub fn read(text: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader {
            text,
            problems: Vec::new(),
        };
        let spotify = match reader.word("MUSIC_PROVIDER", &["spotify", "spotify_recommendations"]) {
            Some(word) => reader.spotify(word == "spotify_recommendations"),
            None => None,
        };
        let youtube = match reader.word("VIDEO_PROVIDER", &["youtube"]) {
            Some(_) => reader.youtube(),
            None => None,
        };
        let patience_ms = reader.patience();
        Self {
            spotify,
            youtube,
            patience_ms,
            problems: reader.problems,
        }
    }
}

struct Reader<F> {
    text: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// The word in a variable, unless it is absent or `catalog`.
    fn word(&mut self, name: &str, allowed: &[&'static str]) -> Option<&'static str> {
        let given = (self.text)(name).filter(|word| !word.is_empty() && word != CATALOG)?;
        let known = allowed.iter().find(|word| **word == given).copied();
        if known.is_none() {
            self.problems.push(format!(
                "`{name}` must be catalog, {}, got {}",
                allowed.join(", "),
                quote(&given)
            ));
        }
        known
    }

    /// A secret that the chosen provider cannot do without.
    fn needed(&mut self, name: &str) -> Option<String> {
        let given = (self.text)(name).filter(|value| !value.is_empty());
        if given.is_none() {
            self.problems.push(format!("`{name}` is not set"));
        }
        given
    }

    fn patience(&mut self) -> i64 {
        let name = "PROVIDER_PATIENCE_MS";
        let Some(given) = (self.text)(name).filter(|text| !text.is_empty()) else {
            return PATIENCE_MS;
        };
        match given.parse() {
            Ok(ms) if (100..=30_000).contains(&ms) => ms,
            _ => {
                self.problems.push(format!(
                    "`{name}` must be a whole number from 100 to 30000, got {}",
                    quote(&given)
                ));
                PATIENCE_MS
            }
        }
    }

    fn address(&self, name: &str, usual: &str) -> String {
        (self.text)(name)
            .filter(|address| !address.is_empty())
            .unwrap_or_else(|| usual.to_owned())
    }

    fn spotify(&mut self, recommendations: bool) -> Option<Spotify> {
        let (id, secret) = (
            self.needed("SPOTIFY_CLIENT_ID"),
            self.needed("SPOTIFY_CLIENT_SECRET"),
        );
        Some(Spotify {
            client_id: id?,
            client_secret: secret?,
            api: self.address("SPOTIFY_API", "https://api.spotify.com"),
            accounts: self.address("SPOTIFY_ACCOUNTS", "https://accounts.spotify.com"),
            recommendations,
        })
    }

    fn youtube(&mut self) -> Option<YouTube> {
        Some(YouTube {
            key: self.needed("YOUTUBE_API_KEY")?,
            api: self.address("YOUTUBE_API", "https://www.googleapis.com"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Providers {
        Providers::read(|name| {
            let found = given.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_catalog_serves_unless_told_otherwise() {
        let silent = Providers {
            spotify: None,
            youtube: None,
            patience_ms: 2_000,
            problems: Vec::new(),
        };
        assert_eq!(read(&[]), silent);
        let plain = read(&[("MUSIC_PROVIDER", "catalog"), ("VIDEO_PROVIDER", "")]);
        assert_eq!(plain, silent);
    }

    #[test]
    fn a_provider_comes_with_its_secrets_and_the_usual_addresses() {
        let providers = read(&[
            ("MUSIC_PROVIDER", "spotify_recommendations"),
            ("SPOTIFY_CLIENT_ID", "id"),
            ("SPOTIFY_CLIENT_SECRET", "secret"),
            ("VIDEO_PROVIDER", "youtube"),
            ("YOUTUBE_API_KEY", "key"),
            ("YOUTUBE_API", "http://upstream.test"),
        ]);
        let spotify = providers.spotify.clone().unwrap();
        assert!(spotify.recommendations);
        assert_eq!(spotify.api, "https://api.spotify.com");
        assert_eq!(
            providers.youtube.clone().unwrap().api,
            "http://upstream.test"
        );
        assert!(providers.problems.is_empty());
    }

    #[test]
    fn what_is_missing_or_misspelt_is_named() {
        let providers = read(&[
            ("MUSIC_PROVIDER", "spotify"),
            ("VIDEO_PROVIDER", "vimeo"),
            ("PROVIDER_PATIENCE_MS", "99"),
        ]);
        assert_eq!((&providers.spotify, &providers.youtube), (&None, &None));
        assert_eq!(
            providers.problems,
            [
                "`SPOTIFY_CLIENT_ID` is not set",
                "`SPOTIFY_CLIENT_SECRET` is not set",
                "`VIDEO_PROVIDER` must be catalog, youtube, got `vimeo`",
                "`PROVIDER_PATIENCE_MS` must be a whole number from 100 to 30000, got `99`",
            ]
        );
    }
}
