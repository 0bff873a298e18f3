//! Statistics that evaluation and experiments share: streaming moments, 95 %
//! intervals, and confidence sequences that stay valid however often one looks.

use serde::Serialize;

/// The error rate of every interval, sequence and verdict: 5 %.
pub const ALPHA: f64 = 0.05;

/// The 97.5 % point of the standard normal distribution.
pub const Z: f64 = 1.959_963_984_540_054;

/// The 80 % point of the standard normal distribution: the power that plans aim at.
pub const Z_POWER: f64 = 0.841_621_233_572_914_3;

/// The sample size at which a confidence sequence is narrowest for its size.
/// It must not depend on the data, so it is one constant: at 200 and at
/// 2,000,000 the sequence is still within a factor 1.8 of its best.
const TUNED_AT: f64 = 5_000.0;

/// A range of values, `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// `centre ± half`.
    #[must_use]
    pub fn around(centre: f64, half: f64) -> Self {
        Self {
            low: centre - half,
            high: centre + half,
        }
    }

    /// Whether `value` lies inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// This range without what lies outside `low..=high`.
    #[must_use]
    pub fn within(self, low: f64, high: f64) -> Self {
        Self {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        }
    }
}

/// One number with what is known about its error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The value itself.
    pub value: f64,
    /// Its standard error, clustered where its source says so.
    pub standard_error: f64,
    /// 95 % interval: valid for one look at a size fixed beforehand.
    pub interval: Interval,
    /// 95 % confidence sequence: valid at all looks at once. Decide by this one.
    pub sequence: Interval,
}

impl Estimate {
    /// `value` with `standard_error` from `size` independent observations.
    #[must_use]
    pub fn new(value: f64, standard_error: f64, size: f64) -> Self {
        Self {
            value,
            standard_error,
            interval: Interval::around(value, Z * standard_error),
            sequence: Interval::around(value, sequence_factor(size) * standard_error),
        }
    }
}

/// How many standard errors an asymptotic confidence sequence reaches to each
/// side after `size` independent observations; infinite for none.
///
/// The normal-mixture boundary of Waudby-Smith, Arbour, Sinha, Kennedy and
/// Ramdas, "Time-uniform central limit theory and asymptotic confidence
/// sequences" (2021): √(2(tρ²+1)/(tρ²) · ln(√(tρ²+1)/α)), with their ρ that is
/// narrowest at a time fixed beforehand. Unlike an interval it covers at all
/// times at once, so that one may look daily and stop when one likes.
#[must_use]
pub fn sequence_factor(size: f64) -> f64 {
    if size <= 0.0 {
        return f64::INFINITY;
    }
    let spent = -2.0 * libm::log(ALPHA);
    let k = size / TUNED_AT * (spent + libm::log(spent + 1.0));
    (2.0 * (k + 1.0) / k * libm::log((k + 1.0).sqrt() / ALPHA)).sqrt()
}

/// Means, variances and covariances of vectors that arrive one by one, in
/// memory that does not grow (Welford 1962, in K dimensions).
#[derive(Clone, Debug, PartialEq)]
pub struct Moments<const K: usize> {
    count: u64,
    mean: [f64; K],
    /// Sums of products of deviations from the mean.
    spread: [[f64; K]; K],
}

impl<const K: usize> Default for Moments<K> {
    fn default() -> Self {
        Self {
            count: 0,
            mean: [0.0; K],
            spread: [[0.0; K]; K],
        }
    }
}

impl<const K: usize> Moments<K> {
    /// Takes one vector.
    pub fn add(&mut self, x: &[f64; K]) {
        self.count += 1;
        let n = self.count as f64;
        let mut before = *x;
        let mut after = *x;
        for ((b, a), m) in before.iter_mut().zip(&mut after).zip(&mut self.mean) {
            *b -= *m;
            *m += *b / n;
            *a -= *m;
        }
        for (row, b) in self.spread.iter_mut().zip(before) {
            for (cell, a) in row.iter_mut().zip(after) {
                *cell += b * a;
            }
        }
    }

    /// How many vectors were taken.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean vector; zeros before the first.
    #[must_use]
    pub const fn mean(&self) -> &[f64; K] {
        &self.mean
    }

    /// The moments of `rows · x`, had each vector x been turned into that.
    #[must_use]
    pub fn map<const L: usize>(&self, rows: &[[f64; K]; L]) -> Moments<L> {
        let dot = |a: &[f64; K], b: &[f64; K]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        Moments {
            count: self.count,
            mean: rows.map(|row| dot(&row, &self.mean)),
            spread: rows.map(|row| {
                let along = self.spread.map(|line| dot(&line, &row));
                rows.map(|other| dot(&other, &along))
            }),
        }
    }

    /// Takes what `other` took (Chan, Golub & LeVeque 1979).
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let mut apart = other.mean;
        for (a, mean) in apart.iter_mut().zip(&mut self.mean) {
            *a -= *mean;
            *mean += *a * m / (n + m);
        }
        let rows = self.spread.iter_mut().zip(&other.spread).zip(apart);
        for ((row, other), a) in rows {
            for ((cell, other), b) in row.iter_mut().zip(other).zip(apart) {
                *cell += other + a * b * (n * m / (n + m));
            }
        }
        self.count += other.count;
    }

    /// The standard error of `gradient · mean`, which by the delta method is
    /// that of any smooth function of the mean with this gradient; `None` for
    /// fewer than two vectors.
    #[must_use]
    pub fn standard_error(&self, gradient: &[f64; K]) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let mut sum = 0.0;
        for (row, g) in self.spread.iter().zip(gradient) {
            for (cell, h) in row.iter().zip(gradient) {
                sum += g * h * cell;
            }
        }
        let n = self.count as f64;
        Some((sum.max(0.0) / (n - 1.0) / n).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_agree_with_the_textbook_formulas() {
        let data = [[1.0, 4.0], [2.0, 1.0], [4.0, -3.0], [7.0, 2.5]];
        let mut moments = Moments::default();
        for x in &data {
            moments.add(x);
        }
        assert_eq!(moments.mean(), &[3.5, 1.125]);
        // sd of x + 2y over √4, by hand: values 9, 4, -2, 12; mean 5.75; SS 112.75.
        let expected = (112.75f64 / 3.0 / 4.0).sqrt();
        assert!((moments.standard_error(&[1.0, 2.0]).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn parts_that_are_turned_and_merged_are_the_whole_that_was_turned() {
        let turn = [[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]];
        let mut parts: [Moments<2>; 3] = std::array::from_fn(|_| Moments::default());
        let mut whole = Moments::default();
        for i in 0..50 {
            let x = [f64::from(i * i % 17), 0.25 * f64::from(i % 5)];
            // The last part stays empty.
            parts[i as usize % 2].add(&x);
            whole.add(&turn.map(|row: [f64; 2]| row[0] * x[0] + row[1] * x[1]));
        }
        let mut merged = Moments::default();
        for part in &parts {
            merged.merge(&part.map(&turn));
        }
        assert_eq!(merged.count(), 50);
        for gradient in [[1.0, 0.0, 0.0], [0.3, -1.0, 2.0]] {
            let [a, b] = [&merged, &whole].map(|m| m.standard_error(&gradient).unwrap());
            assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        }
        assert!((merged.mean()[1] - whole.mean()[1]).abs() < 1e-12);
    }

    #[test]
    fn one_vector_has_no_standard_error() {
        let mut moments = Moments::default();
        moments.add(&[1.0]);
        assert_eq!(moments.standard_error(&[1.0]), None);
    }

    #[test]
    fn moments_survive_a_large_offset() {
        let mut moments = Moments::default();
        for i in 0..1000 {
            moments.add(&[1e9 + f64::from(i % 2)]);
        }
        let expected = (0.25f64 * 1000.0 / 999.0 / 1000.0).sqrt();
        assert!((moments.standard_error(&[1.0]).unwrap() / expected - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_sequence_is_wider_than_the_interval_and_its_width_falls() {
        let mut last = f64::INFINITY;
        for size in [1.0, 10.0, 200.0, 5e3, 1e5, 2e6, 1e9] {
            let factor = sequence_factor(size);
            assert!(factor > Z);
            let width = factor / size.sqrt();
            assert!(width < last);
            last = width;
        }
        let best = sequence_factor(TUNED_AT);
        assert!((best - 3.035).abs() < 0.001, "{best}");
        assert!(sequence_factor(200.0) < 1.8 * best && sequence_factor(2e6) < 1.8 * best);
        assert_eq!(sequence_factor(0.0), f64::INFINITY);
    }
}
