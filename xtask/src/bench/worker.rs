//! What the Worker adds to a request, and what a training costs.

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::catalog;
use crate::workspace::Workspace;
use crate::{node, process};

/// The log of the training: users, and interactions of all together.
const LOG: (&str, &str) = ("1000", "100000");

/// Measures the Worker against one that does the same I/O and no more, then a training.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut figures = requests(workspace)?;
    figures.extend(training(workspace)?);
    Ok(figures)
}

fn requests(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/bench-worker.mjs"))
        .arg(workspace.fresh("bench-worker-data")?)
        .arg(catalog::demo_file(workspace)?);
    let report = process::report(&mut node)?;
    let mut figures = Vec::new();
    for (kind, what) in [
        ("newcomers", "recommendations to newcomers"),
        ("recommendations", "recommendations"),
        ("interactions", "interactions"),
    ] {
        let times = |name: &str| {
            let found = report.pointer(&format!("/{kind}/{name}"));
            let found = found.and_then(Value::as_f64).map(Quantity::Times);
            found.with_context(|| format!("bench-worker.mjs did not measure `{kind}`"))
        };
        figures.push(Figure::at_most(
            format!("{what}, p50 at 10 connections over a plain Worker's"),
            times("p50")?,
            Quantity::Times(1.3),
        ));
        figures.push(Figure::at_least(
            format!("{what}, throughput over a plain Worker's"),
            times("throughput")?,
            Quantity::Times(0.75),
        ));
    }
    Ok(figures)
}

fn training(workspace: &Workspace) -> Result<Vec<Figure>> {
    let (users, interactions) = LOG;
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/bench-training.mjs"))
        .arg(workspace.fresh("bench-training-data")?)
        .args([users, interactions]);
    let report = process::report(&mut node)?;
    let number = |name: &str| {
        let found = report.get(name).and_then(Value::as_f64);
        found.with_context(|| format!("bench-training.mjs did not measure `{name}`"))
    };
    let what = format!("training, {interactions} interactions of {users} users");
    Ok(vec![
        Figure::at_most(
            format!("{what}: CPU of workerd, its SQLite included"),
            Quantity::Seconds(number("cpu")?),
            Quantity::Seconds(10.0),
        ),
        Figure::at_most(
            format!("{what}: longest invocation"),
            Quantity::Seconds(number("longest")?),
            Quantity::Seconds(25.0),
        ),
        Figure::at_most(
            format!("{what}: memory above a Worker that has served"),
            Quantity::Bytes(number("memory")?),
            Quantity::Bytes(64.0 * 1024.0 * 1024.0),
        ),
    ])
}
