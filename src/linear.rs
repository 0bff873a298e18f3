//! Small dense linear algebra with a fixed order of summation: the same bits on
//! every target (no fused operations, lanes added in a fixed tree).

#![allow(
    clippy::indexing_slicing,
    reason = "every index is below the size the matrix was made with"
)]

use crate::error::{Code, Error, Result};

/// How many partial sums a dot product keeps, so that it can use vector units.
const LANES: usize = 8;

/// The dot product of the common prefix of two slices.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut lanes = [0.0; LANES];
    let (mut ca, mut cb) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (x, y) in ca.by_ref().zip(cb.by_ref()) {
        for l in 0..LANES {
            lanes[l] += x[l] * y[l];
        }
    }
    let mut rest = 0.0;
    for (x, y) in ca.remainder().iter().zip(cb.remainder()) {
        rest += x * y;
    }
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
        + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
        + rest
}

/// Adds `factor · source` to `target`, entry by entry.
pub fn add_scaled(target: &mut [f64], factor: f64, source: &[f64]) {
    for (t, s) in target.iter_mut().zip(source) {
        *t += factor * s;
    }
}

/// The sum of some rows of a matrix that is `width` wide, each times a factor.
#[must_use]
pub fn combine(matrix: &[f64], width: usize, terms: &[(usize, f64)]) -> Vec<f64> {
    let row = |i: usize| &matrix[i * width..(i + 1) * width];
    let mut sum = vec![0.0; width];
    let (fours, rest) = terms.as_chunks::<4>();
    for &[(i, a), (j, b), (k, c), (l, d)] in fours {
        let rows = row(j).iter().zip(row(k)).zip(row(l));
        for (to, (i, ((j, k), l))) in sum.iter_mut().zip(row(i).iter().zip(rows)) {
            *to += (a * i + b * j) + (c * k + d * l);
        }
    }
    for &(i, factor) in rest {
        add_scaled(&mut sum, factor, row(i));
    }
    sum
}

/// A square matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Square {
    size: usize,
    data: Vec<f64>,
}

impl Square {
    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(size: usize) -> Self {
        Self {
            size,
            data: vec![0.0; size * size],
        }
    }

    /// Rows and columns.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Row `i`.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.size..(i + 1) * self.size]
    }

    /// Row `i`, to change.
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.data[i * self.size..(i + 1) * self.size]
    }

    /// The entry in row `i`, column `j`.
    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.size + j]
    }

    /// Sets the entry in row `i`, column `j`.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.size + j] = value;
    }

    /// Adds to the entry in row `i`, column `j`.
    pub fn add(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.size + j] += value;
    }

    /// Subtracts `k·kᵀ`; a symmetric matrix stays exactly symmetric.
    pub fn subtract_outer(&mut self, k: &[f64]) {
        let n = self.size;
        // Four rows at a time: `k` is then loaded once for all of them.
        let mut first = 0;
        for rows in self.data.chunks_mut(4 * n.max(1)) {
            let factor = |i: usize| k.get(first + i).copied().unwrap_or(0.0);
            let factors = [factor(0), factor(1), factor(2), factor(3)];
            first += 4;
            if factors == [0.0; 4] {
                continue;
            }
            if rows.len() == 4 * n {
                let (upper, lower) = rows.split_at_mut(2 * n);
                let ((a, b), (c, d)) = (upper.split_at_mut(n), lower.split_at_mut(n));
                let rest = b.iter_mut().zip(c).zip(d).zip(k);
                for (a, (((b, c), d), k)) in a.iter_mut().zip(rest) {
                    *a -= factors[0] * k;
                    *b -= factors[1] * k;
                    *c -= factors[2] * k;
                    *d -= factors[3] * k;
                }
            } else {
                for (row, factor) in rows.chunks_mut(n).zip(factors) {
                    add_scaled(row, -factor, k);
                }
            }
        }
    }

    /// The sum of rows, each times a factor.
    #[must_use]
    pub fn combine(&self, terms: &[(usize, f64)]) -> Vec<f64> {
        combine(&self.data, self.size, terms)
    }

    /// Multiplies by a vector of as many entries.
    #[must_use]
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        (0..self.size).map(|i| dot(self.row(i), v)).collect()
    }
}

/// The Cholesky factor `L` of a symmetric positive definite matrix `L·Lᵀ`.
#[derive(Clone, Debug)]
pub struct Cholesky(Square);

impl Cholesky {
    /// Factors `matrix`, of which only the lower triangle is read.
    ///
    /// # Errors
    /// `corrupt_model` when it is not positive definite or not finite.
    pub fn new(mut matrix: Square) -> Result<Self> {
        let n = matrix.size;
        for i in 0..n {
            let (above, rest) = matrix.data.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..j * n + j + 1];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let square = row[i] - dot(&row[..i], &row[..i]);
            if !(square > 0.0 && square.is_finite()) {
                return Err(Error::new(
                    Code::CorruptModel,
                    "the evidence cannot be solved: it is no sum of observations",
                ));
            }
            row[i] = square.sqrt();
            row[i + 1..].fill(0.0);
        }
        Ok(Self(matrix))
    }

    /// The natural logarithm of the determinant of the factored matrix.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        let mut sum = 0.0;
        for i in 0..self.0.size {
            sum += libm::log(self.0.at(i, i));
        }
        2.0 * sum
    }

    /// Solves `L·y = v`.
    #[must_use]
    pub fn forward(&self, v: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.0.size];
        for i in 0..self.0.size {
            let row = self.0.row(i);
            y[i] = (v[i] - dot(&row[..i], &y[..i])) / row[i];
        }
        y
    }

    /// Solves `L·Lᵀ·x = v`.
    #[must_use]
    pub fn solve(&self, v: &[f64]) -> Vec<f64> {
        let mut x = self.forward(v);
        for i in (0..self.0.size).rev() {
            let row = self.0.row(i);
            x[i] /= row[i];
            let value = x[i];
            add_scaled(&mut x[..i], -value, &row[..i]);
        }
        x
    }

    /// The inverse of the factored matrix, exactly symmetric.
    #[must_use]
    pub fn inverse(&self) -> Square {
        let n = self.0.size;
        // Row j holds column j of the inverse of L, so that all dots are contiguous.
        let mut columns = Square::zeros(n);
        for j in 0..n {
            let column = columns.row_mut(j);
            column[j] = 1.0 / self.0.at(j, j);
            for i in j + 1..n {
                let row = self.0.row(i);
                column[i] = -dot(&row[j..i], &column[j..i]) / row[i];
            }
        }
        let mut inverse = Square::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                let value = dot(&columns.row(i)[i..], &columns.row(j)[i..]);
                inverse.set(i, j, value);
                inverse.set(j, i, value);
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(n: usize) -> Square {
        let mut m = Square::zeros(n);
        for i in 0..n {
            for j in 0..n {
                let value = 1.0 / (1.0 + i.abs_diff(j) as f64);
                m.set(i, j, value + if i == j { 1.0 } else { 0.0 });
            }
        }
        m
    }

    #[test]
    fn the_inverse_times_the_matrix_is_one() {
        let m = sample(37);
        let inverse = Cholesky::new(m.clone()).unwrap().inverse();
        for i in 0..37 {
            let column: Vec<f64> = (0..37).map(|k| inverse.at(k, i)).collect();
            for (j, value) in m.times(&column).into_iter().enumerate() {
                let want = f64::from(u8::from(i == j));
                assert!((value - want).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn solving_and_determinant_agree_with_the_inverse() {
        let m = sample(5);
        let factor = Cholesky::new(m.clone()).unwrap();
        let v = [1.0, -2.0, 3.0, 0.5, 0.0];
        let back = m.times(&factor.solve(&v));
        for (a, b) in back.iter().zip(v) {
            assert!((a - b).abs() < 1e-12);
        }
        let mut one = Square::zeros(1);
        one.set(0, 0, 9.0);
        let log = Cholesky::new(one).unwrap().log_determinant();
        assert!((log - libm::log(9.0)).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        let mut m = sample(3);
        m.set(2, 2, -1.0);
        assert_eq!(Cholesky::new(m).unwrap_err().code(), Code::CorruptModel);
        let mut m = sample(3);
        m.set(1, 1, f64::NAN);
        assert!(Cholesky::new(m).is_err());
    }
}
