//! `cargo xtask test`: every check and every test, natively, in Node, in workerd, in Chromium.

mod checks;
mod counts;
mod suites;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Error, Result};
use clap::ValueEnum;

use self::counts::Counts;
use crate::build::{self, Part};
use crate::progress;
use crate::workspace::Workspace;

/// What to test.
#[derive(clap::Args)]
pub struct Args {
    /// Run these steps only.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STEP")]
    only: Vec<Step>,
    /// Show the output of steps that passed, too.
    #[arg(long)]
    verbose: bool,
}

/// One step of the tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The formatting of Rust.
    Format,
    /// The lints of Rust: native, wasm, Worker.
    Clippy,
    /// The native tests, and the samples in the documentation.
    Rust,
    /// The formatting and lints of everything else.
    Biome,
    /// The types of TypeScript.
    Types,
    /// The npm package in Node.
    Package,
    /// The Worker on workerd.
    Worker,
    /// The site, and the package, in Chromium.
    Site,
    /// The budgets of bytes.
    Sizes,
    /// Whether what is built and configured could be deployed.
    Deploy,
}

/// What a step found, and what it printed.
struct Report {
    counts: Counts,
    output: String,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Format => "Rust formatting",
            Self::Clippy => "Rust lints",
            Self::Rust => "Rust tests",
            Self::Biome => "Biome",
            Self::Types => "TypeScript",
            Self::Package => "npm package in Node",
            Self::Worker => "Worker on workerd",
            Self::Site => "site in Chromium",
            Self::Sizes => "size budgets",
            Self::Deploy => "deployment, dry",
        }
    }

    /// Whether it looks at what is built, or at tools from npm.
    const fn needs_build(self) -> bool {
        !matches!(self, Self::Format | Self::Clippy | Self::Rust)
    }

    fn run(self, workspace: &Workspace) -> Result<Report> {
        match self {
            Self::Format => checks::format(workspace),
            Self::Clippy => checks::clippy(workspace),
            Self::Rust => suites::rust(workspace),
            Self::Biome => checks::biome(workspace),
            Self::Types => checks::types(workspace),
            Self::Package => suites::node(workspace, "package"),
            Self::Worker => suites::node(workspace, "worker"),
            Self::Site => suites::site(workspace),
            Self::Sizes => checks::sizes(workspace),
            Self::Deploy => checks::deploy(workspace),
        }
    }
}

/// Runs the steps; the last line says how many tests passed and failed.
pub fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let wanted = |step: &Step| args.only.is_empty() || args.only.contains(step);
    let steps = Step::value_variants().iter().copied().filter(wanted);
    let (before, after): (Vec<_>, Vec<_>) = steps.partition(|step| !step.needs_build());
    let mut total = Counts::default();
    for step in before {
        total += perform(step, || step.run(workspace), args.verbose);
    }
    if !after.is_empty() {
        let built = build::build(workspace, Part::All);
        if let Err(error) = &built {
            eprintln!("{error:#}");
        }
        for step in after {
            let work = || match &built {
                Ok(()) => step.run(workspace),
                Err(_) => Err(Error::msg("not run: the build failed")),
            };
            total += perform(step, work, args.verbose);
        }
    }
    if total.skipped > 0 {
        println!("{} skipped", total.skipped);
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Does one step and prints its line; its output only where it failed, or when asked for.
fn perform(step: Step, work: impl FnOnce() -> Result<Report>, verbose: bool) -> Counts {
    let name = step.name();
    progress::begin(name);
    let started = Instant::now();
    let mut report = work().unwrap_or_else(|error| Report {
        counts: Counts::failure(),
        output: format!("{error:#}"),
    });
    if report.counts.ran() == 0 {
        report.counts = Counts::failure();
        report.output.push_str("\nno test ran");
    }
    progress::end(name, &report.counts.to_string(), started);
    if verbose || report.counts.failed > 0 {
        println!("{}", report.output.trim_end());
    }
    report.counts
}
