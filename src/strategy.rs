//! The action table: dimensions, their levels, and the strategies they span
//! (SPEC section 2). Everything about actions is derived from [`DIMENSIONS`].

use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::text::join;
use crate::value::{Value, Written, quote};

/// One thing that a strategy decides, at one of three ordered levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The name on the wire, such as `energy`.
    pub name: &'static str,
    /// Level names from least to most.
    pub levels: [&'static str; 3],
}

/// The guide's three dimensions, the slowest-moving first.
pub const DIMENSIONS: [Dimension; 3] = [
    Dimension {
        name: "energy",
        levels: ["low", "medium", "high"],
    },
    Dimension {
        name: "diversity",
        levels: ["focused", "balanced", "diverse"],
    },
    Dimension {
        name: "novelty",
        levels: ["familiar", "mixed", "exploratory"],
    },
];

/// A strategy: its index in the [`ActionSpace`] it came from.
///
/// In the guide's space the index is `energy·9 + diversity·3 + novelty`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Strategy(u16);

impl Strategy {
    /// The index, 0..[`ActionSpace::len`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The strategy at `index` of a space of `count` strategies, for decoders.
    #[must_use]
    pub fn within(index: usize, count: usize) -> Option<Self> {
        u16::try_from(index)
            .ok()
            .filter(|_| index < count)
            .map(Self)
    }
}

impl Written for Strategy {
    fn written(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// All strategies over a list of dimensions; the default is the guide's 27.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSpace {
    dimensions: Vec<Dimension>,
}

impl Default for ActionSpace {
    fn default() -> Self {
        Self {
            dimensions: DIMENSIONS.to_vec(),
        }
    }
}

impl ActionSpace {
    /// This space with one more, fastest-moving dimension.
    ///
    /// # Errors
    /// `invalid_options` beyond six dimensions (729 strategies).
    pub fn with(mut self, dimension: Dimension) -> Result<Self> {
        if self.dimensions.len() >= 6 {
            return Err(Error::new(
                Code::InvalidOptions,
                join(
                    &["dimension `", dimension.name, "` would be the seventh"],
                    "",
                ),
            ));
        }
        self.dimensions.push(dimension);
        Ok(self)
    }

    /// The dimensions, the slowest-moving first.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// How many strategies there are: 3 to the number of dimensions.
    #[must_use]
    #[allow(
        clippy::len_without_is_empty,
        reason = "a space always holds at least one strategy"
    )]
    pub fn len(&self) -> usize {
        self.dimensions.iter().fold(1, |n, _| n * 3)
    }

    /// Every strategy in index order.
    pub fn strategies(&self) -> impl Iterator<Item = Strategy> + use<> {
        (0..self.len() as u16).map(Strategy)
    }

    /// The strategy at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Strategy> {
        Strategy::within(index, self.len())
    }

    /// The strategy with these levels, each 0..=2, one per dimension.
    #[must_use]
    pub fn at(&self, levels: &[usize]) -> Option<Strategy> {
        if levels.len() != self.dimensions.len() || levels.iter().any(|&l| l > 2) {
            return None;
        }
        self.get(levels.iter().fold(0, |index, &l| index * 3 + l))
    }

    /// The levels of `strategy`, 0..=2, one per dimension.
    #[must_use]
    pub fn levels(&self, strategy: Strategy) -> Vec<usize> {
        let mut rest = strategy.index();
        let mut levels = vec![0; self.dimensions.len()];
        for level in levels.iter_mut().rev() {
            *level = rest % 3;
            rest /= 3;
        }
        levels
    }

    /// The name, such as `low_diverse_exploratory`.
    #[must_use]
    pub fn name(&self, strategy: Strategy) -> String {
        let words: Vec<&str> = self
            .dimensions
            .iter()
            .zip(self.levels(strategy))
            .filter_map(|(d, l)| d.levels.get(l).copied())
            .collect();
        join(&words, "_")
    }

    /// The strategy called `name`.
    ///
    /// # Errors
    /// `invalid_params` for any other word.
    pub fn parse(&self, name: &str) -> Result<Strategy> {
        self.strategies()
            .find(|&s| self.name(s) == name)
            .ok_or_else(|| {
                let form: Vec<String> = self
                    .dimensions
                    .iter()
                    .map(|d| join(&["{", &join(&d.levels, "|"), "}"], ""))
                    .collect();
                Error::new(
                    Code::InvalidParams,
                    join(
                        &["strategy ", &quote(name), " is none of ", &join(&form, "_")],
                        "",
                    ),
                )
            })
    }

    /// The main contrasts of `strategy`: per dimension linear (−1, 0, 1) and
    /// quadratic (1, −2, 1), in dimension order (SPEC section 5).
    #[must_use]
    pub fn contrasts(&self, strategy: Strategy) -> Vec<i64> {
        self.levels(strategy)
            .into_iter()
            .flat_map(|level| match level {
                0 => [-1, 1],
                1 => [0, -2],
                _ => [1, 1],
            })
            .collect()
    }
}

/// The level of an energy given as a number 0..=1: low up to 1/3, medium up to
/// 2/3, else high (SPEC section 2).
#[must_use]
pub fn energy_level(energy: f64) -> usize {
    if energy <= 1.0 / 3.0 {
        0
    } else if energy <= 2.0 / 3.0 {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_levels_and_name_agree() {
        let space = ActionSpace::default();
        assert_eq!(space.len(), 27);
        for (i, s) in space.strategies().enumerate() {
            assert_eq!(s.index(), i);
            assert_eq!(space.parse(&space.name(s)).unwrap(), s);
            assert_eq!(space.at(&space.levels(s)), Some(s));
        }
        assert_eq!(space.parse("low_diverse_exploratory").unwrap().index(), 8);
        assert_eq!(
            space.parse("lowly").unwrap_err().code(),
            Code::InvalidParams
        );
    }

    #[test]
    fn contrasts_sum_to_zero_over_the_space() {
        let space = ActionSpace::default();
        let mut sum = vec![0; 6];
        for s in space.strategies() {
            for (total, c) in sum.iter_mut().zip(space.contrasts(s)) {
                *total += c;
            }
        }
        assert_eq!(sum, [0; 6]);
    }

    #[test]
    fn energy_numbers_are_cut_at_thirds() {
        assert_eq!([0.0, 1.0 / 3.0, 0.34].map(energy_level), [0, 0, 1]);
        assert_eq!([2.0 / 3.0, 0.67, 1.0].map(energy_level), [1, 2, 2]);
    }
}
