//! A policy: what serves. A solved taste model, a Q-table and their settings.

use crate::codec::{Format, Reader, Writer};
use crate::config::{Config, DecideBy};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::evidence::Evidence;
use crate::features::{Features, Layout};
use crate::log::Source;
use crate::params::{Mapping, Parameters, baseline};
use crate::propensity::{best, pick};
use crate::q_table::{QTable, StateKey};
use crate::strategy::Strategy;
use crate::taste::{Prediction, Replay, TasteModel};
use crate::text::{digits, join};
use crate::value::written;

/// The format of a policy on its own, as the edge publishes it.
const FORMAT: Format = Format {
    magic: *b"MLpo",
    version: 1,
};

/// What a policy chose, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The chosen strategy's index.
    pub action_index: Strategy,
    /// Its name.
    pub strategy: String,
    /// What it means in this context.
    pub params: Parameters,
    /// The probability with which it was chosen, in (0, 1].
    pub propensity: f64,
    /// The probabilities of all strategies, in index order; they sum to 1.
    pub propensities: Vec<f64>,
    /// The posterior probability, in whole per cent, that the strategy beats
    /// the baseline's in this context; 50 when it is the same; none for the
    /// fallback.
    pub confidence: Option<u32>,
    /// Who decided.
    pub source: Source,
}

written!(Choice {
    action_index,
    strategy,
    params,
    propensity,
    propensities,
    confidence,
    source
});

/// What serves: two value models under one configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which solution this is; 0 is the prior, before anything was learned.
    pub version: u64,
    config: Config,
    mapping: Mapping,
    layout: Layout,
    /// The Bayesian model.
    pub taste: TasteModel,
    /// The guide's table.
    pub q_table: QTable,
}

impl Policy {
    /// The policy that has seen nothing.
    ///
    /// # Errors
    /// `corrupt_model` when the prior does not factor, which a valid
    /// configuration excludes.
    pub fn prior(config: Config, mapping: Mapping) -> Result<Self> {
        let layout = Layout::new(mapping.space(), &config.extras);
        let evidence = Evidence::new(&layout);
        let taste = solved(&layout, &config, &evidence, &mut std::iter::empty())?;
        Ok(Self {
            version: 0,
            config,
            mapping,
            layout,
            taste,
            q_table: QTable::default(),
        })
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Strategies and what they map to.
    #[must_use]
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The feature table.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Solves the taste model afresh from `evidence` and, for the user layers,
    /// `replay` in (decided_at, decision_id, content_id) order.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence does not factor; the policy is then as
    /// before.
    pub fn solve<'a>(
        &mut self,
        evidence: &Evidence,
        mut replay: impl Iterator<Item = Replay<'a>>,
    ) -> Result<()> {
        self.taste = solved(&self.layout, &self.config, evidence, &mut replay)?;
        Ok(())
    }

    /// Takes over what a published policy of the same layout has learned, and
    /// its version; the settings stay.
    pub(crate) fn build_on(&mut self, published: Self) {
        self.version = published.version;
        self.taste = published.taste.under(self.config.taste.clone());
        self.q_table = published.q_table;
    }

    /// Means and deviations of all strategies by the taste model.
    #[must_use]
    pub fn predict(&self, features: &Features, user: Option<&str>) -> Prediction {
        self.taste.predict(features, user)
    }

    /// The probabilities of all strategies in `context`. Without exploration,
    /// all of it on the best mean.
    #[must_use]
    pub fn propensities(&self, context: &Context, user: Option<&str>, explore: bool) -> Vec<f64> {
        let count = self.mapping.space().len();
        let means = match self.config.decide_by {
            DecideBy::QTable => {
                let state = StateKey::of(context);
                let spread = self.q_table.propensities(&self.config.q, state, count);
                if explore {
                    return spread;
                }
                spread
            }
            DecideBy::Taste => {
                let prediction = self.predict(&self.layout.features(context), user);
                if explore {
                    return self.taste.propensities(&prediction);
                }
                prediction.mean
            }
        };
        let top = best(&means);
        (0..count).map(|i| f64::from(u8::from(i == top))).collect()
    }

    /// Chooses for `context`. `draw` is a uniform number in [0, 1).
    #[must_use]
    pub fn choose(
        &self,
        context: &Context,
        user: Option<&str>,
        explore: bool,
        draw: f64,
    ) -> Choice {
        let propensities = self.propensities(context, user, explore);
        let index = pick(&propensities, draw);
        let strategy = self.mapping.space().get(index).unwrap_or_default();
        self.choice(context, user, strategy, propensities, Source::Agent)
    }

    /// What personality alone chooses: the control arm.
    #[must_use]
    pub fn choose_baseline(&self, context: &Context) -> Choice {
        let strategy = baseline(self.mapping.space(), &context.personality);
        let certain = self.mapping.space().strategies();
        let propensities = certain
            .map(|s| f64::from(u8::from(s == strategy)))
            .collect();
        self.choice(context, None, strategy, propensities, Source::Baseline)
    }

    /// The posterior probability, in whole per cent, that `strategy` beats the
    /// baseline's in this context; 50 when it is the same.
    #[must_use]
    pub fn confidence(&self, context: &Context, user: Option<&str>, strategy: Strategy) -> u32 {
        let control = baseline(self.mapping.space(), &context.personality);
        let features = self.layout.features(context);
        let beats = self.taste.beats(&features, user, strategy, control);
        libm::round(beats * 100.0) as u32
    }

    fn choice(
        &self,
        context: &Context,
        user: Option<&str>,
        strategy: Strategy,
        propensities: Vec<f64>,
        source: Source,
    ) -> Choice {
        Choice {
            action_index: strategy,
            strategy: self.mapping.space().name(strategy),
            params: self.mapping.parameters(strategy, context),
            propensity: propensities.get(strategy.index()).copied().unwrap_or(1.0),
            propensities,
            confidence: Some(self.confidence(context, user, strategy)),
            source,
        }
    }

    /// Appends everything but the envelope to a body.
    pub fn encode_into(&self, out: &mut Writer) {
        out.uint(self.version);
        self.config.encode(out);
        self.taste.encode(out);
        self.taste.encode_users(out);
        self.q_table.encode(out);
    }

    /// Takes back what [`Policy::encode_into`] wrote, for the same `mapping`.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode_from(input: &mut Reader<'_>, mapping: Mapping) -> Result<Self> {
        let version = input.uint()?;
        let config = Config::decode(input)?;
        let layout = Layout::new(mapping.space(), &config.extras);
        let mut taste = TasteModel::decode(&layout, &config.taste, input)?;
        taste.decode_users(input)?;
        let q_table = QTable::decode(input, mapping.space().len())?;
        Ok(Self {
            version,
            config,
            mapping,
            layout,
            taste,
            q_table,
        })
    }

    /// The policy as bytes, user layers included.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.encode_into(&mut out);
        FORMAT.seal(self.layout.hash(), &out.into_bytes())
    }

    /// Reads what [`Policy::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` or `unsupported_version`.
    pub fn decode(bytes: &[u8], mapping: Mapping) -> Result<Self> {
        let (_, hash, mut input) = FORMAT.open(bytes)?;
        let policy = Self::decode_from(&mut input, mapping)?;
        input.finish()?;
        check_layout(&policy.layout, hash)?;
        Ok(policy)
    }
}

/// Solves the taste model: the one instance of a large generic function.
fn solved<'a>(
    layout: &Layout,
    config: &Config,
    evidence: &Evidence,
    replay: &mut dyn Iterator<Item = Replay<'a>>,
) -> Result<TasteModel> {
    TasteModel::solve(layout, &config.taste, evidence, replay)
}

/// # Errors
/// `corrupt_model` when bytes were made under another feature table.
pub(crate) fn check_layout(layout: &Layout, hash: u64) -> Result<()> {
    if layout.hash() == hash {
        Ok(())
    } else {
        Err(Error::new(
            Code::CorruptModel,
            join(
                &[
                    "made for feature table `",
                    &digits(hash, 16, 16),
                    "`, this one is `",
                    &digits(layout.hash(), 16, 16),
                    "`",
                ],
                "",
            ),
        ))
    }
}

/// The choice when there is no model at all: fixed parameters, nothing learned.
#[must_use]
pub fn fallback(mapping: &Mapping) -> Choice {
    let (strategy, _) = mapping.strategy(&Parameters::FALLBACK, None);
    Choice {
        action_index: strategy,
        strategy: mapping.space().name(strategy),
        params: Parameters::FALLBACK,
        propensity: 1.0,
        propensities: mapping
            .space()
            .strategies()
            .map(|s| f64::from(u8::from(s == strategy)))
            .collect(),
        confidence: None,
        source: Source::Fallback,
    }
}
