//! Experiments: who is on the agent, whether it helps, and what to say about it.
//!
//! [`Assignment`] splits users by hash; [`sample_ratio`] checks that the split
//! is what it should be; [`compare`] sets the arms' daily [`Tally`]s against
//! each other; [`Plan`] says beforehand how long that will take; and
//! [`Verdict`] puts the answer in words. Everything that is looked at daily
//! stays valid when looked at daily.

mod assignment;
mod comparison;
mod plan;
mod sample_ratio;
mod study;
mod tally;
mod verdict;

pub use assignment::{Arm, Assignment};
pub use comparison::{Comparison, Outcome, Side, compare};
pub use plan::Plan;
pub use sample_ratio::{Phase, SampleRatio, sample_ratio};
pub use study::{Study, Trial};
pub use tally::{Clusters, Day, Tally, UserSums};
pub use verdict::{Decision, Verdict, before_and_after};

use serde::Serialize;

/// How a metric's units vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Each unit is 0 or 1.
    Rate,
    /// Each unit is any number.
    Mean,
}

/// Something that an experiment measures, per unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name on the wire.
    pub name: &'static str,
    /// The name in sentences.
    pub words: &'static str,
    /// How its units vary.
    pub kind: Kind,
    /// Whether more of it is better.
    pub more_is_better: bool,
}

/// What a site measures, the usual primary metric first. The skip rate is the
/// guardrail: it must not rise.
pub const METRICS: [Metric; 4] = [
    Metric {
        name: "like_rate",
        words: "like rate",
        kind: Kind::Rate,
        more_is_better: true,
    },
    Metric {
        name: "completion_rate",
        words: "completion rate",
        kind: Kind::Rate,
        more_is_better: true,
    },
    Metric {
        name: "skip_rate",
        words: "skip rate",
        kind: Kind::Rate,
        more_is_better: false,
    },
    Metric {
        name: "mean_reward",
        words: "mean reward",
        kind: Kind::Mean,
        more_is_better: true,
    },
];
