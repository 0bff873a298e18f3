//! A policy from an offline log, in one reading and in bounded memory.

use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::evaluate::{Actions, LogLine, LogOptions};
use crate::evidence::{Evidence, Observation, Week};
use crate::params::Mapping;
use crate::policy::Policy;
use crate::q_table::{StateKey, Step};
use crate::value::quote;

/// Learns from the lines of a log in their order.
///
/// It holds sums by week and the Q-table, never the lines. What it makes is
/// therefore the shared part of a policy, without user layers: what may be
/// published. An agent whose decisions name nobody and that learned the same
/// pairs holds the same policy after a fold, byte for byte.
#[derive(Clone, Debug)]
pub struct Trainer {
    policy: Policy,
    evidence: Evidence,
}

impl Trainer {
    /// A trainer that has seen nothing.
    ///
    /// # Errors
    /// `invalid_options` for `q.episodes: "session"`: what a visitor asks for
    /// next is not known when a line is read.
    pub fn new(config: Config, mapping: Mapping) -> Result<Self> {
        if config.q().sessions {
            return Err(Error::new(
                Code::InvalidOptions,
                "`q.episodes` must be `none` to train from a log",
            ));
        }
        let policy = Policy::prior(config, mapping)?;
        Ok(Self {
            evidence: Evidence::new(policy.layout()),
            policy,
        })
    }

    /// How its log must be read.
    ///
    /// # Errors
    /// None in practice: every space of strategies makes a readable log.
    pub fn log_options(&self) -> Result<LogOptions> {
        LogOptions::new(
            Actions::Strategies(self.policy.mapping().space().clone()),
            self.policy.config().extras().clone(),
        )
    }

    /// Learns from one line.
    ///
    /// # Errors
    /// `corrupt_log` for a line without a context; `evidence_full`.
    pub fn learn(&mut self, line: &LogLine) -> Result<()> {
        let lacks = |field: &str| {
            let id = quote(&line.decision_id);
            Error::new(Code::CorruptLog, format!("decision {id} lacks `{field}`"))
        };
        let context = line.context.as_ref().ok_or_else(|| lacks("context"))?;
        let strategy = self.policy.mapping().space().get(line.action);
        let strategy = strategy.ok_or_else(|| lacks("strategy"))?;
        let reward = libm::floor(line.reward * 1000.0 + 0.5) as i64;
        self.evidence.add(&Observation {
            week: Week::of(line.decided_at),
            action: strategy,
            features: self.policy.layout().features(context),
            reward,
        })?;
        let q = *self.policy.config().q();
        self.policy.q_table.learn(
            &q,
            Step {
                state: StateKey::of(context),
                strategy,
                reward,
                next: None,
            },
        );
        Ok(())
    }

    /// The policy that all lines together make; its version is their number.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence does not factor.
    pub fn finish(mut self) -> Result<Policy> {
        self.policy.solve(&self.evidence, std::iter::empty())?;
        self.policy.version = self.policy.q_table.learned();
        Ok(self.policy)
    }
}
