//! The posterior against references that share no code with it.

use moodloop::evidence::Evidence;
use moodloop::moments::{Explained, Moments};
use moodloop::posterior::{Posterior, row};
use moodloop::taste::Priors;

use crate::{Draws, layout};

/// Solves `m·x = v` for several right-hand sides by Gauss–Jordan elimination.
fn gauss(mut m: Vec<Vec<f64>>, mut v: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = m.len();
    for i in 0..n {
        let pivot = (i..n)
            .max_by(|&a, &b| m[a][i].abs().total_cmp(&m[b][i].abs()))
            .unwrap();
        m.swap(i, pivot);
        v.swap(i, pivot);
        let scale = 1.0 / m[i][i];
        m[i].iter_mut().chain(&mut v[i]).for_each(|x| *x *= scale);
        let (row, right) = (m[i].clone(), v[i].clone());
        for j in (0..n).filter(|&j| j != i) {
            let factor = m[j][i];
            if factor != 0.0 {
                m[j].iter_mut()
                    .zip(&row)
                    .for_each(|(x, r)| *x -= factor * r);
                v[j].iter_mut()
                    .zip(&right)
                    .for_each(|(x, r)| *x -= factor * r);
            }
        }
    }
    v
}

#[test]
fn solving_agrees_with_a_dense_reference() {
    let layout = layout();
    let all = Draws::new(5).observations(&layout, 400, 12, 3);
    let mut evidence = Evidence::new(&layout);
    let variances = Priors::default().variances(&layout);
    let n = variances.len();
    let noise = 0.8;
    let mut precision = vec![vec![0.0; n]; n];
    let mut right = vec![vec![0.0; 3]; n];
    // Besides the mean, two columns of the covariance.
    let probes = [3, n - 1];
    for i in 0..n {
        precision[i][i] = 1.0 / variances[i];
    }
    for (k, &p) in probes.iter().enumerate() {
        right[p][k + 1] = 1.0;
    }
    for (_, o) in &all {
        evidence.add(o).unwrap();
        let mut x = vec![0.0; n];
        for (i, value) in row(&layout, &o.features, o.action) {
            x[i] = value;
        }
        for i in 0..n {
            right[i][0] += x[i] * o.reward as f64 / 1000.0 / noise;
            for j in 0..n {
                precision[i][j] += x[i] * x[j] / noise;
            }
        }
    }
    let want = gauss(precision, right);
    let moments = Moments::gather(&layout, &evidence, &Explained::default(), &|_| 1.0);
    let got = Posterior::solve(&variances, noise, &moments).unwrap();
    for (i, want) in want.iter().enumerate() {
        assert!((got.mean[i] - want[0]).abs() < 1e-9, "mean {i}");
        for (&p, want) in probes.iter().zip(&want[1..]) {
            assert!(
                (got.covariance.at(i, p) - want).abs() < 1e-9,
                "covariance {i}"
            );
        }
    }
}

#[test]
fn ten_thousand_steps_agree_with_a_fresh_solve() {
    let layout = layout();
    let steps = if cfg!(debug_assertions) {
        1_000
    } else {
        10_000
    };
    let all = Draws::new(6).observations(&layout, steps, 50, 4);
    let variances = Priors::default().variances(&layout);
    let mut stepped = Posterior::prior(&variances, 0.9);
    let mut evidence = Evidence::new(&layout);
    for (_, o) in &all {
        evidence.add(o).unwrap();
        let row = row(&layout, &o.features, o.action);
        let (mut gain, spread) = stepped.project(&row);
        let error = o.reward as f64 / 1000.0 - stepped.value(&row);
        stepped.learn(&mut gain, error, spread + 0.9);
    }
    let moments = Moments::gather(&layout, &evidence, &Explained::default(), &|_| 1.0);
    let fresh = Posterior::solve(&variances, 0.9, &moments).unwrap();
    for i in 0..variances.len() {
        assert!((stepped.mean[i] - fresh.mean[i]).abs() < 1e-9, "mean {i}");
        for j in 0..=i {
            let difference = stepped.covariance.at(i, j) - fresh.covariance.at(i, j);
            assert!(difference.abs() < 1e-9, "covariance {i} {j}: {difference}");
        }
    }
}

#[test]
fn a_view_is_the_row_seen_from_one_context() {
    let layout = layout();
    let all = Draws::new(7).observations(&layout, 60, 5, 1);
    let mut evidence = Evidence::new(&layout);
    for (_, o) in &all {
        evidence.add(o).unwrap();
    }
    let variances = Priors::default().variances(&layout);
    let moments = Moments::gather(&layout, &evidence, &Explained::default(), &|_| 1.0);
    let posterior = Posterior::solve(&variances, 1.0, &moments).unwrap();
    let view = posterior.view(&layout, &all[0].1.features);
    for action in layout.space().strategies() {
        let row = row(&layout, &all[0].1.features, action);
        let (mean, variance) = view.value(layout.basis(action));
        assert!((mean - posterior.value(&row)).abs() < 1e-12);
        assert!((variance - posterior.project(&row).1).abs() < 1e-12);
    }
}
