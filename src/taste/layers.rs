//! The visitors' layers, made one visitor at a time: whoever keeps more pairs
//! than memory holds can go through them in slices.

use serde::{Deserialize, Serialize};

use super::{TasteModel, reward, spread};
use crate::codec::{Reader, Writer};
use crate::error::Result;
use crate::evidence::{Observation, Week};
use crate::features::Layout;
use crate::moments::Explained;
use crate::posterior::row;
use crate::sorted::Map;
use crate::user_layer::UserLayer;

/// One learned pair of a visitor.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// What was observed.
    pub observation: &'a Observation,
    /// Whether the evidence holds it. What it does not hold moves the visitor's
    /// own layer, and nothing that all share.
    pub shared: bool,
}

/// One visitor's layer under one prior width.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The layer after all visits.
    pub layer: UserLayer,
    /// The log-likelihood of the shared visits, each predicted from those before it.
    likelihood: f64,
    /// What the layer expected of each visit.
    expected: Vec<f64>,
}

/// How well each prior width of the visitors' layers predicts them: sums of
/// log-likelihoods, to be taken in the order of the visitors' ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerFit {
    visitors: u64,
    likelihoods: Vec<f64>,
}

impl LayerFit {
    /// Takes one more visitor in.
    pub fn add(&mut self, tried: &[Trial]) {
        self.visitors += 1;
        self.likelihoods.resize(tried.len(), 0.0);
        for (sum, trial) in self.likelihoods.iter_mut().zip(tried) {
            *sum += trial.likelihood;
        }
    }

    /// How many visitors were taken in. One alone is what the shared model
    /// describes: it has no layer of its own.
    #[must_use]
    pub const fn visitors(&self) -> u64 {
        self.visitors
    }
}

/// What visitors' own tastes explain of the rewards, under each prior width; to
/// be taken in the order of the visitors' ids.
#[derive(Clone, Debug, Default)]
pub struct Tastes(Vec<Explained>);

impl Tastes {
    /// Takes in what one visitor's layers expected of their visits.
    pub fn add(&mut self, layout: &Layout, visits: &[Visit<'_>], tried: &[Trial]) {
        self.0.resize_with(tried.len(), Explained::default);
        for (explained, trial) in self.0.iter_mut().zip(tried) {
            let shared = visits.iter().zip(&trial.expected);
            for (visit, own) in shared.filter(|(visit, _)| visit.shared) {
                explained.add(layout, visit.observation, *own);
            }
        }
    }

    /// What they explain under the prior width at a position.
    pub(super) fn under(self, width: usize) -> Explained {
        self.0.into_iter().nth(width).unwrap_or_default()
    }

    /// Appends the sums.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.0.len() as u64);
        for explained in &self.0 {
            explained.encode(out);
        }
    }

    /// Takes back what [`Tastes::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(layout: &Layout, input: &mut Reader<'_>) -> Result<Self> {
        let count = input.count(1)?;
        let sums = (0..count).map(|_| Explained::decode(layout, input));
        Ok(Self(sums.collect::<Result<_>>()?))
    }
}

impl TasteModel {
    /// One visitor's layer under each of the prior widths, from what this model
    /// leaves unexplained of their visits, which come in replay order.
    #[must_use]
    pub fn try_layers(&self, visits: &[Visit<'_>], weights: &Map<Week, f64>) -> Vec<Trial> {
        let residuals: Vec<(f64, f64)> = (visits.iter())
            .map(
                |Visit {
                     observation: visit, ..
                 }| {
                    let row = row(&self.layout, &visit.features, visit.action);
                    let weight = weights.get(&visit.week).copied().unwrap_or(1.0);
                    (reward(visit) - self.posterior.value(&row), weight)
                },
            )
            .collect();
        let general = self.config.user_general_sd * self.config.user_general_sd;
        let size = self.layout.crossed_len();
        let trial = |&sd: &f64| {
            let mut trial = Trial {
                layer: UserLayer::new(size, general, sd * sd),
                likelihood: 0.0,
                expected: Vec::with_capacity(visits.len()),
            };
            for (visit, &(residual, weight)) in visits.iter().zip(&residuals) {
                let basis = self.crossed(visit.observation.action);
                let (mean, gain) = trial.layer.project(basis);
                let variance = self.posterior.noise / weight.max(1e-6) + spread(basis, &gain);
                let error = residual - mean;
                if visit.shared {
                    let surprise = libm::log(variance) + error * error / variance;
                    trial.likelihood -= weight * 0.5 * surprise;
                }
                trial.expected.push(mean);
                trial.layer.learn(&gain, error, variance);
            }
            trial
        };
        self.config.user_sds.iter().map(trial).collect()
    }

    /// Which of the prior widths is in force, by its position.
    #[must_use]
    pub fn width(&self) -> usize {
        let is_own = |&sd: &f64| sd * sd == self.own;
        let found = self.config.user_sds.iter().position(is_own);
        found.unwrap_or(0)
    }

    /// Gives the model the prior width that predicts its visitors best, and says
    /// which it is: its position among the trials.
    pub fn settle(&mut self, fit: &LayerFit) -> usize {
        self.several = fit.visitors > 1;
        let (mut best, mut width) = (f64::NEG_INFINITY, self.width());
        for (i, &likelihood) in fit.likelihoods.iter().enumerate() {
            if self.several && likelihood > best {
                (best, width) = (likelihood, i);
            }
        }
        if let Some(sd) = self.config.user_sds.get(width) {
            self.own = sd * sd;
        }
        width
    }
}
