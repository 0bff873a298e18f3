//! Checks: each counts as one test.

use std::process::Command;

use anyhow::Result;

use super::Report;
use super::counts::Counts;
use crate::bench::{figure, sizes};
use crate::build::{WASM, ensure_target};
use crate::deploy;
use crate::node;
use crate::process::{self, Finished};
use crate::workspace::Workspace;

/// rustfmt.
pub fn format(workspace: &Workspace) -> Result<Report> {
    check([cargo(workspace, &["fmt", "--all", "--check"])])
}

/// clippy, for every place where the code runs.
pub fn clippy(workspace: &Workspace) -> Result<Report> {
    ensure_target()?;
    let clippy = |args: &[&str]| cargo(workspace, &[&["clippy", "--locked"], args].concat());
    let simulate = ["--features", "moodloop/simulate"];
    let exports = ["--features", "js-core,js-catalog,js-lab"];
    check([
        clippy(&[&["--workspace", "--all-targets"], &simulate[..]].concat()),
        clippy(&[&["--package", "moodloop", "--target", WASM], &exports[..]].concat()),
        clippy(&["--package", "moodloop-worker", "--target", WASM]),
    ])
}

/// Biome: formatting and lints of TypeScript, JavaScript, JSON and CSS.
pub fn biome(workspace: &Workspace) -> Result<Report> {
    let mut biome = node::tool(workspace, "biome")?;
    biome.args(["check", "--error-on-warnings", "--colors=off"]);
    check([biome])
}

/// tsc, for each project of the repository.
pub fn types(workspace: &Workspace) -> Result<Report> {
    let projects = ["pkg", "www", "www/sw", "tests"];
    let checks = projects.map(|project| {
        let mut tsc = node::tool(workspace, "tsc")?;
        tsc.args(["--project", project])
            .args(["--noEmit", "--emitDeclarationOnly", "false"]);
        Ok(tsc)
    });
    check(checks.into_iter().collect::<Result<Vec<_>>>()?)
}

/// What the package and the Worker weigh, against their budgets.
pub fn sizes(workspace: &Workspace) -> Result<Report> {
    let figures = sizes::measure(workspace)?;
    let mut counts = Counts::default();
    for figure in figures.iter().filter(|figure| figure.has_budget()) {
        counts += if figure.is_met() {
            Counts::success()
        } else {
            Counts::failure()
        };
    }
    Ok(Report {
        counts,
        output: figure::table(&figures),
    })
}

/// What `cargo xtask deploy --dry-run` finds.
pub fn deploy(workspace: &Workspace) -> Result<Report> {
    let findings = deploy::inspect(workspace)?;
    let mut counts = Counts::default();
    for finding in &findings {
        counts += if finding.is_wrong() {
            Counts::failure()
        } else {
            Counts::success()
        };
    }
    Ok(Report {
        counts,
        output: deploy::report(&findings),
    })
}

fn cargo(workspace: &Workspace, args: &[&str]) -> Command {
    let mut cargo = Command::new(process::cargo());
    cargo.current_dir(workspace.root()).args(args);
    cargo
}

/// Runs commands, each a check.
fn check(commands: impl IntoIterator<Item = Command>) -> Result<Report> {
    let mut report = Report {
        counts: Counts::default(),
        output: String::new(),
    };
    for mut command in commands {
        let Finished { success, output } = process::finish(&mut command)?;
        report.counts += if success {
            Counts::success()
        } else {
            Counts::failure()
        };
        report.output.push_str(&output);
    }
    Ok(report)
}
