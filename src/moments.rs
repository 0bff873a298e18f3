//! The evidence in the model's own coordinates, which is what it is solved from.

mod explained;

pub use explained::{Account, Explained, Spread};

use crate::evidence::{Evidence, Week};
use crate::features::Layout;
use crate::linear::{Square, add_scaled, dot};
use crate::posterior::split;
use crate::strategy::Strategy;

/// Rewards are kept in thousandths.
const MILLI: f64 = 1000.0;

/// The evidence in the model's own coordinates: Σ w·x·xᵀ, Σ w·r·x, Σ w·r², Σ w.
#[derive(Debug)]
pub struct Moments {
    /// Σ w·x·xᵀ; only the lower triangle is filled.
    pub products: Square,
    /// Σ w·r·x.
    pub rewards: Vec<f64>,
    /// Σ w·r².
    pub squares: f64,
    /// Σ w.
    pub count: f64,
}

impl Moments {
    /// Sums the weeks in ascending order, each times its weight; of the rewards,
    /// what `explained` leaves.
    #[must_use]
    pub fn gather(
        layout: &Layout,
        evidence: &Evidence,
        explained: &Explained,
        weight: &dyn Fn(Week) -> f64,
    ) -> Self {
        let columns: Vec<usize> = (0..layout.context_len()).collect();
        Self::gather_columns(layout, evidence, explained, &columns, weight)
    }

    /// [`Moments::gather`] over some of the context columns, ascending: the sums
    /// of a smaller model, its weights in the same order.
    #[must_use]
    pub fn gather_columns(
        layout: &Layout,
        evidence: &Evidence,
        explained: &Explained,
        columns: &[usize],
        weight: &dyn Fn(Week) -> f64,
    ) -> Self {
        let width = columns.len();
        let size = layout.crossed_len() * width + layout.pairs_len();
        let mut moments = Self {
            products: Square::zeros(size),
            rewards: vec![0.0; size],
            squares: 0.0,
            count: 0.0,
        };
        let weeks: Vec<_> = (evidence.weeks())
            .map(|week| (week, weight(week), evidence.week(week)))
            .filter(|(_, w, _)| *w != 0.0)
            .collect();
        for action in layout.space().strategies() {
            let mut products = Square::zeros(width);
            let mut rewards = vec![0.0; width];
            let mut count = 0.0;
            for (_, w, sums) in &weeks {
                let Some(sums) = sums.and_then(|actions| actions.get(&action)) else {
                    continue;
                };
                for (r, &i) in columns.iter().enumerate() {
                    let row = products.row_mut(r).iter_mut();
                    for (to, &j) in row.zip(columns).take(r + 1) {
                        *to += w * sums.product(i, j) as f64;
                    }
                }
                for (to, &i) in rewards.iter_mut().zip(columns) {
                    *to += w * sums.rewards().get(i).copied().unwrap_or(0) as f64;
                }
                moments.squares += w * sums.squares() as f64 / (MILLI * MILLI);
                count += w * sums.count() as f64;
            }
            if count != 0.0 {
                moments.count += count;
                for (r, &i) in columns.iter().enumerate() {
                    for (c, &j) in columns.iter().enumerate().take(r + 1) {
                        let value = products.at(r, c) * layout.scale(i) * layout.scale(j);
                        products.set(r, c, value);
                        products.set(c, r, value);
                    }
                    if let Some(slot) = rewards.get_mut(r) {
                        *slot *= layout.scale(i) / MILLI;
                    }
                }
                for (week, w, _) in &weeks {
                    if let Some(own) = explained.of(*week, action) {
                        for (to, &i) in rewards.iter_mut().zip(columns) {
                            *to -= w * own.rewards.get(i).copied().unwrap_or(0.0);
                        }
                        moments.squares -= w * own.squares;
                    }
                }
                moments.spread(layout, action, &products, &rewards);
            }
        }
        moments
    }

    /// Adds one strategy's standardised sums at every place its contrasts put
    /// them.
    fn spread(&mut self, layout: &Layout, action: Strategy, full: &Square, rewards: &[f64]) {
        let width = full.size();
        let (crossed, alone) = split(layout, layout.basis(action));
        let first = crossed.len() * width;
        for (j, hj) in crossed.iter().enumerate().filter(|(_, h)| **h != 0.0) {
            for i in 0..width {
                let target = self.products.row_mut(j * width + i);
                for (k, hk) in crossed.iter().enumerate().take(j + 1) {
                    if *hk != 0.0
                        && let Some(block) = target.get_mut(k * width..(k + 1) * width)
                    {
                        add_scaled(block, hj * hk, full.row(i));
                    }
                }
                if let Some(slot) = self.rewards.get_mut(j * width + i) {
                    *slot += hj * rewards.get(i).copied().unwrap_or(0.0);
                }
            }
        }
        let count = full.at(0, 0);
        for (p, hp) in alone.iter().enumerate() {
            let target = self.products.row_mut(first + p);
            for (k, hk) in crossed.iter().enumerate().filter(|(_, h)| **h != 0.0) {
                if let Some(block) = target.get_mut(k * width..(k + 1) * width) {
                    add_scaled(block, hp * hk, full.row(0));
                }
            }
            for (q, hq) in alone.iter().enumerate() {
                if let Some(slot) = target.get_mut(first + q) {
                    *slot += hp * hq * count;
                }
            }
            if let Some(slot) = self.rewards.get_mut(first + p) {
                *slot += hp * rewards.first().copied().unwrap_or(0.0);
            }
        }
    }

    /// The squared error that `mean` leaves: Σ w·(r − x·mean)².
    #[must_use]
    pub fn error(&self, mean: &[f64]) -> f64 {
        // The lower triangle holds each product of two different weights once.
        let mut quadratic = 0.0;
        for (i, m) in mean.iter().enumerate() {
            let row = self.products.row(i);
            let (below, own) = row.split_at(i);
            quadratic += m * (2.0 * dot(below, mean) + own.first().copied().unwrap_or(0.0) * m);
        }
        (self.squares - 2.0 * dot(mean, &self.rewards) + quadratic).max(0.0)
    }
}
