//! Times deciding, learning and training, and prints one JSON object.
//!
//! `cargo xtask bench --speed` calls it. Times are those of the quickest block,
//! also as ratios to a dense 215 × 215 matrix–vector product in the same run.

use std::hint::black_box;
use std::time::Instant;

use moodloop::codec::Writer;
use moodloop::context::Extras;
use moodloop::evidence::{Evidence, Observation, Week};
use moodloop::features::Layout;
use moodloop::linear::Square;
use moodloop::q_table::{QConfig, QTable, StateKey, Step};
use moodloop::simulate::{Kind, Round, Size, make};
use moodloop::strategy::{ActionSpace, Strategy};
use moodloop::taste::{Replay, TasteConfig, TasteModel};
use serde_json::json;

/// The nanoseconds that one call takes, in the quickest of many short blocks:
/// other work on the machine only slows.
fn nanoseconds(calls: usize, mut work: impl FnMut(usize)) -> f64 {
    let block = |block: usize| {
        let start = Instant::now();
        for i in 0..calls {
            work(block * calls + i);
        }
        start.elapsed().as_nanos() as f64 / calls as f64
    };
    (0..60).map(block).fold(f64::INFINITY, f64::min)
}

fn strategy(space: &ActionSpace, i: usize) -> Strategy {
    let wanted = space.get(i * 7 % space.len());
    wanted.unwrap_or_else(|| unreachable!("7·i mod 27 is below 27"))
}

fn main() {
    let space = ActionSpace::default();
    let layout = Layout::new(&space, &Extras::default());
    let config = TasteConfig::default();
    let world = make(Kind::Personal, Size::S45, 1);
    let rounds: Vec<Round<'_>> = world.rounds().collect();
    let mut evidence = Evidence::new(&layout);
    let mut log = Vec::new();
    for (i, round) in rounds.iter().enumerate() {
        let action = strategy(&space, i);
        let reward = round.rewards.get(action.index()).copied().unwrap_or(0.0);
        let observation = Observation {
            week: Week(0),
            action,
            features: layout.features(&round.context),
            reward: (reward * 1000.0) as i64,
        };
        if let Err(error) = evidence.add(&observation) {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
        log.push((format!("u{}", round.user), observation));
    }
    let solve = || {
        let replay = (log.iter().enumerate()).map(|(i, (user, observation))| Replay {
            user: Some(user),
            observation,
            decided_at: i as i64,
        });
        TasteModel::solve(&layout, &config, &evidence, replay).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            std::process::exit(1);
        })
    };
    let mut model = solve();
    let at = |i: usize| {
        log.get(i % log.len())
            .unwrap_or_else(|| unreachable!("the log is not empty"))
    };

    let mut dense = Square::zeros(215);
    for i in 0..215 {
        for j in 0..215 {
            dense.set(i, j, 1.0 / (1 + i + j) as f64);
        }
    }
    let vector: Vec<f64> = (0..215).map(f64::from).collect();
    let product = nanoseconds(25, |_| {
        black_box(black_box(&dense).times(black_box(&vector)));
    });
    let decide = nanoseconds(25, |i| {
        let (user, observation) = at(i);
        let prediction = model.predict(&observation.features, Some(user));
        black_box(model.propensities(&prediction));
    });
    let learn = nanoseconds(25, |i| {
        let (user, observation) = at(i);
        model.learn(observation, Some(user));
    });
    let solved = nanoseconds(1, |_| {
        black_box(solve());
    });
    let mut sums = Evidence::new(&layout);
    let add = nanoseconds(2_000, |i| {
        black_box(sums.add(&at(i).1).is_ok());
    });
    let mut table = QTable::default();
    let q = QConfig::default();
    for (round, (_, observation)) in rounds.iter().zip(&log) {
        let step = Step {
            state: StateKey::of(&round.context),
            strategy: observation.action,
            reward: observation.reward,
            next: None,
        };
        table.learn(&q, step);
    }
    let q_decide = nanoseconds(500, |i| {
        if let Some(round) = rounds.get(i % rounds.len()) {
            black_box(table.propensities(&q, StateKey::of(&round.context), 27));
        }
    });
    let size = |fill: &dyn Fn(&mut Writer)| {
        let mut out = Writer::default();
        fill(&mut out);
        out.into_bytes().len()
    };
    let fresh = solve();
    let layer = fresh
        .users()
        .next()
        .map(|(_, layer)| size(&|out| layer.encode(out)));
    println!(
        "{}",
        json!({
            "product_ns": product, "decide_ns": decide, "learn_ns": learn, "solve_ns": solved,
            "decide_products": decide / product, "learn_products": learn / product,
            "trained_per_second": 1e9 / add, "q_decide_ns": q_decide,
            "week_bytes": size(&|out| evidence.encode(&layout, out)),
            "policy_bytes": size(&|out| fresh.encode(out)), "user_layer_bytes": layer,
        })
    );
}
