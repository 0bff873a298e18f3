//! `cargo xtask screenshots`: every page in every form and state, to be looked at.

use std::fs;

use anyhow::{Result, bail};

use crate::build::{self, Part};
use crate::process::{self, Finished};
use crate::stage::Stage;
use crate::workspace::Workspace;

/// What to take pictures of.
#[derive(clap::Args)]
pub struct Args {
    /// Only the states and forms whose names match this regular expression.
    #[arg(value_name = "PATTERN")]
    only: Option<String>,
}

/// Builds, serves, and writes the pictures below the target directory, and the README's.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    build::build(workspace, Part::All)?;
    let pictures = workspace.scratch("screenshots");
    fs::create_dir_all(&pictures)?;
    let stage = Stage::open(workspace, "screenshots-data")?;
    let mut playwright = stage.command("playwright")?;
    playwright
        .args(["test", "--config=tests/screenshots/playwright.config.ts"])
        .args(args.only.iter().map(|pattern| format!("--grep={pattern}")))
        .env("MOODLOOP_PICTURES", &pictures);
    let Finished { success, output } = process::finish(&mut playwright)?;
    if !success {
        bail!("not every picture could be taken:\n{output}");
    }
    println!("{}", pictures.display());
    Ok(())
}
