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

/// One decision of a run, as a log would keep it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Which round, from 0.
    pub at: usize,
    /// Who came, and what every strategy would have earned.
    pub round: &'a Round<'a>,
    /// What was chosen.
    pub action: Strategy,
    /// With which probability.
    pub propensity: f64,
    /// What it earned, in thousandths; `None` where no feedback comes.
    pub reward: Option<i64>,
}

/// A learner on its way through a world, as far as it was taken.
#[derive(Clone, Debug)]
pub struct Run {
    conditions: Conditions,
    space: ActionSpace,
    draws: Draws,
    report: Report,
    done: usize,
    /// Rounds whose feedback is still to come: when, which, and what was chosen.
    open: VecDeque<(usize, usize, Strategy)>,
}

impl Run {
    /// A run before its first round; `seed` draws choices and who responds.
    #[must_use]
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            space: ActionSpace::default(),
            draws: Draws::new(seed, 9),
            report: Report {
                blocks: vec![Sums::default(); BLOCKS],
                least_propensity: 1.0,
                ..Report::default()
            },
            done: 0,
            open: VecDeque::new(),
        }
    }

    /// How many rounds are behind it.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done
    }

    /// What happened so far.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Takes `learner` through up to `rounds` more rounds of `world`, the same
    /// ones at every call, and shows each decision to `watch`.
    ///
    /// # Errors
    /// What the learner or `watch` fails with.
    pub fn advance(
        &mut self,
        world: &World,
        learner: &mut dyn Learner,
        rounds: usize,
        watch: &mut dyn FnMut(&Step<'_>) -> Result<()>,
    ) -> Result<()> {
        let total = world.len().max(1);
        for _ in 0..rounds {
            let t = self.done;
            let Some(round) = world.round(t) else { break };
            while let Some(&(due, past, action)) = self.open.front()
                && due <= t
            {
                self.open.pop_front();
                if let Some(past) = world.round(past) {
                    learner.learn(&past, action, reward(&past, action))?;
                }
            }
            if t > 0 && t.is_multiple_of(world.rounds_per_week) {
                learner.end_of_week()?;
            }
            let propensities = learner.decide(&round);
            let chosen = pick(&propensities, self.draws.uniform());
            let responds = self.draws.uniform() < self.conditions.response;
            let propensity = propensities.get(chosen).copied().unwrap_or(0.0);
            self.count(world, &round, chosen, propensity, t * BLOCKS / total);
            if let Some(action) = self.space.get(chosen) {
                let earned = responds.then(|| reward(&round, action));
                watch(&Step {
                    at: t,
                    round: &round,
                    action,
                    propensity,
                    reward: earned,
                })?;
                match earned {
                    Some(reward) if self.conditions.delay == 0 => {
                        learner.learn(&round, action, reward)?;
                    }
                    Some(_) => self.open.push_back((t + self.conditions.delay, t, action)),
                    None => {}
                }
            }
            self.done += 1;
        }
        Ok(())
    }

    fn count(
        &mut self,
        world: &World,
        round: &Round<'_>,
        chosen: usize,
        propensity: f64,
        block: usize,
    ) {
        let expected = || round.expected.iter().copied().map(f64::from);
        let sums = Sums {
            earned: expected().nth(chosen).unwrap_or(0.0),
            uniform: expected().sum::<f64>() / round.expected.len().max(1) as f64,
            best: expected().fold(f64::MIN, f64::max),
        };
        let report = &mut self.report;
        if let Some(block) = report.blocks.get_mut(block) {
            block.add(&sums);
        }
        report.least_propensity = report.least_propensity.min(propensity);
        if let Some(events) = world.events(self.done, chosen) {
            report.reactions.rounds += 1;
            report.reactions.likes += u64::from(events.like);
            report.reactions.completes += u64::from(events.complete);
            report.reactions.skips += u64::from(events.skip);
        }
    }
}

/// Runs `learner` through the whole of `world`; `seed` draws its choices and
/// who responds.
///
/// # Errors
/// What the learner fails with.
pub fn run(
    world: &World,
    learner: &mut dyn Learner,
    conditions: Conditions,
    seed: u64,
) -> Result<Report> {
    let mut run = Run::new(conditions, seed);
    run.advance(world, learner, world.len(), &mut |_| Ok(()))?;
    Ok(run.report)
}

/// What `action` earned, in thousandths.
fn reward(round: &Round<'_>, action: Strategy) -> i64 {
    let reward = round.rewards.get(action.index()).copied().unwrap_or(0.0);
    libm::floor(f64::from(reward) * 1000.0 + 0.5) as i64
}
