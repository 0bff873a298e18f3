//! Whether a solved policy may take over: not if the log says that it would
//! earn less than the one that serves.

use std::collections::BTreeMap;

use moodloop::context::Context;
use moodloop::evaluate::{Compared, Gain, GainReport};
use moodloop::policy::Policy;

use crate::error::Result;

/// One rewarded pair of a decision that the agent drew here, with the
/// probability it was drawn with.
pub struct Drawn {
    /// The decision: pairs of one decision share a draw.
    pub decision_id: String,
    /// What was known.
    pub context: Context,
    /// What was drawn.
    pub action_index: usize,
    /// How likely it was.
    pub propensity: f64,
    /// What it earned, in reward units.
    pub reward: f64,
}

/// Both policies' view of one context.
struct Views {
    candidate: Vec<f64>,
    current: Vec<f64>,
    mean: Vec<f64>,
}

/// Compares two policies on what was drawn, doubly robust with the serving
/// policy's own expectations as the reward model. Visitors' layers, which both
/// would have, are left out of both.
///
/// # Errors
/// `corrupt_log` for a propensity that cannot be one.
pub fn gain(candidate: &Policy, current: &Policy, drawn: &[Drawn]) -> Result<GainReport> {
    let mut views: BTreeMap<String, Views> = BTreeMap::new();
    let mut sums = Gain::default();
    let mut last = "";
    for pair in drawn {
        let key = crate::store::to_json(&pair.context.named(current.config().extras()))?;
        let view = views.entry(key).or_insert_with(|| {
            let features = current.layout().features(&pair.context);
            Views {
                candidate: candidate.propensities(&pair.context, None, true),
                current: current.propensities(&pair.context, None, true),
                mean: current.predict(&features, None).mean,
            }
        });
        let at = |values: &[f64]| values.get(pair.action_index).copied().unwrap_or(0.0);
        let differences = view.candidate.iter().zip(&view.current);
        sums.push(&Compared {
            continues: pair.decision_id == last,
            propensity: pair.propensity,
            candidate: at(&view.candidate),
            current: at(&view.current),
            reward: pair.reward,
            q_chosen: at(&view.mean),
            q_gain: differences
                .zip(&view.mean)
                .map(|((new, old), mean)| (new - old) * mean)
                .sum(),
        })?;
        last = &pair.decision_id;
    }
    Ok(sums.report())
}

/// Whether the whole interval of the gain lies below zero.
#[must_use]
pub fn is_loss(report: &GainReport) -> bool {
    let gain = report.gain.as_ref();
    gain.is_some_and(|gain| gain.interval.high < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodloop::config::Config;
    use moodloop::context::{ContentType, TimeOfDay};
    use moodloop::evidence::Evidence;
    use moodloop::fold::observation;
    use moodloop::log::{Decision, Source};
    use moodloop::params::Mapping;

    /// A policy that has seen `good` rewarded and every other strategy punished.
    fn fond_of(good: usize) -> Policy {
        let mut policy = Policy::prior(Config::default(), Mapping::default()).unwrap();
        let mut evidence = Evidence::new(policy.layout());
        for strategy in policy.mapping().space().strategies() {
            let decision = Decision {
                decision_id: "d".into(),
                decided_at: 0,
                user_id: None,
                context: Context::neutral(ContentType::Music, TimeOfDay::Night),
                action_index: strategy,
                propensity: 1.0 / 27.0,
                source: Source::Agent,
                policy_version: 0,
                executed: true,
            };
            let reward = if strategy.index() == good {
                2000
            } else {
                -1000
            };
            for _ in 0..20 {
                evidence
                    .add(&observation(policy.layout(), &decision, reward))
                    .unwrap();
            }
        }
        policy.solve(&evidence, std::iter::empty()).unwrap();
        policy
    }

    /// A log of uniform draws in which only strategy 0 earns.
    fn log() -> Vec<Drawn> {
        (0..2700)
            .map(|i| Drawn {
                decision_id: format!("d{i}"),
                context: Context::neutral(ContentType::Music, TimeOfDay::Night),
                action_index: i % 27,
                propensity: 1.0 / 27.0,
                reward: if i % 27 == 0 { 2.0 } else { -1.0 },
            })
            .collect()
    }

    #[test]
    fn a_policy_that_would_lose_is_told_from_one_that_would_win() {
        let (right, wrong) = (fond_of(0), fond_of(26));
        assert!(is_loss(&gain(&wrong, &right, &log()).unwrap()));
        assert!(!is_loss(&gain(&right, &wrong, &log()).unwrap()));
        assert!(!is_loss(&gain(&right, &right, &log()).unwrap()));
    }

    #[test]
    fn without_a_log_nothing_is_refused() {
        assert!(!is_loss(&gain(&fond_of(26), &fond_of(0), &[]).unwrap()));
    }
}
