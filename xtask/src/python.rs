//! Tools from PyPI, each in an environment of its own under target/.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Installs a package, such as `name==1.2.3`, and gives the directory of its programs.
pub fn install(workspace: &Workspace, name: &str, package: &str) -> Result<PathBuf> {
    let home = workspace.scratch(name);
    let (programs, ready) = (home.join("bin"), home.join("ready"));
    if fs::read_to_string(&ready).is_ok_and(|installed| installed == package) {
        return Ok(programs);
    }
    let mut make = Command::new("python3");
    process::run(make.args(["-m", "venv"]).arg(&home)).context("no Python with venv")?;
    let mut install = Command::new(programs.join("python"));
    install.args(["-m", "pip", "install", "--quiet", package]);
    process::run(&mut install).with_context(|| format!("`{package}` cannot be installed"))?;
    fs::write(ready, package)?;
    Ok(programs)
}
