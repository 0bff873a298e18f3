//! The log as bytes, for snapshots.

use crate::sorted::Map;

use super::{Decision, Interaction, LATEST_VERSION, Log, Signal, Source, TIME};
use crate::codec::{Reader, Writer, unreadable};
use crate::context::{ContentType, Context, Extras, Mood, Personality, TimeOfDay};
use crate::error::{Error, Result};
use crate::reward::{Feedback, Kind, RewardWeights};
use crate::strategy::Strategy;
use crate::value::{ID_CHARS, is_text};

fn corrupt(why: &str) -> Error {
    unreadable("log", why)
}

/// An enum's value from its byte, or the error that names it.
fn known<T>(found: Option<T>, what: &str) -> Result<T> {
    found.ok_or_else(|| corrupt(what))
}

/// An id, or nothing where the text is empty.
fn id_or_none(input: &mut Reader<'_>) -> Result<Option<String>> {
    match input.text()? {
        "" => Ok(None),
        text if is_text(text, ID_CHARS) => Ok(Some(text.to_owned())),
        _ => Err(corrupt("an id")),
    }
}

fn id(input: &mut Reader<'_>) -> Result<String> {
    known(id_or_none(input)?, "an id")
}

fn time(input: &mut Reader<'_>) -> Result<i64> {
    let time = Some(input.int()?).filter(|time| (-TIME..=TIME).contains(time));
    known(time, "a moment")
}

/// `None` as 0, else the value plus one.
fn option(value: Option<usize>) -> u8 {
    value.map_or(0, |v| v as u8 + 1)
}

impl Context {
    /// Appends the context to a body.
    pub fn encode(&self, out: &mut Writer) {
        for score in self.personality.scores() {
            out.float(score);
        }
        out.byte(self.content_type as u8);
        out.byte(self.mood as u8);
        out.byte(self.time_of_day as u8);
        for extra in &self.extras {
            out.byte(option(extra.map(usize::from)));
        }
    }

    /// Takes back what [`Context::encode`] wrote under the same declaration.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(input: &mut Reader<'_>, declared: &Extras) -> Result<Self> {
        let mut scores = [0.0; 5];
        for score in &mut scores {
            *score = input.float()?;
            if !(0.0..=100.0).contains(score) {
                return Err(corrupt("a score is out of range"));
            }
        }
        let mut context = Self {
            personality: Personality::from_scores(scores),
            content_type: known(
                ContentType::from_index(input.byte()?.into()),
                "a content type",
            )?,
            mood: known(Mood::from_index(input.byte()?.into()), "a mood")?,
            time_of_day: known(TimeOfDay::from_index(input.byte()?.into()), "a time")?,
            extras: Vec::new(),
        };
        for category in declared.categories() {
            let value = input.byte()?.checked_sub(1);
            if value.is_some_and(|v| usize::from(v) >= category.values.len()) {
                return Err(corrupt("an extra"));
            }
            context.extras.push(value);
        }
        Ok(context)
    }
}

impl Decision {
    fn encode(&self, out: &mut Writer) {
        out.text(&self.decision_id);
        out.int(self.decided_at);
        out.text(self.user_id.as_deref().unwrap_or_default());
        self.context.encode(out);
        out.uint(self.action_index.index() as u64);
        out.float(self.propensity);
        out.byte(self.source as u8);
        out.uint(self.policy_version);
        out.byte(u8::from(self.executed));
    }

    fn decode(input: &mut Reader<'_>, count: usize, declared: &Extras) -> Result<Self> {
        Ok(Self {
            decision_id: id(input)?,
            decided_at: time(input)?,
            user_id: id_or_none(input)?,
            context: Context::decode(input, declared)?,
            action_index: known(
                Strategy::within(input.uint()? as usize, count),
                "a strategy",
            )?,
            propensity: known(
                Some(input.float()?).filter(|p| *p > 0.0 && *p <= 1.0),
                "a propensity",
            )?,
            source: known(Source::from_index(input.byte()?.into()), "a source")?,
            policy_version: known(
                Some(input.uint()?).filter(|version| *version <= LATEST_VERSION),
                "a version",
            )?,
            executed: input.byte()? != 0,
        })
    }
}

impl Interaction {
    fn encode(&self, out: &mut Writer) {
        out.text(&self.interaction_id);
        out.int(self.at);
        out.text(&self.content_id);
        match &self.signal {
            Signal::Reward { reward_thousandths } => {
                out.byte(0);
                out.int(*reward_thousandths);
            }
            Signal::Feedback(feedback) => {
                out.byte(option(Some(feedback.interaction_type as usize)));
                out.byte(option(feedback.mood_before.map(|m| m as usize)));
                out.byte(option(feedback.mood_after.map(|m| m as usize)));
                out.float(feedback.completion_percentage.unwrap_or(-1.0));
            }
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let mood = |byte: u8| match byte.checked_sub(1) {
            None => Ok(None),
            Some(index) => known(Mood::from_index(index.into()), "a mood").map(Some),
        };
        Ok(Self {
            interaction_id: id(input)?,
            at: time(input)?,
            content_id: id_or_none(input)?.unwrap_or_default(),
            signal: match input.byte()?.checked_sub(1) {
                None => Signal::Reward {
                    reward_thousandths: known(
                        Some(input.int()?).filter(|r| r.abs() <= 100_000),
                        "a reward",
                    )?,
                },
                Some(kind) => Signal::Feedback(Feedback {
                    interaction_type: known(Kind::from_index(kind.into()), "a kind")?,
                    mood_before: mood(input.byte()?)?,
                    mood_after: mood(input.byte()?)?,
                    completion_percentage: match input.float()? {
                        given if (0.0..=100.0).contains(&given) => Some(given),
                        -1.0 => None,
                        _ => return Err(corrupt("a percentage")),
                    },
                }),
            },
        })
    }
}

impl Log {
    /// Appends the whole log to a body.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.entries.len() as u64);
        for entry in self.entries.values() {
            entry.decision.encode(out);
            let pairs = entry.pairs.values();
            out.uint(pairs.clone().map(|pair| pair.history.0.len() as u64).sum());
            for interaction in pairs.flat_map(|pair| &pair.history.0) {
                interaction.encode(out);
            }
        }
    }

    /// Takes back what [`Log::encode`] wrote; rewards are merged afresh.
    ///
    /// # Errors
    /// `corrupt_model` for anything else; `count` strategies are allowed.
    pub fn decode(
        input: &mut Reader<'_>,
        count: usize,
        declared: &Extras,
        weights: &RewardWeights,
    ) -> Result<Self> {
        let mut log = Self {
            entries: Map::new(),
            times: Map::new(),
        };
        for _ in 0..input.count(60)? {
            let decision = Decision::decode(input, count, declared)?;
            let decision_id = decision.decision_id.clone();
            if !log.record(decision) {
                return Err(corrupt("a decision is there twice"));
            }
            for _ in 0..input.count(5)? {
                let interaction = Interaction::decode(input)?;
                log.interact(&decision_id, interaction, weights)
                    .map_err(|e| corrupt(e.message()))?;
            }
        }
        Ok(log)
    }
}
