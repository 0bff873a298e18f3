//! From a strategy in a context to concrete parameters, and back (SPEC section 3).

use crate::sorted::Map;

use crate::context::{Context, Level, Personality};
use crate::error::{Code, Result};
use crate::strategy::{ActionSpace, Dimension, Strategy};
use crate::value::{Field, Value, written};

/// Energy bands per level, in hundredths.
const ENERGY_BANDS: [(i64, i64); 3] = [(0, 40), (30, 70), (60, 100)];
/// Popularity bands per novelty level.
const POPULARITY_BANDS: [(f64, f64); 3] = [(60.0, 100.0), (30.0, 70.0), (0.0, 40.0)];
/// Valence that high energy adds, in hundredths.
const HIGH_ENERGY_VALENCE: i64 = 10;

/// What a provider is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Lower end of the energy band, 0..=1, two decimals.
    pub min_energy: f64,
    /// Upper end of the energy band, 0..=1, two decimals.
    pub max_energy: f64,
    /// Target valence (musical positivity), 0..=1, two decimals.
    pub valence: f64,
    /// How many genres to draw from, 2..=6.
    pub genre_count: u32,
    /// Share of slots for unfamiliar items, 0.1..=0.6.
    pub exploration_rate: f64,
    /// Lower end of the popularity band, 0..=100.
    pub popularity_min: u32,
    /// Upper end of the popularity band, 0..=100.
    pub popularity_max: u32,
    /// What dimensions beyond the guide's three add, by name.
    pub more: Map<&'static str, f64>,
}

written!(Parameters {
    min_energy,
    max_energy,
    valence,
    genre_count,
    exploration_rate,
    popularity_min,
    popularity_max,
    ..more
});

impl Parameters {
    /// What serves when the agent cannot: no model, or a corrupt one.
    pub const FALLBACK: Self = Self {
        min_energy: 0.3,
        max_energy: 0.7,
        valence: 0.5,
        genre_count: 3,
        exploration_rate: 0.3,
        popularity_min: 20,
        popularity_max: 80,
        more: Map::new(),
    };

    /// Reads the seven parameters of the guide.
    ///
    /// # Errors
    /// `invalid_params` for a missing, unknown or out-of-range field.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidParams, "params", value).fields()?;
        let parameters = Self {
            min_energy: fields.required("min_energy")?.number(0.0, 1.0)?,
            max_energy: fields.required("max_energy")?.number(0.0, 1.0)?,
            valence: fields.required("valence")?.number(0.0, 1.0)?,
            genre_count: fields.required("genre_count")?.integer(1, 20)? as u32,
            exploration_rate: fields.required("exploration_rate")?.number(0.0, 1.0)?,
            popularity_min: fields.required("popularity_min")?.integer(0, 100)? as u32,
            popularity_max: fields.required("popularity_max")?.integer(0, 100)? as u32,
            more: Map::new(),
        };
        fields.finish()?;
        Ok(parameters)
    }

    /// All numbers in a fixed order, for comparing.
    fn numbers(&self) -> Vec<f64> {
        let mut numbers = vec![
            self.min_energy,
            self.max_energy,
            self.valence,
            f64::from(self.genre_count),
            self.exploration_rate,
            f64::from(self.popularity_min),
            f64::from(self.popularity_max),
        ];
        numbers.extend(self.more.values());
        numbers
    }
}

/// What one dimension contributes: its level 0..=2 and the context, written
/// into the parameters.
pub type Rule = fn(usize, &Context, &mut Parameters);

/// The action table together with what each dimension does to the parameters.
#[derive(Clone, Debug)]
pub struct Mapping {
    space: ActionSpace,
    rules: Vec<Rule>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            space: ActionSpace::default(),
            rules: vec![energy, diversity, novelty],
        }
    }
}

impl Mapping {
    /// This mapping with one more dimension and what it contributes.
    ///
    /// # Errors
    /// `invalid_options` beyond six dimensions.
    pub fn with(mut self, dimension: Dimension, rule: Rule) -> Result<Self> {
        self.space = self.space.with(dimension)?;
        self.rules.push(rule);
        Ok(self)
    }

    /// The strategies that are mapped.
    #[must_use]
    pub const fn space(&self) -> &ActionSpace {
        &self.space
    }

    /// The parameters of `strategy` in `context`.
    #[must_use]
    pub fn parameters(&self, strategy: Strategy, context: &Context) -> Parameters {
        let mut parameters = Parameters::FALLBACK;
        for (rule, level) in self.rules.iter().zip(self.space.levels(strategy)) {
            rule(level, context, &mut parameters);
        }
        parameters
    }

    /// The strategy that gives `parameters`, and whether it gives exactly them.
    ///
    /// In its own context every strategy is found again (`true`). Otherwise, and
    /// without a context (then the neutral one counts), it is the nearest: each
    /// parameter divided by its range over all strategies, Euclidean, ties to
    /// the lower index, `false`.
    #[must_use]
    pub fn strategy(&self, parameters: &Parameters, context: Option<&Context>) -> (Strategy, bool) {
        let neutral = Context::neutral(
            crate::context::ContentType::Music,
            crate::context::TimeOfDay::Morning,
        );
        let context_or_neutral = context.unwrap_or(&neutral);
        let wanted = parameters.numbers();
        let mut rows = Vec::new();
        let mut ends = vec![(f64::MAX, f64::MIN); wanted.len()];
        for strategy in self.space.strategies() {
            let row = self.parameters(strategy, context_or_neutral).numbers();
            for (end, &number) in ends.iter_mut().zip(&row) {
                *end = (end.0.min(number), end.1.max(number));
            }
            rows.push(row);
        }
        let mut best = (0, f64::INFINITY);
        for (index, row) in rows.iter().enumerate() {
            let mut distance = 0.0;
            for ((a, b), (low, high)) in row.iter().zip(&wanted).zip(&ends) {
                let range = if high > low { high - low } else { 1.0 };
                distance += (a - b) / range * ((a - b) / range);
            }
            if distance < best.1 {
                best = (index, distance);
            }
        }
        let strategy = self.space.get(best.0).unwrap_or_default();
        (strategy, context.is_some() && best.1 < 1e-12)
    }
}

fn energy(level: usize, context: &Context, out: &mut Parameters) {
    let (low, high) = ENERGY_BANDS.get(level).copied().unwrap_or_default();
    let mood = context.mood.target();
    // Hundredths mixed in thirds: integers, so that halves round up exactly.
    let pull = |end: i64, target: i64| {
        let thirds = end * (3 - mood.pull) + target * mood.pull;
        (2 * thirds + 3).div_euclid(6)
    };
    out.min_energy = hundredths(pull(low, mood.band.0));
    out.max_energy = hundredths(pull(high, mood.band.1));
    let lift = if level == 2 { HIGH_ENERGY_VALENCE } else { 0 };
    out.valence = hundredths((mood.valence + lift).min(100));
}

fn diversity(level: usize, context: &Context, out: &mut Parameters) {
    let openness = context.personality.openness;
    let outgoing = context.personality.extraversion > 60.0;
    (out.genre_count, out.exploration_rate) = match level {
        0 => (2, 0.1),
        1 => (
            if openness > 60.0 { 4 } else { 3 },
            if outgoing { 0.4 } else { 0.3 },
        ),
        _ => (
            if openness >= 90.0 { 6 } else { 5 },
            if outgoing { 0.6 } else { 0.5 },
        ),
    };
}

fn novelty(level: usize, context: &Context, out: &mut Parameters) {
    let (low, high) = POPULARITY_BANDS.get(level).copied().unwrap_or_default();
    let o = ((context.personality.openness - 50.0) / 50.0).max(0.0);
    let round = |x: f64| libm::floor(x + 0.5) as u32;
    out.popularity_min = round((low - 40.0 * o).max(0.0));
    out.popularity_max = round((high - 20.0 * o).max(40.0));
}

fn hundredths(n: i64) -> f64 {
    n as f64 / 100.0
}

/// The control arm: what personality alone would choose. Energy from
/// extraversion, diversity and novelty from openness, by the low/medium/high
/// cuts; further dimensions stay at their middle (SPEC section 3).
#[must_use]
pub fn baseline(space: &ActionSpace, personality: &Personality) -> Strategy {
    let extraversion = Level::of(personality.extraversion) as usize;
    let openness = Level::of(personality.openness) as usize;
    let levels: Vec<usize> = space
        .dimensions()
        .iter()
        .map(|d| match d.name {
            "energy" => extraversion,
            "diversity" | "novelty" => openness,
            _ => 1,
        })
        .collect();
    space.at(&levels).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ContentType, Mood, TimeOfDay};

    fn context(openness: f64, extraversion: f64, mood: Mood) -> Context {
        Context {
            mood,
            personality: Personality {
                openness,
                extraversion,
                ..Personality::NEUTRAL
            },
            ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
        }
    }

    fn named(name: &str, context: &Context) -> Vec<f64> {
        let mapping = Mapping::default();
        let strategy = mapping.space().parse(name).unwrap();
        mapping.parameters(strategy, context).numbers()
    }

    #[test]
    fn the_guides_two_examples_come_out_exactly() {
        assert_eq!(
            named("medium_balanced_mixed", &context(75.0, 40.0, Mood::Relaxed)),
            [0.2, 0.5, 0.6, 4.0, 0.3, 10.0, 60.0]
        );
        assert_eq!(
            named(
                "low_diverse_exploratory",
                &context(85.0, 35.0, Mood::Relaxed)
            ),
            [0.1, 0.4, 0.6, 5.0, 0.5, 0.0, 40.0]
        );
    }

    #[test]
    fn every_strategy_is_found_again_in_every_context() {
        let mapping = Mapping::default();
        for openness in 0..=100 {
            for extraversion in [30.0, 70.0] {
                for mood in Mood::ALL {
                    let context = context(f64::from(openness), extraversion, mood);
                    for strategy in mapping.space().strategies() {
                        let parameters = mapping.parameters(strategy, &context);
                        assert_eq!(
                            mapping.strategy(&parameters, Some(&context)),
                            (strategy, true)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn without_a_context_the_nearest_is_given_and_said_to_be() {
        let mapping = Mapping::default();
        let (strategy, exact) = mapping.strategy(&Parameters::FALLBACK, None);
        assert_eq!(mapping.space().name(strategy), "medium_balanced_mixed");
        assert!(!exact);
    }

    #[test]
    fn a_fourth_dimension_is_one_entry_and_its_mapping() {
        let tempo = Dimension {
            name: "tempo",
            levels: ["slow", "moderate", "fast"],
        };
        let mapping = Mapping::default()
            .with(tempo, |level, _, out| {
                out.more.insert("target_tempo", 80.0 + 30.0 * level as f64);
            })
            .unwrap();
        assert_eq!(mapping.space().len(), 81);
        let context = context(75.0, 40.0, Mood::Relaxed);
        for strategy in mapping.space().strategies() {
            let parameters = mapping.parameters(strategy, &context);
            assert_eq!(
                mapping.strategy(&parameters, Some(&context)),
                (strategy, true)
            );
        }
        let fast = mapping.space().parse("low_diverse_mixed_fast").unwrap();
        assert_eq!(
            mapping.parameters(fast, &context).more.get("target_tempo"),
            Some(&140.0)
        );
        assert_eq!(
            mapping
                .space()
                .name(baseline(mapping.space(), &context.personality)),
            "medium_diverse_exploratory_moderate"
        );
    }
}
