//! Solving the model: prior widths, noise and the weight of each week from the
//! evidence, then visitors' layers from the replay.

use super::{Block, Replay, TasteConfig, TasteModel, drift, reward, spread};
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::moments::{Explained, Moments};
use crate::posterior::{Posterior, row};
use crate::sorted::Map;
use crate::user_layer::UserLayer;

/// How often noise and prior widths are estimated in each half of a solve.
const STEPS: usize = 2;

impl TasteModel {
    /// Solves the model afresh. `replay` gives the retained pairs, for what is
    /// not a sum: the visitors' layers.
    ///
    /// It is solved in two halves: first as if all visitors were alike and all
    /// weeks counted, then from what the layers, made on the first solution, leave
    /// unexplained. Otherwise the shared model takes for its own what it has
    /// learned to give each visitor, and for a change of taste that it gives it
    /// ever better.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence is no sum of observations.
    pub fn solve<'a>(
        layout: &Layout,
        config: &TasteConfig,
        evidence: &Evidence,
        replay: impl Iterator<Item = Replay<'a>>,
    ) -> Result<Self> {
        let mut model = Self::new(layout, config);
        model.solved = evidence.total().unsigned_abs();
        if model.solved == 0 {
            return Ok(model);
        }
        let visits: Vec<(&str, &Observation)> = replay
            .filter_map(|step| Some((step.user?, step.observation)))
            .collect();
        let first = visits.first().map(|visit| visit.0);
        model.several = visits.iter().any(|visit| Some(visit.0) != first);

        let prior = config.priors.variances(layout);
        let mut variances = prior.clone();
        let mut explained = Explained::default();
        let moments = Moments::gather(layout, evidence, &explained, &|_| 1.0);
        for _ in 0..STEPS {
            model.fit(&variances, &moments)?;
            variances = fitted(layout, config, &prior, &variances, &model.posterior);
        }
        if model.several {
            let expected = model.replay_users(&visits, &Map::new());
            for ((_, observation), own) in visits.iter().zip(expected) {
                explained.add(layout, observation, own);
            }
        }
        let noise = model.posterior.noise;
        let weights = drift::weights(layout, config, &variances, noise, evidence, &explained)?;
        let moments = Moments::gather(layout, evidence, &explained, &|week| {
            weights.get(&week).copied().unwrap_or(1.0)
        });
        for step in 0..STEPS {
            if step > 0 {
                variances = fitted(layout, config, &prior, &variances, &model.posterior);
            }
            model.fit(&variances, &moments)?;
        }
        model.posterior.round_covariance();
        if model.several {
            model.replay_users(&visits, &weights);
        } else if let Some(user) = first {
            model.users.insert(user.to_owned(), model.blank());
        }
        Ok(model)
    }

    /// Solves the shared part under these prior variances and the present noise,
    /// and estimates the noise anew.
    fn fit(&mut self, variances: &[f64], moments: &Moments) -> Result<()> {
        self.posterior = Posterior::solve(variances, self.posterior.noise, moments)?;
        let config = &self.config;
        let error = moments.error(&self.posterior.mean);
        let prior = config.noise_weight * config.noise_sd * config.noise_sd;
        self.posterior.noise = (prior + error) / (config.noise_weight + moments.count);
        Ok(())
    }

    /// Makes the visitors' layers anew from what the shared model leaves
    /// unexplained, under the prior width that predicts them best. Gives what
    /// they expected of every visit, before they saw what came of it.
    fn replay_users(
        &mut self,
        visits: &[(&str, &Observation)],
        weights: &Map<Week, f64>,
    ) -> Vec<f64> {
        let residuals: Vec<(f64, f64)> = (visits.iter())
            .map(|(_, observation)| {
                let row = row(&self.layout, &observation.features, observation.action);
                let weight = weights.get(&observation.week).copied().unwrap_or(1.0);
                (reward(observation) - self.posterior.value(&row), weight)
            })
            .collect();
        let mut best = f64::NEG_INFINITY;
        let mut expected = Vec::new();
        for sd in self.config.user_sds.clone() {
            let trial = self.layers(visits, &residuals, sd * sd);
            if trial.likelihood > best {
                best = trial.likelihood;
                self.own = sd * sd;
                self.users = trial.users;
                expected = trial.expected;
            }
        }
        expected
    }

    /// The layers under one prior variance; `residuals` holds what the shared
    /// model leaves of each visit's reward, and the weight of its week.
    fn layers(&self, visits: &[(&str, &Observation)], residuals: &[(f64, f64)], own: f64) -> Trial {
        let general = self.config.user_general_sd * self.config.user_general_sd;
        let blank = UserLayer::new(self.layout.crossed_len(), general, own);
        let mut trial = Trial {
            users: Map::new(),
            likelihood: 0.0,
            expected: Vec::with_capacity(visits.len()),
        };
        for (&(user, observation), &(residual, weight)) in visits.iter().zip(residuals) {
            if !trial.users.contains_key(user) {
                trial.users.insert(user.to_owned(), blank.clone());
            }
            let Some(layer) = trial.users.get_mut(user) else {
                continue;
            };
            let basis = self.crossed(observation.action);
            let (mean, gain) = layer.project(basis);
            let variance = self.posterior.noise / weight.max(1e-6) + spread(basis, &gain);
            let error = residual - mean;
            trial.likelihood -= weight * 0.5 * (libm::log(variance) + error * error / variance);
            trial.expected.push(mean);
            layer.learn(&gain, error, variance);
        }
        trial
    }
}

/// Layers under one prior width.
struct Trial {
    users: Map<String, UserLayer>,
    /// The log-likelihood of the visits, each predicted from those before it.
    likelihood: f64,
    /// What the layers expected of each visit.
    expected: Vec<f64>,
}

/// Prior variances by block as the evidence suggests them (MacKay 1992): the
/// squares of the weights over how many of them the evidence determines.
fn fitted(
    layout: &Layout,
    config: &TasteConfig,
    prior: &[f64],
    variances: &[f64],
    posterior: &Posterior,
) -> Vec<f64> {
    let blocks = Block::all(layout);
    let mut sums: Map<Block, (f64, f64)> = Map::new();
    for (i, (&block, (mean, variance))) in (blocks.iter())
        .zip(posterior.mean.iter().zip(variances))
        .enumerate()
    {
        let (squares, determined) = sums.or_default(block);
        *squares += mean * mean;
        *determined += 1.0 - posterior.covariance.at(i, i) / variance;
    }
    let weight = config.prior_weight;
    let fitted = |(&block, &prior): (&Block, &f64)| match (block, sums.get(&block)) {
        (Block::Mean, _) | (_, None) => prior,
        (_, Some((squares, determined))) => {
            (weight * prior + squares) / (weight + determined.max(0.0))
        }
    };
    blocks.iter().zip(prior).map(fitted).collect()
}
