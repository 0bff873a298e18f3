//! Vowpal Wabbit from PyPI, in an environment of its own under target/.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::summary::{self, Run};
use crate::process;
use crate::workspace::Workspace;

/// The best of many settings per size, chosen with hindsight, in its favour.
const SETTINGS: [(&str, &str); 3] = [
    ("s1", "--squarecb --gamma_scale 30"),
    ("s45", "--squarecb --gamma_scale 100 -l 2"),
    ("s1k", "--squarecb --gamma_scale 30 -l 5"),
];

/// Runs it on every world that `runs` covers; the worlds are files in `worlds`.
pub fn run(workspace: &Workspace, worlds: &Path, runs: &[Run]) -> Result<Vec<Run>> {
    let home = workspace.scratch("vowpal");
    let python = home.join("bin/python");
    if !python.exists() {
        let mut make = Command::new("python3");
        process::run(make.args(["-m", "venv"]).arg(&home)).context("no Python with venv")?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "vowpalwabbit==9.11.9"]);
    process::run(&mut install).context("vowpalwabbit cannot be installed")?;
    let mut found = Vec::new();
    for (size, settings) in SETTINGS {
        let mut names: Vec<String> = (runs.iter().filter(|run| run.size == size))
            .map(|run| format!("{size}-{}-{}", run.kind, run.seed))
            .collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            continue;
        }
        let mut command = Command::new(&python);
        command
            .arg(workspace.path("xtask/python/vowpal.py"))
            .arg(worlds)
            .arg(format!("vowpal_wabbit={settings}"))
            .args(&names);
        found.extend(summary::parse(&process::output(&mut command)?)?);
    }
    Ok(found)
}
