//! What visitors' layers have in common, which is not theirs but for all to learn.
//!
//! Layers are made over the first solution. Where that errs alike for many (a few lied
//! to it; those who love a strategy were given it most), each of their layers makes up
//! for it. Taken for tastes, that would be taken off the rewards, and the second
//! solution would find the error confirmed. So it is left in: what layers have in
//! common by what lasts of a context, the constant and the traits. What comes and goes,
//! a layer cannot make up for.

use super::TasteModel;
use crate::codec::{Reader, Writer, unreadable};
use crate::error::Result;
use crate::evidence::Week;
use crate::features::{LASTING, Layout};
use crate::linear::{Cholesky, Square, add_scaled};
use crate::sorted::Map;

/// How visitors' layers go with what lasts of their contexts: of every week Σ z·cᵀ, row
/// by row, where `c` is what lasts and `z` that and, after it, the layer's effects. Each
/// visit counts as far as its visitor is trusted.
#[derive(Clone, Debug, Default)]
pub(super) struct Common(Map<Week, Vec<f64>>);

impl Common {
    /// Takes in a visit: its standardised context, and the effects of the layer it met.
    pub fn add(&mut self, week: Week, context: &[(usize, f64)], layer: &[f32], trust: f64) {
        let mut lasting = [0.0; LASTING];
        for &(i, c) in context {
            if let Some(slot) = lasting.get_mut(i) {
                *slot = c;
            }
        }
        let sums = self.0.or_default(week);
        sums.resize((LASTING + layer.len()) * LASTING, 0.0);
        let effects = layer.iter().map(|&effect| f64::from(effect));
        let rows = sums.chunks_exact_mut(LASTING);
        for (row, z) in rows.zip(lasting.into_iter().chain(effects)) {
            add_scaled(row, trust * z, &lasting);
        }
    }

    /// What lies `share` of the way from this to the sums of the same visits under
    /// another prior width.
    pub fn towards(mut self, other: &Self, share: f64) -> Self {
        for (sums, goals) in self.0.values_mut().zip(other.0.values()) {
            for (sum, goal) in sums.iter_mut().zip(goals) {
                *sum += share * (goal - *sum);
            }
        }
        self
    }

    /// What layers have in common in every week: for each of their effects, what each
    /// lasting column adds to it.
    ///
    /// It is the regression of the layers on what lasts, by visitors: `visitors` of them
    /// differ as the model's prior of a layer says, and `variances` are those of the
    /// shared weights, so that a handful of visitors keep what sets them apart.
    ///
    /// # Errors
    /// `corrupt_model` when it is no sum of visits.
    pub fn effects(
        &self,
        model: &TasteModel,
        variances: &[f64],
        visitors: u64,
    ) -> Result<Map<Week, Vec<Vec<f64>>>> {
        let width = model.layout.context_len();
        let general = model.config.user_general_sd * model.config.user_general_sd;
        let mut weeks = Map::new();
        for (&week, sums) in &self.0 {
            let (products, layers) = sums.split_at_checked(LASTING * LASTING).unwrap_or_default();
            let visits = products.first().copied().unwrap_or(0.0) / visitors as f64;
            let solve = |(effect, layers): (usize, &[f64])| {
                let own = if effect == 0 { general } else { model.own };
                let mut matrix = Square::zeros(LASTING);
                for (i, row) in products.chunks_exact(LASTING).enumerate() {
                    let shared = variances.get(effect * width + i).copied().unwrap_or(own);
                    matrix.row_mut(i).copy_from_slice(row);
                    matrix.add(i, i, visits * own / shared);
                }
                Ok(Cholesky::new(matrix)?.solve(layers))
            };
            let effects = layers.chunks_exact(LASTING).enumerate().map(solve);
            weeks.insert(week, effects.collect::<Result<_>>()?);
        }
        Ok(weeks)
    }

    /// Appends the sums.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.0.len() as u64);
        for (week, sums) in &self.0 {
            out.int(i64::from(week.0));
            for &sum in sums {
                out.float(sum);
            }
        }
    }

    /// Takes back what [`Common::encode`] wrote for the same layout.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(layout: &Layout, input: &mut Reader<'_>) -> Result<Self> {
        let mut weeks = Map::new();
        for _ in 0..input.count(1)? {
            let week = i32::try_from(input.int()?).map_err(|_| unreadable("sums", "a week"))?;
            let sums = (0..(LASTING + layout.crossed_len()) * LASTING).map(|_| input.float());
            weeks.insert(Week(week), sums.collect::<Result<_>>()?);
        }
        Ok(Self(weeks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Extras;
    use crate::strategy::ActionSpace;
    use crate::taste::TasteConfig;

    fn model() -> TasteModel {
        let layout = Layout::new(&ActionSpace::default(), &Extras::default());
        TasteModel::new(&layout, &TasteConfig::default())
    }

    /// The effect `j` of a visitor's layer: what all have in common by the constant and
    /// the first trait, and what is the visitor's.
    fn effect(j: usize, trait_0: f64, own: f64) -> f32 {
        (0.02 * (j as f64 + 1.0) - 0.03 * trait_0 + own) as f32
    }

    /// Visits of so many visitors, ten each in either of two weeks.
    fn visited(visitors: u32) -> Common {
        let mut common = Common::default();
        for visitor in 0..visitors {
            let trait_0 = f64::from(visitor % 7) / 3.0 - 1.0;
            let own = if visitor % 2 == 0 { 0.05 } else { -0.05 };
            let layer: Vec<f32> = (0..7).map(|j| effect(j, trait_0, own)).collect();
            // A mood comes and goes.
            let context = [(0, 1.0), (1, trait_0), (LASTING, 1.0)];
            for week in [3, 4].repeat(10) {
                common.add(Week(week), &context, &layer, 1.0);
            }
        }
        common
    }

    #[test]
    fn what_many_layers_have_in_common_is_found_week_by_week() {
        let model = model();
        let variances = model.config.priors.variances(&model.layout);
        let weeks = visited(1400).effects(&model, &variances, 1400).unwrap();
        assert_eq!(weeks.keys().collect::<Vec<_>>(), [&Week(3), &Week(4)]);
        for effects in weeks.values() {
            assert_eq!(effects.len(), 7);
            for (j, found) in effects.iter().enumerate() {
                assert!(
                    (found[0] - 0.02 * (j as f64 + 1.0)).abs() < 1e-3,
                    "{found:?}"
                );
                assert!((found[1] + 0.03).abs() < 1e-3, "{found:?}");
                assert!(found[2..].iter().all(|e| e.abs() < 1e-9), "{found:?}");
            }
        }
    }

    #[test]
    fn a_handful_keep_what_sets_them_apart() {
        let model = model();
        let variances = model.config.priors.variances(&model.layout);
        let weeks = visited(7).effects(&model, &variances, 7).unwrap();
        for found in weeks.get(&Week(3)).unwrap().iter().skip(1) {
            assert!(found[1] < 0.0 && found[1] > -0.015, "{found:?}");
        }
    }

    #[test]
    fn whoever_is_not_trusted_adds_nothing() {
        let model = model();
        let variances = model.config.priors.variances(&model.layout);
        let mut common = visited(70);
        let before = common.effects(&model, &variances, 70).unwrap();
        common.add(Week(3), &[(0, 1.0)], &[-9.0; 7], 0.0);
        let after = common.effects(&model, &variances, 70).unwrap();
        assert_eq!(before.get(&Week(3)), after.get(&Week(3)));
    }

    #[test]
    fn stored_sums_come_back_and_others_are_refused() {
        let model = model();
        let mut out = Writer::default();
        visited(3).encode(&mut out);
        let bytes = out.into_bytes();
        let decode = |bytes: &[u8]| Common::decode(&model.layout, &mut Reader::new(bytes));
        assert_eq!(decode(&bytes).unwrap().0, visited(3).0);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
    }
}
