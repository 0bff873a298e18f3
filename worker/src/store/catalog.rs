//! The site's own items.

use moodloop::context::ContentType;
use moodloop::params::Parameters;
use moodloop::rank::{Item, Known, Reach};
use serde::Deserialize;

use super::{Arg, Rows, Statement, Store, from_json};
use crate::error::Result;

/// About how many items of a large catalog one request looks at.
pub const SAMPLE: i64 = 2000;
/// The range of the column by which a sample is drawn.
const SHUFFLES: i64 = 65_536;

#[derive(Debug, Deserialize)]
struct ItemRow {
    id: String,
    content_type: String,
    title: String,
    creator: Option<String>,
    genres: String,
    energy: f64,
    valence: f64,
    popularity: f64,
    url: Option<String>,
    thumbnail: Option<String>,
}

impl ItemRow {
    /// The item; none for a row that the importer would have refused.
    fn item(self) -> Option<Item> {
        Some(Item {
            id: self.id,
            title: self.title,
            creator: self.creator,
            content_type: ContentType::from_name(&self.content_type)?,
            genres: from_json(&self.genres).ok()?,
            energy: self.energy,
            valence: self.valence,
            popularity: self.popularity,
            url: self.url,
            thumbnail: self.thumbnail,
            known: Known::ALL,
        })
    }
}

const COLUMNS: &str =
    "id, content_type, title, creator, genres, energy, valence, popularity, url, thumbnail";

/// The items of a statement that reads them.
///
/// # Errors
/// `internal` when they cannot be read.
pub fn items(rows: &Rows) -> Result<Vec<Item>> {
    let rows: Vec<ItemRow> = rows.all()?;
    Ok(rows.into_iter().filter_map(ItemRow::item).collect())
}

impl Store {
    /// The statement that counts the items of a content type, up to one more
    /// than a whole sample holds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn count_items(&self, content_type: ContentType) -> Result<i64> {
        #[derive(Deserialize)]
        struct Count {
            n: i64,
        }
        let rows = self.run(
            "SELECT count(*) AS n FROM catalog_items WHERE content_type = ?1",
            &[Arg::Text(content_type.as_str())],
        );
        Ok(rows.await?.first::<Count>()?.map_or(0, |row| row.n))
    }

    /// All items of a content type, at most a whole sample.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn all_items(&self, content_type: ContentType) -> Result<Vec<Item>> {
        let rows = self.run(
            &format!("SELECT {COLUMNS} FROM catalog_items WHERE content_type = ?1 LIMIT ?2"),
            &[Arg::Text(content_type.as_str()), Arg::Int(SAMPLE)],
        );
        items(&rows.await?)
    }

    /// The statements that read candidates of a large catalog of `count` items:
    /// a sample of those in and near the bands, and a few from anywhere, so
    /// that bands never come up empty. `start` in 0..1 says where the sample
    /// begins.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn read_candidates(
        &self,
        content_type: ContentType,
        count: i64,
        params: &Parameters,
        start: f64,
    ) -> Result<[Statement; 2]> {
        let first = (start * SHUFFLES as f64) as i64;
        let end = |wanted: i64| first + (SHUFFLES * wanted / count.max(1)).clamp(1, SHUFFLES);
        let reach = Reach::of(params);
        let bands = self.statement(
            &format!(
                "SELECT {COLUMNS} FROM catalog_items
                 WHERE content_type = ?1
                   AND (shuffle >= ?2 AND shuffle < ?3 OR shuffle < ?3 - {SHUFFLES})
                   AND energy BETWEEN ?4 AND ?5 AND popularity BETWEEN ?6 AND ?7
                 LIMIT {SAMPLE}"
            ),
            &[
                Arg::Text(content_type.as_str()),
                Arg::Int(first),
                Arg::Int(end(SAMPLE * 2)),
                Arg::Real(reach.energy.0),
                Arg::Real(reach.energy.1),
                Arg::Real(reach.popularity.0),
                Arg::Real(reach.popularity.1),
            ],
        )?;
        let anywhere = self.statement(
            &format!(
                "SELECT {COLUMNS} FROM catalog_items
                 WHERE content_type = ?1
                   AND (shuffle >= ?2 AND shuffle < ?3 OR shuffle < ?3 - {SHUFFLES})
                 LIMIT 200"
            ),
            &[
                Arg::Text(content_type.as_str()),
                Arg::Int(first),
                Arg::Int(end(100)),
            ],
        )?;
        Ok([bands, anywhere])
    }
}
