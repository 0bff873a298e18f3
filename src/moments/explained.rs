//! What of the rewards is visitors' own and not for all to learn, to be taken off the
//! evidence before the shared model is solved.
//!
//! Layers are made over a first solution. Where that errs alike for many (a few lied to
//! it; those who love a strategy were given it most), each of their layers makes up for
//! it. Taken for tastes, that would be taken off the rewards, and the second solution
//! would find the error confirmed. So what layers have in common by what lasts of a
//! context, the constant and the traits, is left to all. For what comes and goes, a
//! layer cannot make up.

use super::MILLI;
use crate::codec::{Reader, Writer, unreadable};
use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::features::{LASTING, Layout};
use crate::linear::{Cholesky, Square, add_scaled};
use crate::sorted::Map;
use crate::strategy::Strategy;

/// Sums over visits, by week.
#[derive(Clone, Debug, Default)]
pub struct Explained(Map<Week, Part>);

/// The sums of one week.
#[derive(Clone, Debug, Default)]
struct Part {
    /// By strategy, in index order.
    own: Vec<Own>,
    /// How layers go with what lasts: Σ z·cᵀ, row by row, where `c` is what lasts of a
    /// context and `z` that and, after it, the layer's effects. Each visit counts as far
    /// as its visitor is trusted.
    common: Vec<f64>,
}

/// What of the rewards of one strategy is visitors' own.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Σ o·c over the visits with their own parts `o`, standardised.
    pub rewards: Vec<f64>,
    /// Σ r² − (r − o)².
    pub squares: f64,
    /// How many visits there were.
    count: u64,
}

/// What is said of one visit.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// How much of the reward is the visitor's own.
    pub own: f64,
    /// The effects of the layer that the visit met.
    pub layer: &'a [f32],
    /// How far the visitor is trusted, 0 to 1.
    pub trust: f64,
}

/// By how much layers vary between visitors, and the shared weights between models.
#[derive(Clone, Copy, Debug)]
pub struct Spread<'a> {
    /// How many visitors there are.
    pub visitors: u64,
    /// The prior variance of a layer's first effect.
    pub general: f64,
    /// That of each other one.
    pub own: f64,
    /// Those of the shared weights.
    pub shared: &'a [f64],
}

impl Explained {
    /// Takes in a visit, of which `context` is the standardised context.
    pub fn add(
        &mut self,
        layout: &Layout,
        visit: &Observation,
        context: &[(usize, f64)],
        account: Account<'_>,
    ) {
        let Account { own, layer, trust } = account;
        let part = self.0.or_default(visit.week);
        part.own.resize_with(layout.space().len(), Own::default);
        let Some(sums) = part.own.get_mut(visit.action.index()) else {
            return;
        };
        sums.rewards.resize(layout.context_len(), 0.0);
        let mut lasting = vec![0.0; LASTING];
        for &(i, c) in context {
            if let Some(slot) = sums.rewards.get_mut(i) {
                *slot += own * c;
            }
            if let Some(slot) = lasting.get_mut(i) {
                *slot = c;
            }
        }
        sums.squares += own * (2.0 * visit.reward as f64 / MILLI - own);
        sums.count += 1;
        part.common.resize((LASTING + layer.len()) * LASTING, 0.0);
        let effects = layer.iter().map(|&effect| f64::from(effect));
        let rows = part.common.chunks_exact_mut(LASTING);
        for (row, z) in rows.zip(lasting.iter().copied().chain(effects)) {
            add_scaled(row, trust * z, &lasting);
        }
    }

    /// What lies `share` of the way from this to another account of the same visits.
    #[must_use]
    pub fn towards(mut self, other: &Self, share: f64) -> Self {
        let approach = |sums: &mut [f64], goals: &[f64]| {
            for (sum, goal) in sums.iter_mut().zip(goals) {
                *sum += share * (goal - *sum);
            }
        };
        for (part, goal) in self.0.values_mut().zip(other.0.values()) {
            for (own, goal) in part.own.iter_mut().zip(&goal.own) {
                approach(&mut own.rewards, &goal.rewards);
                own.squares += share * (goal.squares - own.squares);
            }
            approach(&mut part.common, &goal.common);
        }
        self
    }

    /// Leaves to all what layers have in common.
    ///
    /// That is the regression of the layers on what lasts, week by week, by visitors:
    /// a handful of them keep what sets them apart.
    ///
    /// # Errors
    /// `corrupt_model` when these are no sums of visits.
    pub fn leave_common(
        &mut self,
        layout: &Layout,
        evidence: &Evidence,
        spread: Spread<'_>,
    ) -> Result<()> {
        for (&week, part) in self.0.iter_mut() {
            let common = spread.common(layout, &part.common)?;
            let Some(actions) = evidence.week(week) else {
                continue;
            };
            for (action, sums) in actions {
                let Some(own) = part.own.get_mut(action.index()) else {
                    continue;
                };
                // The evidence may hold more than is known of visitors.
                let known = own.count as f64 / sums.count() as f64;
                let mut left = vec![0.0; LASTING];
                let effects = common.chunks_exact(LASTING);
                for (h, effect) in layout.basis(*action).iter().zip(effects) {
                    add_scaled(&mut left, *h, effect);
                }
                for ((i, taken), reward) in own.rewards.iter_mut().enumerate().zip(sums.rewards()) {
                    let scale = known * layout.scale(i);
                    let mut change = 0.0;
                    for (k, l) in left.iter().enumerate() {
                        change += l * sums.product(i, k) as f64 * layout.scale(k);
                    }
                    change *= scale;
                    if let Some(l) = left.get(i) {
                        let remaining = scale * *reward as f64 / MILLI - *taken;
                        own.squares -= l * (2.0 * remaining + change);
                    }
                    *taken -= change;
                }
            }
        }
        Ok(())
    }

    /// What is visitors' own of a strategy's rewards in a week.
    pub(super) fn of(&self, week: Week, action: Strategy) -> Option<&Own> {
        self.0.get(&week)?.own.get(action.index())
    }

    /// Appends the sums.
    pub fn encode(&self, out: &mut Writer) {
        out.uint(self.0.len() as u64);
        for (week, part) in &self.0 {
            out.int(i64::from(week.0));
            for own in &part.own {
                out.uint(own.count);
                out.float(own.squares);
                for &sum in &own.rewards {
                    out.float(sum);
                }
            }
            for &sum in &part.common {
                out.float(sum);
            }
        }
    }

    /// Takes back what [`Explained::encode`] wrote for the same layout.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn decode(layout: &Layout, input: &mut Reader<'_>) -> Result<Self> {
        let floats = |input: &mut Reader<'_>, count: usize| -> Result<Vec<f64>> {
            (0..count).map(|_| input.float()).collect()
        };
        let mut weeks = Map::new();
        for _ in 0..input.count(10)? {
            let week = i32::try_from(input.int()?).map_err(|_| unreadable("sums", "a week"))?;
            let mut own = Vec::new();
            for _ in 0..layout.space().len() {
                let count = input.uint()?;
                let squares = input.float()?;
                let columns = if count == 0 { 0 } else { layout.context_len() };
                let rewards = floats(input, columns)?;
                own.push(Own {
                    rewards,
                    squares,
                    count,
                });
            }
            let common = floats(input, (LASTING + layout.crossed_len()) * LASTING)?;
            weeks.insert(Week(week), Part { own, common });
        }
        Ok(Self(weeks))
    }
}

impl Spread<'_> {
    /// What each lasting column adds to each effect of the layers, effect by effect.
    fn common(self, layout: &Layout, sums: &[f64]) -> Result<Vec<f64>> {
        let visits = sums.first().copied().unwrap_or(0.0) / self.visitors as f64;
        let (products, layers) = sums.split_at_checked(LASTING * LASTING).unwrap_or_default();
        let mut common = Vec::new();
        let mut own = self.general;
        let priors = self.shared.chunks(layout.context_len());
        for (layers, priors) in layers.chunks_exact(LASTING).zip(priors) {
            let mut matrix = Square::zeros(LASTING);
            for ((i, row), shared) in products.chunks_exact(LASTING).enumerate().zip(priors) {
                add_scaled(matrix.row_mut(i), 1.0, row);
                // A billionth of a visit more, for a week with none of anybody who is trusted.
                matrix.add(i, i, 1e-9 + visits * own / shared);
            }
            common.extend(Cholesky::new(matrix)?.solve(layers));
            own = self.own;
        }
        Ok(common)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ContentType, Context, Extras, Mood, Personality, TimeOfDay};
    use crate::strategy::ActionSpace;

    fn layout() -> Layout {
        Layout::new(&ActionSpace::default(), &Extras::default())
    }

    /// The visit `n` of a visitor with these scores.
    fn visit(layout: &Layout, week: i32, n: usize, scores: [f64; 5]) -> Observation {
        Observation {
            week: Week(week),
            action: Strategy::within(n % 4, 27).unwrap(),
            features: layout.features(&Context {
                personality: Personality::from_scores(scores),
                content_type: ContentType::Music,
                mood: Mood::Relaxed,
                time_of_day: TimeOfDay::Evening,
                extras: Vec::new(),
            }),
            reward: (n * 37 % 1900) as i64 - 400,
        }
    }

    /// Visits of so many visitors, ten each in either of two weeks. What their layers
    /// have in common: 0.02 more with every effect, and 0.03 less for every openness.
    fn visited(layout: &Layout, visitors: usize) -> Explained {
        let mut explained = Explained::default();
        for visitor in 0..visitors {
            let own = if visitor % 2 == 0 { 0.05 } else { -0.05 };
            let openness = (visitor % 7) as f64 / 3.0 - 1.0;
            let layer: Vec<f32> = (0..layout.crossed_len())
                .map(|j| (0.02 * (j as f64 + 1.0) - 0.03 * openness + own) as f32)
                .collect();
            for n in 0..20 {
                let visit = visit(layout, n as i32 % 2, n, [50.0; 5]);
                // A mood comes and goes.
                let context = [(0, 1.0), (1, openness), (LASTING, 1.0)];
                let account = Account {
                    own,
                    layer: &layer,
                    trust: 1.0,
                };
                explained.add(layout, &visit, &context, account);
            }
        }
        explained
    }

    fn common(layout: &Layout, explained: &Explained, visitors: u64) -> Vec<Vec<f64>> {
        let shared = vec![0.0064; layout.model_len()];
        let spread = Spread {
            visitors,
            general: 0.09,
            own: 0.01,
            shared: &shared,
        };
        let parts = explained.0.values();
        parts
            .map(|part| spread.common(layout, &part.common).unwrap())
            .collect()
    }

    #[test]
    fn what_many_layers_have_in_common_is_found_week_by_week() {
        let layout = layout();
        let weeks = common(&layout, &visited(&layout, 1400), 1400);
        assert_eq!(weeks.len(), 2);
        for (j, found) in weeks.iter().flat_map(|w| w.chunks(LASTING).enumerate()) {
            let always = 0.02 * (j as f64 + 1.0);
            assert!((found[0] - always).abs() < 0.02 * always, "{j}: {found:?}");
            assert!((found[1] + 0.03).abs() < 0.001, "{j}: {found:?}");
            assert!(found[2..].iter().all(|f| f.abs() < 1e-9), "{j}: {found:?}");
        }
    }

    #[test]
    fn a_handful_keep_what_sets_them_apart() {
        let layout = layout();
        let weeks = common(&layout, &visited(&layout, 7), 7);
        for found in weeks[0].chunks(LASTING) {
            assert!(found[1] < 0.0 && found[1] > -0.025, "{found:?}");
        }
    }

    #[test]
    fn whoever_is_not_trusted_has_nothing_in_common() {
        let layout = layout();
        let mut explained = visited(&layout, 70);
        let before = common(&layout, &explained, 70);
        let liar = Account {
            own: -2.0,
            layer: &[-9.0; 7],
            trust: 0.0,
        };
        let visit = visit(&layout, 0, 3, [90.0; 5]);
        explained.add(&layout, &visit, &[(0, 1.0), (1, 2.0)], liar);
        assert_eq!(common(&layout, &explained, 70), before);
        let mut alone = Explained::default();
        alone.add(&layout, &visit, &[(0, 1.0), (1, 2.0)], liar);
        let found = common(&layout, &alone, 1).concat();
        assert!(
            !found.is_empty() && found.iter().all(|&f| f == 0.0),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_left_to_all_is_as_if_it_had_never_been_taken() {
        let layout = layout();
        let mut evidence = Evidence::new(&layout);
        let visits: Vec<Observation> = (0..60)
            .map(|n| {
                let scores = [30, 45, 50, 62, 71].map(|score| f64::from(score) + (n % 9) as f64);
                visit(&layout, 2, n, scores)
            })
            .collect();
        let layer = [0.3, -0.1, 0.2, 0.0, 0.1, -0.2, 0.05];
        let took = |effects: &[f64]| {
            let mut explained = Explained::default();
            for (n, visit) in visits.iter().enumerate() {
                let context = layout.standardised(&visit.features);
                let rows = layout.basis(visit.action).iter();
                let left: f64 = (rows.zip(effects.chunks_exact(LASTING)))
                    .map(|(h, row)| {
                        let lasting = context.iter().take_while(|(i, _)| *i < LASTING);
                        h * lasting.map(|&(i, c)| row[i] * c).sum::<f64>()
                    })
                    .sum();
                let account = Account {
                    own: (n * 7 % 5) as f64 / 10.0 - 0.2 - left,
                    layer: &layer,
                    trust: 0.5,
                };
                explained.add(&layout, visit, &context, account);
            }
            explained
        };
        for visit in &visits {
            evidence.add(visit).unwrap();
        }
        let shared = vec![0.0064; layout.model_len()];
        let spread = Spread {
            visitors: 9,
            general: 0.09,
            own: 0.01,
            shared: &shared,
        };
        let mut taken = took(&[]);
        let effects = spread.common(&layout, &taken.0.get(&Week(2)).unwrap().common);
        taken.leave_common(&layout, &evidence, spread).unwrap();
        let never = took(&effects.unwrap());
        for action in layout.space().strategies() {
            let [a, b] = [&taken, &never].map(|e| e.of(Week(2), action).unwrap());
            assert!((a.squares - b.squares).abs() < 1e-9, "{a:?} {b:?}");
            assert_eq!(a.rewards.len(), b.rewards.len());
            for (a, b) in a.rewards.iter().zip(&b.rewards) {
                assert!((a - b).abs() < 1e-9, "{a} {b}");
            }
        }
    }

    #[test]
    fn stored_sums_come_back_and_a_part_of_them_is_refused() {
        let layout = layout();
        let written = |explained: &Explained| {
            let mut out = Writer::default();
            explained.encode(&mut out);
            out.into_bytes()
        };
        let bytes = written(&visited(&layout, 3));
        let decode = |bytes: &[u8]| {
            let mut input = Reader::new(bytes);
            let explained = Explained::decode(&layout, &mut input)?;
            input.finish()?;
            Ok::<_, crate::error::Error>(explained)
        };
        assert_eq!(written(&decode(&bytes).unwrap()), bytes);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
    }
}
