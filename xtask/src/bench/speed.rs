//! `cargo xtask bench --speed`: what deciding and learning cost, natively.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::process;
use crate::workspace::Workspace;

/// Measures and holds against the budgets of the learner.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut command = Command::new(process::cargo());
    command
        .current_dir(workspace.root())
        .args([
            "bench",
            "--quiet",
            "--package=moodloop",
            "--features=simulate",
        ])
        .arg("--bench=speed");
    let measured: Value = serde_json::from_slice(&process::output(&mut command)?)?;
    let number = |name: &str| -> Result<f64> {
        let value = measured.get(name).and_then(Value::as_f64);
        value.with_context(|| format!("the speed benchmark did not measure `{name}`"))
    };
    let at_most = |name: &str, value, budget| Figure::at_most(name, value, budget);
    let seconds = |name| number(name).map(|ns| Quantity::Seconds(ns / 1e9));
    Ok(vec![
        Figure::plain("dense 215 × 215 product", seconds("product_ns")?),
        at_most(
            "decide, native",
            Quantity::Products(number("decide_products")?),
            Quantity::Products(3.0),
        ),
        at_most(
            "learn, native",
            Quantity::Products(number("learn_products")?),
            Quantity::Products(4.0),
        ),
        Figure::plain("Q-table decide, native", seconds("q_decide_ns")?),
        Figure::plain("solve afresh, 523 interactions", seconds("solve_ns")?),
        Figure::at_least(
            "training by evidence, native",
            Quantity::PerSecond(number("trained_per_second")?),
            Quantity::PerSecond(500_000.0),
        ),
        at_most(
            "evidence of a week of a small site",
            Quantity::Bytes(number("week_bytes")?),
            Quantity::Bytes(30_000.0),
        ),
        at_most(
            "published policy without visitors",
            Quantity::Bytes(number("policy_bytes")?),
            Quantity::Bytes(250_000.0),
        ),
        at_most(
            "a visitor's layer",
            Quantity::Bytes(number("user_layer_bytes")?),
            Quantity::Bytes(200.0),
        ),
    ])
}
