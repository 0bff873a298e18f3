//! Why a decision was taken, as data and in one plain sentence.

use crate::context::Context;
use crate::log::Decision;
use crate::policy::{Choice, Policy};
use crate::propensity::best;
use crate::q_table::{Cell, State, StateKey};
use crate::strategy::Strategy;
use crate::taste;
use crate::text::{fixed, join, number, replaced};
use crate::value::written;

/// How many parts of a difference a sentence names.
const REASONS: usize = 3;

/// Why one decision was taken, by what the agent knows now.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The decision's id.
    pub decision_id: String,
    /// The chosen strategy's name.
    pub strategy: String,
    /// The probability with which it was chosen.
    pub propensity: f64,
    /// What made it differ from the average strategy, in reward units.
    pub difference: taste::Explanation,
    /// What the Q-table has seen in this very situation.
    pub seen: Seen,
    /// The part that exploration played.
    pub exploration: Exploration,
    /// All of it in one sentence.
    pub sentence: String,
}

written!(Explanation {
    decision_id,
    strategy,
    propensity,
    difference,
    seen,
    exploration,
    sentence
});

/// The Q-table's view of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The discretised context.
    pub state: State,
    /// Rewards seen in this state, over all strategies.
    pub visits: u32,
    /// Value and visits of the chosen strategy in this state.
    pub chosen: Cell,
}

written!(Seen {
    state,
    visits,
    chosen
});

/// How much of a choice was curiosity.
#[derive(Clone, Debug, PartialEq)]
pub struct Exploration {
    /// The strategy with the best expected reward here.
    pub best_strategy: String,
    /// What the choice was expected to give up against it, in reward units.
    pub given_up: f64,
    /// Whether the choice was another than the best.
    pub explored: bool,
}

written!(Exploration {
    best_strategy,
    given_up,
    explored
});

/// Explains `decision` by what `policy` knows.
#[must_use]
pub fn explain(policy: &Policy, decision: &Decision) -> Explanation {
    let space = policy.mapping().space();
    let user = decision.user_id.as_deref();
    let features = policy.layout().features(&decision.context);
    let difference = policy.taste.explain(&features, user, decision.action_index);
    let exploration = exploration(policy, &decision.context, user, decision.action_index);
    let state = StateKey::of(&decision.context);
    let mut visits = 0;
    let mut chosen = Cell::default();
    for (strategy, cell) in policy.q_table.cells(state) {
        visits += cell.visits;
        if strategy == decision.action_index {
            chosen = cell;
        }
    }
    let strategy = space.name(decision.action_index);
    let sentence = sentence(&strategy, &difference, &exploration, visits);
    Explanation {
        decision_id: decision.decision_id.clone(),
        strategy,
        propensity: decision.propensity,
        difference,
        seen: Seen {
            state: state.describe(&policy.config().extras),
            visits,
            chosen,
        },
        exploration,
        sentence,
    }
}

fn exploration(
    policy: &Policy,
    context: &Context,
    user: Option<&str>,
    chosen: Strategy,
) -> Exploration {
    let prediction = policy.predict(&policy.layout().features(context), user);
    let top = best(&prediction.mean);
    let mean = |index: usize| prediction.mean.get(index).copied().unwrap_or(0.0);
    let space = policy.mapping().space();
    Exploration {
        best_strategy: space.name(space.get(top).unwrap_or_default()),
        given_up: mean(top) - mean(chosen.index()),
        explored: top != chosen.index(),
    }
}

fn sentence(
    strategy: &str,
    difference: &taste::Explanation,
    exploration: &Exploration,
    visits: u32,
) -> String {
    let words = spoken(strategy);
    let sign = if difference.total < 0.0 {
        "worse"
    } else {
        "better"
    };
    let reasons = reasons(difference);
    let because = if reasons.is_empty() {
        "nothing speaks for or against it yet".to_owned()
    } else {
        join(&["mostly from ", &join(&reasons, ", ")], "")
    };
    let curiosity = if exploration.explored {
        let best = spoken(&exploration.best_strategy);
        join(
            &[&best, " looks better now, so this one teaches something"],
            "",
        )
    } else {
        "nothing looks better here".to_owned()
    };
    let times = if visits == 1 { " time." } else { " times." };
    let size = fixed(difference.total.abs(), 2);
    join(
        &[
            "“",
            &words,
            "” is expected to do ",
            &size,
            " ",
            sign,
            " than the average strategy, ",
            &because,
            "; ",
            &curiosity,
            ". This very situation was rated ",
            &number(visits.into()),
            times,
        ],
        "",
    )
}

/// The three parts of a difference that tell most, the largest first.
fn reasons(difference: &taste::Explanation) -> Vec<String> {
    let general = [
        ("what it earns everywhere", difference.strategy),
        ("this visitor's own taste", difference.visitor),
    ];
    let parts = difference.contributions.iter();
    let mut telling: Vec<(&str, f64)> = Vec::new();
    for (feature, value) in parts.map(|c| (c.feature.as_str(), c.value)).chain(general) {
        let place = telling.partition_point(|(_, v)| v.abs() >= value.abs());
        if value.abs() >= 0.005 && place < REASONS {
            telling.insert(place, (feature, value));
            telling.truncate(REASONS);
        }
    }
    let mut reasons = Vec::new();
    for (feature, value) in telling {
        let plus = if value > 0.0 { "+" } else { "" };
        let size = fixed(value, 2);
        reasons.push(join(
            &[&replaced(feature, '_', " "), " (", plus, &size, ")"],
            "",
        ));
    }
    reasons
}

/// A strategy's name as people say it.
fn spoken(name: &str) -> String {
    replaced(name, '_', ", ")
}

/// Why a choice was just made, in one sentence.
#[must_use]
pub fn reasoning(
    policy: &Policy,
    context: &Context,
    user: Option<&str>,
    choice: &Choice,
) -> String {
    let because = if policy.taste.learned() == 0 {
        "nothing is known yet, so every answer teaches.".to_owned()
    } else {
        guess(
            choice,
            &exploration(policy, context, user, choice.action_index),
        )
    };
    join(
        &[
            "“",
            &spoken(&choice.strategy),
            "” for ",
            context.mood.as_str(),
            " ",
            context.content_type.as_str(),
            " in the ",
            context.time_of_day.as_str(),
            ": ",
            &because,
        ],
        "",
    )
}

fn guess(choice: &Choice, exploration: &Exploration) -> String {
    if !exploration.explored {
        return "what has been liked so far makes it the best guess.".to_owned();
    }
    join(
        &[
            "a try, chosen with probability ",
            &fixed((choice.propensity * 100.0).max(1.0), 0),
            " %; “",
            &spoken(&exploration.best_strategy),
            "” is expected to do ",
            &fixed(exploration.given_up, 2),
            " better.",
        ],
        "",
    )
}
