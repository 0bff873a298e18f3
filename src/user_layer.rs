//! One visitor's own few numbers over the shared model (SPEC section 5): how
//! much more or less than everybody they like everything, and each contrast.

use crate::codec::{Reader, Writer, unreadable};
use crate::error::Result;
use crate::posterior::View;

/// A Gaussian over a visitor's effects `[1, mains…]`, kept in 32-bit floats so
/// that a stored layer is the layer: 140 bytes in the guide's space.
#[derive(Clone, Debug, PartialEq)]
pub struct UserLayer {
    mean: Vec<f32>,
    /// Lower triangle of the covariance, row by row.
    covariance: Vec<f32>,
}

impl UserLayer {
    /// The layer of a visitor nothing is known of: variance `general` for the
    /// first effect, `own` for each contrast; `size` effects.
    #[must_use]
    pub fn new(size: usize, general: f64, own: f64) -> Self {
        let mut covariance = Vec::with_capacity(size * (size + 1) / 2);
        for i in 0..size {
            covariance.extend((0..i).map(|_| 0.0));
            covariance.push(if i == 0 { general } else { own } as f32);
        }
        Self {
            mean: vec![0.0; size],
            covariance,
        }
    }

    /// The expected effect of a row of contrasts, and `covariance · row`.
    #[must_use]
    pub fn project(&self, row: &[f64]) -> (f64, Vec<f64>) {
        let mean = self
            .mean
            .iter()
            .zip(row)
            .map(|(&m, f)| f64::from(m) * f)
            .sum();
        let mut gain = vec![0.0; self.mean.len()];
        let mut entries = self.covariance.iter();
        for i in 0..gain.len() {
            let mut sum = 0.0;
            let fi = row.get(i).copied().unwrap_or(0.0);
            for j in 0..=i {
                let c = entries.next().copied().map_or(0.0, f64::from);
                sum += c * row.get(j).copied().unwrap_or(0.0);
                if j < i
                    && let Some(slot) = gain.get_mut(j)
                {
                    *slot += c * fi;
                }
            }
            if let Some(slot) = gain.get_mut(i) {
                *slot += sum;
            }
        }
        (mean, gain)
    }

    /// The expected effects.
    #[must_use]
    pub fn effects(&self) -> &[f32] {
        &self.mean
    }

    /// Adds the visitor's effects to the shared posterior of the same
    /// coordinates, as independent of it.
    pub fn add_to(&self, view: &mut View) {
        for (to, &from) in view.mean.iter_mut().zip(&self.mean) {
            *to += f64::from(from);
        }
        let mut entries = self.covariance.iter();
        for i in 0..self.mean.len() {
            for (j, &value) in entries.by_ref().take(i + 1).enumerate() {
                view.covariance.add(i, j, f64::from(value));
                if j < i {
                    view.covariance.add(j, i, f64::from(value));
                }
            }
        }
    }

    /// Moves the layer by one observation: `gain` from [`UserLayer::project`],
    /// `error` the reward minus its prediction, `variance` that of the error.
    pub fn learn(&mut self, gain: &[f64], error: f64, variance: f64) {
        self.nudge(gain, error / variance);
        let mut entries = self.covariance.iter_mut();
        for (i, a) in gain.iter().enumerate() {
            for b in gain.iter().take(i + 1) {
                if let Some(slot) = entries.next() {
                    *slot = (f64::from(*slot) - a * b / variance) as f32;
                }
            }
        }
    }

    /// Moves only the mean, by `factor · gain`.
    pub fn nudge(&mut self, gain: &[f64], factor: f64) {
        for (m, g) in self.mean.iter_mut().zip(gain) {
            *m = (f64::from(*m) + g * factor) as f32;
        }
    }

    /// The layer that lies `share` of the way from this to another.
    #[must_use]
    pub fn towards(mut self, other: &Self, share: f64) -> Self {
        for (numbers, goals) in [
            (&mut self.mean, &other.mean),
            (&mut self.covariance, &other.covariance),
        ] {
            for (number, goal) in numbers.iter_mut().zip(goals) {
                let from = f64::from(*number);
                *number = (from + share * (f64::from(*goal) - from)) as f32;
            }
        }
        self
    }

    /// Appends the layer: four bytes a number.
    pub fn encode(&self, out: &mut Writer) {
        let mut bytes = Vec::new();
        for value in self.mean.iter().chain(&self.covariance) {
            bytes.extend(value.to_le_bytes());
        }
        out.bytes(&bytes);
    }

    /// Reads what [`UserLayer::encode`] wrote for `size` effects.
    ///
    /// # Errors
    /// `corrupt_model` for another size, a number that is not finite, or a
    /// negative variance.
    pub fn decode(size: usize, input: &mut Reader<'_>) -> Result<Self> {
        let bad = || unreadable("model", "a user layer");
        let (numbers, rest) = input.bytes()?.as_chunks::<4>();
        if numbers.len() != size + size * (size + 1) / 2 || !rest.is_empty() {
            return Err(bad());
        }
        let values: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if values.iter().any(|v| !v.is_finite()) {
            return Err(bad());
        }
        let (mean, covariance) = values.split_at(size);
        let mut at = 0;
        for i in 0..size {
            at += i;
            if covariance.get(at).is_none_or(|&v| v < 0.0) {
                return Err(bad());
            }
            at += 1;
        }
        Ok(Self {
            mean: mean.to_vec(),
            covariance: covariance.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_learns_towards_its_visitor_and_fits_200_bytes() {
        let mut layer = UserLayer::new(7, 0.09, 0.01);
        let row = [1.0, 1.2, -0.5, 0.0, 1.4, -1.2, 0.7];
        for _ in 0..50 {
            let (mean, gain) = layer.project(&row);
            let spread: f64 = row.iter().zip(&gain).map(|(f, g)| f * g).sum();
            layer.learn(&gain, 1.0 - mean, spread + 0.5);
        }
        assert!((layer.project(&row).0 - 1.0).abs() < 0.1);
        let mut out = Writer::default();
        layer.encode(&mut out);
        let bytes = out.into_bytes();
        assert!(bytes.len() <= 200, "{}", bytes.len());
        assert_eq!(
            UserLayer::decode(7, &mut Reader::new(&bytes)).unwrap(),
            layer
        );
        assert!(UserLayer::decode(9, &mut Reader::new(&bytes)).is_err());
    }
}
