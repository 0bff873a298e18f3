//! The evidence in the model's own coordinates, which is what it is solved from.

use crate::codec::{Reader, Writer};
use crate::error::{Code, Error, Result};
use crate::evidence::{Evidence, Observation, Week};
use crate::features::Layout;
use crate::linear::{Square, add_scaled, dot};
use crate::posterior::split;
use crate::sorted::Map;
use crate::strategy::Strategy;

/// Rewards are kept in thousandths.
const MILLI: f64 = 1000.0;

/// What of the rewards is a visitor's own and not for all to learn, by week and
/// strategy, to be taken off the evidence: the shared model is to learn what
/// everybody shares.
#[derive(Clone, Debug, Default)]
pub struct Explained(Map<(Week, Strategy), Part>);

/// The part of one week and strategy.
#[derive(Clone, Debug, Default)]
struct Part {
    /// Σ o·c, standardised.
    rewards: Vec<f64>,
    /// Σ r² − (r − o)².
    squares: f64,
    /// How many observations it tells of.
    count: u64,
}

impl Explained {
    /// Takes in that `own` of an observation's reward is not for all; `context` is its
    /// standardised context of `columns` columns.
    pub fn add(
        &mut self,
        observation: &Observation,
        context: &[(usize, f64)],
        columns: usize,
        own: f64,
    ) {
        let key = (observation.week, observation.action);
        let part = self.0.or_default(key);
        part.rewards.resize(columns, 0.0);
        for &(i, c) in context {
            if let Some(slot) = part.rewards.get_mut(i) {
                *slot += own * c;
            }
        }
        part.squares += own * (2.0 * observation.reward as f64 / MILLI - own);
        part.count += 1;
    }

    /// Leaves to all what was taken for visitors' own in a week: `effects` has for each
    /// of their effects what each of the first columns added to it.
    pub fn leave(
        &mut self,
        layout: &Layout,
        evidence: &Evidence,
        week: Week,
        effects: &[Vec<f64>],
    ) {
        for (&action, sums) in evidence.week(week).into_iter().flat_map(Map::iter) {
            let Some(part) = self.0.get_mut(&(week, action)) else {
                continue;
            };
            // The evidence may hold more than was seen of visitors.
            let seen = part.count as f64 / sums.count() as f64;
            let mut left = vec![0.0; effects.first().map_or(0, Vec::len)];
            for (h, effect) in split(layout, layout.basis(action)).0.iter().zip(effects) {
                add_scaled(&mut left, *h, effect);
            }
            for (k, l) in left.iter().enumerate() {
                let reward = sums.rewards().get(k).copied().unwrap_or(0) as f64 / MILLI;
                let own = part.rewards.get(k).copied().unwrap_or(0.0);
                part.squares -= 2.0 * l * (seen * reward * layout.scale(k) - own);
            }
            for (i, own) in part.rewards.iter_mut().enumerate() {
                let scale = seen * layout.scale(i);
                let product = |k| scale * sums.product(i, k) as f64 * layout.scale(k);
                let change: f64 = left.iter().enumerate().map(|(k, l)| l * product(k)).sum();
                *own -= change;
                part.squares -= left.get(i).copied().unwrap_or(0.0) * change;
            }
        }
    }

    /// What lies `share` of the way from this to another account of the same
    /// observations.
    #[must_use]
    pub fn towards(mut self, other: &Self, share: f64) -> Self {
        for (part, goal) in self.0.values_mut().zip(other.0.values()) {
            for (sum, goal) in part.rewards.iter_mut().zip(&goal.rewards) {
                *sum += share * (goal - *sum);
            }
            part.squares += share * (goal.squares - part.squares);
        }
        self
    }

    /// Appends the sums.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.0.len() as u64);
        for ((week, action), part) in &self.0 {
            out.int(i64::from(week.0));
            out.uint(action.index() as u64);
            out.uint(part.count);
            out.float(part.squares);
            for &sum in &part.rewards {
                out.float(sum);
            }
        }
    }

    /// Takes back what [`Explained::encode`] wrote for the same layout.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(layout: &Layout, input: &mut Reader<'_>) -> Result<Self> {
        let mut sums = Map::new();
        for _ in 0..input.count(10)? {
            let corrupt = || Error::new(Code::CorruptModel, "not readable sums: a key");
            let week = i32::try_from(input.int()?).map_err(|_| corrupt())?;
            let index = usize::try_from(input.uint()?).map_err(|_| corrupt())?;
            let action = layout.space().get(index).ok_or_else(corrupt)?;
            let count = input.uint()?;
            let squares = input.float()?;
            let rewards = (0..layout.context_len()).map(|_| input.float());
            let rewards = rewards.collect::<Result<_>>()?;
            sums.insert(
                (Week(week), action),
                Part {
                    rewards,
                    squares,
                    count,
                },
            );
        }
        Ok(Self(sums))
    }
}

/// The evidence in the model's own coordinates: Σ w·x·xᵀ, Σ w·r·x, Σ w·r², Σ w.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Σ w·x·xᵀ; only the lower triangle is filled.
    pub products: Square,
    /// Σ w·r·x.
    pub rewards: Vec<f64>,
    /// Σ w·r².
    pub squares: f64,
    /// Σ w.
    pub count: f64,
}

impl Moments {
    /// Sums the weeks in ascending order, each times its weight; of the rewards,
    /// what `explained` leaves.
    #[must_use]
    pub fn gather(
        layout: &Layout,
        evidence: &Evidence,
        explained: &Explained,
        weight: &dyn Fn(Week) -> f64,
    ) -> Self {
        let columns: Vec<usize> = (0..layout.context_len()).collect();
        Self::gather_columns(layout, evidence, explained, &columns, weight)
    }

    /// [`Moments::gather`] over some of the context columns, ascending: the sums
    /// of a smaller model, its weights in the same order.
    #[must_use]
    pub fn gather_columns(
        layout: &Layout,
        evidence: &Evidence,
        explained: &Explained,
        columns: &[usize],
        weight: &dyn Fn(Week) -> f64,
    ) -> Self {
        let width = columns.len();
        let size = layout.crossed_len() * width + layout.pairs_len();
        let mut moments = Self {
            products: Square::zeros(size),
            rewards: vec![0.0; size],
            squares: 0.0,
            count: 0.0,
        };
        let weeks: Vec<_> = (evidence.weeks())
            .map(|week| (week, weight(week), evidence.week(week)))
            .filter(|(_, w, _)| *w != 0.0)
            .collect();
        for action in layout.space().strategies() {
            let mut products = Square::zeros(width);
            let mut rewards = vec![0.0; width];
            let mut count = 0.0;
            for (_, w, sums) in &weeks {
                let Some(sums) = sums.and_then(|actions| actions.get(&action)) else {
                    continue;
                };
                for (r, &i) in columns.iter().enumerate() {
                    let row = products.row_mut(r).iter_mut();
                    for (to, &j) in row.zip(columns).take(r + 1) {
                        *to += w * sums.product(i, j) as f64;
                    }
                }
                for (to, &i) in rewards.iter_mut().zip(columns) {
                    *to += w * sums.rewards().get(i).copied().unwrap_or(0) as f64;
                }
                moments.squares += w * sums.squares() as f64 / (MILLI * MILLI);
                count += w * sums.count() as f64;
            }
            if count != 0.0 {
                moments.count += count;
                for (r, &i) in columns.iter().enumerate() {
                    for (c, &j) in columns.iter().enumerate().take(r + 1) {
                        let value = products.at(r, c) * layout.scale(i) * layout.scale(j);
                        products.set(r, c, value);
                        products.set(c, r, value);
                    }
                    if let Some(slot) = rewards.get_mut(r) {
                        *slot *= layout.scale(i) / MILLI;
                    }
                }
                for (week, w, _) in &weeks {
                    if let Some(own) = explained.0.get(&(*week, action)) {
                        for (to, &i) in rewards.iter_mut().zip(columns) {
                            *to -= w * own.rewards.get(i).copied().unwrap_or(0.0);
                        }
                        moments.squares -= w * own.squares;
                    }
                }
                moments.spread(layout, action, &products, &rewards);
            }
        }
        moments
    }

    /// Adds one strategy's standardised sums at every place its contrasts put
    /// them.
    fn spread(&mut self, layout: &Layout, action: Strategy, full: &Square, rewards: &[f64]) {
        let width = full.size();
        let (crossed, alone) = split(layout, layout.basis(action));
        let first = crossed.len() * width;
        for (j, hj) in crossed.iter().enumerate().filter(|(_, h)| **h != 0.0) {
            for i in 0..width {
                let target = self.products.row_mut(j * width + i);
                for (k, hk) in crossed.iter().enumerate().take(j + 1) {
                    if *hk != 0.0
                        && let Some(block) = target.get_mut(k * width..(k + 1) * width)
                    {
                        add_scaled(block, hj * hk, full.row(i));
                    }
                }
                if let Some(slot) = self.rewards.get_mut(j * width + i) {
                    *slot += hj * rewards.get(i).copied().unwrap_or(0.0);
                }
            }
        }
        let count = full.at(0, 0);
        for (p, hp) in alone.iter().enumerate() {
            let target = self.products.row_mut(first + p);
            for (k, hk) in crossed.iter().enumerate().filter(|(_, h)| **h != 0.0) {
                if let Some(block) = target.get_mut(k * width..(k + 1) * width) {
                    add_scaled(block, hp * hk, full.row(0));
                }
            }
            for (q, hq) in alone.iter().enumerate() {
                if let Some(slot) = target.get_mut(first + q) {
                    *slot += hp * hq * count;
                }
            }
            if let Some(slot) = self.rewards.get_mut(first + p) {
                *slot += hp * rewards.first().copied().unwrap_or(0.0);
            }
        }
    }

    /// Takes other sums in.
    pub fn add(&mut self, other: &Self) {
        for i in 0..self.products.size() {
            add_scaled(self.products.row_mut(i), 1.0, other.products.row(i));
        }
        add_scaled(&mut self.rewards, 1.0, &other.rewards);
        self.squares += other.squares;
        self.count += other.count;
    }

    /// The squared error that `mean` leaves: Σ w·(r − x·mean)².
    #[must_use]
    pub fn error(&self, mean: &[f64]) -> f64 {
        // The lower triangle holds each product of two different weights once.
        let mut quadratic = 0.0;
        for (i, m) in mean.iter().enumerate() {
            let row = self.products.row(i);
            let (below, own) = row.split_at(i);
            quadratic += m * (2.0 * dot(below, mean) + own.first().copied().unwrap_or(0.0) * m);
        }
        (self.squares - 2.0 * dot(mean, &self.rewards) + quadratic).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ContentType, Context, Extras, Mood, Personality, TimeOfDay};
    use crate::features::LASTING;
    use crate::strategy::ActionSpace;

    /// What was added to the reward of the visit `n` in a context, for its visitor.
    fn own(n: usize) -> f64 {
        (n * 7 % 5) as f64 / 10.0 - 0.2
    }

    #[test]
    fn what_is_left_to_all_is_as_if_it_had_never_been_taken() {
        let layout = Layout::new(&ActionSpace::default(), &Extras::default());
        let effects: Vec<Vec<f64>> = (0..layout.crossed_len())
            .map(|j| {
                (0..LASTING)
                    .map(|k| (j * 3 + k) as f64 / 100.0 - 0.1)
                    .collect()
            })
            .collect();
        let columns = layout.context_len();
        let mut evidence = Evidence::new(&layout);
        let (mut taken, mut never) = (Explained::default(), Explained::default());
        for n in 0..60 {
            let scores = [30, 45, 50, 62, 71].map(|score| f64::from(score) + (n % 9) as f64);
            let observation = Observation {
                week: Week(2),
                action: Strategy::within(n % 4, 27).unwrap(),
                features: layout.features(&Context {
                    personality: Personality::from_scores(scores),
                    content_type: ContentType::Music,
                    mood: Mood::Relaxed,
                    time_of_day: TimeOfDay::Evening,
                    extras: Vec::new(),
                }),
                reward: (n * 37 % 1900) as i64 - 400,
            };
            evidence.add(&observation).unwrap();
            let context = layout.standardised(&observation.features);
            let left: f64 = (split(&layout, layout.basis(observation.action)).0.iter())
                .zip(&effects)
                .map(|(h, effect)| {
                    let lasting = context.iter().filter(|(i, _)| *i < LASTING);
                    h * lasting.map(|&(i, c)| effect[i] * c).sum::<f64>()
                })
                .sum();
            taken.add(&observation, &context, columns, own(n));
            never.add(&observation, &context, columns, own(n) - left);
        }
        taken.leave(&layout, &evidence, Week(2), &effects);
        taken.leave(&layout, &evidence, Week(3), &effects);
        for (a, b) in taken.0.values().zip(never.0.values()) {
            assert!((a.squares - b.squares).abs() < 1e-9, "{a:?} {b:?}");
            for (a, b) in a.rewards.iter().zip(&b.rewards) {
                assert!((a - b).abs() < 1e-9, "{a} {b}");
            }
        }
    }
}
