//! The append-only log: decisions, what was done with their content, and how
//! several interactions merge to one reward (SPEC sections 4 and 6).

mod binary;
mod decision;

pub use decision::{Decision, NamedDecision, Source};

use crate::sorted::Map;

use crate::context::Mood;
use crate::error::{Code, Error, Result};
use crate::reward::{Feedback, RewardWeights};
use crate::text::join;
use crate::value::{Object, Written, WrittenFields, quote, written};

/// The largest time that JavaScript dates know, in milliseconds since 1970.
pub(crate) const TIME: i64 = 8_640_000_000_000_000;
/// The largest version that a policy may have: a number holds no larger ones exactly.
const LATEST_VERSION: u64 = 1 << 53;

/// What an interaction says: events, or a reward that the site computed itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// An event of the guide.
    Feedback(Feedback),
    /// A reward.
    Reward {
        /// Thousandths inside; reward units on the wire.
        reward_thousandths: i64,
    },
}

impl WrittenFields for Signal {
    fn write_fields(&self, object: &mut Object) {
        match self {
            Self::Feedback(feedback) => feedback.write_fields(object),
            Self::Reward { reward_thousandths } => {
                object.put("reward", (*reward_thousandths as f64 / 1000.0).written());
            }
        }
    }
}

/// One interaction with one piece of content of one decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Made by the writer, so that a repeat is recognised.
    pub interaction_id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What it was about; empty for the decision as a whole.
    pub content_id: String,
    /// What was said.
    pub signal: Signal,
}

written!(Interaction { interaction_id, at, ?content_id, ..signal });

/// What an interaction would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: this interaction is known already, or does not move the reward.
    None,
    /// The pair's first reward, in thousandths.
    First(i64),
    /// The pair's reward before and after, in thousandths.
    Revised(i64, i64),
}

/// One (decision, content) pair with its reward.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The decision.
    pub decision: &'a Decision,
    /// The content; empty for the decision as a whole.
    pub content_id: &'a str,
    /// The merged reward, in thousandths.
    pub reward: i64,
}

/// The interactions of one (decision, content) pair in (time, id) order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History(Vec<Interaction>);

impl History {
    fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|i| i.interaction_id == id)
    }

    /// Adds an interaction whose id is new.
    pub fn insert(&mut self, interaction: Interaction) {
        let new = (interaction.at, &interaction.interaction_id);
        let before = |i: &Interaction| (i.at, &i.interaction_id) < new;
        let place = self.0.partition_point(before);
        self.0.insert(place, interaction);
    }

    /// The reward that all of it merges to, as [`merged`] says.
    ///
    /// # Errors
    /// `invalid_reward` beyond ±100.
    pub fn reward(&self, weights: &RewardWeights, mood: Mood) -> Result<Option<i64>> {
        merged(self.0.iter().map(|i| &i.signal), weights, mood)
    }
}

/// The reward, in thousandths, that what was said of one pair merges to, in (time, id)
/// order, where `mood` is the decision's; none for nothing (SPEC section 3). A reward
/// given as a number overrides events; of several the latest.
///
/// # Errors
/// `invalid_reward` beyond ±100.
pub fn merged<'a>(
    signals: impl DoubleEndedIterator<Item = &'a Signal> + Clone,
    weights: &RewardWeights,
    mood: Mood,
) -> Result<Option<i64>> {
    let given = signals.clone().rev().find_map(|signal| match signal {
        Signal::Reward { reward_thousandths } => Some(*reward_thousandths),
        Signal::Feedback(_) => None,
    });
    if given.is_some() {
        return Ok(given);
    }
    let events = signals.filter_map(|signal| match signal {
        Signal::Feedback(feedback) => Some(feedback),
        Signal::Reward { .. } => None,
    });
    weights.merged(events, Some(mood))
}

/// What was said of one content, and the reward that it merges to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Merged {
    history: History,
    reward: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    decision: Decision,
    pairs: Map<String, Merged>,
}

/// Decisions and their interactions, in (decided_at, decision_id) order.
///
/// Everything that was learned is a function of it: the evidence is a sum over
/// its pairs, the Q-table and the user layers are replays of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    entries: Map<(i64, String), Entry>,
    times: Map<String, i64>,
}

impl Log {
    /// How many decisions are retained.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no decision is retained.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Appends a decision; a repeat of a known id changes nothing and is `false`.
    pub fn record(&mut self, decision: Decision) -> bool {
        let id = decision.decision_id.clone();
        if self.times.contains_key(&id) {
            return false;
        }
        self.times.insert(id.clone(), decision.decided_at);
        let key = (decision.decided_at, id);
        let pairs = Map::new();
        self.entries.insert(key, Entry { decision, pairs });
        true
    }

    fn key(&self, decision_id: &str) -> Result<(i64, String)> {
        match self.times.get(decision_id) {
            Some(&at) => Ok((at, decision_id.to_owned())),
            None => Err(Error::new(
                Code::UnknownDecision,
                join(&["no decision ", &quote(decision_id), " is open here"], ""),
            )),
        }
    }

    /// The decision with this id.
    ///
    /// # Errors
    /// `unknown_decision`.
    pub fn decision(&self, decision_id: &str) -> Result<&Decision> {
        let key = self.key(decision_id)?;
        match self.entries.get(&key) {
            Some(entry) => Ok(&entry.decision),
            None => Err(Error::new(Code::UnknownDecision, "the log lost a decision")),
        }
    }

    /// Appends an interaction and says what it changed.
    ///
    /// # Errors
    /// `unknown_decision`; `invalid_reward` when the merged reward exceeds ±100.
    /// The log is then as before.
    pub fn interact(
        &mut self,
        decision_id: &str,
        interaction: Interaction,
        weights: &RewardWeights,
    ) -> Result<Change> {
        let key = self.key(decision_id)?;
        let Some(entry) = self.entries.get_mut(&key) else {
            return Ok(Change::None);
        };
        if entry
            .pairs
            .values()
            .any(|pair| pair.history.knows(&interaction.interaction_id))
        {
            return Ok(Change::None);
        }
        let content_id = interaction.content_id.clone();
        let mut pair = entry.pairs.get(&content_id).cloned().unwrap_or_default();
        let before = pair.reward;
        pair.history.insert(interaction);
        pair.reward = pair.history.reward(weights, entry.decision.context.mood)?;
        let after = pair.reward;
        entry.pairs.insert(content_id, pair);
        Ok(match (before, after) {
            (None, Some(reward)) => Change::First(reward),
            (Some(old), Some(new)) if old != new => Change::Revised(old, new),
            _ => Change::None,
        })
    }

    /// Takes back the interaction that [`Log::interact`] just appended, when
    /// what should follow from it failed.
    pub(crate) fn undo(&mut self, decision_id: &str, id: &str, weights: &RewardWeights) {
        let Ok(key) = self.key(decision_id) else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(&key) {
            let mood = entry.decision.context.mood;
            for pair in entry.pairs.values_mut() {
                pair.history.0.retain(|i| i.interaction_id != id);
                pair.reward = pair.history.reward(weights, mood).ok().flatten();
            }
            entry.pairs.retain(|_, pair| !pair.history.0.is_empty());
        }
    }

    /// Every decision, in order.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.entries.values().map(|entry| &entry.decision)
    }

    /// A decision's interactions, by content, then (time, id).
    pub fn interactions(&self, decision_id: &str) -> impl Iterator<Item = &Interaction> {
        let entry = self
            .key(decision_id)
            .ok()
            .and_then(|k| self.entries.get(&k));
        let pairs = entry.into_iter().flat_map(|e| e.pairs.values());
        pairs.flat_map(|pair| &pair.history.0)
    }

    /// The merged reward of one pair, in thousandths.
    #[must_use]
    pub fn reward(&self, decision_id: &str, content_id: &str) -> Option<i64> {
        let key = self.key(decision_id).ok()?;
        self.entries.get(&key)?.pairs.get(content_id)?.reward
    }

    /// Every rewarded pair in (decided_at, decision_id, content_id) order.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.entries.values().flat_map(|entry| {
            entry.pairs.iter().filter_map(|(content_id, pair)| {
                Some(Pair {
                    decision: &entry.decision,
                    content_id,
                    reward: pair.reward?,
                })
            })
        })
    }

    /// Forgets one decision and everything said about it; `false` if unknown.
    pub fn forget(&mut self, decision_id: &str) -> bool {
        match self.times.remove(decision_id) {
            Some(at) => self.entries.remove(&(at, decision_id.to_owned())).is_some(),
            None => false,
        }
    }

    /// Forgets every decision for which `gone` holds; says how many.
    pub fn forget_where(&mut self, gone: impl Fn(&Decision) -> bool) -> usize {
        let before = self.entries.len();
        self.entries.retain(|_, entry| !gone(&entry.decision));
        let entries = &self.entries;
        self.times
            .retain(|id, at| entries.contains_key(&(*at, id.clone())));
        before - self.entries.len()
    }
}
