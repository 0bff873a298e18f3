//! The npm packages of the lock file, in node_modules/.

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::progress::Outcome;
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// The oldest Node that npm and the package installers run on.
const OLDEST_NODE: u32 = 20;

/// Runs `npm ci` where node_modules does not belong to the present lock file.
pub fn install(workspace: &Workspace) -> Result<Outcome> {
    let inputs = Inputs::new("npm ci")
        .path(&workspace.path("package-lock.json"))?
        .path(&workspace.path("package.json"))?;
    let stamp = workspace.path("node_modules/.moodloop-stamp");
    if inputs.match_stamp(&stamp, &workspace.path("node_modules/.bin/node")) {
        return Ok(Outcome::Fresh);
    }
    check_node()?;
    process::run(
        Command::new("npm")
            .current_dir(workspace.root())
            .args(["ci", "--loglevel=error"]),
    )?;
    if !fs::exists(workspace.path("node_modules/.bin/node"))? {
        bail!("npm did not install its `node` package: is `ignore-scripts` set?");
    }
    inputs.write_stamp(&stamp)?;
    Ok(Outcome::Done)
}

fn check_node() -> Result<()> {
    let advice = format!("install Node {OLDEST_NODE} or newer, with npm");
    let Ok(output) = Command::new("node").arg("--version").output() else {
        bail!("`node` was not found: {advice}");
    };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse::<u32>().ok());
    if major.is_none_or(|number| number < OLDEST_NODE) {
        bail!("`node --version` says `{version}`: {advice}");
    }
    Ok(())
}
