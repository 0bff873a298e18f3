//! `cargo xtask soak`: what a short test cannot show, run for minutes or hours.

mod api;
mod browser;
mod evaluate;
mod fuzz;
mod worker;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::build::{self, Part};
use crate::progress;
use crate::workspace::Workspace;

/// What to run for long.
#[derive(clap::Args)]
#[group(id = "part", required = true, multiple = true, args = ["worker", "api", "browser", "evaluate", "fuzz"])]
pub struct Args {
    /// The Worker under half of the load that it can carry: no error, flat memory; and killed
    /// fifty times at work.
    #[arg(long)]
    worker: bool,
    /// Schemathesis against the served description of the API.
    #[arg(long)]
    api: bool,
    /// Chromium killed 200 times at random moments: no feedback that resolved is lost or doubled.
    #[arg(long)]
    browser: bool,
    /// A log of 10 GB on the standard input of `moodloop evaluate`: flat memory.
    #[arg(long)]
    evaluate: bool,
    /// Ten million inputs under libFuzzer for everything that reads what others wrote.
    #[arg(long)]
    fuzz: bool,
    /// For how many minutes Worker and API are held under load.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// How long that log is, in gigabytes.
    #[arg(long, default_value_t = 10.0, requires = "evaluate")]
    gigabytes: f64,
    /// How many inputs the fuzzing tries.
    #[arg(long, default_value_t = 10_000_000, requires = "fuzz")]
    inputs: u64,
}

/// What a part found.
pub struct Finding {
    /// Whether all of it was as it should be.
    pub good: bool,
    /// What there is to know, in one line for each thing.
    pub lines: Vec<String>,
}

/// The last lines of what a tool printed.
fn last(output: &str, count: usize) -> Vec<String> {
    let skipped = output.lines().count().saturating_sub(count);
    output.lines().skip(skipped).map(str::to_owned).collect()
}

/// The lines of what a tool printed that say what `tells` looks for.
fn telling(output: &str, tells: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = output.lines().filter(|line| tells(line));
    lines.map(str::to_owned).collect()
}

/// Runs the chosen parts one after the other, and says what each found.
pub fn run(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let mut failed = 0;
    if args.worker || args.api || args.browser {
        build::build(workspace, Part::All)?;
    }
    if args.worker {
        let seconds = args.minutes * 60.0;
        failed += perform("Worker under load", || worker::load(workspace, seconds));
        failed += perform("Worker killed at work", || worker::kills(workspace));
    }
    if args.api {
        failed += perform("API as described", || api::run(workspace, args.minutes));
    }
    if args.browser {
        failed += perform("Chromium killed at work", || browser::kills(workspace));
    }
    if args.evaluate {
        build::build(workspace, Part::Pkg)?;
        failed += perform("an endless log", || {
            evaluate::run(workspace, args.gigabytes)
        });
    }
    if args.fuzz {
        failed += perform("readers under libFuzzer", || {
            fuzz::run(workspace, args.inputs)
        });
    }
    println!("{failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs one part and prints what it found; 1 where that is not good.
fn perform(name: &str, work: impl FnOnce() -> Result<Finding>) -> u32 {
    progress::begin(name);
    let started = Instant::now();
    let finding = work().unwrap_or_else(|error| Finding {
        good: false,
        lines: vec![format!("{error:#}")],
    });
    let result = if finding.good { "well" } else { "NOT WELL" };
    progress::end(name, result, started);
    for line in &finding.lines {
        println!("    {line}");
    }
    u32::from(!finding.good)
}
