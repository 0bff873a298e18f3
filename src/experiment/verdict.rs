//! What an experiment says, in one word and in one sentence or two.

use serde::Serialize;

use super::comparison::{Comparison, Outcome};
use super::sample_ratio::SampleRatio;
use super::{Kind, Metric};

/// The one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The primary metric is better and no guardrail is worse.
    Better,
    /// The primary metric or a guardrail is worse.
    Worse,
    /// Nothing is shown yet, either way.
    NoDifferenceYet,
    /// The arms are not as large as they should be: nothing else counts.
    SampleRatioBroken,
    /// Too little to say anything about the primary metric.
    NotEnoughData,
}

/// An experiment's answer, with all that it rests on.
///
/// Each comparison alone errs in at most 5 % of experiments, for ever. Primary
/// metric, one guardrail and sample ratio together, looked at on each of 90
/// days, raised a false alarm in 4 % of 1,000 simulated experiments; every
/// further guardrail adds about 1 %.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The one word.
    pub decision: Decision,
    /// The same for people.
    pub sentence: String,
    /// The metric that the experiment is about.
    pub primary: Comparison,
    /// Metrics that must not get worse, such as the skip rate.
    pub guardrails: Vec<Comparison>,
    /// Whether the arms are as large as they should be.
    pub sample_ratio: SampleRatio,
}

impl Verdict {
    /// Draws the conclusion.
    #[must_use]
    pub fn new(
        primary: Comparison,
        guardrails: Vec<Comparison>,
        sample_ratio: SampleRatio,
    ) -> Self {
        let breached = guardrails.iter().find(|g| g.outcome == Outcome::Worse);
        let (decision, sentence) = if sample_ratio.broken {
            (Decision::SampleRatioBroken, broken_sentence(&sample_ratio))
        } else if let Some(guardrail) = breached {
            let sentence = format!(
                "The agent harms: its {}. Lower its share. {}",
                differs(guardrail, &ARMS),
                sentence(&primary, &ARMS)
            );
            (Decision::Worse, sentence)
        } else {
            let decision = match primary.outcome {
                Outcome::Better => Decision::Better,
                Outcome::Worse => Decision::Worse,
                Outcome::NoDifferenceYet => Decision::NoDifferenceYet,
                Outcome::NotEnoughData => Decision::NotEnoughData,
            };
            (decision, sentence(&primary, &ARMS))
        };
        Self {
            decision,
            sentence,
            primary,
            guardrails,
            sample_ratio,
        }
    }
}

fn broken_sentence(ratio: &SampleRatio) -> String {
    let counts = ratio.worst.map_or_else(String::new, |phase| {
        let all = phase.agent + phase.baseline;
        format!(
            ": {} of {all} users are on the agent where {:.0} are expected",
            phase.agent,
            all as f64 * phase.expected_agent_share
        )
    });
    format!(
        "The arms are not as large as they should be{counts}. Find out why before trusting any difference."
    )
}

/// How the two sides of a comparison are called.
struct Names {
    /// Before the metric.
    opening: &'static str,
    /// After "than".
    reference: &'static str,
    /// Where the units of each side are.
    sides: [&'static str; 2],
}

const ARMS: Names = Names {
    opening: "The agent's",
    reference: "the baseline's",
    sides: ["on the agent", "on the baseline"],
};
const TIMES: Names = Names {
    opening: "The",
    reference: "before",
    sides: ["after", "before"],
};

/// What a comparison of after, in the agent's place, with before shows, as a
/// sentence. It says that something changed, not what changed it.
#[must_use]
pub fn before_and_after(comparison: &Comparison) -> String {
    sentence(comparison, &TIMES)
}

/// What one comparison shows, as a sentence.
fn sentence(comparison: &Comparison, names: &Names) -> String {
    let words = comparison.definition.words;
    match (comparison.outcome, &comparison.difference) {
        (Outcome::Better | Outcome::Worse, Some(_)) => {
            format!("{} {}.", names.opening, differs(comparison, names))
        }
        (Outcome::NoDifferenceYet, Some(_)) => {
            format!(
                "No difference in {words} is shown yet: {}.",
                change(comparison)
            )
        }
        _ => format!(
            "Not enough data yet to compare the {words}: {} units {}, {} {}.",
            comparison.agent.units, names.sides[0], comparison.baseline.units, names.sides[1]
        ),
    }
}

/// "like rate is higher than the baseline's: 22.1 % against 20.0 %, +2.1 points (+1.0 to +3.2)".
fn differs(comparison: &Comparison, names: &Names) -> String {
    let metric = &comparison.definition;
    let higher = (comparison.outcome == Outcome::Better) == metric.more_is_better;
    format!(
        "{} is {} than {}: {} against {}, {}",
        metric.words,
        if higher { "higher" } else { "lower" },
        names.reference,
        level(metric, comparison.agent.mean),
        level(metric, comparison.baseline.mean),
        change(comparison)
    )
}

fn level(metric: &Metric, value: f64) -> String {
    match metric.kind {
        Kind::Rate => format!("{:.1} %", 100.0 * value),
        Kind::Mean => format!("{value:.3}"),
    }
}

/// The difference with its confidence sequence.
fn change(comparison: &Comparison) -> String {
    let Some(difference) = &comparison.difference else {
        return String::new();
    };
    let (value, range) = (difference.value, difference.sequence);
    match comparison.definition.kind {
        Kind::Rate => format!(
            "{:+.1} points ({:+.1} to {:+.1})",
            100.0 * value,
            100.0 * range.low,
            100.0 * range.high
        ),
        Kind::Mean => format!("{value:+.3} ({:+.3} to {:+.3})", range.low, range.high),
    }
}
