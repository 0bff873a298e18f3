//! Solving the model: prior widths, noise and the weight of each week from the
//! evidence, then visitors' layers from the replay.

use super::{Block, Replay, TasteConfig, TasteModel, drift, reward, spread};
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::posterior::{Moments, Posterior, row};
use crate::sorted::Map;
use crate::strategy::Strategy;
use crate::user_layer::UserLayer;

/// How often noise and prior widths are estimated anew within one solve.
const STEPS: usize = 4;
/// In which of these steps the weeks are weighed.
const CHANGE_STEP: usize = 2;

impl TasteModel {
    /// Solves the model afresh. `replay` gives the retained pairs, for what is
    /// not a sum: the visitors' layers.
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
        let mut moments = Moments::gather(layout, evidence, |_| 1.0);
        let mut weights = Map::new();
        let prior = config.priors.variances(layout);
        let mut variances = prior.clone();
        let prior_noise = config.noise_sd * config.noise_sd;
        let mut noise = prior_noise;
        for step in 1..=STEPS {
            model.posterior = Posterior::solve(&variances, noise, &moments)?;
            let error = moments.error(&model.posterior.mean);
            noise =
                (config.noise_weight * prior_noise + error) / (config.noise_weight + moments.count);
            if step == CHANGE_STEP {
                weights = drift::weights(layout, config, &variances, noise, evidence)?;
                if weights.values().any(|&w| w < 0.999) {
                    moments = Moments::gather(layout, evidence, |week| {
                        weights.get(&week).copied().unwrap_or(1.0)
                    });
                }
            }
            if step < STEPS {
                variances = fitted(layout, config, &prior, &variances, &model.posterior);
            }
        }
        model.posterior.noise = noise;
        model.posterior.round_covariance();
        model.replay_users(replay, &weights);
        Ok(model)
    }

    /// Makes the visitors' layers anew from what the shared model leaves
    /// unexplained, under the prior width that predicts them best.
    fn replay_users<'a>(
        &mut self,
        replay: impl Iterator<Item = Replay<'a>>,
        weights: &Map<Week, f64>,
    ) {
        let mut visits: Vec<(&str, Strategy, f64, f64)> = Vec::new();
        for step in replay {
            let Some(user) = step.user else { continue };
            let Observation {
                features,
                action,
                week,
                ..
            } = step.observation;
            let weight = weights.get(week).copied().unwrap_or(1.0);
            let expected = self.posterior.value(&row(&self.layout, features, *action));
            visits.push((user, *action, reward(step.observation) - expected, weight));
        }
        let mut best = f64::NEG_INFINITY;
        for sd in self.config.user_sds.clone() {
            let (users, likelihood) = self.layers(&visits, sd * sd);
            if likelihood > best {
                best = likelihood;
                self.own = sd * sd;
                self.users = users;
            }
        }
        self.several = self.users.len() > 1;
        if !self.several {
            let blank = self.blank();
            self.users.values_mut().for_each(|u| *u = blank.clone());
        }
    }

    /// The layers under one prior variance, and the log-likelihood of what they
    /// saw, each observation predicted from those before it.
    fn layers(
        &self,
        visits: &[(&str, Strategy, f64, f64)],
        own: f64,
    ) -> (Map<String, UserLayer>, f64) {
        let general = self.config.user_general_sd * self.config.user_general_sd;
        let size = self.layout.crossed_len();
        let mut users: Map<String, UserLayer> = Map::new();
        let mut likelihood = 0.0;
        for &(user, action, residual, weight) in visits {
            if !users.contains_key(user) {
                users.insert(user.to_owned(), UserLayer::new(size, general, own));
            }
            let Some(layer) = users.get_mut(user) else {
                continue;
            };
            let basis = self.crossed(action);
            let (mean, gain) = layer.project(basis);
            let variance = self.posterior.noise / weight.max(1e-6) + spread(basis, &gain);
            let error = residual - mean;
            likelihood -= weight * 0.5 * (libm::log(variance) + error * error / variance);
            layer.learn(&gain, error, variance);
        }
        (users, likelihood)
    }
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
