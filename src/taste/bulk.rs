//! A model made ready to answer for many contexts, as the rows of a log.

use super::{Prediction, TasteModel};
use crate::features::{Features, Layout};
use crate::linear::combine;
use crate::posterior::Row;

/// A solved model's answers as forms of the context c alone: for each strategy
/// its mean Σ m_i·c_i and its variance Σ v_ij·c_i·c_j. It takes 180 KB in the
/// guide's space; an answer then takes an eighth of the multiplications.
#[derive(Clone, Debug)]
pub struct Bulk {
    layout: Layout,
    /// m: one row for each column of c, one number for each strategy.
    means: Vec<f64>,
    /// v: one row for each pair of columns; those of i < j count twice, those of
    /// i > j are 0.
    variances: Vec<f64>,
}

impl Bulk {
    /// Prepares `model`, which must not learn afterwards.
    #[must_use]
    pub fn new(model: &TasteModel) -> Self {
        let layout = model.layout.clone();
        let (width, strategies) = (layout.context_len(), layout.bases().len());
        let mut bulk = Self {
            means: vec![0.0; width * strategies],
            variances: vec![0.0; width * width * strategies],
            layout,
        };
        for (s, basis) in bulk.layout.bases().iter().enumerate() {
            let columns: Vec<Row> = (0..width).map(|i| column(&bulk.layout, basis, i)).collect();
            for (i, column) in columns.iter().enumerate() {
                if let Some(mean) = bulk.means.get_mut(i * strategies + s) {
                    *mean = model.posterior.value(column);
                }
                let (gain, _) = model.posterior.project(column);
                for (j, other) in columns.iter().enumerate().skip(i) {
                    let product: f64 = (other.iter())
                        .map(|&(at, x)| x * gain.get(at).copied().unwrap_or(0.0))
                        .sum();
                    let at = (i * width + j) * strategies + s;
                    if let Some(variance) = bulk.variances.get_mut(at) {
                        *variance = if i == j { product } else { 2.0 * product };
                    }
                }
            }
        }
        bulk
    }

    /// What [`TasteModel::predict`] of the same `model` says, up to rounding.
    #[must_use]
    pub fn predict(
        &self,
        model: &TasteModel,
        features: &Features,
        user: Option<&str>,
    ) -> Prediction {
        let (width, strategies) = (self.layout.context_len(), self.layout.bases().len());
        let context = self.layout.standardised(features);
        let mut pairs = Vec::with_capacity(context.len() * (context.len() + 1) / 2);
        for (n, &(i, c)) in context.iter().enumerate() {
            pairs.extend((context.iter().skip(n)).map(|&(j, d)| (i * width + j, c * d)));
        }
        let mean = combine(&self.means, strategies, &context);
        let variance = combine(&self.variances, strategies, &pairs);
        let variance = variance.into_iter().map(|v| v.max(0.0));
        model.personal(mean.into_iter().zip(variance), user)
    }
}

/// What one unit of context column `i` adds to the model's features under a
/// strategy's `basis`. The products of mains stand alone: the first column,
/// which is always 1, brings them.
fn column(layout: &Layout, basis: &[f64], i: usize) -> Row {
    let (width, crossed) = (layout.context_len(), layout.crossed_len());
    let alone = if i == 0 { layout.pairs_len() } else { 0 };
    let places = (0..crossed).map(|j| j * width + i);
    let rest = (0..alone).map(|p| crossed * width + p);
    places.chain(rest).zip(basis.iter().copied()).collect()
}
