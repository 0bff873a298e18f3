//! The Node of `node_modules/.bin` and its tools, from npm.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// A command that finds the tools of `node_modules/.bin` first: npm's `node` package puts a
/// current Node there, so that every script runs on it, whatever the machine has.
pub fn tool(workspace: &Workspace, tool: &str) -> Result<Command> {
    let bin = workspace.path("node_modules/.bin");
    let mut command = Command::new(bin.join(tool));
    command
        .current_dir(workspace.root())
        .env("PATH", path_with(&bin)?)
        .env("WRANGLER_SEND_METRICS", "false")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    Ok(command)
}

/// An npm command that runs its scripts on the Node of `node_modules/.bin`.
pub fn npm(workspace: &Workspace, args: &[&str]) -> Result<Command> {
    let mut command = Command::new("npm");
    command
        .current_dir(workspace.root())
        .env("PATH", path_with(&workspace.path("node_modules/.bin"))?)
        .args(args);
    Ok(command)
}

fn path_with(first: &Path) -> Result<OsString> {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let entries = std::iter::once(first.to_path_buf()).chain(std::env::split_paths(&inherited));
    std::env::join_paths(entries).context("PATH cannot be extended")
}
