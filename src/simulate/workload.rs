//! What the speed benchmark repeats, the same in every runtime.

use std::hint::black_box;

use super::audience::make;
use super::size::Size;
use super::taste::Kind;
use crate::codec::Writer;
use crate::context::Extras;
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::linear::Square;
use crate::q_table::{QConfig, QTable, StateKey, Step};
use crate::strategy::ActionSpace;
use crate::taste::{Replay, TasteConfig, TasteModel};

/// Rows and columns of the dense product that times are given in: the number of
/// weights of the taste model in the guide's space.
const DENSE: usize = 215;

/// A week of a small site, and everything that is done with one visit of it.
#[derive(Clone, Debug)]
pub struct Workload {
    layout: Layout,
    config: TasteConfig,
    log: Vec<(String, Observation)>,
    states: Vec<StateKey>,
    evidence: Evidence,
    model: TasteModel,
    /// Where training adds to.
    sums: Evidence,
    table: QTable,
    dense: Square,
    vector: Vec<f64>,
}

impl Workload {
    /// The week, learned.
    ///
    /// # Errors
    /// None in practice: the week is always the same.
    pub fn new() -> Result<Self> {
        let space = ActionSpace::default();
        let layout = Layout::new(&space, &Extras::default());
        let config = TasteConfig::default();
        let world = make(Kind::Personal, Size::S45, 1);
        let mut workload = Self {
            model: TasteModel::new(&layout, &config),
            evidence: Evidence::new(&layout),
            sums: Evidence::new(&layout),
            layout,
            config,
            log: Vec::new(),
            states: Vec::new(),
            table: QTable::default(),
            dense: Square::zeros(DENSE),
            vector: (0..DENSE).map(|i| i as f64).collect(),
        };
        for (i, round) in world.rounds().enumerate() {
            let action = space.get(i * 7 % space.len()).unwrap_or_default();
            let reward = round.rewards.get(action.index()).copied().unwrap_or(0.0);
            let observation = Observation {
                week: Week(0),
                action,
                features: workload.layout.features(&round.context),
                reward: (reward * 1000.0) as i64,
            };
            let state = StateKey::of(&round.context);
            let step = Step {
                state,
                strategy: action,
                reward: observation.reward,
                next: None,
            };
            workload.table.learn(&QConfig::default(), step);
            workload.evidence.add(&observation)?;
            workload.states.push(state);
            workload.log.push((format!("u{}", round.user), observation));
        }
        for i in 0..DENSE {
            for j in 0..DENSE {
                workload.dense.set(i, j, 1.0 / (1 + i + j) as f64);
            }
        }
        workload.model = workload.solved()?;
        Ok(workload)
    }

    fn at(&self, i: usize) -> Option<&(String, Observation)> {
        self.log.get(i % self.log.len().max(1))
    }

    fn solved(&self) -> Result<TasteModel> {
        let replay = (self.log.iter().enumerate()).map(|(i, (user, observation))| Replay {
            user: Some(user),
            observation,
            decided_at: i as i64,
        });
        TasteModel::solve(&self.layout, &self.config, &self.evidence, replay)
    }

    /// Multiplies a dense matrix by a vector.
    pub fn product(&self) {
        black_box(black_box(&self.dense).times(black_box(&self.vector)));
    }

    /// Decides for visit `i`: the probabilities of all strategies.
    pub fn decide(&self, i: usize) {
        if let Some((user, observation)) = self.at(i) {
            let prediction = self.model.predict(&observation.features, Some(user));
            black_box(self.model.propensities(&prediction));
        }
    }

    /// Learns from visit `i`.
    pub fn learn(&mut self, i: usize) {
        if let Some((user, observation)) = self.at(i).cloned() {
            self.model.learn(&observation, Some(&user));
        }
    }

    /// Solves the model afresh.
    pub fn solve(&self) {
        black_box(self.solved().is_ok());
    }

    /// Adds visit `i` to the evidence, which is all that training does with it.
    pub fn train(&mut self, i: usize) {
        let at = i % self.log.len().max(1);
        if let Some((_, observation)) = self.log.get(at) {
            black_box(self.sums.add(observation).is_ok());
        }
    }

    /// Decides for visit `i` by the Q-table.
    pub fn decide_by_table(&self, i: usize) {
        if let Some(state) = self.states.get(i % self.states.len().max(1)) {
            let count = self.layout.space().len();
            black_box((self.table).propensities(&QConfig::default(), *state, count));
        }
    }

    /// The bytes of the week's evidence, of a published policy's model without
    /// visitors, and of a visitor's layer.
    #[must_use]
    pub fn sizes(&self) -> [usize; 3] {
        let size = |fill: &dyn Fn(&mut Writer)| {
            let mut out = Writer::default();
            fill(&mut out);
            out.into_bytes().len()
        };
        let fresh = self.solved().unwrap_or_else(|_| self.model.clone());
        [
            size(&|out| self.evidence.encode(&self.layout, out)),
            size(&|out| fresh.encode(out)),
            (fresh.users().next()).map_or(0, |(_, layer)| size(&|out| layer.encode(out))),
        ]
    }
}
