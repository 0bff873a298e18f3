//! A log on standard input that is longer than any memory.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// The most that a hundred times as many decisions may add to the memory, in bytes.
const FLAT: f64 = 32.0 * 1024.0 * 1024.0;

/// Evaluates `gigabytes` of decisions, made as they are read, by the command line.
pub fn run(workspace: &Workspace, gigabytes: f64) -> Result<Finding> {
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/soak-evaluate.mjs"))
        .arg((gigabytes * 1e9).to_string());
    let measured = process::report(&mut node)?;
    let number = |name: &str| -> Result<f64> {
        let value = measured.get(name).and_then(Value::as_f64);
        value.with_context(|| format!("soak-evaluate.mjs did not measure `{name}`"))
    };
    let (memory, before) = (number("memory")?, number("memory_of_a_hundredth")?);
    Ok(Finding {
        good: memory - before <= FLAT,
        lines: vec![
            format!(
                "{gigabytes} GB on standard input, {} decisions, in {:.0} s",
                number("decisions")?,
                number("seconds")?
            ),
            format!(
                "at most {:.1} MB of memory; {:.1} MB for a hundredth of them",
                memory / 1e6,
                before / 1e6
            ),
        ],
    })
}
