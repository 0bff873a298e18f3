//! From a brief to recommendations: what a site is handed.

use super::{Affinity, Index, LIMIT, RankRequest, Signal, rank};
use crate::brief::Brief;
use crate::codec::hash;
use crate::error::{Code, Result};
use crate::recommendation::{Metadata, Recommendation};
use crate::value::{Field, Value};

/// How many items a ranking gives unless told otherwise.
const DEFAULT_LIMIT: usize = 10;
/// The most ids that one request may list.
const IDS: usize = 10_000;

/// How much of a ranking is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// How many items to give, 1..=50.
    pub limit: usize,
    /// Ids the visitor has met, beside those the brief knows.
    pub seen: Vec<String>,
    /// Ids never to give.
    pub exclude: Vec<String>,
    /// Seeds the exploration slots.
    pub seed: u64,
}

impl Default for Ranking {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            seen: Vec::new(),
            exclude: Vec::new(),
            seed: 0,
        }
    }
}

impl Ranking {
    /// Reads `{limit?, seen?, exclude?, seed?}`.
    ///
    /// # Errors
    /// `invalid_options` for anything unknown or out of range.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "request", value).fields()?;
        let mut ids = |name| match fields.optional(name) {
            Some(field) => field
                .list(IDS)?
                .iter()
                .map(|id| id.id().map(str::to_owned))
                .collect(),
            None => Ok(Vec::new()),
        };
        let (seen, exclude) = (ids("seen")?, ids("exclude")?);
        let ranking = Self {
            limit: match fields.optional("limit") {
                Some(field) => field.integer(1, LIMIT as i64)? as usize,
                None => DEFAULT_LIMIT,
            },
            seen,
            exclude,
            seed: match fields.optional("seed") {
                Some(field) => field.integer(0, (1 << 53) - 1)? as u64,
                None => 0,
            },
        };
        fields.finish()?;
        Ok(ranking)
    }
}

/// The best items of a catalog for a brief. Reproducible: the same index, brief
/// and request give the same list; each decision draws its own exploration.
///
/// # Errors
/// `invalid_options` for a limit outside 1..=50.
pub fn recommend<'a>(
    index: &'a Index,
    brief: &Brief,
    ranking: &Ranking,
) -> Result<Vec<Recommendation<'a>>> {
    let seen = [&brief.met[..], &ranking.seen].concat();
    let exclude = [&brief.disliked[..], &ranking.exclude].concat();
    let ranked = rank(
        index,
        &RankRequest {
            params: &brief.params,
            personality: brief.personality.as_ref(),
            content_type: brief.content_type,
            limit: ranking.limit,
            affinity: &affinity(index, brief),
            exclude: &exclude.iter().map(String::as_str).collect::<Vec<_>>(),
            seen: &seen.iter().map(String::as_str).collect::<Vec<_>>(),
            seed: ranking.seed,
            position: hash(brief.decision_id.as_bytes(), 0),
        },
    )?;
    let metadata = |slot| Metadata {
        decision_id: brief.decision_id.clone(),
        honoured: HONOURED
            .into_iter()
            .filter(|name| brief.dimensions.iter().any(|d| d == name))
            .collect(),
        rl_params: brief.params.clone(),
        strategy: Some(brief.strategy.clone()),
        propensity: Some(brief.propensity),
        policy_version: Some(brief.policy_version),
        arm: None,
        source: brief.source.as_str().to_owned(),
        provider: CATALOG.to_owned(),
        time_of_day: brief.time_of_day,
        slot,
    };
    let confidence = Some(brief.confidence);
    Ok(ranked
        .iter()
        .map(|place| Recommendation::new(place, confidence, CATALOG, metadata(place.why.slot)))
        .collect())
}

/// The site's own items among providers.
pub const CATALOG: &str = "catalog";
/// The dimensions that a catalog applies: all, from its items' own numbers.
pub const HONOURED: [&str; 3] = ["energy", "diversity", "novelty"];

/// What the brief's verdicts say about genres.
fn affinity(index: &Index, brief: &Brief) -> Affinity {
    let mut affinity = Affinity::default();
    for (ids, signal) in [
        (&brief.met, Signal::Met),
        (&brief.liked, Signal::Liked),
        (&brief.disliked, Signal::Disliked),
    ] {
        for item in ids.iter().filter_map(|id| index.get(id)) {
            affinity.record(item.content_type, &item.genres, signal);
        }
    }
    affinity
}
