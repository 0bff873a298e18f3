//! `cargo xtask build`: wasm, npm package, site and Worker, each only where its inputs changed.

mod bundle;
pub mod npm;
mod optimize;
mod rust;
mod wasm;
mod worker;

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

pub use self::rust::{WASM, ensure_target};

use crate::progress::step;
use crate::workspace::Workspace;

/// What to build.
#[derive(clap::Args)]
pub struct Args {
    /// The part to build, with everything it needs.
    #[arg(value_enum, default_value_t = Part::All)]
    part: Part,
}

/// A part that can be built by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Agent and catalog for the npm package: pkg/wasm/{core,catalog}.wasm and their glue.
    Core,
    /// Evaluation and simulation, loaded on demand: pkg/wasm/lab.wasm and its glue.
    Lab,
    /// The npm package: pkg/dist/.
    Pkg,
    /// The site: www/dist/. Its guide describes the Worker's API.
    Site,
    /// The Worker: worker/dist/.
    Worker,
    /// Everything.
    All,
}

/// Runs the command.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    build(workspace, args.part)
}

/// Builds the speed benchmark's wasm in `output`.
pub fn speed(workspace: &Workspace, output: &Path) -> Result<()> {
    let _lock = lock(workspace)?;
    prepare(workspace)?;
    step("speed.wasm", || {
        wasm::build_into(workspace, &wasm::SPEED, output)
    })
}

fn prepare(workspace: &Workspace) -> Result<()> {
    step("wasm target", rust::ensure_target)?;
    step("npm packages", || npm::install(workspace))
}

/// Builds a part and everything that it needs.
pub fn build(workspace: &Workspace, part: Part) -> Result<()> {
    let wanted = |parts: &[Part]| part == Part::All || parts.contains(&part);
    let _lock = lock(workspace)?;
    prepare(workspace)?;
    if wanted(&[Part::Core, Part::Pkg, Part::Site]) {
        step("core.wasm", || wasm::build(workspace, &wasm::CORE))?;
        step("catalog.wasm", || wasm::build(workspace, &wasm::CATALOG))?;
    }
    if wanted(&[Part::Lab, Part::Pkg, Part::Site]) {
        step("lab.wasm", || wasm::build(workspace, &wasm::LAB))?;
    }
    if wanted(&[Part::Pkg, Part::Site]) {
        step("npm package", || bundle::package(workspace))?;
    }
    if wanted(&[Part::Worker, Part::Site]) {
        step("Worker", || worker::build(workspace))?;
        step("API description", || worker::describe(workspace))?;
    }
    if wanted(&[Part::Site]) {
        step("site", || bundle::site(workspace))?;
    }
    Ok(())
}

/// Waits until no other command builds in this target directory; held until dropped.
fn lock(workspace: &Workspace) -> Result<File> {
    let path = workspace.scratch("build.lock");
    fs::create_dir_all(workspace.scratch(""))?;
    let file = File::create(&path).with_context(|| format!("`{}`", path.display()))?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        eprintln!("  waiting for another build to end");
        file.lock()?;
    }
    Ok(file)
}
