//! `cargo xtask tune`: searches the taste model's settings on tuning seeds.
//!
//! Reported seeds (below 100) are never touched, so that the benchmark stays
//! honest.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::bench::learning;
use crate::process;
use crate::workspace::Workspace;

/// The first tuning seed.
const FIRST_SEED: &str = "100";

/// What may be changed, where it stands in the settings, and what is tried.
const SEARCHED: [(&str, &[&str], &[f64]); 9] = [
    (
        "temperature",
        &["exploration", "temperature"],
        &[0.01, 0.02, 0.05],
    ),
    ("optimism", &["exploration", "optimism"], &[0.7, 1.0, 1.4]),
    ("floor", &["exploration", "floor"], &[0.0005, 0.002, 0.01]),
    (
        "what a visitor's own variance counts",
        &["exploration", "own"],
        &[0.25, 0.5, 1.0],
    ),
    (
        "prior of crossed mains",
        &["priors", "cross"],
        &[0.05, 0.08, 0.12],
    ),
    ("prior of mains", &["priors", "main"], &[0.2, 0.3, 0.45]),
    ("weight of the priors", &["prior_weight"], &[1.0, 3.0, 10.0]),
    ("chance of a change", &["change"], &[0.02, 0.1, 0.3]),
    (
        "memory across a change",
        &["change_memory"],
        &[30.0, 100.0, 300.0],
    ),
];

/// How far to search.
#[derive(clap::Args)]
pub struct Args {
    /// The size of the audiences: s1, s45 or s1k.
    #[arg(long, default_value = "s45")]
    size: String,
    /// How many tuning seeds to average over.
    #[arg(long, default_value_t = 10)]
    seeds: u32,
}

/// Goes through the settings once, keeping what scores best, and prints them.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut best = json!({});
    let mut top = score(workspace, args, &best)?;
    println!("defaults: {top:.4}");
    for (name, path, values) in SEARCHED {
        for value in values {
            let mut trial = best.clone();
            put(&mut trial, path, *value);
            let score = score(workspace, args, &trial)?;
            println!("{name} {value}: {score:.4}");
            if score > top {
                (best, top) = (trial, score);
            }
        }
    }
    println!("best: {top:.4} with {best}");
    Ok(())
}

/// Sets a number at a path of an object, making objects on the way.
fn put(settings: &mut Value, path: &[&str], value: f64) {
    let mut at = settings;
    for name in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(fields) = at.as_object_mut() else {
            return;
        };
        at = fields.entry(*name).or_insert(Value::Null);
    }
    *at = json!(value);
}

/// The mean score over kinds and seeds.
fn score(workspace: &Workspace, args: &Args, settings: &Value) -> Result<f64> {
    let mut command = learning::bench(workspace, &["--size", &args.size, "--first", FIRST_SEED]);
    command
        .args(["--seeds", &args.seeds.to_string(), "--learners", "taste"])
        .args(["--settings", &settings.to_string()]);
    let lines = String::from_utf8(process::output(&mut command)?)?;
    let mut scores = Vec::new();
    for line in lines.lines() {
        let run: Value = serde_json::from_str(line)?;
        let score = run.get("score").and_then(Value::as_f64);
        scores.push(score.context("a run without a score")?);
    }
    anyhow::ensure!(!scores.is_empty(), "no size is called `{}`", args.size);
    Ok(scores.iter().sum::<f64>() / scores.len() as f64)
}
