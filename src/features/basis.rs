//! The contrasts of a strategy.

use crate::strategy::{ActionSpace, Strategy};

/// 1, mains, products of mains of two dimensions, each with mean square 1.
pub fn row(space: &ActionSpace, strategy: Strategy) -> Vec<f64> {
    let scale = [1.5f64.sqrt(), 0.5f64.sqrt()];
    let mains: Vec<f64> = space
        .contrasts(strategy)
        .into_iter()
        .zip(scale.into_iter().cycle())
        .map(|(c, s)| c as f64 * s)
        .collect();
    let mut row = vec![1.0];
    row.extend(&mains);
    let dimensions: Vec<&[f64]> = mains.chunks(2).collect();
    for (i, first) in dimensions.iter().enumerate() {
        for second in dimensions.iter().skip(i + 1) {
            row.extend(first.iter().flat_map(|a| second.iter().map(move |b| a * b)));
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_are_standardised_and_orthogonal() {
        let space = ActionSpace::default();
        let rows: Vec<Vec<f64>> = space.strategies().map(|s| row(&space, s)).collect();
        let n = rows.len() as f64;
        for j in 0..19 {
            for k in 0..19 {
                let dot: f64 = rows.iter().map(|h| h[j] * h[k]).sum();
                let want = f64::from(u8::from(j == k));
                assert!((dot / n - want).abs() < 1e-12, "{j} {k}: {dot}");
            }
        }
    }
}
