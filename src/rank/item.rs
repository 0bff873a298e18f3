//! A thing that can be recommended.

use serde::Serialize;

use crate::context::ContentType;
use crate::error::{Code, Error, Result};
use crate::genres::canonical;
use crate::value::{Field, Value, quote};

/// The longest title or creator, in characters.
pub const TITLE_CHARS: usize = 300;
/// The longest genre name, in characters.
pub const GENRE_CHARS: usize = 64;
/// The most genres one item may name.
pub const GENRES: usize = 8;
/// The longest address, in characters.
pub const URL_CHARS: usize = 2000;

/// Which of an item's numbers its source states; the others are estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The energy is stated.
    pub energy: bool,
    /// The valence is stated.
    pub valence: bool,
    /// The popularity is stated.
    pub popularity: bool,
}

impl Known {
    /// Everything is stated, as in a site's own catalog.
    pub const ALL: Self = Self {
        energy: true,
        valence: true,
        popularity: true,
    };
}

/// One work of a catalog (SPEC section 7).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// The site's id, 1..=128 characters, unique in the catalog.
    pub id: String,
    /// The title, 1..=300 characters.
    pub title: String,
    /// Who made it: artist, channel, studio, host, author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// What kind of content it is.
    pub content_type: ContentType,
    /// Its genres in [`canonical`] spelling, the main one first.
    pub genres: Vec<String>,
    /// Intensity, 0..=1.
    pub energy: f64,
    /// Positivity, 0..=1.
    pub valence: f64,
    /// How widely known it is, 0..=100.
    pub popularity: f64,
    /// Where to find it: http(s), or a path on the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A picture: http(s), or a path on the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// Which of the three numbers the source states.
    #[serde(skip)]
    pub known: Known,
}

impl Item {
    /// The fields that every item has.
    pub const REQUIRED: [&str; 7] = [
        "id",
        "title",
        "content_type",
        "genres",
        "energy",
        "valence",
        "popularity",
    ];

    /// Reads `{id, title, creator?, content_type, genres, energy, valence,
    /// popularity, url?, thumbnail?}`.
    ///
    /// # Errors
    /// `invalid_item` naming the field: missing, unknown, of another type, out
    /// of range, without a genre, or an address that is not http(s) or a path.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidItem, "item", value).fields()?;
        let mut item = Self {
            id: fields.required("id")?.id()?.to_owned(),
            title: fields.required("title")?.text(TITLE_CHARS)?.to_owned(),
            creator: match fields.optional("creator") {
                Some(field) => Some(field.text(TITLE_CHARS)?.to_owned()),
                None => None,
            },
            content_type: ContentType::read(&fields.required("content_type")?)?,
            genres: Vec::new(),
            energy: fields.required("energy")?.number(0.0, 1.0)?,
            valence: fields.required("valence")?.number(0.0, 1.0)?,
            popularity: fields.required("popularity")?.number(0.0, 100.0)?,
            url: None,
            thumbnail: None,
            known: Known::ALL,
        };
        let genres = fields.required("genres")?;
        for entry in genres.list(GENRES)? {
            let name = canonical(entry.text(GENRE_CHARS)?);
            if name.is_empty() {
                return Err(entry.must_be("a genre with a letter or digit"));
            }
            if !item.genres.contains(&name) {
                item.genres.push(name);
            }
        }
        if item.genres.is_empty() {
            return Err(genres.must_be("a list of 1 to 8 genres"));
        }
        for (name, slot) in [("url", &mut item.url), ("thumbnail", &mut item.thumbnail)] {
            if let Some(field) = fields.optional(name) {
                let text = field.text(URL_CHARS)?;
                if !is_address(text) {
                    return Err(field.must_be("an http(s) address or a path starting with `/`"));
                }
                *slot = Some(text.to_owned());
            }
        }
        fields.finish()?;
        Ok(item)
    }

    /// Reads a list of items.
    ///
    /// # Errors
    /// `invalid_item` for anything but a list of at most `max` items, naming
    /// the position of the first bad one.
    pub fn parse_list(value: &Value, max: usize) -> Result<Vec<Self>> {
        let list = Field::root(Code::InvalidItem, "items", value).list(max)?;
        let mut items = Vec::with_capacity(list.len());
        for (i, field) in list.iter().enumerate() {
            items.push(
                Self::parse(field.value())
                    .map_err(|e| Error::new(e.code(), format!("item {i}: {}", e.message())))?,
            );
        }
        Ok(items)
    }

    /// The main genre; provider items may have none.
    #[must_use]
    pub fn genre(&self) -> Option<&str> {
        self.genres.first().map(String::as_str)
    }
}

/// Whether `text` may become a link: http(s), or a path on the same site.
///
/// Everything else (`javascript:`, `data:`, `//host`) is refused.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    let web = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
            && text.len() > scheme.len()
    };
    clean
        && (web("https://") || web("http://") || (text.starts_with('/') && !text.starts_with("//")))
}

/// The error for an id that a catalog holds twice.
pub(super) fn duplicate(id: &str) -> Error {
    Error::new(
        Code::InvalidItem,
        format!("id {} is in the catalog twice", quote(id)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id": "m1", "title": "Moonlight Sonata", "creator": "Beethoven",
        "content_type": "music", "genres": ["Classical", "classical", "Solo Piano"],
        "energy": 0.3, "valence": 0.4, "popularity": 80, "url": "https://example.org/m1"}"#;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn genres_are_canonical_and_once() {
        let item = Item::parse(&json(GOOD)).unwrap();
        assert_eq!(item.genres, ["classical", "solo_piano"]);
        let again = serde_json::to_value(&item).unwrap();
        assert_eq!(Item::parse(&json(&again.to_string())).unwrap(), item);
    }

    #[test]
    fn each_bad_field_is_named() {
        let cases = [
            ("\"m1\"", "\"\"", "item.id"),
            ("\"Moonlight Sonata\"", "7", "item.title"),
            ("\"Beethoven\"", "null", "item.creator"),
            ("\"music\"", "\"musik\"", "item.content_type"),
            (
                "[\"Classical\", \"classical\", \"Solo Piano\"]",
                "[]",
                "item.genres",
            ),
            ("\"Solo Piano\"", "\"!\"", "item.genres[2]"),
            ("0.3", "1.01", "item.energy"),
            ("0.4", "-0.1", "item.valence"),
            ("80", "101", "item.popularity"),
            ("https://example.org/m1", "javascript:alert(1)", "item.url"),
            ("https://example.org/m1", "//evil.example", "item.url"),
            ("\"url\"", "\"link\"", "link"),
        ];
        for (from, to, field) in cases {
            let error = Item::parse(&json(&GOOD.replacen(from, to, 1))).unwrap_err();
            assert_eq!(error.code(), Code::InvalidItem);
            assert!(error.message().contains(field), "{}", error.message());
        }
        for name in Item::REQUIRED {
            let text = GOOD.replacen(&format!("\"{name}\""), "\"x\"", 1);
            let error = Item::parse(&json(&text)).unwrap_err();
            assert_eq!(error.message(), format!("`item.{name}` is missing"));
        }
    }

    #[test]
    fn a_list_names_the_position() {
        let error = Item::parse_list(&json(&format!("[{GOOD}, 1]")), 10).unwrap_err();
        assert_eq!(error.message(), "item 1: `item` must be an object, got `1`");
    }

    #[test]
    fn only_web_addresses_and_paths_are_links() {
        for good in ["https://a.org", "HTTP://a.org/x?y#z", "/articles/5"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "data:x",
            " https://a",
            "/\\evil",
            "//a",
            "ftp://a",
            "é",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
