//! A seeded stream of random numbers.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng as _;

/// Random numbers in the order they are asked for.
#[derive(Clone, Debug)]
pub struct Draws(Pcg64);

impl Draws {
    /// The stream `purpose` of `seed`.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(Pcg64::new(u128::from(seed), u128::from(purpose)))
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number in 0..n.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// Normal with mean 0 and deviation `sd` (Box & Muller 1958).
    pub fn normal(&mut self, sd: f64) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        sd * radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// `n` normal numbers.
    pub fn normals(&mut self, n: usize, sd: f64) -> Vec<f64> {
        (0..n).map(|_| self.normal(sd)).collect()
    }

    /// Cumulated shares of `n` habits, the more uneven the larger `spread`.
    pub fn habit(&mut self, n: usize, spread: f64) -> Vec<f64> {
        let weights: Vec<f64> = (0..n).map(|_| libm::exp(self.normal(spread))).collect();
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let cumulate = |w: f64| {
            sum += w / total;
            sum
        };
        weights.into_iter().map(cumulate).collect()
    }

    /// A draw from cumulated shares.
    pub fn pick(&mut self, shares: &[f64]) -> usize {
        let draw = self.uniform();
        let at = shares.partition_point(|&share| share <= draw);
        at.min(shares.len().saturating_sub(1))
    }
}
