//! Randomness that was handed in: one seed, drawn from at a counted position.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng as _;

use crate::codec::hash;

/// What a draw is for. Purposes draw from streams of their own, so that one
/// ranking more does not change the next decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Making an id, two draws an id.
    Id = 2,
    /// Choosing exploration slots when items are ranked.
    Rank = 3,
}

/// The `position`-th uniform number in [0, 1) of `seed` for `purpose` (PCG
/// XSL RR 128/64, O'Neill 2014), 53 bits fine.
///
/// A pure function: the state of an agent's randomness is its seed and a count.
#[must_use]
pub fn uniform(seed: u64, purpose: Purpose, position: u64) -> f64 {
    unit(bits(seed, purpose, position))
}

/// A uniform number in [0, 1) that belongs to `id` under `seed`.
///
/// A decision is drawn with the number of its id: no state has to be kept, so
/// that two tabs, or a tab and its restored snapshot, never repeat a draw.
#[must_use]
pub fn uniform_of(seed: u64, id: &str) -> f64 {
    unit(hash(id.as_bytes(), seed))
}

/// The upper 53 of 64 random bits as a number in [0, 1).
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// The `position`-th 64 random bits of `seed` for `purpose`.
#[must_use]
pub fn bits(seed: u64, purpose: Purpose, position: u64) -> u64 {
    let mut stream = Pcg64::new(u128::from(seed), purpose as u128);
    stream.advance(u128::from(position));
    stream.next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_and_streams_differ() {
        let n = 20_000;
        let mean = (0..n).map(|i| uniform(7, Purpose::Rank, i)).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        assert_ne!(bits(7, Purpose::Id, 0), bits(7, Purpose::Rank, 0));
        assert_ne!(bits(7, Purpose::Id, 0), bits(8, Purpose::Id, 0));
    }

    #[test]
    fn draws_by_id_are_uniform() {
        let mut tenths = [0; 10];
        for i in 0..20_000 {
            tenths[(uniform_of(7, &format!("d{i}")) * 10.0) as usize] += 1;
        }
        // χ² with 9 degrees of freedom: 27.9 is exceeded once in a thousand.
        let chi: f64 = tenths
            .iter()
            .map(|&n| f64::from(n - 2000) * f64::from(n - 2000) / 2000.0)
            .sum();
        assert!(chi < 27.9, "{chi}");
    }
}
