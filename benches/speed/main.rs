//! Times deciding, learning and training, and prints one JSON object.
//!
//! `cargo xtask bench --speed` calls it. Times are those of the quickest block,
//! in nanoseconds a call. xtask/node/speed.js times the same work in wasm.

use std::time::Instant;

use moodloop::simulate::Workload;
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

fn main() {
    let mut workload = Workload::new().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1);
    });
    let [week, policy, layer] = workload.sizes();
    println!(
        "{}",
        json!({
            "product": nanoseconds(25, |_| workload.product()),
            "decide": nanoseconds(25, |i| workload.decide(i)),
            "decide_by_table": nanoseconds(500, |i| workload.decide_by_table(i)),
            "solve": nanoseconds(1, |_| workload.solve()),
            "learn": nanoseconds(25, |i| workload.learn(i)),
            "train": nanoseconds(2_000, |i| workload.train(i)),
            "week_bytes": week, "policy_bytes": policy, "layer_bytes": layer,
        })
    );
}
