//! Running other programs.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;

/// The cargo that runs this command.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A command that finds the tools of `node_modules/.bin` first: npm's `node` package puts a
/// current Node there, so that every script runs on it, whatever the machine has.
pub fn node_tool(workspace: &Workspace, tool: &str) -> Result<Command> {
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

/// Runs a command that is expected to succeed; its output is shown only where it fails.
pub fn run(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// Like [`run`], and returns the standard output.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let name = describe(command);
    let result = complete(command)?;
    if !result.status.success() {
        bail!("`{name}` failed ({}):\n{}", result.status, text_of(&result));
    }
    Ok(result.stdout)
}

/// Like [`run`], and returns the JSON of the last line of standard output: what a script of
/// xtask/node reports, below what the Worker may have logged.
pub fn report(command: &mut Command) -> Result<Value> {
    let printed = output(command)?;
    let text = String::from_utf8_lossy(&printed);
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(last)
        .with_context(|| format!("`{}` did not report in JSON", describe(command)))
}

/// How a command ended that is allowed to fail.
pub struct Finished {
    /// Whether it said that all was well.
    pub success: bool,
    /// Standard output, then standard error.
    pub output: String,
}

/// Runs a command to its end, whatever that is.
pub fn finish(command: &mut Command) -> Result<Finished> {
    let result = complete(command)?;
    Ok(Finished {
        success: result.status.success(),
        output: text_of(&result),
    })
}

fn complete(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{}` cannot be started", describe(command)))
}

fn text_of(result: &Output) -> String {
    String::from_utf8_lossy(&[&result.stdout[..], &result.stderr].concat()).into_owned()
}

/// The command as a person would type it, without its directory.
pub fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
