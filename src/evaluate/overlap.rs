//! Whether a log can tell anything about a policy: how the importance weights
//! are spread.

use serde::Serialize;

/// Below this many effective decisions nothing is estimated.
const LEAST_EFFECTIVE: f64 = 30.0;
/// How far the mean weight may be from 1 beyond its noise.
const MEAN_TOLERANCE: f64 = 0.1;
/// The effective share of the decisions below which overlap counts as poor.
const POOR_SHARE: f64 = 0.1;
/// The share of all weight that one decision may carry before it is a warning.
const DOMINANT: f64 = 0.05;

/// Something to know about a result: a stable word and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// For programs.
    pub code: &'static str,
    /// For people; its wording may change.
    pub message: String,
}

impl Finding {
    pub(super) fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

/// Importance weights (target probability over propensity), one per decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Weights {
    decisions: u64,
    sum: f64,
    squares: f64,
    largest: f64,
}

/// The spread of the weights, as data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// How many decisions the log holds.
    pub decisions: u64,
    /// (Σw)²/Σw²: how many decisions drawn by the target itself would tell as much.
    pub effective_sample_size: f64,
    /// The mean weight; 1 in expectation when the log could show everything
    /// that the target would do.
    pub mean_weight: f64,
    /// The standard error of the mean weight; infinite for fewer than two decisions.
    #[serde(skip)]
    pub mean_weight_error: f64,
    /// The largest weight.
    pub largest_weight: f64,
    /// The largest weight's share of the sum of all.
    pub largest_share: f64,
}

impl Weights {
    /// Takes the weight of one decision.
    pub fn add(&mut self, weight: f64) {
        self.decisions += 1;
        self.sum += weight;
        self.squares += weight * weight;
        self.largest = self.largest.max(weight);
    }

    /// The spread so far.
    #[must_use]
    pub fn overlap(&self) -> Overlap {
        let n = self.decisions as f64;
        let part = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        let mean = part(self.sum, n);
        Overlap {
            decisions: self.decisions,
            effective_sample_size: part(self.sum * self.sum, self.squares),
            mean_weight: mean,
            mean_weight_error: if self.decisions < 2 {
                f64::INFINITY
            } else {
                ((self.squares / n - mean * mean).max(0.0) / (n - 1.0)).sqrt()
            },
            largest_weight: self.largest,
            largest_share: part(self.largest, self.sum),
        }
    }
}

impl Overlap {
    /// Why nothing can be said, if so: `not_enough_decisions`, `no_overlap` or
    /// `wrong_propensities`.
    #[must_use]
    pub fn refusal(&self) -> Option<Finding> {
        // Weights are skewed, so that a low mean comes with a standard error too small.
        let slack = 4.0 * self.mean_weight_error + MEAN_TOLERANCE;
        if (self.decisions as f64) < LEAST_EFFECTIVE {
            Some(Finding::new(
                "not_enough_decisions",
                format!(
                    "the log holds {} decisions; at least {LEAST_EFFECTIVE} are needed",
                    self.decisions
                ),
            ))
        } else if self.effective_sample_size < LEAST_EFFECTIVE {
            Some(Finding::new(
                "no_overlap",
                format!(
                    "the log tells as much as {:.1} decisions of this policy; at least {LEAST_EFFECTIVE} are needed",
                    self.effective_sample_size
                ),
            ))
        } else if self.mean_weight < 1.0 - slack {
            Some(Finding::new(
                "no_overlap",
                format!(
                    "the mean weight is {:.3} where 1 is expected: about {:.0} % of what this policy would do, the log can never show",
                    self.mean_weight,
                    100.0 * (1.0 - self.mean_weight)
                ),
            ))
        } else if self.mean_weight > 1.0 + slack {
            Some(Finding::new(
                "wrong_propensities",
                format!(
                    "the mean weight is {:.3} where 1 is expected: the logged propensities are too small to be true, or this policy has learned from this very log",
                    self.mean_weight
                ),
            ))
        } else {
            None
        }
    }

    /// Where overlap is poor: `small_effective_sample`, `dominant_weight`,
    /// `mean_weight_off`.
    #[must_use]
    pub fn warnings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let share = self.effective_sample_size / (self.decisions.max(1)) as f64;
        if share < POOR_SHARE {
            found.push(Finding::new(
                "small_effective_sample",
                format!(
                    "{} decisions tell as much as {:.1} of this policy's own ({:.1} %)",
                    self.decisions,
                    self.effective_sample_size,
                    100.0 * share
                ),
            ));
        }
        if self.largest_share > DOMINANT {
            found.push(Finding::new(
                "dominant_weight",
                format!(
                    "one decision carries {:.0} % of all weight (its weight is {:.1})",
                    100.0 * self.largest_share,
                    self.largest_weight
                ),
            ));
        }
        let off = (self.mean_weight - 1.0).abs();
        if off > MEAN_TOLERANCE || off > 3.0 * self.mean_weight_error + 1e-9 {
            found.push(Finding::new(
                "mean_weight_off",
                format!(
                    "the mean weight is {:.3}, not 1: propensities are wrong, or this policy does what the log hardly shows",
                    self.mean_weight
                ),
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(weights: impl IntoIterator<Item = f64>) -> Overlap {
        let mut sums = Weights::default();
        for w in weights {
            sums.add(w);
        }
        sums.overlap()
    }

    fn codes(overlap: &Overlap) -> Vec<&'static str> {
        overlap.warnings().iter().map(|f| f.code).collect()
    }

    #[test]
    fn the_same_policy_overlaps_wholly() {
        let overlap = of(vec![1.0; 1000]);
        assert_eq!(overlap.effective_sample_size, 1000.0);
        assert_eq!(overlap.refusal(), None);
        assert_eq!(overlap.warnings(), vec![]);
    }

    #[test]
    fn poor_overlap_is_said() {
        // A fixed strategy against a uniform log of 27.
        let overlap = of((0..2700).map(|i| if i % 27 == 0 { 27.0 } else { 0.0 }));
        assert_eq!(overlap.refusal(), None);
        assert_eq!(codes(&overlap), ["small_effective_sample"]);
        let overlap = of((0..1000).map(|i| if i == 0 { 100.0 } else { 0.9 }));
        assert_eq!(
            codes(&overlap),
            ["small_effective_sample", "dominant_weight"]
        );
    }

    #[test]
    fn absent_overlap_is_refused() {
        let refused = |o: Overlap| o.refusal().map(|f| f.code);
        assert_eq!(refused(of([])), Some("not_enough_decisions"));
        assert_eq!(refused(of(vec![1.0; 29])), Some("not_enough_decisions"));
        assert_eq!(refused(of(vec![0.0; 1000])), Some("no_overlap"));
        // One weight of 21,739, as in the women's campaign of Open Bandit.
        let one = of((0..10_000).map(|i| if i == 0 { 21_739.0 } else { 0.9 }));
        assert_eq!(refused(one), Some("no_overlap"));
        // Half of what the target does is never logged.
        assert_eq!(refused(of(vec![0.5; 1000])), Some("no_overlap"));
        assert_eq!(refused(of(vec![3.0; 1000])), Some("wrong_propensities"));
    }
}
