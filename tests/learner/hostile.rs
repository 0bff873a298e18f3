//! Worlds in which what was learned turns against the learner, or nothing can be
//! learned that holds: it must not end below choosing blindly.

use super::Draws;
use moodloop::context::{Context, Personality};
use moodloop::propensity::pick;
use moodloop::simulate::{Learner as _, Learning, Round, Taste};
use moodloop::strategy::ActionSpace;
use moodloop::taste::TasteConfig;

const ROUNDS: usize = 800;
const PEOPLE: usize = 12;
/// Rounds in a block; blocks are far enough apart to count as independent.
const BLOCK: usize = 100;

/// The mean reward of a strategy, given by its levels, in round `t`.
type World = fn(usize, &Context, &[usize]) -> f64;

/// The first level of every dimension is good and the last bad, or the reverse.
fn lean(levels: &[usize], sign: f64) -> f64 {
    sign * levels.iter().map(|&l| l as f64 - 1.0).sum::<f64>() / 3.0
}

fn turning(t: usize, period: usize) -> f64 {
    if (t / period).is_multiple_of(2) {
        1.0
    } else {
        -1.0
    }
}

const WORLDS: [(&str, World); 6] = [
    ("turns every 20 rounds", |t, _, l| lean(l, turning(t, 20))),
    ("turns every 75 rounds", |t, _, l| lean(l, turning(t, 75))),
    ("turns every 300 rounds", |t, _, l| lean(l, turning(t, 300))),
    ("a favourite that moves on", |t, _, l| {
        f64::from(u8::from(l[0] * 9 + l[1] * 3 + l[2] == t / 40 % 27))
    }),
    ("only the parity counts", |_, c, l| {
        let odd = l.iter().sum::<usize>() + c.mood as usize + c.time_of_day as usize;
        if odd.is_multiple_of(2) { 1.0 } else { -1.0 }
    }),
    ("what most like, few hate", |_, c, l| {
        let hated = c.personality.scores()[0] > 85.0;
        lean(l, if hated { -10.0 } else { 1.0 })
    }),
];

#[test]
fn it_does_not_fall_below_choosing_blindly() {
    let space = ActionSpace::default();
    for (name, world) in WORLDS {
        let mut gains = Vec::new();
        for seed in 0..2 {
            let mut draws = Draws::new(900 + seed);
            let people: Vec<Personality> = (0..PEOPLE).map(|_| draws.personality()).collect();
            let mut taste = Taste::new(TasteConfig::default(), true, Learning::Online);
            let mut gained = 0.0;
            for t in 0..ROUNDS {
                let (user, context) = draws.visit(&people);
                let expected: Vec<f32> = (space.strategies())
                    .map(|s| world(t, &context, &space.levels(s)) as f32)
                    .collect();
                let round = Round {
                    user,
                    context,
                    rewards: &expected,
                    expected: &expected,
                };
                let chosen = pick(&taste.decide(&round), draws.uniform());
                let blind = expected.iter().sum::<f32>() / expected.len() as f32;
                gained += f64::from(expected[chosen] - blind);
                // Noise of about one reward unit, as real feedback has.
                let noise = (0..12).map(|_| draws.uniform()).sum::<f64>() - 6.0;
                let reward = (1000.0 * (f64::from(expected[chosen]) + noise)) as i64;
                let action = space.get(chosen).unwrap();
                taste.learn(&round, action, reward).unwrap();
                if (t + 1).is_multiple_of(BLOCK) {
                    gains.push(gained / BLOCK as f64);
                    gained = 0.0;
                }
            }
        }
        let n = gains.len() as f64;
        let mean = gains.iter().sum::<f64>() / n;
        let variance = gains.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        println!("{name}: {mean:.3} ± {error:.3}");
        assert!(mean >= -2.0 * error - 1e-6, "{name}: {mean} ± {error}");
    }
}
