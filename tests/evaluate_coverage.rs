//! Do the intervals and sequences cover? Measured on simulated logs whose
//! truth is known in closed form.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use moodloop::evaluate::{Compared, Estimator, Estimators, Gain, Logged, Report, RewardTable};
use moodloop::stats::Estimate;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng as _;

const CONTEXTS: usize = 4;
const ACTIONS: usize = 9;

/// A site with few contexts and actions: who is shown what, and what it earns.
struct World {
    logging: [[f64; ACTIONS]; CONTEXTS],
    target: [[f64; ACTIONS]; CONTEXTS],
    like: [[f64; ACTIONS]; CONTEXTS],
    truth: f64,
    logged_truth: f64,
}

/// Rows per decision differ by context, so clusters differ in size.
fn rows(context: usize) -> usize {
    1 + context % 3
}

/// A distribution that mixes a peak at `best` with a floor.
fn peaked(best: usize, floor: f64) -> [f64; ACTIONS] {
    let mut p = [floor / ACTIONS as f64; ACTIONS];
    p[best] += 0.6 * (1.0 - floor);
    p[(best + 2) % ACTIONS] += 0.4 * (1.0 - floor);
    p
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            logging: [[0.0; ACTIONS]; CONTEXTS],
            target: [[0.0; ACTIONS]; CONTEXTS],
            like: [[0.0; ACTIONS]; CONTEXTS],
            truth: 0.0,
            logged_truth: 0.0,
        };
        let all: usize = (0..CONTEXTS).map(rows).sum();
        for x in 0..CONTEXTS {
            world.logging[x] = peaked(x, 0.5);
            world.target[x] = peaked(2 * x + 1, 0.3);
            let share = rows(x) as f64 / all as f64;
            for a in 0..ACTIONS {
                world.like[x][a] = 0.15 + 0.07 * ((a * 5 + x * 3) % 9) as f64;
                let mean = world.mean(x, a);
                world.truth += share * world.target[x][a] * mean;
                world.logged_truth += share * world.logging[x][a] * mean;
            }
        }
        world
    }

    /// The mean reward of a row: like +1, a share among the liked +0.8, else skip −0.3 at times.
    fn mean(&self, context: usize, action: usize) -> f64 {
        let like = self.like[context][action];
        like * (1.0 + 0.25 * 0.8) - (1.0 - like) * 0.5 * 0.3
    }

    /// Draws the rows of one decision; its rows share a mood, so they go together.
    fn decide(&self, random: &mut Pcg64, mut row: impl FnMut(bool, usize, usize, f64)) {
        let mut uniform = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let context = (uniform() * CONTEXTS as f64) as usize;
        let (draw, mood) = (uniform(), uniform());
        let mut action = 0;
        let mut below = self.logging[context][0];
        while draw >= below && action + 1 < ACTIONS {
            action += 1;
            below += self.logging[context][action];
        }
        for i in 0..rows(context) {
            // Half of the rows follow the decision's mood, half their own draw.
            let luck = if uniform() < 0.5 { mood } else { uniform() };
            let reward = if luck < self.like[context][action] {
                if uniform() < 0.25 { 1.8 } else { 1.0 }
            } else if uniform() < 0.5 {
                -0.3
            } else {
                0.0
            };
            row(i > 0, context, action, reward);
        }
    }

    /// What a row looks like to the target.
    fn seen(&self, continues: bool, context: usize, action: usize, reward: f64) -> Logged<'_> {
        Logged {
            continues,
            action,
            propensity: self.logging[context][action],
            target: &self.target[context],
            reward,
        }
    }

    fn evaluate(&self, seed: u64, decisions: usize) -> Report {
        let mut random = Pcg64::new(u128::from(seed), 77);
        let mut sums = Estimators::new(ACTIONS, 50.0).unwrap();
        for _ in 0..decisions {
            self.decide(&mut random, |continues, x, a, r| {
                sums.push(&self.seen(continues, x, a, r)).unwrap();
            });
        }
        sums.report()
    }
}

const UNBIASED: [Estimator; 5] = [
    Estimator::Ips,
    Estimator::Snips,
    Estimator::DoublyRobust,
    Estimator::SelfNormalisedDoublyRobust,
    Estimator::ClippedIps,
];

#[test]
fn intervals_of_95_percent_cover_in_93_to_97_percent_of_1000_runs() {
    let world = World::new();
    let reports: Vec<Report> = (0..1000).map(|seed| world.evaluate(seed, 1200)).collect();
    let share = |hit: &dyn Fn(&Report) -> bool| {
        reports.iter().filter(|r| hit(r)).count() as f64 / reports.len() as f64
    };
    let mut rates = Vec::new();
    for estimator in UNBIASED {
        let of = |r: &Report| r.estimate(estimator).unwrap().clone();
        rates.push((
            format!("{estimator:?}"),
            share(&|r| of(r).estimate.interval.contains(world.truth)),
        ));
        rates.push((
            format!("gain by {estimator:?}"),
            share(&|r| {
                let gain = world.truth - world.logged_truth;
                of(r).gain.interval.contains(gain)
            }),
        ));
    }
    rates.push((
        "the log's own mean".into(),
        share(&|r| {
            let logged = r.logged.as_ref().unwrap();
            logged.interval.contains(world.logged_truth)
        }),
    ));
    // The direct method is as biased as its model; its interval covers what
    // the model gives on average, so its standard error is right.
    let direct = |r: &Report| {
        r.estimate(Estimator::DirectMethod)
            .unwrap()
            .estimate
            .clone()
    };
    let average = reports.iter().map(|r| direct(r).value).sum::<f64>() / reports.len() as f64;
    assert!(
        (average - world.truth).abs() > 0.01,
        "the model is wrong here"
    );
    rates.push((
        "DirectMethod around its own mean".into(),
        share(&|r| direct(r).interval.contains(average)),
    ));
    for (what, rate) in &rates {
        println!("{what}: {rate:.3}");
    }
    for (what, rate) in rates {
        assert!((0.93..=0.97).contains(&rate), "{what}: {rate}");
    }
}

/// How many of `runs` logs leave a sequence at any of 1,000 looks:
/// per unbiased estimator, then the gain over another policy.
fn left_at_any_look(runs: u64, every: usize) -> Vec<(String, u64)> {
    let world = World::new();
    let mut left: Vec<(String, u64)> = UNBIASED.iter().map(|e| (format!("{e:?}"), 0)).collect();
    left.push(("Gain".into(), 0));
    for seed in 0..runs {
        let mut random = Pcg64::new(u128::from(seed), 78);
        let mut table = RewardTable::new(ACTIONS);
        let mut sums = Estimators::new(ACTIONS, 50.0).unwrap();
        let mut gain = Gain::default();
        let mut out = vec![false; left.len()];
        for _ in 0..1000 {
            for _ in 0..every {
                world.decide(&mut random, |continues, x, a, reward| {
                    let row = world.seen(continues, x, a, reward);
                    sums.push(&row).unwrap();
                    gain.push(&Compared {
                        continues,
                        propensity: row.propensity,
                        candidate: row.target[a],
                        current: row.propensity,
                        reward,
                        q_chosen: table.predict(a),
                        q_gain: table.expect_tilt(row.target)
                            - table.expect_tilt(&world.logging[x]),
                    })
                    .unwrap();
                    table.observe(a, reward, &world.target[x]).unwrap();
                });
            }
            let report = sums.report();
            let missed = |e: &Estimate, truth: f64| !e.sequence.contains(truth);
            for (out, estimator) in out.iter_mut().zip(UNBIASED) {
                let estimate = report.estimate(estimator);
                *out |= estimate.is_some_and(|e| missed(&e.estimate, world.truth));
            }
            let advantage = world.truth - world.logged_truth;
            let gain = gain.report().gain;
            *out.last_mut().unwrap() |= gain.is_some_and(|g| missed(&g, advantage));
        }
        for ((_, count), out) in left.iter_mut().zip(out) {
            *count += u64::from(out);
        }
    }
    left
}

fn assert_sequences_cover(runs: u64, every: usize) {
    for (what, left) in left_at_any_look(runs, every) {
        println!("{what}: left by {left} of {runs} runs");
        assert!(
            left as f64 <= 0.05 * runs as f64,
            "{what}: {left} of {runs}"
        );
    }
}

#[test]
fn sequences_cover_at_1000_looks_in_95_percent_of_runs() {
    assert_sequences_cover(80, 4);
}

#[test]
#[ignore = "long: `cargo xtask bench --evaluate` runs it"]
fn sequences_cover_at_1000_looks_in_95_percent_of_1000_runs() {
    assert_sequences_cover(1000, 20);
}
