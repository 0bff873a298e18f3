//! `cargo xtask bench --speed`: what deciding and learning cost, natively, in
//! Node and in Chromium.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::build;
use crate::chromium;
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// Measures and holds against the budgets of the learner. Times are ratios to a
/// dense product in the same runtime and run, so that machines compare.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let folder = workspace.scratch("speed-wasm");
    build::speed(workspace, &folder)?;
    let browser = chromium::find_or_install(workspace)?;
    let mut figures = Vec::new();
    let native: Value = serde_json::from_slice(&process::output(&mut natively(workspace))?)?;
    figures.extend(of_runtime("native", &native, 500_000.0)?);
    for (name, runtime) in [("Node", "node"), ("Chromium", "chromium")] {
        let mut node = node::tool(workspace, "node")?;
        node.arg(workspace.path("xtask/node/speed.mjs"))
            .arg(&folder)
            .arg(runtime);
        if let Some(browser) = &browser {
            node.env("CHROMIUM", browser);
        }
        figures.extend(of_runtime(name, &process::report(&mut node)?, 250_000.0)?);
    }
    for (name, field, budget) in [
        ("evidence of a week of a small site", "week_bytes", 30_000.0),
        (
            "published policy without visitors",
            "policy_bytes",
            250_000.0,
        ),
        ("a visitor's layer", "layer_bytes", 200.0),
    ] {
        let bytes = Quantity::Bytes(number(&native, field)?);
        figures.push(Figure::at_most(name, bytes, Quantity::Bytes(budget)));
    }
    Ok(figures)
}

fn natively(workspace: &Workspace) -> Command {
    let mut command = Command::new(process::cargo());
    command
        .current_dir(workspace.root())
        .args(["bench", "--quiet", "--package=moodloop"])
        .args(["--features=simulate", "--bench=speed"]);
    command
}

fn number(measured: &Value, name: &str) -> Result<f64> {
    let value = measured.get(name).and_then(Value::as_f64);
    value.with_context(|| format!("the speed benchmark did not measure `{name}`"))
}

/// The figures of one runtime, of which `trained` interactions a second are asked.
fn of_runtime(runtime: &str, measured: &Value, trained: f64) -> Result<Vec<Figure>> {
    let product = number(measured, "product")?;
    let products = |name: &str| -> Result<Quantity> {
        Ok(Quantity::Products(number(measured, name)? / product))
    };
    let seconds =
        |name: &str| -> Result<Quantity> { Ok(Quantity::Seconds(number(measured, name)? / 1e9)) };
    let name = |what: &str| format!("{what}, {runtime}");
    let mut figures = vec![
        Figure::plain(name("dense 215 × 215 product"), seconds("product")?),
        Figure::at_most(name("decide"), products("decide")?, Quantity::Products(3.0)),
        Figure::at_most(name("learn"), products("learn")?, Quantity::Products(4.0)),
        Figure::at_most(
            name("decide by the Q-table"),
            seconds("decide_by_table")?,
            Quantity::Seconds(1e-6),
        ),
        Figure::plain(name("solve afresh, 523 interactions"), seconds("solve")?),
        Figure::at_least(
            name("training by evidence"),
            Quantity::PerSecond(1e9 / number(measured, "train")?),
            Quantity::PerSecond(trained),
        ),
    ];
    if measured.get("memory").is_some() {
        figures.push(Figure::plain(
            name("wasm memory after 120,000 trained interactions"),
            Quantity::Bytes(number(measured, "memory")?),
        ));
    }
    Ok(figures)
}
