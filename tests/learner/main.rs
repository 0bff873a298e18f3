//! What the learner promises: exact evidence, an exact posterior, honest
//! probabilities (SPEC section 5).

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may fail loudly, and documents itself"
)]

mod evidence;
#[cfg(feature = "simulate")]
mod hostile;
#[cfg(feature = "simulate")]
mod poisoning;
mod posterior;
#[cfg(feature = "simulate")]
mod simulate;
mod taste;

use moodloop::context::{ContentType, Context, Extras, Mood, Personality, TimeOfDay};
use moodloop::evidence::{Observation, Week};
use moodloop::features::Layout;
use moodloop::rng::Purpose;
use moodloop::strategy::ActionSpace;

/// The guide's layout.
pub fn layout() -> Layout {
    Layout::new(&ActionSpace::default(), &Extras::default())
}

/// A reproducible stream of choices.
pub struct Draws {
    seed: u64,
    at: u64,
}

impl Draws {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, at: 0 }
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.at += 1;
        moodloop::rng::uniform(self.seed, Purpose::Rank, self.at)
    }

    /// 0..n.
    pub fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    /// A visitor's traits, whole numbers 0..=100.
    pub fn personality(&mut self) -> Personality {
        Personality::from_scores([(); 5].map(|()| self.below(101) as f64))
    }

    /// What one of `users` visitors asks for: their number and the context.
    pub fn visit(&mut self, people: &[Personality]) -> (usize, Context) {
        let user = self.below(people.len());
        let context = Context {
            personality: people[user],
            content_type: ContentType::ALL[self.below(5)],
            mood: Mood::ALL[self.below(14)],
            time_of_day: TimeOfDay::ALL[self.below(4)],
            extras: Vec::new(),
        };
        (user, context)
    }

    /// `count` observations of `users` visitors over `weeks` weeks, with a
    /// reward that depends on context and strategy.
    pub fn observations(
        &mut self,
        layout: &Layout,
        count: usize,
        users: usize,
        weeks: usize,
    ) -> Vec<(String, Observation)> {
        let people: Vec<Personality> = (0..users).map(|_| self.personality()).collect();
        (0..count)
            .map(|i| {
                let (user, context) = self.visit(&people);
                let action = layout
                    .space()
                    .get(self.below(layout.space().len()))
                    .unwrap();
                let taste =
                    layout.basis(action)[1] * (context.personality.extraversion - 50.0) / 50.0;
                let reward = 400.0 + 500.0 * taste + 1500.0 * (self.uniform() - 0.5);
                let observation = Observation {
                    week: Week(2800 + (i * weeks / count) as i32),
                    action,
                    features: layout.features(&context),
                    reward: reward as i64,
                };
                (format!("u{user}"), observation)
            })
            .collect()
    }
}
