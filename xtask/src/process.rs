//! Running other programs.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The cargo that runs this command.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
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
