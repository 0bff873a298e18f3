//! Solving the model: prior widths, noise and the weight of each week from the
//! evidence, then visitors' layers from the replay.

use super::{Block, LayerFit, Replay, TasteConfig, TasteModel, Tastes, Visit, drift};
use crate::error::Result;
use crate::evidence::{Evidence, Week};
use crate::features::Layout;
use crate::moments::{Explained, Moments, Spread};
use crate::posterior::Posterior;
use crate::sorted::Map;

/// Raised with every change to what is made of the same evidence and visits: whoever
/// keeps what an older version made can tell that it would be made otherwise.
pub const SOLVER: u64 = 3;

/// How often noise and prior widths are estimated in each half of a solve.
const STEPS: usize = 2;

/// The shared model after one half of a solve. Whoever keeps more pairs than
/// memory holds goes through the halves by hand, as [`TasteModel::solve`] does:
/// [`Half::first`]; every visitor's [`TasteModel::try_layers`], counted in a
/// [`LayerFit`] and [`Tastes`]; [`Half::second`]; the layers once more;
/// [`TasteModel::settle`].
#[derive(Clone, Debug)]
pub struct Half {
    /// The model, without anybody's layer.
    pub model: TasteModel,
    /// How much each week counts; absent ones fully.
    pub weights: Map<Week, f64>,
    variances: Vec<f64>,
}

impl Half {
    /// Solves as if all visitors were alike and all weeks counted.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence is no sum of observations.
    pub fn first(layout: &Layout, config: &TasteConfig, evidence: &Evidence) -> Result<Self> {
        let mut model = TasteModel::new(layout, config);
        model.solved = evidence.total().unsigned_abs();
        let prior = config.priors.variances(layout);
        let mut variances = prior.clone();
        if model.solved > 0 {
            let moments = Moments::gather(layout, evidence, &Explained::default(), &|_| 1.0);
            for _ in 0..STEPS {
                model.fit(&variances, &moments)?;
                variances = fitted(layout, config, &prior, &variances, &model.posterior);
            }
        }
        Ok(Self {
            model,
            weights: Map::new(),
            variances,
        })
    }

    /// Solves from what the layers, made on the first solution, leave
    /// unexplained, and weighs the weeks by it.
    ///
    /// # Errors
    /// As [`Half::first`].
    pub fn second(self, evidence: &Evidence, fit: &LayerFit, tastes: Tastes) -> Result<Self> {
        let Self {
            mut model,
            mut variances,
            mut weights,
        } = self;
        model.settle(fit);
        let mut explained = Explained::default();
        if model.several {
            explained = tastes.under(model.width());
            let spread = Spread {
                visitors: fit.visitors(),
                general: model.config.general_variance(),
                own: model.own,
                shared: &variances,
            };
            explained.leave_common(&model.layout, evidence, spread)?;
        }
        if model.solved > 0 {
            let (layout, config) = (model.layout.clone(), model.config.clone());
            let noise = model.posterior.noise;
            weights = drift::weights(&layout, &config, &variances, noise, evidence, &explained)?;
            let moments = Moments::gather(&layout, evidence, &explained, &|week| {
                weights.get(&week).copied().unwrap_or(1.0)
            });
            let prior = config.priors.variances(&layout);
            for step in 0..STEPS {
                if step > 0 {
                    variances = fitted(&layout, &config, &prior, &variances, &model.posterior);
                }
                model.fit(&variances, &moments)?;
            }
            model.posterior.round_covariance();
        }
        Ok(Self {
            model,
            weights,
            variances,
        })
    }
}

impl TasteModel {
    /// Solves the model afresh. `replay` gives the retained pairs, for what is
    /// not a sum: the visitors' layers.
    ///
    /// It is solved in two halves: first as if all visitors were alike and all weeks
    /// counted, then from what the layers, made on the first solution, leave
    /// unexplained of visitors whose rewards vary as those of others do. Otherwise the
    /// shared model takes for its own what it has learned to give each visitor, and for
    /// a change of taste that it gives it ever better.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence is no sum of observations.
    pub fn solve<'a>(
        layout: &Layout,
        config: &TasteConfig,
        evidence: &Evidence,
        replay: impl Iterator<Item = Replay<'a>>,
    ) -> Result<Self> {
        let half = Half::first(layout, config, evidence)?;
        if half.model.solved == 0 {
            return Ok(half.model);
        }
        let mut visits: Map<&str, Vec<Visit<'_>>> = Map::new();
        for step in replay {
            if let Some(user) = step.user {
                visits.or_default(user).push(Visit {
                    observation: step.observation,
                    shared: true,
                });
            }
        }
        let mut fit = LayerFit::default();
        let mut tastes = Tastes::default();
        for seen in visits.values() {
            let tried = half.model.try_layers(seen, &half.weights);
            fit.add(&tried);
            tastes.add(layout, seen, &tried);
        }
        let Half {
            mut model, weights, ..
        } = half.second(evidence, &fit, tastes)?;
        let mut fit = LayerFit::default();
        let mut layers = Vec::new();
        for (user, seen) in &visits {
            let tried = model.try_layers(seen, &weights);
            fit.add(&tried);
            layers.push((*user, tried));
        }
        model.settle(&fit);
        let width = model.width();
        for (user, tried) in layers {
            let layer = width.layer(|i| tried.get(i).map(|trial| &trial.layer));
            let layer = layer.filter(|_| model.several);
            let layer = layer.unwrap_or_else(|| model.blank());
            model.users.insert(user.to_owned(), layer);
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
    let weight = config.prior_weight;
    let fitted = |(&block, &prior): (&Block, &f64)| {
        if block == Block::Mean {
            return prior;
        }
        let (mut squares, mut determined) = (0.0, 0.0);
        for (i, (mean, variance)) in posterior.mean.iter().zip(variances).enumerate() {
            if blocks.get(i) == Some(&block) {
                squares += mean * mean;
                determined += 1.0 - posterior.covariance.at(i, i) / variance;
            }
        }
        (weight * prior + squares) / (weight + f64::max(determined, 0.0))
    };
    blocks.iter().zip(prior).map(fitted).collect()
}
