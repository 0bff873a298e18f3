//! A measured figure and its budget.

use std::fmt;

/// A quantity in its unit.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Quantity {
    /// Bytes; shown in KB of 1,024.
    Bytes(f64),
    /// Seconds.
    Seconds(f64),
    /// Multiples of a dense 215 × 215 matrix–vector product.
    Products(f64),
    /// Multiples of parsing the same lines with `JSON.parse`.
    Parses(f64),
    /// How often in a second.
    PerSecond(f64),
    /// Multiples of the same figure elsewhere.
    Times(f64),
    /// A number without a unit.
    Plain(f64),
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(out, "{:.1} KB", bytes / 1024.0),
            Self::Seconds(seconds) if *seconds < 0.001 => write!(out, "{:.2} µs", seconds * 1e6),
            Self::Seconds(seconds) if *seconds < 0.1 => write!(out, "{:.1} ms", seconds * 1e3),
            Self::Seconds(seconds) => write!(out, "{seconds:.2} s"),
            Self::Products(times) => write!(out, "{times:.2} products"),
            Self::Parses(times) => write!(out, "{times:.2} parses"),
            Self::PerSecond(times) => write!(out, "{times:.0}/s"),
            Self::Times(times) => write!(out, "{times:.2} ×"),
            Self::Plain(number) => write!(out, "{number:.3}"),
        }
    }
}

/// One line of a table of figures.
pub struct Figure {
    name: String,
    value: Quantity,
    budget: Option<Quantity>,
    /// What the budget should come down to.
    goal: Option<Quantity>,
    /// Whether the budget is the least, not the most.
    least: bool,
}

impl Figure {
    /// A figure that is only reported.
    pub fn plain(name: impl Into<String>, value: Quantity) -> Self {
        Self {
            name: name.into(),
            value,
            budget: None,
            goal: None,
            least: false,
        }
    }

    /// A figure with the most that it may be.
    pub fn at_most(name: impl Into<String>, value: Quantity, budget: Quantity) -> Self {
        Self {
            name: name.into(),
            value,
            budget: Some(budget),
            goal: None,
            least: false,
        }
    }

    /// A figure that must not grow beyond `budget`, and is still to come down
    /// to `goal`.
    pub fn on_the_way(
        name: impl Into<String>,
        value: Quantity,
        budget: Quantity,
        goal: Quantity,
    ) -> Self {
        Self {
            goal: Some(goal),
            ..Self::at_most(name, value, budget)
        }
    }

    /// A figure with the least that it may be.
    pub fn at_least(name: impl Into<String>, value: Quantity, budget: Quantity) -> Self {
        Self {
            least: true,
            ..Self::at_most(name, value, budget)
        }
    }

    /// Whether there is a budget to hold.
    pub const fn has_budget(&self) -> bool {
        self.budget.is_some()
    }

    /// Whether the budget, if any, is held.
    pub fn is_met(&self) -> bool {
        self.budget.is_none_or(|budget| {
            if self.least {
                self.value >= budget
            } else {
                self.value <= budget
            }
        })
    }
}

/// The figures as a Markdown table.
pub fn table(figures: &[Figure]) -> String {
    let mut text = String::from("| figure | measured | budget | |\n|---|---:|---:|---|\n");
    for figure in figures {
        let budget = figure.budget.map(|budget| match figure.least {
            true => format!("at least {budget}"),
            false => budget.to_string(),
        });
        let verdict = match (figure.has_budget(), figure.is_met(), figure.goal) {
            (false, ..) => String::new(),
            (true, false, _) => "EXCEEDED".to_owned(),
            (true, true, Some(goal)) if figure.value > goal => format!("goal {goal} missed"),
            (true, true, _) => "met".to_owned(),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {verdict} |\n",
            figure.name,
            figure.value,
            budget.unwrap_or_default()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_held_up_to_itself() {
        let bytes = |value| Figure::at_most("x", Quantity::Bytes(value), Quantity::Bytes(1024.0));
        assert!(bytes(1024.0).is_met());
        assert!(!bytes(1025.0).is_met());
        let kb = |n: f64| Quantity::Bytes(n * 1024.0);
        let late = Figure::on_the_way("z", kb(2.0), kb(3.0), kb(1.0));
        assert!(late.is_met());
        assert!(table(&[late]).contains("goal 1.0 KB missed"));
        let rate = Figure::at_least("y", Quantity::PerSecond(2.0), Quantity::PerSecond(3.0));
        assert!(!rate.is_met());
        assert!(table(&[bytes(1025.0)]).contains("| x | 1.0 KB | 1.0 KB | EXCEEDED |"));
    }
}
