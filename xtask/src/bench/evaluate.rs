//! `cargo xtask bench --evaluate`: whether estimates and experiments tell the truth in 1,000 runs,
//! and what evaluating a long log costs, as a user runs it.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// The most that nine times as many decisions may add to the memory, in bytes.
const FLAT: f64 = 32.0 * 1024.0 * 1024.0;

/// Runs the long forms of the tests whose short forms are in `cargo xtask test`; each fails where a
/// promised rate is missed.
pub fn check_rates(workspace: &Workspace) -> Result<()> {
    process::run(
        Command::new(process::cargo())
            .current_dir(workspace.root())
            .args(["test", "--locked", "--release", "--package=moodloop"])
            .args(["--test=evaluate_coverage", "--test=experiment"])
            .args(["--", "--ignored"]),
    )
}

/// Measures the command line on a log of 1,000,000 decisions with a stored policy.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/evaluate.mjs"))
        .arg(workspace.scratch("evaluate"));
    let measured = process::report(&mut node)?;
    let number = |name: &str| -> Result<f64> {
        let value = measured.get(name).and_then(Value::as_f64);
        value.with_context(|| format!("evaluate.mjs did not measure `{name}`"))
    };
    let (parse, ten) = (number("parse_processor")?, Quantity::Seconds(10.0));
    let mut figures = vec![Figure::plain(
        "JSON.parse of 1,000,000 logged decisions in Node, of the processor",
        Quantity::Seconds(parse),
    )];
    for how in ["pipe", "file"] {
        let seconds = number(&format!("{how}_processor"))?;
        figures.push(Figure::at_most(
            format!("evaluating a policy on them from a {how}, of the processor"),
            Quantity::Seconds(seconds),
            ten,
        ));
        figures.push(Figure::plain(
            "the same in times of JSON.parse",
            Quantity::Parses(seconds / parse),
        ));
        figures.push(Figure::plain(
            "the same by the clock, with what else ran here",
            Quantity::Seconds(number(&format!("{how}_seconds"))?),
        ));
    }
    figures.push(Figure::at_most(
        "memory that the last 900,000 of them add",
        Quantity::Bytes((number("memory")? - number("memory_at_a_tenth")?).max(0.0)),
        Quantity::Bytes(FLAT),
    ));
    Ok(figures)
}
