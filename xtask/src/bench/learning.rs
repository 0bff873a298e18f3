//! `cargo xtask bench --learning`: learners on the same simulated audiences.

mod chart;
mod summary;
mod vowpal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use self::summary::{Run, Summary};
use crate::process;
use crate::progress::{Outcome, step};
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// Sizes and how many seeds each is run with, in full and in short (0 leaves it out).
const SIZES: [(&str, u32, u32); 3] = [("s45", 20, 2), ("s1", 20, 2), ("s1k", 3, 0)];
/// What the learners' runs are made from; Vowpal Wabbit's need the audiences only.
const LEARNERS: [&str; 4] = ["src", "benches/learning", "Cargo.toml", "Cargo.lock"];
const AUDIENCES: [&str; 3] = ["src/simulate", "xtask/python/vowpal.py", "Cargo.lock"];
/// Where tables and curves are written, for the README and the site.
const RESULTS: &str = "www/public/results";
const BEGIN: &str = "<!-- learning:begin -->";
const END: &str = "<!-- learning:end -->";

/// Runs everything and writes the results; `quick` takes fewer seeds and writes nothing.
///
/// Every finished run is kept below target/, so that a command that was interrupted goes on where
/// it stopped, as long as what the runs are made from is the same.
pub fn run(workspace: &Workspace, quick: bool) -> Result<()> {
    let finished = kept(workspace, "learners", &LEARNERS, "")?;
    let elsewhere = kept(
        workspace,
        "vowpal",
        &AUDIENCES,
        &format!("{:?}", vowpal::SETTINGS),
    )?;
    let sizes = SIZES.map(|(size, full, short)| (size, if quick { short } else { full }));
    for (size, seeds) in sizes.into_iter().filter(|(_, seeds)| *seeds > 0) {
        step(&format!("learners, {size}, {seeds} seeds"), || {
            let mut bench = bench(workspace, &["--size", size, "--seeds", &seeds.to_string()]);
            process::run(bench.arg("--resume").arg(&finished))?;
            Ok(Outcome::Done)
        })?;
    }
    let mut runs = read(&finished, &sizes)?;
    step("Vowpal Wabbit on the same audiences", || {
        for (size, seeds) in sizes {
            for seed in 0..seeds {
                if let Err(error) = vowpal::run(workspace, &elsewhere, size, seed) {
                    eprintln!("  left out: {error:#}");
                    return Ok(Outcome::Done);
                }
            }
        }
        Ok(Outcome::Done)
    })?;
    runs.extend(read(&elsewhere, &sizes)?);
    let summary = Summary::new(&runs);
    let text = summary.markdown();
    println!("{text}");
    if quick {
        return Ok(());
    }
    let folder = workspace.path(RESULTS);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("learning.md"), &text)?;
    for (size, _) in sizes {
        let curves = summary.curves(size);
        fs::write(
            folder.join(format!("learning-{size}.svg")),
            chart::draw(&curves),
        )?;
    }
    into_readme(workspace, &text)
}

/// The file of finished runs called `name`, emptied if what they are made from has changed.
fn kept(workspace: &Workspace, name: &str, sources: &[&str], settings: &str) -> Result<PathBuf> {
    let folder = workspace.scratch("learning");
    fs::create_dir_all(&folder)?;
    let (file, stamp) = (
        folder.join(format!("{name}.jsonl")),
        folder.join(format!("{name}.stamp")),
    );
    let mut inputs = Inputs::new(settings);
    for source in sources {
        inputs = inputs.path(&workspace.path(source))?;
    }
    if !inputs.match_stamp(&stamp, &file) {
        fs::write(&file, "")?;
        inputs.write_stamp(&stamp)?;
    }
    Ok(file)
}

/// The finished runs of the wanted seeds.
fn read(file: &Path, sizes: &[(&str, u32)]) -> Result<Vec<Run>> {
    let mut runs = summary::parse(&fs::read(file)?);
    runs.retain(|run| {
        let size = sizes.iter().find(|(size, _)| *size == run.size);
        size.is_some_and(|(_, seeds)| run.seed < u64::from(*seeds))
    });
    // The order of the list, not that of finishing.
    runs.sort_by(|a, b| (&a.size, a.seed, &a.kind).cmp(&(&b.size, b.seed, &b.kind)));
    Ok(runs)
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
        .map(|(size, ..)| format!("![Learning curves, {size}]({RESULTS}/learning-{size}.svg)\n"))
        .collect();
    fs::write(
        path,
        format!("{head}{BEGIN}\n{pictures}\n{text}{END}{tail}"),
    )?;
    Ok(())
}
