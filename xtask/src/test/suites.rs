//! Test suites, run by the test runner of their language.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::Report;
use super::counts::Counts;
use crate::node;
use crate::process::{self, Finished};
use crate::stage::Stage;
use crate::workspace::Workspace;

/// How long one test file in Node may take, in milliseconds.
const NODE_PATIENCE: u32 = 300_000;

/// The native tests of all crates, the samples in their documentation included.
pub fn rust(workspace: &Workspace) -> Result<Report> {
    let mut cargo = Command::new(process::cargo());
    cargo
        .current_dir(workspace.root())
        .args(["test", "--locked", "--workspace", "--no-fail-fast"])
        .args(["--features", "moodloop/simulate"]);
    let Finished { success, output } = process::finish(&mut cargo)?;
    Ok(Report {
        counts: Counts::of_cargo(&output).with_status(success),
        output,
    })
}

/// The tests in a directory of tests/, on Node's own runner.
pub fn node(workspace: &Workspace, directory: &str) -> Result<Report> {
    let tap = workspace.scratch(format!("{directory}.tap"));
    let mut node = node::tool(workspace, "node")?;
    node.args(["--test", &format!("--test-timeout={NODE_PATIENCE}")])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", tap.display()))
        .arg(format!("tests/{directory}/**/*.test.{{mjs,ts}}"));
    remove(&tap)?;
    let Finished { success, output } = process::finish(&mut node)?;
    let summary = fs::read_to_string(&tap).context("Node's test runner wrote no report")?;
    Ok(Report {
        counts: Counts::of_tap(&summary).with_status(success),
        output,
    })
}

/// The tests in Chromium, against site and API as `cargo xtask start` serves them.
pub fn site(workspace: &Workspace) -> Result<Report> {
    let stage = Stage::open(workspace, "site-test-data")?;
    let json = workspace.scratch("playwright.json");
    remove(&json)?;
    let mut playwright = stage.command("playwright")?;
    playwright
        .args(["test", "--config=tests/playwright.config.ts"])
        .args(["--reporter=dot,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &json);
    let Finished { success, output } = process::finish(&mut playwright)?;
    let counts = match fs::read(&json) {
        Ok(report) => Counts::of_playwright(&report)?,
        Err(_) => Counts::default(),
    };
    Ok(Report {
        counts: counts.with_status(success),
        output,
    })
}

/// Removes the report of an earlier run, so that it cannot be taken for this one's.
fn remove(report: &Path) -> Result<()> {
    if let Some(parent) = report.parent() {
        fs::create_dir_all(parent)?;
    }
    if report.exists() {
        fs::remove_file(report)?;
    }
    Ok(())
}
