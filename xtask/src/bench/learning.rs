//! `cargo xtask bench --learning`: learners on the same simulated audiences.

mod chart;
mod summary;
mod vowpal;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use self::summary::{Run, Summary};
use crate::process;
use crate::progress::{Outcome, step};
use crate::workspace::Workspace;

/// Sizes and how many seeds each is run with, in full and in short (0 leaves it out).
const SIZES: [(&str, u32, u32); 3] = [("s1", 20, 2), ("s45", 20, 2), ("s1k", 3, 0)];
/// Where tables and curves are written, for the README and the site.
const RESULTS: &str = "www/public/results";
const BEGIN: &str = "<!-- learning:begin -->";
const END: &str = "<!-- learning:end -->";

/// Runs everything and writes the results; `quick` takes fewer seeds and writes nothing.
pub fn run(workspace: &Workspace, quick: bool) -> Result<()> {
    let worlds = workspace.scratch("worlds");
    fs::create_dir_all(&worlds)?;
    let mut runs: Vec<Run> = Vec::new();
    for (size, full, short) in SIZES {
        let seeds = if quick { short } else { full };
        if seeds == 0 {
            continue;
        }
        step(&format!("learners, {size}, {seeds} seeds"), || {
            let mut bench = bench(workspace, &["--size", size, "--seeds", &seeds.to_string()]);
            bench.arg("--write").arg(&worlds);
            runs.extend(summary::parse(&process::output(&mut bench)?)?);
            Ok(Outcome::Done)
        })?;
    }
    step("Vowpal Wabbit on the same worlds", || {
        match vowpal::run(workspace, &worlds, &runs) {
            Ok(found) => runs.extend(found),
            Err(error) => eprintln!("  left out: {error:#}"),
        }
        Ok(Outcome::Done)
    })?;
    fs::remove_dir_all(&worlds)?;
    let summary = Summary::new(&runs);
    let text = summary.markdown();
    println!("{text}");
    if quick {
        return Ok(());
    }
    let folder = workspace.path(RESULTS);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("learning.md"), &text)?;
    for (size, _, _) in SIZES {
        let curves = summary.curves(size);
        fs::write(
            folder.join(format!("learning-{size}.svg")),
            chart::draw(&curves),
        )?;
    }
    into_readme(workspace, &text)
}

/// The learners' program, with arguments.
pub fn bench(workspace: &Workspace, args: &[&str]) -> Command {
    let mut command = Command::new(process::cargo());
    command
        .current_dir(workspace.root())
        .args([
            "bench",
            "--quiet",
            "--package=moodloop",
            "--features=simulate",
        ])
        .args(["--bench=learning", "--"])
        .args(args);
    command
}

/// Replaces the results section of the README, where it has one.
fn into_readme(workspace: &Workspace, text: &str) -> Result<()> {
    let path = workspace.path("README.md");
    let readme = fs::read_to_string(&path).context("README.md cannot be read")?;
    let parts = readme.split_once(BEGIN).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(END)?;
        Some((head, tail))
    });
    let (head, tail) =
        parts.with_context(|| format!("README.md has no section from {BEGIN} to {END}"))?;
    let pictures: String = (SIZES.iter())
        .map(|(size, _, _)| format!("![Learning curves, {size}]({RESULTS}/learning-{size}.svg)\n"))
        .collect();
    fs::write(
        path,
        format!("{head}{BEGIN}\n{pictures}\n{text}{END}{tail}"),
    )?;
    Ok(())
}
