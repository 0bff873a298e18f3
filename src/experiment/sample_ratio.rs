//! Are the arms as large as the assignment makes them? If not, something
//! loses users of one arm, and no difference means anything.

use serde::Serialize;

use crate::error::{Code, Error, Result};

/// The chance of a false alarm over a whole experiment, however often checked.
const ALPHA: f64 = 0.001;
/// How many users' worth of belief in the expected share the alternative holds.
const CONCENTRATION: f64 = 100.0;

/// A stretch of time with one share on the agent, and the distinct users
/// first seen in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// Users on the agent.
    pub agent: u64,
    /// Users on the baseline, the holdout among them.
    pub baseline: u64,
    /// [`super::Assignment::expected_agent_share`] of that time, 0..=1.
    pub expected_agent_share: f64,
}

/// The result of the test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleRatio {
    /// Whether some phase's split cannot be chance.
    pub broken: bool,
    /// The phase that fits worst, unless there is none.
    pub worst: Option<Phase>,
    /// How many times likelier its split is under another share than under the
    /// expected one, as a natural logarithm.
    pub log_evidence: f64,
}

/// Tests every phase, oldest first.
///
/// The sequential multinomial test of Lindon and Malek, "Anytime-valid
/// inference for multinomial count data" (2022): a Bayes factor, which under
/// the expected share exceeds 1/α at any time with a chance of at most α. The
/// k-th phase is tested at α = 0.001/(k(k+1)), which adds up to 0.001 however
/// many phases come.
///
/// # Errors
/// `invalid_options` for an expected share outside 0..=1.
pub fn sample_ratio(phases: &[Phase]) -> Result<SampleRatio> {
    let mut result = SampleRatio {
        broken: false,
        worst: None,
        log_evidence: 0.0,
    };
    let mut least_room = f64::INFINITY;
    for (i, phase) in phases.iter().enumerate() {
        let share = phase.expected_agent_share;
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::new(
                Code::InvalidOptions,
                format!("`expected_agent_share` must be a number from 0 to 1, got `{share}`"),
            ));
        }
        let evidence = log_evidence(phase);
        let k = (i + 1) as f64;
        let room = libm::log(k * (k + 1.0) / ALPHA) - evidence;
        if room < least_room {
            least_room = room;
            result = SampleRatio {
                broken: room <= 0.0,
                worst: Some(*phase),
                log_evidence: evidence,
            };
        }
    }
    Ok(result)
}

fn log_evidence(phase: &Phase) -> f64 {
    let (n, m) = (phase.agent as f64, phase.baseline as f64);
    let p = phase.expected_agent_share;
    if p == 0.0 || p == 1.0 {
        // One arm must be empty: a single user there is proof.
        let strays = if p == 0.0 { n } else { m };
        return if strays > 0.0 { f64::MAX } else { 0.0 };
    }
    let (a, b) = (CONCENTRATION * p, CONCENTRATION * (1.0 - p));
    log_beta(a + n, b + m) - log_beta(a, b) - n * libm::log(p) - m * libm::log1p(-p)
}

fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(agent: u64, baseline: u64, expected_agent_share: f64) -> Phase {
        Phase {
            agent,
            baseline,
            expected_agent_share,
        }
    }

    #[test]
    fn fitting_splits_pass_and_losses_are_noticed() {
        let broken = |p: Phase| sample_ratio(&[p]).unwrap().broken;
        assert!(!broken(phase(0, 0, 0.5)));
        assert!(!broken(phase(5_040, 4_960, 0.5)));
        assert!(!broken(phase(98, 902, 0.1)));
        // The agent loses 12 % of its users.
        assert!(broken(phase(4_400, 5_000, 0.5)));
        // A share entered wrongly.
        assert!(broken(phase(500, 500, 0.1)));
        assert!(!broken(phase(700, 0, 1.0)));
        assert!(broken(phase(700, 1, 1.0)));
        assert!(broken(phase(1, 700, 0.0)));
    }

    #[test]
    fn evidence_agrees_with_a_sum_by_hand() {
        // Beta(50, 50): B(52, 51)/B(50, 50) = (50·51·50)/(100·101·102), against 1/8.
        let expected = libm::log(50.0 * 51.0 * 50.0 / (100.0 * 101.0 * 102.0) * 8.0);
        let got = log_evidence(&phase(2, 1, 0.5));
        assert!((got - expected).abs() < 1e-9, "{got} {expected}");
    }

    #[test]
    fn the_worst_phase_is_named_and_later_phases_need_more() {
        let bad = phase(4_400, 5_000, 0.5);
        let result = sample_ratio(&[phase(100, 900, 0.1), bad]).unwrap();
        assert_eq!((result.broken, result.worst), (true, Some(bad)));
        let nan = phase(1, 1, f64::NAN);
        assert_eq!(
            sample_ratio(&[nan]).unwrap_err().code(),
            Code::InvalidOptions
        );
        assert_eq!(sample_ratio(&[]).unwrap().worst, None);
    }
}
