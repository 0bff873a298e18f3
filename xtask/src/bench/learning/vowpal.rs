//! Vowpal Wabbit from PyPI.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::summary;
use crate::workspace::Workspace;
use crate::{process, python};

/// The best of many settings per size, chosen with hindsight, in its favour.
pub const SETTINGS: [(&str, &str); 3] = [
    ("s1", "--squarecb --gamma_scale 30"),
    ("s45", "--squarecb --gamma_scale 100 -l 2"),
    ("s1k", "--squarecb --gamma_scale 30 -l 5"),
];

/// Runs it on all audiences of one size and seed, and appends the runs to `finished`, unless they
/// are there.
pub fn run(workspace: &Workspace, finished: &Path, size: &str, seed: u32) -> Result<()> {
    let there = summary::parse(&fs::read(finished)?);
    if (there.iter()).any(|run| run.size == size && run.seed == u64::from(seed)) {
        return Ok(());
    }
    let python = python::install(workspace, "vowpal", "vowpalwabbit==9.11.9")?.join("python");
    let worlds = workspace.scratch("learning/worlds");
    if worlds.exists() {
        fs::remove_dir_all(&worlds)?;
    }
    let mut write = super::bench(workspace, &["--size", size, "--first", &seed.to_string()]);
    write.args(["--seeds", "1", "--learners", "uniform", "--write"]);
    process::run(write.arg(&worlds))?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&worlds)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            names.extend(path.file_stem().map(ToOwned::to_owned));
        }
    }
    names.sort();
    let settings = SETTINGS.iter().find(|(name, _)| *name == size);
    let (_, settings) = settings.with_context(|| format!("no settings for size `{size}`"))?;
    let mut command = Command::new(python);
    command
        .arg(workspace.path("xtask/python/vowpal.py"))
        .arg(&worlds)
        .arg(format!("vowpal_wabbit={settings}"))
        .args(names);
    let lines = process::output(&mut command)?;
    // All of a seed or nothing: what is there is not run again.
    (fs::File::options().append(true).open(finished)?).write_all(&lines)?;
    fs::remove_dir_all(&worlds)?;
    Ok(())
}
