//! Developer commands: `cargo xtask <command>`.

mod bench;
mod build;
mod catalog;
mod chromium;
mod deploy;
mod node;
mod process;
mod progress;
mod python;
mod screenshots;
mod server;
mod soak;
mod stage;
mod stamp;
mod start;
mod test;
mod tune;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// moodloop's developer commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the wasm files, the npm package, the site and the Worker.
    Build(build::Args),
    /// Build and serve site and API on one port, with everything a fresh machine needs.
    Start(start::Args),
    /// Run every check and every test.
    Test(test::Args),
    /// Measure.
    Bench(bench::Args),
    /// Run for long what a short test cannot show.
    Soak(soak::Args),
    /// Write a picture of every page in every form.
    Screenshots(screenshots::Args),
    /// Search the learner's settings on tuning seeds.
    Tune(tune::Args),
    /// Manage the catalog of the local D1.
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Check what can be checked without an account, then deploy to Cloudflare.
    Deploy(deploy::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        Command::Build(args) => build::run(&workspace, &args)?,
        Command::Start(args) => start::run(&workspace, &args)?,
        Command::Test(args) => return test::run(&workspace, &args),
        Command::Bench(args) => return bench::run(&workspace, &args),
        Command::Soak(args) => return soak::run(&workspace, &args),
        Command::Screenshots(args) => screenshots::run(&workspace, &args)?,
        Command::Tune(args) => tune::run(&workspace, &args)?,
        Command::Catalog(command) => catalog::run(&workspace, &command)?,
        Command::Deploy(args) => deploy::run(&workspace, &args)?,
    }
    Ok(ExitCode::SUCCESS)
}
