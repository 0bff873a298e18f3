//! The visitors' layers, made one visitor at a time: whoever keeps more pairs
//! than memory holds can go through them in slices.

use serde::{Deserialize, Serialize};

use super::{TasteModel, Width, reward, spread, width};
use crate::codec::{Reader, Writer};
use crate::error::Result;
use crate::evidence::{Observation, Week};
use crate::features::Layout;
use crate::moments::{Account, Explained};
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
    /// How much of each visit's reward is not for all to learn: what the layer
    /// expected of it, and what is not trusted.
    own: Vec<f64>,
    /// The layer's effects before each visit, one layer after the other.
    met: Vec<f32>,
    /// How far the visitor is trusted, 0 to 1.
    trust: f64,
}

/// How many visits it is worth that a visitor's rewards vary as much as everybody's.
const ALIKE: f64 = 10.0;

/// How much of what a visitor leaves unexplained counts for all, 0 to 1: everything
/// while their rewards vary about as much as those of others, soon nothing beyond.
/// A lie then gains nothing by being louder (a redescending M-estimate, Hampel 1974,
/// by visitors: one strange reward is nothing strange).
///
/// `surprise` is the sum of the squared errors of their `visits`, each over its
/// expected variance.
fn trust(visits: f64, surprise: f64) -> f64 {
    // Two standard deviations of a χ² of so many degrees are chance.
    let expected = ALIKE + visits + (8.0 * visits).sqrt();
    let ratio = (expected / (ALIKE + surprise)).min(1.0);
    let square = ratio * ratio;
    let fourth = square * square;
    fourth * fourth
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

/// What of the rewards is not for all to learn, under each prior width: what visitors'
/// own tastes explain, and what is not trusted. To be taken in the order of the
/// visitors' ids.
#[derive(Clone, Debug, Default)]
pub struct Tastes(Vec<Explained>);

impl Tastes {
    /// Takes in one visitor's.
    pub fn add(&mut self, layout: &Layout, visits: &[Visit<'_>], tried: &[Trial]) {
        self.0.resize_with(tried.len(), Explained::default);
        let size = layout.crossed_len();
        let shared = visits.iter().enumerate().filter(|(_, visit)| visit.shared);
        for (n, Visit { observation, .. }) in shared {
            let context = layout.standardised(&observation.features);
            for (explained, trial) in self.0.iter_mut().zip(tried) {
                let account = Account {
                    own: trial.own.get(n).copied().unwrap_or(0.0),
                    layer: trial.met.get(n * size..(n + 1) * size).unwrap_or(&[]),
                    trust: trial.trust,
                };
                explained.add(layout, observation, &context, account);
            }
        }
    }

    /// What they explain under a prior width.
    pub(super) fn under(mut self, width: Width) -> Explained {
        let mut tried = self.0.iter_mut().skip(width.below);
        let narrow = tried.next().map(std::mem::take).unwrap_or_default();
        match tried.next() {
            Some(wide) if width.share > 0.0 => narrow.towards(wide, width.share),
            _ => narrow,
        }
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
        let general = self.config.general_variance();
        let size = self.layout.crossed_len();
        let trial = |&sd: &f64| {
            let mut trial = Trial {
                layer: UserLayer::new(size, general, sd * sd),
                likelihood: 0.0,
                own: Vec::with_capacity(visits.len()),
                met: Vec::with_capacity(visits.len() * size),
                trust: 1.0,
            };
            let (mut count, mut surprise) = (0.0, 0.0);
            for (visit, &(residual, weight)) in visits.iter().zip(&residuals) {
                let basis = self.crossed(visit.observation.action);
                let (mean, gain) = trial.layer.project(basis);
                let variance = self.posterior.noise / weight.max(1e-6) + spread(basis, &gain);
                let error = residual - mean;
                if visit.shared {
                    count += weight;
                    trial.likelihood -= weight * 0.5 * libm::log(variance);
                    surprise += weight * error * error / variance;
                }
                trial.own.push(mean);
                trial.met.extend_from_slice(trial.layer.effects());
                trial.layer.learn(&gain, error, variance);
            }
            // Student's t, for how much a visitor's rewards vary is not known: nobody
            // outvotes the rest by varying wildly.
            trial.likelihood -= 0.5 * (ALIKE + count) * libm::log(1.0 + surprise / ALIKE);
            // A layer that lies far out is nobody's taste, however well it explains.
            let (mut distance, mut prior) = (0.0, general);
            for &effect in trial.layer.effects() {
                distance += f64::from(effect) * f64::from(effect) / prior;
                prior = sd * sd;
            }
            trial.trust = trust(count, surprise) * trust(size as f64, distance);
            for (own, (residual, _)) in trial.own.iter_mut().zip(&residuals) {
                *own += (1.0 - trial.trust) * (residual - *own);
            }
            trial
        };
        self.config.user_sds.iter().map(trial).collect()
    }

    /// Which prior width is in force.
    #[must_use]
    pub fn width(&self) -> Width {
        Width::of(&self.config.user_sds, self.own.sqrt())
    }

    /// Gives the model the prior width that predicts its visitors best.
    pub fn settle(&mut self, fit: &LayerFit) {
        self.several = fit.visitors > 1;
        if self.several {
            let information = self.solved as f64 / fit.visitors as f64 / self.posterior.noise;
            let best = width::best(&self.config.user_sds, &fit.likelihoods, information);
            self.own = best.map_or(self.own, |sd| sd * sd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How hard a visitor pulls who errs by `error` standard deviations every time.
    fn pull(visits: f64, error: f64) -> f64 {
        error * trust(visits, visits * error * error)
    }

    #[test]
    fn whoever_varies_as_others_do_is_trusted() {
        for visits in [0.0, 1.0, 5.0, 50.0, 500.0] {
            assert_eq!(trust(visits, 0.0), 1.0);
            assert_eq!(trust(visits, visits), 1.0);
            assert_eq!(trust(visits, visits + (8.0 * visits).sqrt()), 1.0);
        }
        // One reward three standard deviations off is nothing strange.
        assert!(trust(50.0, 49.0 + 9.0) == 1.0);
    }

    #[test]
    fn nobody_pulls_harder_by_being_louder() {
        for visits in [20.0, 50.0, 500.0] {
            for tenth in 14..100 {
                let error = f64::from(tenth) / 10.0;
                assert!(
                    pull(visits, error + 0.1) < pull(visits, error),
                    "{visits} {error}"
                );
            }
            assert!(pull(visits, 3.0) < 0.01, "{visits}: {}", pull(visits, 3.0));
        }
    }
}
