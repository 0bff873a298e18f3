//! `cargo xtask bench`: figures, measured and held against their budgets.

mod evaluate;
pub mod figure;
pub mod learning;
mod package;
mod site;
pub mod sizes;
mod speed;
mod starts;
mod worker;

use std::process::ExitCode;

use anyhow::Result;

use self::figure::Figure;
use crate::build::{self, Part};
use crate::workspace::Workspace;

/// What to measure.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub struct Args {
    /// Bytes of the package and the Worker, and how long they take to start.
    #[arg(long)]
    sizes: bool,
    /// Learners on simulated audiences; writes the README's results.
    #[arg(long)]
    learning: bool,
    /// What deciding and learning cost.
    #[arg(long)]
    speed: bool,
    /// How soon the site's first page can be used.
    #[arg(long)]
    site: bool,
    /// How quick the npm package is in Chromium.
    #[arg(long)]
    package: bool,
    /// Whether estimates and experiments tell the truth in 1,000 runs, and what evaluating a log of
    /// 1,000,000 decisions costs.
    #[arg(long)]
    evaluate: bool,
    /// The Worker against a plain one, and a training.
    #[arg(long)]
    worker: bool,
    /// Fewer seeds, and nothing written.
    #[arg(long, requires = "learning")]
    quick: bool,
}

/// Runs the command; it fails where a budget is exceeded.
pub fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut figures = Vec::new();
    if args.sizes {
        build::build(workspace, Part::All)?;
        figures.extend(sizes::measure(workspace)?);
        figures.extend(starts::measure(workspace)?);
    }
    if args.site {
        build::build(workspace, Part::All)?;
        figures.extend(site::measure(workspace)?);
    }
    if args.package {
        build::build(workspace, Part::Pkg)?;
        figures.extend(package::measure(workspace)?);
    }
    if args.worker {
        build::build(workspace, Part::All)?;
        figures.extend(worker::measure(workspace)?);
    }
    if args.learning {
        learning::run(workspace, args.quick)?;
    }
    if args.speed {
        figures.extend(speed::measure(workspace)?);
    }
    if args.evaluate {
        build::build(workspace, Part::Pkg)?;
        evaluate::check_rates(workspace)?;
        figures.extend(evaluate::measure(workspace)?);
    }
    if !figures.is_empty() {
        print!("{}", figure::table(&figures));
    }
    Ok(if figures.iter().all(Figure::is_met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
