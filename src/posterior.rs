//! What the evidence says about the model's weights: a Gaussian, solved from
//! sums, moved by single observations, and read through one context.

use crate::error::Result;
use crate::features::{Features, Layout};
use crate::linear::{Cholesky, Square, add_scaled, dot};
use crate::moments::Moments;
use crate::strategy::Strategy;

/// The model's features of one (context, strategy): ascending `(weight, value)`.
pub type Row = Vec<(usize, f64)>;

/// The row x(c, a) of SPEC section 5, standardised.
#[must_use]
pub fn row(layout: &Layout, features: &Features, action: Strategy) -> Row {
    let context = layout.standardised(features);
    let width = layout.context_len();
    let (crossed, alone) = split(layout, layout.basis(action));
    let mut row = Vec::with_capacity(crossed.len() * context.len() + alone.len());
    for (j, h) in crossed.iter().enumerate().filter(|(_, h)| **h != 0.0) {
        row.extend(context.iter().map(|&(i, c)| (j * width + i, h * c)));
    }
    let first = crossed.len() * width;
    row.extend(alone.iter().enumerate().map(|(k, &h)| (first + k, h)));
    row
}

pub(crate) fn split<'a>(layout: &Layout, basis: &'a [f64]) -> (&'a [f64], &'a [f64]) {
    basis
        .split_at_checked(layout.crossed_len())
        .unwrap_or((basis, &[]))
}

/// A Gaussian over the model's weights, and the variance of a reward's noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// The expected weights.
    pub mean: Vec<f64>,
    /// Their covariance, exactly symmetric.
    pub covariance: Square,
    /// The variance of a reward around its expectation.
    pub noise: f64,
}

impl Posterior {
    /// What is believed without evidence: independent weights around 0.
    #[must_use]
    pub fn prior(variances: &[f64], noise: f64) -> Self {
        let mut covariance = Square::zeros(variances.len());
        for (i, &v) in variances.iter().enumerate() {
            covariance.set(i, i, v);
        }
        Self {
            mean: vec![0.0; variances.len()],
            covariance,
            noise,
        }
    }

    /// Conditions the prior on evidence, the noise variance given.
    ///
    /// # Errors
    /// `corrupt_model` when the sums are not those of observations.
    pub fn solve(variances: &[f64], noise: f64, moments: &Moments) -> Result<Self> {
        let system = System::new(variances, noise, moments)?;
        let solved = system.factor.solve(&system.right);
        let inverse = system.factor.inverse();
        let mut posterior = Self::prior(variances, noise);
        for (r, &i) in system.active.iter().enumerate() {
            if let (Some(slot), Some(&value)) = (posterior.mean.get_mut(i), solved.get(r)) {
                *slot = value;
            }
            for (&j, &value) in system.active.iter().zip(inverse.row(r)) {
                posterior.covariance.set(i, j, value);
            }
        }
        Ok(posterior)
    }

    /// Rounds the covariance to numbers that 32 bits hold exactly, so that the
    /// stored form is the model and not an approximation of it.
    pub fn round_covariance(&mut self) {
        for i in 0..self.covariance.size() {
            for value in self.covariance.row_mut(i) {
                *value = f64::from(*value as f32);
            }
        }
    }

    /// The expected value of a row.
    #[must_use]
    pub fn value(&self, row: &Row) -> f64 {
        row.iter()
            .map(|&(i, x)| x * self.mean.get(i).copied().unwrap_or(0.0))
            .sum()
    }

    /// `covariance · row`, and the variance of the row's value.
    #[must_use]
    pub fn project(&self, row: &Row) -> (Vec<f64>, f64) {
        let gain = self.covariance.combine(row);
        let spread = row
            .iter()
            .map(|&(i, x)| x * gain.get(i).copied().unwrap_or(0.0))
            .sum();
        (gain, spread)
    }

    /// Moves by one observation: `gain` from [`Posterior::project`], `error`
    /// the reward minus its prediction, `variance` that of the error.
    pub fn learn(&mut self, gain: &mut [f64], error: f64, variance: f64) {
        self.nudge(gain, error / variance);
        let scale = 1.0 / variance.sqrt();
        for g in gain.iter_mut() {
            *g *= scale;
        }
        self.covariance.subtract_outer(gain);
    }

    /// Moves only the mean, by `factor · gain`.
    pub fn nudge(&mut self, gain: &[f64], factor: f64) {
        add_scaled(&mut self.mean, factor, gain);
    }

    /// The posterior as one context sees it.
    #[must_use]
    pub fn view(&self, layout: &Layout, features: &Features) -> View {
        let context = layout.standardised(features);
        let width = layout.context_len();
        let crossed = layout.crossed_len();
        let size = crossed + layout.pairs_len();
        let first = crossed * width;
        let mut view = View {
            mean: Vec::with_capacity(size),
            covariance: Square::zeros(size),
        };
        let seen = |values: &[f64], start: usize| -> f64 {
            let block = values.get(start..).unwrap_or(&[]);
            context
                .iter()
                .map(|&(i, c)| c * block.get(i).copied().unwrap_or(0.0))
                .sum()
        };
        for j in 0..crossed {
            view.mean.push(seen(&self.mean, j * width));
            for k in 0..=j {
                let mut sum = 0.0;
                for &(i, c) in &context {
                    sum += c * seen(self.covariance.row(j * width + i), k * width);
                }
                view.covariance.set(j, k, sum);
                view.covariance.set(k, j, sum);
            }
        }
        for p in 0..layout.pairs_len() {
            let row = self.covariance.row(first + p);
            view.mean
                .push(self.mean.get(first + p).copied().unwrap_or(0.0));
            for k in 0..crossed {
                let sum = seen(row, k * width);
                view.covariance.set(crossed + p, k, sum);
                view.covariance.set(k, crossed + p, sum);
            }
            for (q, &value) in row.iter().skip(first).enumerate() {
                view.covariance.set(crossed + p, crossed + q, value);
            }
        }
        view
    }
}

/// The normal equations over the weights whose feature was ever seen; the
/// others keep their prior.
struct System {
    active: Vec<usize>,
    factor: Cholesky,
    right: Vec<f64>,
    /// Σ of the logarithms of the active prior variances.
    log_prior: f64,
}

impl System {
    fn new(variances: &[f64], noise: f64, moments: &Moments) -> Result<Self> {
        let active: Vec<usize> = (0..variances.len())
            .filter(|&i| moments.products.at(i, i) != 0.0)
            .collect();
        let mut precision = Square::zeros(active.len());
        let mut right = Vec::with_capacity(active.len());
        let mut log_prior = 0.0;
        for (r, &i) in active.iter().enumerate() {
            let source = moments.products.row(i);
            for (c, &j) in active.iter().enumerate().take(r + 1) {
                precision.set(r, c, source.get(j).copied().unwrap_or(0.0) / noise);
            }
            let variance = variances.get(i).copied().unwrap_or(1.0);
            precision.add(r, r, 1.0 / variance);
            log_prior += libm::log(variance);
            right.push(moments.rewards.get(i).copied().unwrap_or(0.0) / noise);
        }
        let factor = Cholesky::new(precision)?;
        Ok(Self {
            active,
            factor,
            right,
            log_prior,
        })
    }
}

/// How well the prior predicts the evidence: the logarithm of the marginal
/// likelihood, up to a term that depends on the noise and the count alone.
///
/// # Errors
/// `corrupt_model` when the sums are not those of observations.
pub fn log_evidence(variances: &[f64], noise: f64, moments: &Moments) -> Result<f64> {
    let system = System::new(variances, noise, moments)?;
    let half = system.factor.forward(&system.right);
    let determinants = system.log_prior + system.factor.log_determinant();
    Ok(0.5 * (dot(&half, &half) - moments.squares / noise - determinants))
}

/// The posterior of a strategy's coordinates `[1, mains, products]` in one
/// context: 19 numbers in the guide's space.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Their expectation.
    pub mean: Vec<f64>,
    /// Their covariance.
    pub covariance: Square,
}

impl View {
    /// Expectation and variance of the value of `basis`, or of a difference of
    /// two strategies' bases.
    #[must_use]
    pub fn value(&self, basis: &[f64]) -> (f64, f64) {
        let mut variance = 0.0;
        for (i, h) in basis.iter().enumerate().filter(|(_, h)| **h != 0.0) {
            variance += h * dot(self.covariance.row(i), basis);
        }
        (dot(&self.mean, basis), variance.max(0.0))
    }
}
