//! Learners to measure: the taste model and what it is compared with.

use std::collections::BTreeSet;

use super::world::Round;
use crate::context::Extras;
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::params::baseline;
use crate::q_table::{QConfig, QTable, StateKey, Step};
use crate::strategy::{ActionSpace, Strategy};
use crate::taste::{Replay, TasteConfig, TasteModel};

/// Something that chooses strategies and may learn from rewards.
pub trait Learner {
    /// The probabilities with which it draws each strategy, in index order.
    fn decide(&mut self, round: &Round<'_>) -> Vec<f64>;

    /// Takes in the reward, in thousandths, of a strategy it drew.
    ///
    /// # Errors
    /// `evidence_full`, `corrupt_model`.
    fn learn(&mut self, round: &Round<'_>, action: Strategy, reward: i64) -> Result<()>;

    /// Told at the end of each week.
    ///
    /// # Errors
    /// `corrupt_model`.
    fn end_of_week(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Chooses blindly.
#[derive(Clone, Copy, Debug)]
pub struct Uniform;

impl Learner for Uniform {
    fn decide(&mut self, round: &Round<'_>) -> Vec<f64> {
        vec![1.0 / round.expected.len() as f64; round.expected.len()]
    }

    fn learn(&mut self, _: &Round<'_>, _: Strategy, _: i64) -> Result<()> {
        Ok(())
    }
}

/// The baseline rules: energy from extraversion, the rest from openness.
#[derive(Clone, Debug, Default)]
pub struct Rules(ActionSpace);

impl Learner for Rules {
    fn decide(&mut self, round: &Round<'_>) -> Vec<f64> {
        let chosen = baseline(&self.0, &round.context.personality);
        let certain = |s: Strategy| if s == chosen { 1.0 } else { 0.0 };
        self.0.strategies().map(certain).collect()
    }

    fn learn(&mut self, _: &Round<'_>, _: Strategy, _: i64) -> Result<()> {
        Ok(())
    }
}

/// The guide's Q-table, one cell per situation and strategy.
#[derive(Clone, Debug, Default)]
pub struct Table {
    table: QTable,
    config: QConfig,
}

impl Table {
    /// An empty table with these settings.
    #[must_use]
    pub fn new(config: QConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }
}

impl Learner for Table {
    fn decide(&mut self, round: &Round<'_>) -> Vec<f64> {
        let state = StateKey::of(&round.context);
        let count = round.expected.len();
        self.table.propensities(&self.config, state, count)
    }

    fn learn(&mut self, round: &Round<'_>, action: Strategy, reward: i64) -> Result<()> {
        let step = Step {
            state: StateKey::of(&round.context),
            strategy: action,
            reward,
            next: None,
        };
        self.table.learn(&self.config, step);
        Ok(())
    }
}

/// When a simulated taste model learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learning {
    /// From every reward at once, as an agent does.
    Online,
    /// The shared part at the end of a week, a visitor's own layer at once, as
    /// the edge does.
    Trained,
    /// Everything at the end of a week: between two of them nothing moves.
    Batches,
}

/// The taste model as an agent without a clock runs it.
#[derive(Clone, Debug)]
pub struct Taste {
    layout: Layout,
    config: TasteConfig,
    model: TasteModel,
    evidence: Evidence,
    log: Vec<(Option<String>, Observation)>,
    seen: BTreeSet<usize>,
    /// Nominal weeks since the start.
    clock: f64,
    /// Whether it knows visitors apart.
    personal: bool,
    learning: Learning,
}

impl Taste {
    /// The model with these settings; `personal` knows visitors apart.
    #[must_use]
    pub fn new(config: TasteConfig, personal: bool, learning: Learning) -> Self {
        let layout = Layout::new(&ActionSpace::default(), &Extras::default());
        Self {
            model: TasteModel::new(&layout, &config),
            evidence: Evidence::new(&layout),
            layout,
            config,
            log: Vec::new(),
            seen: BTreeSet::new(),
            clock: 0.0,
            personal,
            learning,
        }
    }

    fn solve(&mut self) -> Result<()> {
        let replay = (self.log.iter().enumerate()).map(|(i, (user, observation))| Replay {
            user: user.as_deref(),
            observation,
            decided_at: i as i64,
        });
        self.model = TasteModel::solve(&self.layout, &self.config, &self.evidence, replay)?;
        Ok(())
    }

    fn user(&self, round: &Round<'_>) -> Option<String> {
        self.personal.then(|| format!("u{}", round.user))
    }
}

impl Learner for Taste {
    fn decide(&mut self, round: &Round<'_>) -> Vec<f64> {
        self.seen.insert(round.user);
        self.clock += 1.0 / TasteModel::nominal_week(self.seen.len()) as f64;
        let features = self.layout.features(&round.context);
        let user = self.user(round);
        let prediction = self.model.predict(&features, user.as_deref());
        self.model.propensities(&prediction)
    }

    fn learn(&mut self, round: &Round<'_>, action: Strategy, reward: i64) -> Result<()> {
        let observation = Observation {
            week: Week(self.clock as i32),
            action,
            features: self.layout.features(&round.context),
            reward,
        };
        let user = self.user(round);
        self.evidence.add(&observation)?;
        match self.learning {
            Learning::Online => self.model.learn(&observation, user.as_deref()),
            Learning::Trained => self.model.learn_apart(&observation, None, user.as_deref()),
            Learning::Batches => {}
        }
        self.log.push((user, observation));
        if self.learning == Learning::Online && self.model.due() {
            self.solve()?;
        }
        Ok(())
    }

    fn end_of_week(&mut self) -> Result<()> {
        match self.learning {
            Learning::Online => Ok(()),
            Learning::Trained | Learning::Batches => self.solve(),
        }
    }
}
