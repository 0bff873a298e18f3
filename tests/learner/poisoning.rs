//! What a few liars do to everybody else (simulated).

use moodloop::config::Config;
use moodloop::context::Context;
use moodloop::evidence::{Evidence, Observation, Week};
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::simulate::{Kind, Size, World, make};
use moodloop::strategy::Strategy;
use moodloop::taste::Replay;

use crate::Draws;

/// One user in a hundred lies.
const LIARS: usize = 10;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// The highest and the lowest reward that feedback can have (SPEC section 4).
const BEST: i64 = 3300;
const WORST: i64 = -1800;

struct Lesson {
    user: usize,
    at: i64,
    observation: Observation,
}

fn name(user: usize) -> String {
    format!("{user:04}")
}

fn lesson(
    policy: &Policy,
    user: usize,
    at: i64,
    context: &Context,
    action: usize,
    reward: i64,
) -> Lesson {
    Lesson {
        user,
        at,
        observation: Observation {
            week: Week::of(at),
            action: Strategy::within(action, 27).unwrap(),
            features: policy.layout().features(context),
            reward,
        },
    }
}

/// A thousand users for four weeks; strategies are drawn evenly.
fn honest(policy: &Policy, world: &World) -> Vec<Lesson> {
    let mut draws = Draws::new(1);
    let rounds = world.rounds().enumerate();
    rounds
        .map(|(i, round)| {
            let action = draws.below(27);
            let at = (i / world.rounds_per_week) as i64 * WEEK_MS;
            let reward = (f64::from(round.rewards[action]) * 1000.0) as i64;
            lesson(policy, round.user, at, &round.context, action, reward)
        })
        .collect()
}

fn solved(lessons: &[Lesson]) -> Policy {
    let mut policy = Policy::prior(Config::default(), Mapping::default()).unwrap();
    let mut evidence = Evidence::new(policy.layout());
    let names: Vec<String> = lessons.iter().map(|lesson| name(lesson.user)).collect();
    for lesson in lessons {
        evidence.add(&lesson.observation).unwrap();
    }
    let replay = lessons.iter().zip(&names).map(|(lesson, name)| Replay {
        user: Some(name),
        observation: &lesson.observation,
        decided_at: lesson.at,
    });
    policy.solve(&evidence, replay).unwrap();
    policy
}

/// How far the best strategy's expected reward has moved for the honest user it
/// has moved most for, on average over what they ask for.
fn moved(world: &World, clean: &Policy, poisoned: &Policy) -> f64 {
    let mut sums = vec![(0.0_f64, 0.0_f64); world.users()];
    for round in world.rounds().step_by(5).filter(|r| r.user >= LIARS) {
        let name = name(round.user);
        let best = |policy: &Policy| {
            let features = policy.layout().features(&round.context);
            let mean = policy.predict(&features, Some(&name)).mean;
            mean.into_iter().fold(f64::NEG_INFINITY, f64::max)
        };
        let (sum, count) = &mut sums[round.user];
        *sum += best(poisoned) - best(clean);
        *count += 1.0;
    }
    let seen = sums.iter().filter(|(_, count)| *count > 0.0);
    seen.map(|(sum, count)| (sum / count).abs())
        .fold(0.0, f64::max)
}

/// Liars praise one strategy as highly as feedback can, and condemn all others
/// as deeply, `a_week` times each.
fn poisoned(prior: &Policy, world: &World, a_week: usize) -> Vec<Lesson> {
    let mut lessons = honest(prior, world);
    lessons.retain(|lesson| lesson.user >= LIARS);
    let mut draws = Draws::new(2);
    for liar in 0..LIARS {
        for n in 0..a_week * world.len() / world.rounds_per_week {
            let round = world.round(draws.below(world.len())).unwrap();
            let action = draws.below(27);
            let reward = if action == 26 { BEST } else { WORST };
            let at = (n / a_week) as i64 * WEEK_MS;
            lessons.push(lesson(prior, liar, at, &round.context, action, reward));
        }
    }
    lessons
}

#[test]
fn one_liar_in_a_hundred_moves_nobodys_best_score_by_more_than_a_twentieth() {
    let world = make(Kind::named("rules").unwrap(), Size::S1K, 7);
    let prior = Policy::prior(Config::default(), Mapping::default()).unwrap();
    let clean = solved(&honest(&prior, &world));
    // As often as everybody else comes. Liars who come forty times as often, up
    // to the weekly cap of the Worker, do move others: by 0.6.
    let often = world.rounds_per_week / world.users();
    let moved = moved(&world, &clean, &solved(&poisoned(&prior, &world, often)));
    assert!(moved <= 0.05, "{moved}");
    assert!(moved > 0.0, "the liars were heard");
}
