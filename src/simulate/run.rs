//! Replaying a world against a learner.

use std::collections::VecDeque;

use super::draws::Draws;
use super::learners::Learner;
use super::world::{Round, World};
use crate::error::Result;
use crate::propensity::pick;
use crate::strategy::{ActionSpace, Strategy};

/// How feedback comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// How many rounds pass between a decision and its feedback.
    pub delay: usize,
    /// The share of decisions that get feedback at all, 0..=1.
    pub response: f64,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            delay: 0,
            response: 1.0,
        }
    }
}

/// Sums of expected rewards over some rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Of the chosen strategies.
    pub earned: f64,
    /// Of choosing blindly.
    pub uniform: f64,
    /// Of always choosing best.
    pub best: f64,
}

impl Sums {
    /// 0 for choosing blindly, 1 for always choosing best.
    #[must_use]
    pub fn score(&self) -> f64 {
        (self.earned - self.uniform) / (self.best - self.uniform)
    }

    /// Takes other sums in.
    pub fn add(&mut self, other: &Self) {
        self.earned += other.earned;
        self.uniform += other.uniform;
        self.best += other.best;
    }
}

/// What visitors did, as counts, where the world knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reactions {
    /// Rounds with known events.
    pub rounds: u64,
    /// Likes.
    pub likes: u64,
    /// Finished.
    pub completes: u64,
    /// Left early.
    pub skips: u64,
}

/// How a learner did in a world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Equal blocks of rounds in order, 50 of them.
    pub blocks: Vec<Sums>,
    /// What visitors did.
    pub reactions: Reactions,
    /// The smallest probability of a drawn strategy.
    pub least_propensity: f64,
}

impl Report {
    /// The score over all rounds.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.score_of(0)
    }

    /// The score over the last fifth of the rounds.
    #[must_use]
    pub fn tail_score(&self) -> f64 {
        self.score_of(BLOCKS - BLOCKS / 5)
    }

    fn score_of(&self, first: usize) -> f64 {
        let mut sums = Sums::default();
        for block in self.blocks.iter().skip(first) {
            sums.add(block);
        }
        sums.score()
    }
}

/// Into how many blocks a report cuts a run.
const BLOCKS: usize = 50;

/// Runs `learner` through `world`; `seed` draws its choices and who responds.
///
/// # Errors
/// What the learner fails with.
pub fn run(
    world: &World,
    learner: &mut dyn Learner,
    conditions: Conditions,
    seed: u64,
) -> Result<Report> {
    let space = ActionSpace::default();
    let mut draws = Draws::new(seed, 9);
    let mut report = Report {
        blocks: vec![Sums::default(); BLOCKS],
        least_propensity: 1.0,
        ..Report::default()
    };
    let rounds = world.rounds();
    let total = rounds.len().max(1);
    let mut open: VecDeque<(usize, Round<'_>, Strategy)> = VecDeque::new();
    for (t, round) in rounds.enumerate() {
        while open.front().is_some_and(|(due, _, _)| *due <= t) {
            if let Some((_, past, action)) = open.pop_front() {
                feed(learner, &past, action)?;
            }
        }
        if t > 0 && t % world.rounds_per_week == 0 {
            learner.end_of_week()?;
        }
        let propensities = learner.decide(&round);
        let chosen = pick(&propensities, draws.uniform());
        let responds = draws.uniform() < conditions.response;
        let sums = Sums {
            earned: round.expected.get(chosen).copied().map_or(0.0, f64::from),
            uniform: round.expected.iter().copied().map(f64::from).sum::<f64>()
                / round.expected.len().max(1) as f64,
            best: round
                .expected
                .iter()
                .copied()
                .map(f64::from)
                .fold(f64::MIN, f64::max),
        };
        if let Some(block) = report.blocks.get_mut(t * BLOCKS / total) {
            block.add(&sums);
        }
        let p = propensities.get(chosen).copied().unwrap_or(0.0);
        report.least_propensity = report.least_propensity.min(p);
        if let Some(events) = world.events(t, chosen) {
            report.reactions.rounds += 1;
            report.reactions.likes += u64::from(events.like);
            report.reactions.completes += u64::from(events.complete);
            report.reactions.skips += u64::from(events.skip);
        }
        if let Some(action) = space.get(chosen).filter(|_| responds) {
            if conditions.delay == 0 {
                feed(learner, &round, action)?;
            } else {
                open.push_back((t + conditions.delay, round, action));
            }
        }
    }
    Ok(report)
}

fn feed(learner: &mut dyn Learner, round: &Round<'_>, action: Strategy) -> Result<()> {
    let reward = round.rewards.get(action.index()).copied().unwrap_or(0.0);
    let thousandths = libm::floor(f64::from(reward) * 1000.0 + 0.5) as i64;
    learner.learn(round, action, thousandths)
}
