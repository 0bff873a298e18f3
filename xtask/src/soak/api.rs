//! Schemathesis against the served description of the API, driven by
//! xtask/node/soak-api.mjs.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Finding, last};
use crate::catalog;
use crate::workspace::Workspace;
use crate::{node, process, python};

/// How many requests it makes up for each route and kind of input, a minute.
const EXAMPLES: f64 = 10.0;
/// How much of its report is shown where something is wrong, in lines.
const LINES: usize = 200;

/// Holds every answer against /openapi.json.
pub fn run(workspace: &Workspace, minutes: f64) -> Result<Finding> {
    let programs = python::install(workspace, "schemathesis", "schemathesis==4.32.5")?;
    let data = workspace.fresh("soak-api-data")?;
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/soak-api.mjs"))
        .arg(&data)
        .arg(catalog::demo_file(workspace)?)
        .arg(programs.join("schemathesis"))
        .arg(format!("{:.0}", (EXAMPLES * minutes).max(1.0)));
    let report = process::report(&mut node)?;
    let text = |name: &str| report.get(name).and_then(Value::as_str);
    let output = text("output").context("soak-api.mjs did not report `output`")?;
    let good = report.get("good").and_then(Value::as_bool) == Some(true);
    Ok(Finding {
        good,
        lines: last(output, if good { 12 } else { LINES }),
    })
}
