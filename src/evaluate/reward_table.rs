//! The plainest reward model: one mean per action, shrunk to the overall mean.

use crate::error::{Code, Error, Result};

/// How many rows of the overall mean each action starts with.
const PRIOR_ROWS: f64 = 1000.0;

/// `q(a) = (Σ reward of a + 1000 · overall mean) / (rows of a + 1000)`.
///
/// Fitted on the log that it evaluates, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct RewardTable {
    rows: f64,
    total: f64,
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    rows: f64,
    total: f64,
    /// Σ target probability of this action over all rows.
    target: f64,
}

impl RewardTable {
    /// An empty table over `actions` actions.
    #[must_use]
    pub fn new(actions: usize) -> Self {
        Self {
            rows: 0.0,
            total: 0.0,
            cells: vec![Cell::default(); actions],
        }
    }

    /// Takes one row: `action` earned `reward` where the target would have
    /// drawn from `target`, one probability per action.
    ///
    /// # Errors
    /// `corrupt_log` for an action outside the table or a wrong number of
    /// probabilities; nothing is taken then.
    pub fn observe(&mut self, action: usize, reward: f64, target: &[f64]) -> Result<()> {
        if target.len() != self.cells.len() {
            return Err(Error::new(
                Code::CorruptLog,
                format!(
                    "`{}` target probabilities are given for `{}` actions",
                    target.len(),
                    self.cells.len()
                ),
            ));
        }
        let actions = self.cells.len();
        let cell = self.cells.get_mut(action).ok_or_else(|| {
            Error::new(
                Code::CorruptLog,
                format!("action `{action}` is not below `{actions}`"),
            )
        })?;
        cell.rows += 1.0;
        cell.total += reward;
        self.rows += 1.0;
        self.total += reward;
        for (cell, p) in self.cells.iter_mut().zip(target) {
            cell.target += p;
        }
        Ok(())
    }

    /// The mean reward of all rows; 0 before the first.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.rows > 0.0 {
            self.total / self.rows
        } else {
            0.0
        }
    }

    /// The predicted reward of `action`; the overall mean for one outside the table.
    #[must_use]
    pub fn predict(&self, action: usize) -> f64 {
        self.cells
            .get(action)
            .map_or_else(|| self.mean(), |cell| self.shrunk(cell))
    }

    /// The mean over all rows of the predicted reward of a draw from the target.
    #[must_use]
    pub fn expect(&self) -> f64 {
        let sum: f64 = self.cells.iter().map(|c| c.target * self.shrunk(c)).sum();
        sum / self.rows.max(1.0)
    }

    /// How much more than the mean of all rows is predicted for `action`; 0 for
    /// one outside the table.
    #[must_use]
    pub fn tilt(&self, action: usize) -> f64 {
        let mean = self.mean();
        self.cells.get(action).map_or(0.0, |c| c.tilt(mean))
    }

    /// How much more than the mean of all rows is predicted for a draw from
    /// `target`.
    #[must_use]
    pub fn expect_tilt(&self, target: &[f64]) -> f64 {
        let mean = self.mean();
        let cells = self.cells.iter().zip(target);
        cells.map(|(cell, p)| p * cell.tilt(mean)).sum()
    }

    /// How a row of `action` moved [`RewardTable::expect`], times the number of
    /// rows: the part of the direct method's noise that comes from fitting.
    /// Nothing for an action outside the table.
    #[must_use]
    pub fn influence(&self, action: usize) -> Influence {
        let (n, mean) = (self.rows.max(1.0), self.mean());
        let Some(cell) = self.cells.get(action) else {
            return Influence::default();
        };
        let through_mean: f64 = (self.cells.iter())
            .map(|c| c.target / n * PRIOR_ROWS / (c.rows + PRIOR_ROWS))
            .sum();
        let weight = cell.target / (cell.rows + PRIOR_ROWS);
        Influence {
            by_reward: weight + through_mean,
            by_row: -weight * self.shrunk(cell) - through_mean * mean,
        }
    }

    fn shrunk(&self, cell: &Cell) -> f64 {
        self.mean() + cell.tilt(self.mean())
    }
}

impl Cell {
    fn tilt(&self, mean: f64) -> f64 {
        (self.total - mean * self.rows) / (self.rows + PRIOR_ROWS)
    }
}

/// What a row adds to the noise of a fitted table's mean prediction:
/// `by_reward · reward + by_row`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Influence {
    /// For each unit of its reward.
    pub by_reward: f64,
    /// For being there.
    pub by_row: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn influence_is_the_derivative_of_the_mean_prediction() {
        let rewards = [0.0, 1.0, 0.5, 2.0, -1.0, 0.25];
        let fit = |bump: f64| {
            let mut table = RewardTable::new(3);
            for i in 0..600 {
                let reward = rewards[i % 6] + if i == 7 { bump } else { 0.0 };
                table.observe(i % 3, reward, &[0.2, 0.3, 0.5]).unwrap();
            }
            table
        };
        // Row 7 is action 1.
        let slope = (fit(1.0).expect() - fit(0.0).expect()) * 600.0;
        let influence = fit(0.0).influence(1);
        assert!((slope - influence.by_reward).abs() < 1e-9, "{slope}");
    }

    #[test]
    fn the_mean_prediction_is_that_of_every_row() {
        let mut table = RewardTable::new(2);
        let targets = [[0.1, 0.9], [0.5, 0.5], [0.8, 0.2]];
        for (i, target) in targets.iter().enumerate() {
            table.observe(i % 2, i as f64, target).unwrap();
        }
        let mut sum = 0.0;
        for target in &targets {
            let by_hand = target[0] * table.predict(0) + target[1] * table.predict(1);
            assert!((table.mean() + table.expect_tilt(target) - by_hand).abs() < 1e-12);
            sum += by_hand;
        }
        assert!((table.expect() - sum / 3.0).abs() < 1e-12);
    }

    #[test]
    fn an_unseen_action_is_predicted_by_the_mean() {
        let mut table = RewardTable::new(2);
        assert_eq!(table.predict(0), 0.0);
        table.observe(0, 1.0, &[1.0, 0.0]).unwrap();
        assert_eq!((table.predict(1), table.predict(9)), (1.0, 1.0));
        assert_eq!(
            (table.tilt(1), table.influence(9)),
            (0.0, Influence::default())
        );
        assert!(table.observe(2, 1.0, &[1.0, 0.0]).is_err());
        assert!(table.observe(0, 1.0, &[1.0]).is_err());
    }
}
