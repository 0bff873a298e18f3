//! Several policies judged on one reading of a log.

use std::rc::Rc;

use serde::Serialize;

use super::evaluation::Evaluation;
use super::log_line::{LogLine, LogOptions};
use super::log_reader::{LogCounts, LogReader, OnBadLine};
use super::report::Report;
use super::target::{self, Stored, Target};
use crate::error::{Code, Error, Result};
use crate::policy::Policy;
use crate::strategy::{ActionSpace, Strategy};
use crate::value::quote;

/// The most policies of one panel.
const MOST: usize = 100;
/// Where clipped IPS cuts weights, unless told otherwise.
pub const CLIP: f64 = 10.0;

/// A policy to judge.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Every action alike.
    Uniform,
    /// What each line brings as `target_propensities`.
    Logged,
    /// What personality alone chooses.
    Baseline,
    /// Always the same strategy.
    Fixed(Strategy),
    /// A stored policy, exploration included.
    Stored(Stored),
    /// The Q-table of a stored policy.
    QTable(Rc<Policy>),
}

impl Candidate {
    /// The candidate called `word`: `uniform`, `logged`, `baseline`, or a
    /// strategy's name.
    ///
    /// # Errors
    /// `invalid_options` for any other word.
    pub fn named(word: &str) -> Result<Self> {
        Ok(match word {
            "uniform" => Self::Uniform,
            "logged" => Self::Logged,
            "baseline" => Self::Baseline,
            name => Self::Fixed(ActionSpace::default().parse(name).map_err(|_| {
                Error::new(
                    Code::InvalidOptions,
                    format!(
                        "{} is no policy; use uniform, baseline, logged, or a strategy such as `low_diverse_exploratory`",
                        quote(name)
                    ),
                )
            })?),
        })
    }

    /// Whether its actions are strategies, so that numbered ones mean nothing to it.
    const fn needs_strategies(&self) -> bool {
        !matches!(self, Self::Uniform | Self::Logged)
    }

    /// The field that a line must have for it, if it is not a required one.
    fn missing(&self, line: &LogLine) -> Option<&'static str> {
        match self {
            Self::Baseline | Self::Stored(_) | Self::QTable(_) if line.context.is_none() => {
                Some("context")
            }
            Self::Logged if line.target_propensities.is_none() => Some("target_propensities"),
            _ => None,
        }
    }
}

impl Target for Candidate {
    fn probabilities(&self, line: &LogLine, out: &mut [f64]) -> Result<()> {
        match self {
            Self::Uniform => target::uniform(line, out),
            Self::Logged => target::logged_target(line, out),
            Self::Baseline => target::baseline(ActionSpace::default()).probabilities(line, out),
            Self::Fixed(strategy) => target::fixed(*strategy).probabilities(line, out),
            Self::Stored(stored) => stored.probabilities(line, out),
            Self::QTable(policy) => target::q_table(policy, line, out),
        }
    }
}

/// What a panel says of one policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The name it was added under.
    pub policy: String,
    /// What the log says about it.
    pub report: Report,
}

/// What a panel says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// What was read.
    pub counts: LogCounts,
    /// The policies in the order in which they were added.
    pub policies: Vec<Judged>,
}

/// Bytes of a log in, one report for each policy out. A line that one policy
/// cannot answer for counts for none.
#[derive(Clone, Debug)]
pub struct Panel {
    options: LogOptions,
    clip: f64,
    reader: LogReader,
    policies: Vec<(String, Candidate, Evaluation<Candidate>)>,
}

impl Panel {
    /// A panel without policies; clipped IPS cuts weights at `clip`.
    #[must_use]
    pub fn new(options: LogOptions, clip: f64, on_bad_line: OnBadLine) -> Self {
        Self {
            reader: LogReader::new(options.clone(), on_bad_line),
            options,
            clip,
            policies: Vec::new(),
        }
    }

    /// Adds a policy before the first line.
    ///
    /// # Errors
    /// `invalid_options` for a clip outside 1..=1,000,000, a policy of
    /// strategies on a log of numbered actions, more than 100 policies, or one
    /// that comes after the first line.
    pub fn add(&mut self, name: &str, candidate: Candidate) -> Result<()> {
        let refuse = |what: &str| {
            Err(Error::new(
                Code::InvalidOptions,
                format!("policy {} {what}", quote(name)),
            ))
        };
        if candidate.needs_strategies() && self.options.strategies().is_none() {
            return refuse("chooses strategies, but the actions of this log are numbered");
        }
        if self.policies.len() >= MOST {
            return refuse("is one too many: 100 are judged at once");
        }
        if self.reader.counts().lines > 0 {
            return refuse("comes too late: the log has begun");
        }
        let evaluation = Evaluation::new(candidate.clone(), self.options.actions(), self.clip)?;
        self.policies.push((name.to_owned(), candidate, evaluation));
        Ok(())
    }

    /// Takes the next bytes of the log.
    ///
    /// # Errors
    /// As [`LogReader::push`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let policies = &mut self.policies;
        self.reader.push(bytes, |line| hand(policies, line))
    }

    /// Ends the log and says what it shows.
    ///
    /// # Errors
    /// As [`LogReader::push`], for a last line that has no end.
    pub fn finish(mut self) -> Result<Judgement> {
        let policies = &mut self.policies;
        let counts = self.reader.finish(|line| hand(policies, line))?;
        let judged = |(policy, _, evaluation): (String, _, Evaluation<_>)| Judged {
            policy,
            report: evaluation.report(),
        };
        Ok(Judgement {
            counts,
            policies: self.policies.into_iter().map(judged).collect(),
        })
    }
}

/// Hands a line to all policies, or to none.
fn hand(policies: &mut [(String, Candidate, Evaluation<Candidate>)], line: &LogLine) -> Result<()> {
    for (name, candidate, _) in policies.iter() {
        if let Some(field) = candidate.missing(line) {
            return Err(Error::new(
                Code::CorruptLog,
                format!(
                    "decision {} lacks `{field}`, which policy {} needs",
                    quote(&line.decision_id),
                    quote(name)
                ),
            ));
        }
    }
    policies
        .iter_mut()
        .try_for_each(|(_, _, evaluation)| evaluation.push(line))
}
