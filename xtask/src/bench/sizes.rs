//! Bytes of what a page loads, and of the Worker.

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// A kilobyte of the budgets.
const KB: f64 = 1024.0;

/// Measures what was built.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/sizes.mjs"));
    let sizes = process::report(&mut node)?;
    let bytes = |part: &str, form: &str| -> Result<Quantity> {
        sizes
            .pointer(&format!("/{part}/{form}"))
            .and_then(Value::as_f64)
            .map(Quantity::Bytes)
            .with_context(|| format!("sizes.mjs did not measure {part} {form}"))
    };
    let budget = |kilobytes: f64| Quantity::Bytes(kilobytes * KB);
    let mut figures = Vec::new();
    for form in ["raw", "gzip", "brotli"] {
        figures.push(Figure::plain(
            format!("core.wasm, {form}"),
            bytes("core", form)?,
        ));
    }
    figures.push(Figure::at_most(
        "`import { Moodloop }` with all it loads at once, brotli",
        bytes("moodloop", "brotli")?,
        budget(64.0),
    ));
    figures.push(Figure::on_the_way(
        "`moodloop/agent` with all it loads at once, brotli",
        bytes("agent", "brotli")?,
        budget(57.5),
        budget(48.0),
    ));
    figures.push(Figure::at_most(
        "Worker, gzip",
        bytes("worker", "gzip")?,
        budget(600.0),
    ));
    Ok(figures)
}
