//! The guide's Q-table and its temporal-difference rule (SPEC section 5).

mod state;

pub use state::{State, StateKey};

use crate::sorted::Map;

use serde::Serialize;

use crate::codec::{Reader, Writer, unreadable};
use crate::error::Result;
use crate::strategy::Strategy;
use crate::text::{join, number};
use crate::value::{Field, written};

/// Settings of the Q-table; the defaults are the guide's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QConfig {
    /// Learning rate α, 0..=1.
    pub alpha: f64,
    /// Discount γ of the next context's best value, 0..=1.
    pub gamma: f64,
    /// Exploration ε before anything was learned, 0..=1.
    pub epsilon: f64,
    /// What ε is multiplied by per learned reward, 0..=1.
    pub epsilon_decay: f64,
    /// ε never falls below this, 0..=1.
    pub epsilon_min: f64,
    /// Whether the next context of the same user within 30 minutes counts as
    /// the next state; otherwise its value is 0.
    pub sessions: bool,
}

impl Default for QConfig {
    fn default() -> Self {
        Self {
            alpha: 0.1,
            gamma: 0.95,
            epsilon: 0.3,
            epsilon_decay: 0.995,
            epsilon_min: 0.05,
            sessions: false,
        }
    }
}

impl QConfig {
    /// Reads settings; absent ones keep their defaults.
    ///
    /// # Errors
    /// The field's code for a number outside 0..=1 or an unknown name.
    pub fn parse(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut config = Self::default();
        for (name, slot) in [
            ("alpha", &mut config.alpha),
            ("gamma", &mut config.gamma),
            ("epsilon", &mut config.epsilon),
            ("epsilon_decay", &mut config.epsilon_decay),
            ("epsilon_min", &mut config.epsilon_min),
        ] {
            fields.set(name, 0.0, 1.0, slot)?;
        }
        if let Some(given) = fields.optional("episodes") {
            config.sessions = given.word(&["none", "session"])? == 1;
        }
        fields.finish()?;
        Ok(config)
    }

    /// The guide's rule: `q + α·(reward + γ·next − q)`, all in reward units;
    /// `next` is the best value of the next state, 0 if there is none.
    #[must_use]
    pub fn update(&self, q: f64, reward: f64, next: f64) -> f64 {
        q + self.alpha * (reward + self.gamma * next - q)
    }
}

/// One (state, strategy) cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// The value estimate, in reward units.
    pub q: f64,
    /// How many rewards it has seen.
    pub visits: u32,
}

written!(Cell { q, visits });

/// What the guide's monitoring shows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Distinct states with a reward.
    pub total_states: u32,
    /// Distinct (state, strategy) cells with a reward.
    pub total_state_actions: u32,
    /// Mean value of those cells; 0 when there are none.
    pub avg_q_value: f64,
    /// Largest value of those cells; 0 when there are none.
    pub max_q_value: f64,
}

written!(Stats {
    total_states,
    total_state_actions,
    avg_q_value,
    max_q_value
});

/// One learned reward, as a replay hands it over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where the decision was taken.
    pub state: StateKey,
    /// What was decided.
    pub strategy: Strategy,
    /// Its reward, in thousandths.
    pub reward: i64,
    /// The user's next state, if sessions count and there is one.
    pub next: Option<StateKey>,
}

/// The table. Its value is defined as the replay of the retained pairs in
/// (decided_at, decision_id, content_id) order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QTable {
    states: Map<StateKey, Map<Strategy, Cell>>,
    learned: u64,
}

impl QTable {
    /// Moves one cell by [`QConfig::update`].
    pub fn learn(&mut self, config: &QConfig, step: Step) {
        let next = step.next.map_or(0.0, |state| self.best_value(state));
        let cell = self.states.or_default(step.state).or_default(step.strategy);
        cell.q = config.update(cell.q, step.reward as f64 / 1000.0, next);
        cell.visits = cell.visits.saturating_add(1);
        self.learned += 1;
    }

    /// Moves a cell by a revised reward of its latest visit: a preview, the next
    /// replay settles it.
    pub fn revise(&mut self, config: &QConfig, step: Step, old_reward: i64) {
        if let Some(cell) = self
            .states
            .get_mut(&step.state)
            .and_then(|cells| cells.get_mut(&step.strategy))
        {
            cell.q += config.alpha * (step.reward - old_reward) as f64 / 1000.0;
        }
    }

    /// Sets one cell, for tables that were learned elsewhere.
    pub fn put(&mut self, state: StateKey, strategy: Strategy, cell: Cell) {
        self.states.or_default(state).insert(strategy, cell);
    }

    /// The largest value among a state's 27 cells, unseen ones being 0.
    fn best_value(&self, state: StateKey) -> f64 {
        let cells = self.states.get(&state).into_iter().flatten();
        cells.map(|(_, cell)| cell.q).fold(0.0, f64::max)
    }

    /// The cells seen in `state`, by strategy.
    pub fn cells(&self, state: StateKey) -> impl Iterator<Item = (Strategy, Cell)> {
        let cells = self.states.get(&state).into_iter().flatten();
        cells.map(|(&strategy, &cell)| (strategy, cell))
    }

    /// Every state with its seen cells, in key order.
    pub fn states(
        &self,
    ) -> impl Iterator<Item = (StateKey, impl Iterator<Item = (Strategy, Cell)>)> {
        self.states
            .iter()
            .map(|(&key, cells)| (key, cells.iter().map(|(&s, &c)| (s, c))))
    }

    /// Keeps the cells for which `keep` holds: what is published leaves out
    /// cells that few people have seen.
    pub fn retain(&mut self, mut keep: impl FnMut(StateKey, Strategy) -> bool) {
        for (&state, cells) in self.states.iter_mut() {
            cells.retain(|&strategy, _| keep(state, strategy));
        }
        self.states.retain(|_, cells| !cells.is_empty());
    }

    /// How many rewards were learned.
    #[must_use]
    pub const fn learned(&self) -> u64 {
        self.learned
    }

    /// The present exploration rate: ε, decayed per learned reward, not below
    /// its minimum.
    #[must_use]
    pub fn epsilon(&self, config: &QConfig) -> f64 {
        let decayed = config.epsilon * power(config.epsilon_decay, self.learned);
        decayed.max(config.epsilon_min)
    }

    /// ε-greedy probabilities of the `count` strategies in `state`, ties at the
    /// top sharing evenly. They sum to 1.
    #[must_use]
    pub fn propensities(&self, config: &QConfig, state: StateKey, count: usize) -> Vec<f64> {
        let mut values = vec![0.0; count];
        for (strategy, cell) in self.cells(state) {
            if let Some(value) = values.get_mut(strategy.index()) {
                *value = cell.q;
            }
        }
        let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ties = values.iter().filter(|&&v| v == top).count() as f64;
        let epsilon = self.epsilon(config);
        values
            .iter()
            .map(|&v| {
                let greedy = if v == top {
                    (1.0 - epsilon) / ties
                } else {
                    0.0
                };
                epsilon / count as f64 + greedy
            })
            .collect()
    }

    /// The guide's statistics, over cells that saw a reward.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            total_states: self.states.len() as u32,
            ..Stats::default()
        };
        let mut sum = 0.0;
        let mut max = f64::NEG_INFINITY;
        for cell in self.states.values().flat_map(Map::values) {
            stats.total_state_actions += 1;
            sum += cell.q;
            max = max.max(cell.q);
        }
        if stats.total_state_actions > 0 {
            stats.avg_q_value = sum / f64::from(stats.total_state_actions);
            stats.max_q_value = max;
        }
        stats
    }

    /// Appends the table to a body.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.learned);
        out.uint(self.states.len() as u64);
        for (key, cells) in &self.states {
            out.uint((key.0 >> 64) as u64);
            out.uint(key.0 as u64);
            out.uint(cells.len() as u64);
            for (strategy, cell) in cells {
                out.uint(strategy.index() as u64);
                out.float(cell.q);
                out.uint(u64::from(cell.visits));
            }
        }
    }

    /// Takes back what [`QTable::encode`] wrote.
    ///
    /// # Errors
    /// `corrupt_model` for anything else, `count` strategies being allowed.
    pub fn decode(input: &mut Reader<'_>, count: usize) -> Result<Self> {
        let learned = input.uint()?;
        let mut states = Map::new();
        for _ in 0..input.count(4)? {
            let high = u128::from(input.uint()?);
            let key = StateKey(high << 64 | u128::from(input.uint()?));
            let mut cells = Map::new();
            for _ in 0..input.count(10)? {
                let index = input.uint()? as usize;
                let strategy = Strategy::within(index, count).ok_or_else(|| {
                    let index = number(index as f64);
                    unreadable("model", &join(&["strategy `", &index, "`"], ""))
                })?;
                let q = input.float()?;
                let visits = u32::try_from(input.uint()?).unwrap_or(u32::MAX);
                cells.insert(strategy, Cell { q, visits });
            }
            states.insert(key, cells);
        }
        Ok(Self { states, learned })
    }
}

/// `base` to a whole power, by squaring.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut product = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ContentType, Context, Mood, Personality, TimeOfDay};
    use crate::strategy::ActionSpace;

    fn state() -> StateKey {
        StateKey::of(&Context {
            mood: Mood::Relaxed,
            personality: Personality::from_scores([85.0, 50.0, 35.0, 50.0, 25.0]),
            ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
        })
    }

    fn step(reward: i64) -> Step {
        Step {
            state: state(),
            strategy: ActionSpace::default()
                .parse("low_diverse_exploratory")
                .unwrap(),
            reward,
            next: None,
        }
    }

    #[test]
    fn the_guides_update_is_0_82_to_0_968() {
        let config = QConfig::default();
        let mut table = QTable::default();
        let cell = Cell { q: 0.82, visits: 7 };
        table
            .states
            .insert(state(), Map::from_iter([(step(0).strategy, cell)]));
        table.learn(&config, step(2300));
        let (_, cell) = table.cells(state()).next().unwrap();
        assert!((cell.q - 0.968).abs() < 1e-12, "{}", cell.q);
        assert_eq!(cell.visits, 8);
    }

    #[test]
    fn epsilon_decays_to_its_minimum_and_propensities_sum_to_one() {
        let config = QConfig::default();
        let mut table = QTable::default();
        assert_eq!(table.epsilon(&config), 0.3);
        for _ in 0..2000 {
            table.learn(&config, step(1000));
        }
        assert_eq!(table.epsilon(&config), 0.05);
        let p = table.propensities(&config, state(), 27);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(p[8] > 0.95);
    }

    #[test]
    fn encoding_round_trips() {
        let mut table = QTable::default();
        table.learn(&QConfig::default(), step(2300));
        let mut out = Writer::default();
        table.encode(&mut out);
        let bytes = out.into_bytes();
        assert_eq!(QTable::decode(&mut Reader::new(&bytes), 27).unwrap(), table);
    }
}
