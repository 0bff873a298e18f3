//! A catalog made ready for ranking: columns, genres, look-up by id.

use crate::codec::hash;
use crate::context::ContentType;
use crate::error::{Code, Error, Result};
use crate::genres::Genre;

use super::fit::Numbers;
use super::item::{Item, duplicate};

/// The most items an index holds.
pub const ITEMS: usize = 100_000;

/// Words after a dash that name an edition of a work, not another work.
const EDITIONS: [&str; 9] = [
    "remaster",
    "remastered",
    "live",
    "version",
    "edit",
    "mix",
    "mono",
    "stereo",
    "acoustic",
];

/// A genre of a [`Shelf`] and where its items are.
#[derive(Debug)]
pub(super) struct ShelfGenre {
    /// Canonical name; empty for items without a genre.
    pub(super) name: String,
    /// What the tables know of it.
    pub(super) known: Option<&'static Genre>,
    /// Rows whose main genre it is: a contiguous run.
    pub(super) rows: std::ops::Range<usize>,
    /// Rows that name it after their main genre.
    pub(super) also: Vec<u32>,
}

/// One item as the ranking loops see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) numbers: Numbers,
    /// Position of the main genre in [`Shelf::genres`].
    pub(super) genre: u32,
    /// Position of the item in [`Index::items`].
    pub(super) item: u32,
    /// Hash of the creator; 0 when unknown.
    pub(super) creator: u64,
    /// Hash of creator and title, editions put aside: equal for near-duplicates.
    pub(super) work: u64,
    /// Hash of the id, for seeded chance that does not depend on the order.
    pub(super) salt: u64,
}

/// The items of one content type, main genre by main genre.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) rows: Vec<Row>,
    /// In ascending order of their names.
    pub(super) genres: Vec<ShelfGenre>,
}

/// A catalog ready for ranking. Built once; a ranking reads it only.
#[derive(Debug, Default)]
pub struct Index {
    items: Vec<Item>,
    shelves: [Shelf; ContentType::ALL.len()],
    /// (hash of the id, shelf, row) in ascending order.
    ids: Vec<(u64, u8, u32)>,
}

impl Index {
    /// Indexes `items`.
    ///
    /// # Errors
    /// `invalid_options` beyond 100,000 items, `invalid_item` for an id that
    /// comes twice.
    pub fn build(items: Vec<Item>) -> Result<Self> {
        if items.len() > ITEMS {
            return Err(Error::new(
                Code::InvalidOptions,
                format!(
                    "a catalog holds at most {ITEMS} items, got `{}`",
                    items.len()
                ),
            ));
        }
        let mut sorted: Vec<u32> = (0..items.len() as u32).collect();
        let by_id = |&i: &u32| items.get(i as usize).map(|item| item.id.as_str());
        sorted.sort_unstable_by_key(by_id);
        for pair in sorted.windows(2) {
            if let [a, b] = pair
                && by_id(a) == by_id(b)
            {
                return Err(duplicate(by_id(a).unwrap_or_default()));
            }
        }
        // Sorted by id within a genre, so that the given order changes nothing.
        let main = |&i: &u32| {
            let item = items.get(i as usize);
            item.map(|item| (item.content_type, item.genre().unwrap_or_default()))
        };
        sorted.sort_by_key(main);

        let mut index = Self::default();
        for (content_type, shelf) in ContentType::ALL.into_iter().zip(&mut index.shelves) {
            let of_type = sorted
                .iter()
                .filter_map(|&i| items.get(i as usize).map(|item| (i, item)))
                .filter(|(_, item)| item.content_type == content_type);
            *shelf = Shelf::build(content_type, of_type.collect());
            for (row, entry) in shelf.rows.iter().enumerate() {
                index.ids.push((entry.salt, content_type as u8, row as u32));
            }
        }
        index.ids.sort_unstable();
        index.items = items;
        Ok(index)
    }

    /// The items in the order they were given.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Item> {
        let (shelf, row) = self.locate(id)?;
        let row = self.shelves.get(shelf)?.rows.get(row)?;
        self.items.get(row.item as usize)
    }

    pub(super) fn shelf(&self, content_type: ContentType) -> Option<&Shelf> {
        self.shelves.get(content_type as usize)
    }

    /// The row of `id` among the items of `content_type`.
    pub(super) fn row(&self, content_type: ContentType, id: &str) -> Option<usize> {
        let (shelf, row) = self.locate(id)?;
        (shelf == content_type as usize).then_some(row)
    }

    fn locate(&self, id: &str) -> Option<(usize, usize)> {
        let salt = hash(id.as_bytes(), 0);
        let start = self.ids.partition_point(|entry| entry.0 < salt);
        let same = self
            .ids
            .get(start..)?
            .iter()
            .take_while(|entry| entry.0 == salt);
        same.map(|&(_, shelf, row)| (usize::from(shelf), row as usize))
            .find(|&(shelf, row)| {
                let row = self.shelves.get(shelf).and_then(|s| s.rows.get(row));
                let item = row.and_then(|row| self.items.get(row.item as usize));
                item.is_some_and(|item| item.id == id)
            })
    }
}

impl Shelf {
    /// `items` with their positions, ascending by main genre.
    fn build(content_type: ContentType, items: Vec<(u32, &Item)>) -> Self {
        let mut names: Vec<&str> = items
            .iter()
            .flat_map(|(_, item)| item.genres.iter().map(String::as_str))
            .collect();
        if items.iter().any(|(_, item)| item.genres.is_empty()) {
            names.push("");
        }
        names.sort_unstable();
        names.dedup();
        let position = |name: &str| names.binary_search(&name).unwrap_or_default();
        let mut genres: Vec<ShelfGenre> = names
            .iter()
            .map(|name| ShelfGenre {
                name: (*name).to_owned(),
                known: Genre::find(content_type, name),
                rows: 0..0,
                also: Vec::new(),
            })
            .collect();
        let mut rows = Vec::with_capacity(items.len());
        for (row, (item_position, item)) in items.into_iter().enumerate() {
            let main = position(item.genre().unwrap_or_default());
            if let Some(genre) = genres.get_mut(main) {
                if genre.rows.is_empty() {
                    genre.rows.start = row;
                }
                genre.rows.end = row + 1;
            }
            for name in item.genres.iter().skip(1) {
                if let Some(genre) = genres.get_mut(position(name)) {
                    genre.also.push(row as u32);
                }
            }
            let creator = plain(item.creator.as_deref().unwrap_or_default());
            rows.push(Row {
                numbers: Numbers::of(item),
                genre: main as u32,
                item: item_position,
                creator: match creator.is_empty() {
                    true => 0,
                    false => hash(creator.as_bytes(), 1).max(1),
                },
                work: hash(
                    title_key(&item.title).as_bytes(),
                    hash(creator.as_bytes(), 2),
                ),
                salt: hash(item.id.as_bytes(), 0),
            });
        }
        Self { rows, genres }
    }
}

/// Lowercase letters and digits only.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// A title without what tells editions of one work apart: brackets, and a
/// trailing "- 2011 Remaster". `Song`, `Song (Live)` and `song - Radio Edit`
/// have the same key.
fn title_key(title: &str) -> String {
    let mut depth = 0usize;
    let mut bare = String::with_capacity(title.len());
    for c in title.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    let work = match bare.rsplit_once(" - ") {
        Some((work, rest))
            if rest
                .split_whitespace()
                .any(|word| EDITIONS.contains(&word.to_lowercase().as_str())) =>
        {
            work
        }
        _ => bare.as_str(),
    };
    match plain(work) {
        key if key.is_empty() => title.to_lowercase(),
        key => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::item::Known;

    fn item(id: &str, content_type: ContentType, genres: &[&str]) -> Item {
        Item {
            id: id.into(),
            title: id.into(),
            creator: None,
            content_type,
            genres: genres.iter().map(|g| (*g).to_owned()).collect(),
            energy: 0.5,
            valence: 0.5,
            popularity: 50.0,
            url: None,
            thumbnail: None,
            known: Known::ALL,
        }
    }

    #[test]
    fn editions_of_a_work_share_a_key() {
        let same = [
            "Blue in Green",
            "Blue In Green (Take 2)",
            "blue in green - 2011 Remaster",
            "Blue in Green - Live",
            "Blue in Green [Mono]",
        ];
        for title in same {
            assert_eq!(title_key(title), "blueingreen", "{title}");
        }
        assert_ne!(title_key("Part - One"), title_key("Part - Two"));
        assert_ne!(title_key("(Untitled)"), title_key("(Unnamed)"));
        assert_eq!(title_key("!!!"), "!!!");
    }

    #[test]
    fn rows_of_a_genre_are_contiguous_and_found_by_id() {
        let index = Index::build(vec![
            item("c", ContentType::Music, &["rock", "blues"]),
            item("a", ContentType::Music, &["blues"]),
            item("b", ContentType::Music, &["rock"]),
            item("d", ContentType::Video, &[]),
        ])
        .unwrap();
        let shelf = index.shelf(ContentType::Music).unwrap();
        let names: Vec<&str> = shelf.genres.iter().map(|g| g.name.as_str()).collect();
        assert_eq!(names, ["blues", "rock"]);
        assert_eq!(shelf.genres[0].rows, 0..1);
        assert_eq!(shelf.genres[1].rows, 1..3);
        assert_eq!(shelf.genres[0].also, [2]);
        for id in ["a", "b", "c", "d"] {
            assert_eq!(index.get(id).unwrap().id, id);
        }
        assert!(index.get("e").is_none());
        assert_eq!(index.row(ContentType::Music, "d"), None);
        assert_eq!(index.shelf(ContentType::Video).unwrap().genres[0].name, "");
    }

    #[test]
    fn a_catalog_has_an_upper_bound() {
        let many = vec![item("a", ContentType::Music, &["rock"]); ITEMS + 1];
        let error = Index::build(many).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOptions);
    }

    #[test]
    fn an_id_may_come_once() {
        let twice = vec![
            item("a", ContentType::Music, &["rock"]),
            item("a", ContentType::Video, &["art"]),
        ];
        let error = Index::build(twice).unwrap_err();
        assert_eq!(error.message(), "id `a` is in the catalog twice");
    }
}
