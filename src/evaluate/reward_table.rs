//! The plainest reward model: one mean per action, shrunk to the overall mean.

use crate::error::{Code, Error, Result};

/// How many rows of the overall mean each action starts with.
const PRIOR_ROWS: f64 = 1000.0;

/// `q(a) = (Σ reward of a + 1000 · overall mean) / (rows of a + 1000)`.
///
/// Fitted on the log that it evaluates, either in a pass before (files) or row
/// by row just ahead of each use (streams).
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

    /// The predicted reward of a draw from `target`.
    #[must_use]
    pub fn expect(&self, target: &[f64]) -> f64 {
        self.cells
            .iter()
            .zip(target)
            .map(|(cell, p)| p * self.shrunk(cell))
            .sum()
    }

    /// How every row moved the mean of [`RewardTable::expect`] over the rows
    /// observed: the part of the direct method's noise that comes from fitting.
    #[must_use]
    pub fn influence(&self) -> Influence {
        let n = self.rows.max(1.0);
        Influence {
            mean: self.mean(),
            through_mean: self
                .cells
                .iter()
                .map(|c| c.target / n * PRIOR_ROWS / (c.rows + PRIOR_ROWS))
                .sum(),
            cells: self
                .cells
                .iter()
                .map(|c| (c.target / (c.rows + PRIOR_ROWS), self.shrunk(c)))
                .collect(),
        }
    }

    fn shrunk(&self, cell: &Cell) -> f64 {
        (cell.total + PRIOR_ROWS * self.mean()) / (cell.rows + PRIOR_ROWS)
    }
}

/// The derivative of a fitted table's mean prediction in each row's reward.
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    mean: f64,
    through_mean: f64,
    /// Per action: the weight of a residual, and the prediction.
    cells: Vec<(f64, f64)>,
}

impl Influence {
    /// The influence of a row, scaled by the number of rows: what
    /// [`super::Logged::q_influence`] asks for. 0 for an action outside the table.
    #[must_use]
    pub fn of(&self, action: usize, reward: f64) -> f64 {
        self.cells.get(action).map_or(0.0, |(weight, prediction)| {
            weight * (reward - prediction) + self.through_mean * (reward - self.mean)
        })
    }
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
        let slope = (fit(1.0).expect(&[0.2, 0.3, 0.5]) - fit(0.0).expect(&[0.2, 0.3, 0.5])) * 600.0;
        // Row 7 is action 1; one unit of its reward more moves its influence by that slope.
        let influence = fit(0.0).influence();
        let expected = influence.of(1, 2.0) - influence.of(1, 1.0);
        assert!((slope - expected).abs() < 1e-9, "{slope} {expected}");
    }

    #[test]
    fn an_unseen_action_is_predicted_by_the_mean() {
        let mut table = RewardTable::new(2);
        assert_eq!(table.predict(0), 0.0);
        table.observe(0, 1.0, &[1.0, 0.0]).unwrap();
        assert_eq!((table.predict(1), table.predict(9)), (1.0, 1.0));
        assert!(table.observe(2, 1.0, &[1.0, 0.0]).is_err());
        assert!(table.observe(0, 1.0, &[1.0]).is_err());
    }
}
