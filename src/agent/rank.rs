//! From a decision to items: the site's own catalog, ranked for it.

use std::collections::{BTreeMap, BTreeSet};

use super::Agent;
use crate::codec::hash;
use crate::context::{ContentType, Personality};
use crate::error::{Code, Result};
use crate::log::{Decision, Interaction, Signal as Said};
use crate::rank::{Affinity, Index, LIMIT, RankRequest, Signal, rank};
use crate::recommendation::{Metadata, Recommendation};
use crate::reward::Kind;
use crate::value::{Field, Value};

/// How many items a ranking gives unless told otherwise.
const DEFAULT_LIMIT: usize = 10;
/// The most ids that one request may list.
const IDS: usize = 10_000;

/// What to rank, and how much of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The decision to execute.
    pub decision_id: String,
    /// How many items to give, 1..=50.
    pub limit: usize,
    /// Ids the visitor has met, beside those the log knows.
    pub seen: Vec<String>,
    /// Ids never to give.
    pub exclude: Vec<String>,
    /// Seeds the exploration slots; the agent's own seed when absent.
    pub seed: Option<u64>,
}

impl Ranking {
    /// Reads `{decision_id, limit?, seen?, exclude?, seed?}`.
    ///
    /// # Errors
    /// `invalid_options` for anything missing, unknown or out of range.
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
            decision_id: fields.required("decision_id")?.id()?.to_owned(),
            limit: match fields.optional("limit") {
                Some(field) => field.integer(1, LIMIT as i64)? as usize,
                None => DEFAULT_LIMIT,
            },
            seen,
            exclude,
            seed: match fields.optional("seed") {
                Some(field) => Some(field.integer(0, (1 << 53) - 1)? as u64),
                None => None,
            },
        };
        fields.finish()?;
        Ok(ranking)
    }
}

/// What the log knows of a visitor's dealings with a catalog.
#[derive(Debug, Default)]
struct Dealings<'a> {
    affinity: Affinity,
    met: BTreeSet<&'a str>,
    /// The last word on each item: liked, or disliked.
    verdicts: BTreeMap<&'a str, bool>,
    disliked: BTreeSet<&'a str>,
}

impl Agent {
    /// The best items of a catalog for a decision, with what the visitor liked
    /// and disliked so far taken into account. Reproducible: the same log, seed
    /// and request give the same list.
    ///
    /// # Errors
    /// `unknown_decision`; `invalid_options` for a limit outside 1..=50.
    pub fn rank(&self, index: &Index, ranking: &Ranking) -> Result<Vec<Recommendation>> {
        let decision = self.log.decision(&ranking.decision_id)?;
        let context = &decision.context;
        let mut dealings = self.dealings(index, decision.user_id.as_deref());
        dealings.met.extend(ranking.seen.iter().map(String::as_str));
        let refused = ranking.exclude.iter().map(String::as_str);
        dealings.disliked.extend(refused);
        let mapping = self.policy.mapping();
        let params = mapping.parameters(decision.action_index, context);
        let known = context.personality != Personality::NEUTRAL;
        let ranked = rank(
            index,
            &RankRequest {
                params: &params,
                personality: known.then_some(&context.personality),
                content_type: context.content_type,
                limit: ranking.limit,
                affinity: &dealings.affinity,
                exclude: &Vec::from_iter(dealings.disliked),
                seen: &Vec::from_iter(dealings.met),
                seed: ranking.seed.unwrap_or(self.seed),
                position: hash(ranking.decision_id.as_bytes(), 0),
            },
        )?;
        let user = decision.user_id.as_deref();
        let strategy = decision.action_index;
        let confidence = Some(self.policy.confidence(context, user, strategy));
        let dimensions = mapping.space().dimensions();
        let metadata = |slot| Metadata {
            decision_id: decision.decision_id.clone(),
            honoured: dimensions.iter().map(|d| d.name).collect(),
            rl_params: params.clone(),
            strategy: Some(mapping.space().name(strategy)),
            propensity: Some(decision.propensity),
            policy_version: Some(decision.policy_version),
            arm: None,
            source: decision.source.as_str().to_owned(),
            provider: "catalog".to_owned(),
            time_of_day: context.time_of_day,
            slot,
        };
        Ok(ranked
            .iter()
            .map(|place| Recommendation::new(place, confidence, metadata(place.why.slot)))
            .collect())
    }

    /// A replay of what one visitor said about items of the catalog: as it
    /// comes from the log alone, a forgotten event is forgotten here too.
    fn dealings<'a>(&'a self, index: &Index, user: Option<&str>) -> Dealings<'a> {
        let mut dealings = Dealings::default();
        let own = |d: &&Decision| d.user_id.as_deref() == user;
        for decision in self.log.decisions().filter(own) {
            for said in self.log.interactions(&decision.decision_id) {
                dealings.note(index, decision.context.content_type, said);
            }
        }
        for (id, verdict) in &dealings.verdicts {
            let Some(item) = index.get(id) else { continue };
            let signal = if *verdict {
                Signal::Liked
            } else {
                dealings.disliked.insert(id);
                Signal::Disliked
            };
            dealings
                .affinity
                .record(item.content_type, &item.genres, signal);
        }
        dealings
    }
}

impl<'a> Dealings<'a> {
    fn note(&mut self, index: &Index, content_type: ContentType, said: &'a Interaction) {
        let id = said.content_id.as_str();
        if let Said::Feedback(feedback) = &said.signal {
            match feedback.interaction_type {
                Kind::Like => self.verdicts.insert(id, true),
                Kind::Dislike => self.verdicts.insert(id, false),
                Kind::Skip | Kind::Complete | Kind::Share => None,
            };
        }
        if self.met.insert(id)
            && let Some(item) = index.get(id)
        {
            self.affinity
                .record(content_type, &item.genres, Signal::Met);
        }
    }
}
