//! From means and deviations to the probabilities that a strategy is drawn with
//! (SPEC section 5, "deciding").

use crate::error::Result;
use crate::value::Field;

/// How an upper-confidence index becomes a distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Exploration {
    /// How many standard deviations of optimism the index adds, 0..=5.
    pub optimism: f64,
    /// Temperature of the softmax over the index, in reward units, 0.001..=10.
    pub temperature: f64,
    /// The share spread evenly over all strategies, 0.0001..=1: every
    /// probability is at least this divided by the number of strategies.
    pub floor: f64,
    /// How much of the variance of a visitor's own taste counts, 0..=1.
    pub own: f64,
}

impl Default for Exploration {
    fn default() -> Self {
        Self {
            optimism: 1.0,
            temperature: 0.02,
            floor: 0.002,
            own: 0.5,
        }
    }
}

impl Exploration {
    /// Reads `{optimism?, temperature?, floor?, own?}`.
    ///
    /// # Errors
    /// The field's code for a value out of range or an unknown name.
    pub fn parse(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut exploration = Self::default();
        fields.set("optimism", 0.0, 5.0, &mut exploration.optimism)?;
        fields.set("temperature", 0.001, 10.0, &mut exploration.temperature)?;
        fields.set("floor", 0.0001, 1.0, &mut exploration.floor)?;
        fields.set("own", 0.0, 1.0, &mut exploration.own)?;
        fields.finish()?;
        Ok(exploration)
    }

    /// The probabilities of the strategies, in index order; they sum to 1.
    #[must_use]
    pub fn propensities(&self, mean: &[f64], sd: &[f64]) -> Vec<f64> {
        let index: Vec<f64> = mean
            .iter()
            .zip(sd)
            .map(|(m, s)| m + self.optimism * s)
            .collect();
        softmax(&index, self.temperature, self.floor)
    }
}

/// `(1 − floor)·softmax(index/temperature) + floor/n`.
#[must_use]
pub fn softmax(index: &[f64], temperature: f64, floor: f64) -> Vec<f64> {
    let top = index.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut p: Vec<f64> = index
        .iter()
        .map(|u| libm::exp((u - top) / temperature))
        .collect();
    let sum: f64 = p.iter().sum();
    let even = floor / index.len() as f64;
    for value in &mut p {
        *value = (1.0 - floor) * (*value / sum) + even;
    }
    p
}

/// The position that `draw`, uniform in [0, 1), falls on in `propensities`.
#[must_use]
pub fn pick(propensities: &[f64], draw: f64) -> usize {
    let mut sum = 0.0;
    for (i, p) in propensities.iter().enumerate() {
        sum += p;
        if draw < sum {
            return i;
        }
    }
    propensities.len().saturating_sub(1)
}

/// The first position of the largest value.
#[must_use]
pub fn best(values: &[f64]) -> usize {
    let mut best = 0;
    let mut top = f64::NEG_INFINITY;
    for (i, &value) in values.iter().enumerate() {
        if value > top {
            (best, top) = (i, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn probabilities_sum_to_one_and_keep_the_floor(
            mean in proptest::collection::vec(-100.0..100.0f64, 27),
            sd in proptest::collection::vec(0.0..10.0f64, 27),
            draw in 0.0..1.0f64,
        ) {
            let exploration = Exploration::default();
            let p = exploration.propensities(&mean, &sd);
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(p.iter().all(|&p| p >= exploration.floor / 27.0));
            prop_assert!(pick(&p, draw) < 27);
        }
    }
}
