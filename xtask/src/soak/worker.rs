//! The Worker under load, driven by xtask/node/soak-worker.mjs, and killed at work, by
//! tests/worker/crashes.mjs.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use crate::catalog;
use crate::workspace::Workspace;
use crate::{node, process};

/// Memory is flat where it grows by less than this share after the first fifth of the time.
const GROWTH: f64 = 0.1;

/// How often it is killed.
const KILLS: u32 = 50;

/// Keeps the Worker under load for some seconds.
pub fn load(workspace: &Workspace, seconds: f64) -> Result<Finding> {
    let data = workspace.fresh("soak-data")?;
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/soak-worker.mjs"))
        .arg(&data)
        .arg(catalog::demo_file(workspace)?)
        .arg(seconds.to_string());
    let report = process::report(&mut node)?;
    let number = |name: &str| {
        let found = report.get(name).and_then(Value::as_f64);
        found.with_context(|| format!("soak-worker.mjs did not report `{name}`"))
    };
    let errors = report.get("errors").and_then(Value::as_object);
    let errors = errors.context("soak-worker.mjs did not report `errors`")?;
    let growth = number("growth")?;
    let mut lines = vec![
        format!(
            "{:.0} visits at {:.1}/s, half of the {:.1}/s that it can carry",
            number("done")?,
            number("perSecond")?,
            number("maximum")?
        ),
        format!(
            "a visit took {:.1} ms, 1 in 100 more than {:.1} ms",
            number("p50")?,
            number("p99")?
        ),
        format!("memory grew by {:.1} %", growth * 100.0),
    ];
    lines.extend(
        errors
            .iter()
            .map(|(what, times)| format!("{times} times: {what}")),
    );
    Ok(Finding {
        good: errors.is_empty() && growth < GROWTH,
        lines,
    })
}

/// Kills the Worker while it writes and while it trains, and compares with one left in peace.
pub fn kills(workspace: &Workspace) -> Result<Finding> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("tests/worker/crashes.mjs"))
        .arg(KILLS.to_string());
    let report = process::report(&mut node)?;
    let number = |name: &str| report.get(name).and_then(Value::as_u64);
    let (Some(kills), Some(interactions), Some(wrong)) = (
        number("kills"),
        number("interactions"),
        report.get("wrong").and_then(Value::as_array),
    ) else {
        anyhow::bail!("crashes.mjs did not report");
    };
    let mut lines = vec![format!("{kills} kills, {interactions} interactions")];
    lines.extend(wrong.iter().map(Value::to_string));
    Ok(Finding {
        good: wrong.is_empty(),
        lines,
    })
}
