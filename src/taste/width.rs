//! How far visitors' own tastes lie apart: a width between those that were tried.

use crate::user_layer::UserLayer;

/// A prior width of the visitors' layers, by its place among the candidates
/// ([`user_sds`](super::TasteConfig::user_sds)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Width {
    /// The position of the candidate below it.
    pub(super) below: usize,
    /// How far from that towards the next, 0 to 1, by their logarithms.
    pub(super) share: f64,
}

impl Width {
    /// The place of `sd` among ascending candidates; beyond them, at the last.
    pub(super) fn of(sds: &[f64], sd: f64) -> Self {
        for (below, pair) in sds.windows(2).enumerate() {
            if let [narrow, wide] = pair
                && sd < *wide
            {
                let share = libm::log(sd / narrow) / libm::log(wide / narrow);
                return Self {
                    below,
                    share: share.max(0.0),
                };
            }
        }
        Self {
            below: sds.len().saturating_sub(1),
            share: 0.0,
        }
    }

    /// A visitor's layer under this width, from those under the candidates, by their
    /// positions.
    pub fn layer<'a>(self, tried: impl Fn(usize) -> Option<&'a UserLayer>) -> Option<UserLayer> {
        let narrow = tried(self.below)?.clone();
        if self.share == 0.0 {
            return Some(narrow);
        }
        Some(narrow.towards(tried(self.below + 1)?, self.share))
    }
}

/// The width that predicts visitors best, from the log-likelihoods of the candidates.
///
/// The best candidate alone would change from one to the next with a few visitors'
/// word, and everybody's layers with it. So the best one and its neighbours give the
/// curve that the likelihood of a variance `v` follows where all visitors tell as
/// much of themselves: h·(s·u / (1 + u) − ln(1 + u)) / 2 with u = v·information,
/// which is highest at u = s − 1. `information` is what a visitor's visits tell of
/// one of their contrasts, as a precision.
pub(super) fn best(sds: &[f64], likelihoods: &[f64], information: f64) -> Option<f64> {
    let (mut at, mut top) = (0, f64::NEG_INFINITY);
    for (i, &likelihood) in likelihoods.iter().enumerate() {
        if likelihood > top {
            (at, top) = (i, likelihood);
        }
    }
    let best = sds.get(at).copied();
    let first = at.saturating_sub(1).min(sds.len().saturating_sub(3));
    let three = first..first + 3;
    let (Some([a, b, c]), Some([at_a, at_b, at_c])) =
        (sds.get(three.clone()), likelihoods.get(three))
    else {
        return best;
    };
    let point = |sd: &f64, likelihood: &f64| {
        let u = sd * sd * information;
        (u, u / (1.0 + u), -libm::log(1.0 + u), *likelihood)
    };
    let (a, b, c) = (point(a, at_a), point(b, at_b), point(c, at_c));
    // left = h·(s·gain + cost), right alike: two equations for h and h·s, here times
    // their determinant, which is positive.
    let (gain, cost, left) = (b.1 - a.1, b.2 - a.2, b.3 - a.3);
    let (gain_on, cost_on, right) = (c.1 - b.1, c.2 - b.2, c.3 - b.3);
    let height = left * gain_on - right * gain;
    let u = (cost * right - cost_on * left) / height - 1.0;
    if height > 0.0 && u.is_finite() {
        Some((u.max(a.0).min(c.0) / information).sqrt())
    } else {
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDS: [f64; 3] = [0.02, 0.1, 0.25];

    /// The log-likelihoods of a crowd whose tastes really lie `sd` apart.
    fn likelihoods(sd: f64, information: f64) -> Vec<f64> {
        let s = 1.0 + sd * sd * information;
        let curve = |sd: &f64| {
            let u = sd * sd * information;
            400.0 * (s * u / (1.0 + u) - libm::log(1.0 + u)) - 7.0
        };
        SDS.iter().map(curve).collect()
    }

    #[test]
    fn a_width_between_the_candidates_is_found() {
        for sd in [0.02, 0.03, 0.06, 0.1, 0.17, 0.24, 0.25] {
            for information in [2.0, 15.0, 70.0] {
                let found = best(&SDS, &likelihoods(sd, information), information).unwrap();
                assert!((found - sd).abs() < 1e-6, "{found} for {sd}, {information}");
            }
        }
    }

    #[test]
    fn beyond_the_candidates_it_is_the_last_one() {
        for (sd, last) in [(0.001, 0.02), (0.9, 0.25)] {
            let found = best(&SDS, &likelihoods(sd, 50.0), 50.0).unwrap();
            assert!((found - last).abs() < 1e-12, "{found} for {sd}");
        }
    }

    #[test]
    fn where_no_curve_fits_it_is_the_best_candidate() {
        assert_eq!(best(&SDS, &[0.0, -50.0, 1.0], 50.0), Some(0.25));
        assert_eq!(
            best(&SDS, &[0.0, 0.0, 0.0], 0.0).map(f64::is_finite),
            Some(true)
        );
        assert_eq!(best(&[0.1, 0.3], &[2.0, 1.0], 50.0), Some(0.1));
        assert_eq!(best(&[0.1], &[2.0], 50.0), Some(0.1));
    }

    #[test]
    fn a_layer_under_a_width_lies_between_those_under_its_neighbours() {
        let tried = SDS.map(|sd| UserLayer::new(1, sd * sd, 0.0));
        for (sd, below, share) in [(0.02, 0, 0.0), (0.1, 1, 0.0), (0.25, 2, 0.0), (9.0, 2, 0.0)] {
            let width = Width::of(&SDS, sd);
            assert_eq!(width, Width { below, share });
            assert_eq!(width.layer(|i| tried.get(i)).as_ref(), tried.get(below));
        }
        let width = Width::of(&SDS, 0.1581);
        assert_eq!(width.below, 1);
        assert!((width.share - 0.5).abs() < 1e-3, "{width:?}");
        let variance = width.layer(|i| tried.get(i)).unwrap().project(&[1.0]).1[0];
        assert!(variance > 0.01 && variance < 0.0625, "{variance}");
        assert_eq!(width.layer(|i| tried.get(i).filter(|_| i < 2)), None);
    }
}
