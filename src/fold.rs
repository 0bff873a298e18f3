//! From the log to evidence, Q-table and policy, the same way every time
//! (SPEC section 6).

use crate::sorted::Map;

use crate::context::Context;
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::log::{Decision, Log, Pair};
use crate::policy::Policy;
use crate::q_table::{QConfig, QTable, StateKey, Step};
use crate::strategy::Strategy;
use crate::taste::{Replay, TasteModel};

/// How long raw rows, and the evidence of their week, are kept: 90 days.
pub const RETENTION_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// Within this time the next context of the same user is the next state, when
/// sessions count: 30 minutes.
pub const SESSION_MS: i64 = 30 * 60 * 1000;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// How far the nominal clock moves per decision when `users` users were seen.
pub(crate) fn nominal_step(users: usize) -> i64 {
    WEEK_MS / TasteModel::nominal_week(users) as i64
}

/// What one rewarded decision contributes to the evidence.
#[must_use]
pub fn observation(layout: &Layout, decision: &Decision, reward: i64) -> Observation {
    let Decision {
        decided_at,
        action_index,
        context,
        ..
    } = decision;
    observation_of(layout, *decided_at, *action_index, context, reward)
}

/// The same for a decision of which no more is at hand.
#[must_use]
pub fn observation_of(
    layout: &Layout,
    decided_at: i64,
    action: Strategy,
    context: &Context,
    reward: i64,
) -> Observation {
    Observation {
        week: Week::of(decided_at),
        action,
        features: layout.features(context),
        reward,
    }
}

/// The pairs that may be learned from, in replay order.
fn lessons(log: &Log) -> impl Iterator<Item = Pair<'_>> {
    log.pairs().filter(|pair| pair.decision.teaches())
}

/// The sum of everything that may be learned from.
///
/// # Errors
/// `evidence_full`.
pub fn evidence(log: &Log, layout: &Layout) -> Result<Evidence> {
    let mut evidence = Evidence::new(layout);
    for pair in lessons(log) {
        evidence.add(&observation(layout, pair.decision, pair.reward))?;
    }
    Ok(evidence)
}

/// Makes `policy` again from `log`; its version becomes the number of pairs it
/// has learned from. Gives the evidence it was solved from.
///
/// # Errors
/// `evidence_full`, `corrupt_model`; the policy is then as before.
pub fn fold(log: &Log, policy: &mut Policy) -> Result<Evidence> {
    let layout = policy.layout();
    let mut evidence = Evidence::new(layout);
    let mut observations = Vec::new();
    for pair in lessons(log) {
        let observation = observation(layout, pair.decision, pair.reward);
        evidence.add(&observation)?;
        observations.push(observation);
    }
    let replay = lessons(log).zip(&observations);
    policy.solve(
        &evidence,
        replay.map(|(pair, observation)| Replay {
            user: pair.decision.user_id.as_deref(),
            observation,
            decided_at: pair.decision.decided_at,
        }),
    )?;
    policy.q_table = q_table(log, &policy.config().q, QTable::default());
    policy.version = policy.q_table.learned();
    Ok(evidence)
}

/// As [`fold`], over a published policy: its shared part and version stay, what
/// `log` says makes the visitors' layers, and the Q-table goes on from `table`.
///
/// # Errors
/// `evidence_full`; the policy is then as before.
pub fn fold_onto(log: &Log, policy: &mut Policy, table: &QTable) -> Result<Evidence> {
    let evidence = evidence(log, policy.layout())?;
    policy.taste.forget_users();
    for pair in lessons(log) {
        let observation = observation(policy.layout(), pair.decision, pair.reward);
        let user = pair.decision.user_id.as_deref();
        policy.taste.learn_apart(&observation, None, user);
    }
    policy.q_table = q_table(log, &policy.config().q, table.clone());
    Ok(evidence)
}

/// The Q-table that the log replays to, from `table` on.
fn q_table(log: &Log, config: &QConfig, mut table: QTable) -> QTable {
    let next = if config.sessions {
        next_states(log)
    } else {
        Map::new()
    };
    for pair in lessons(log) {
        table.learn(
            config,
            Step {
                state: StateKey::of(&pair.decision.context),
                strategy: pair.decision.action_index,
                reward: pair.reward,
                next: next.get(pair.decision.decision_id.as_str()).copied(),
            },
        );
    }
    table
}

/// The state that followed each decision within its user's session.
fn next_states(log: &Log) -> Map<&str, StateKey> {
    let mut last: Map<Option<&str>, &Decision> = Map::new();
    let mut next = Map::new();
    for decision in log.decisions() {
        if let Some(before) = last.insert(decision.user_id.as_deref(), decision)
            && decision.decided_at - before.decided_at <= SESSION_MS
        {
            next.insert(before.decision_id.as_str(), StateKey::of(&decision.context));
        }
    }
    next
}
