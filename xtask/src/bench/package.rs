//! `cargo xtask bench --package`: how quick the npm package is in Chromium.

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::workspace::Workspace;
use crate::{chromium, node, process};

/// Measures a stored model, a catalog and feedback in a page with nothing else.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/package.mjs"));
    if let Some(browser) = chromium::find_or_install(workspace)? {
        node.env("CHROMIUM", browser);
    }
    let measured = process::report(&mut node)?;
    let number = |name: &str| -> Result<f64> {
        let value = measured.get(name).and_then(Value::as_f64);
        value.with_context(|| format!("package.mjs did not measure `{name}`"))
    };
    let at_most = |name: &str, measured, budget| {
        Figure::at_most(name, Quantity::Seconds(measured), Quantity::Seconds(budget))
    };
    Ok(vec![
        Figure::plain(
            "the stored model that is opened",
            Quantity::Bytes(number("model_bytes")?),
        ),
        at_most(
            "from opening it to the first decision (median of 25)",
            number("first_decision_seconds")?,
            0.03,
        ),
        at_most(
            "ranking 10,000 indexed items (median of 100)",
            number("rank_seconds")?,
            0.005,
        ),
        at_most(
            "feedback until it is on disk (median of 100)",
            number("feedback_seconds")?,
            0.01,
        ),
    ])
}
