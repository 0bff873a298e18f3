//! Why a strategy is expected to do better or worse than the average one.

use super::TasteModel;
use crate::features::Features;
use crate::strategy::Strategy;
use crate::value::written;

/// What one context feature adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The feature, such as `mood relaxed` or `openness`.
    pub feature: String,
    /// What it adds to the chosen strategy over the average one, in reward units.
    pub value: f64,
}

written!(Contribution { feature, value });

/// The expected reward of a strategy minus the average of all strategies in the
/// same context, taken apart; the parts sum to `total`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// One entry per context feature that is not zero, in the layout's order.
    pub contributions: Vec<Contribution>,
    /// What the strategy adds whatever the context.
    pub strategy: f64,
    /// What this visitor's own taste adds.
    pub visitor: f64,
    /// The whole difference.
    pub total: f64,
}

written!(Explanation {
    contributions,
    strategy,
    visitor,
    total
});

impl TasteModel {
    /// Takes the expectation of `strategy` apart. Contrasts sum to zero over
    /// all strategies, so each part is exact, not an estimate.
    #[must_use]
    pub fn explain(
        &self,
        features: &Features,
        user: Option<&str>,
        strategy: Strategy,
    ) -> Explanation {
        let width = self.layout.context_len();
        let basis = self.layout.basis(strategy);
        let crossed = self.crossed(strategy);
        let mean = &self.posterior.mean;
        let weight = |at: usize| mean.get(at).copied().unwrap_or(0.0);
        let effect = |column: usize| -> f64 {
            let mains = crossed.iter().enumerate().skip(1);
            mains.map(|(j, h)| h * weight(j * width + column)).sum()
        };
        let alone: f64 = (basis.iter().skip(crossed.len()).enumerate())
            .map(|(p, h)| h * weight(crossed.len() * width + p))
            .sum();
        let contributions: Vec<Contribution> = (self.layout.standardised(features).iter())
            .skip(1)
            .map(|&(column, c)| Contribution {
                feature: self.layout.name(column).to_owned(),
                value: c * effect(column),
            })
            .collect();
        let visitor = self.layer(user).map_or(0.0, |layer| {
            let mut contrasts = crossed.to_vec();
            if let Some(general) = contrasts.first_mut() {
                *general = 0.0;
            }
            layer.project(&contrasts).0
        });
        let own = effect(0) + alone;
        let total = contributions.iter().map(|c| c.value).sum::<f64>() + own + visitor;
        Explanation {
            contributions,
            strategy: own,
            visitor,
            total,
        }
    }
}
