//! `cargo xtask bench --site`: how soon the first page can be used, what it loads for that, and how
//! fast the lab is.

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::process;
use crate::stage::Stage;
use crate::workspace::Workspace;

/// Measures first visits in Chromium.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let stage = Stage::open(workspace, "bench-site-data")?;
    let mut node = stage.command("node")?;
    node.arg(workspace.path("xtask/node/site.mjs"));
    let measured = process::report(&mut node)?;
    let number = |name: &str| -> Result<f64> {
        let value = measured.get(name).and_then(Value::as_f64);
        value.with_context(|| format!("site.mjs did not measure `{name}`"))
    };
    Ok(vec![
        Figure::at_most(
            "first visit until both picks can be answered, processor slowed 4 times",
            Quantity::Seconds(number("usable_seconds")?),
            Quantity::Seconds(1.0),
        ),
        Figure::plain(
            "the same until something is on the screen",
            Quantity::Seconds(number("painted_seconds")?),
        ),
        Figure::plain(
            "processor time of the page's thread until then, at full speed",
            Quantity::Seconds(number("work_seconds")?),
        ),
        Figure::at_most(
            "loaded until then, brotli",
            Quantity::Bytes(number("bytes")?),
            Quantity::Bytes(200_000.0),
        ),
        Figure::at_most(
            "the lab, 60 simulated users × 500 rounds, four learners",
            Quantity::Seconds(number("lab_seconds")?),
            Quantity::Seconds(10.0),
        ),
        Figure::at_most(
            "layout shift until then",
            Quantity::Plain(number("shift")?),
            Quantity::Plain(0.02),
        ),
    ])
}
