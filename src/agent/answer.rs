//! What the agent answers, as data.

use crate::policy::Choice;
use crate::q_table::{Cell, State};
use crate::value::written;

/// What [`super::Agent::decide`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Names this decision in feedback.
    pub decision_id: String,
    /// When it was taken, in milliseconds since 1970 or on the nominal clock.
    pub decided_at: i64,
    /// The policy that took it; 0 is the prior.
    pub policy_version: u64,
    /// What was chosen.
    pub choice: Choice,
    /// Why, in one sentence.
    pub reasoning: String,
}

written!(Decided { decision_id, decided_at, policy_version, ..choice, reasoning });

/// What [`super::Agent::learn`] gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// The pair's reward as it now stands, in reward units.
    pub reward: f64,
    /// Whether it replaced an earlier reward of the same pair.
    pub revised: bool,
    /// Whether this report was known already, or changed nothing.
    pub repeated: bool,
}

written!(Learned {
    reward,
    revised,
    repeated
});

/// One state of the Q-table in words.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The discretised context.
    pub state: State,
    /// What was seen there, by strategy.
    pub cells: Vec<TableCell>,
}

written!(TableRow { state, cells });

/// One cell of the Q-table in words.
#[derive(Clone, Debug, PartialEq)]
pub struct TableCell {
    /// The strategy's name.
    pub strategy: String,
    /// Its value and visits.
    pub cell: Cell,
}

written!(TableCell { strategy, ..cell });

/// Values of all strategies in one context, in index order.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Posterior means, in reward units.
    pub mean: Vec<f64>,
    /// Posterior standard deviations, in reward units.
    pub sd: Vec<f64>,
    /// The probabilities with which each would be chosen now.
    pub propensities: Vec<f64>,
}

written!(Values {
    mean,
    sd,
    propensities
});
