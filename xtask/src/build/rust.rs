//! Rust for wasm: the target, and cargo builds of it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::progress::Outcome;
use crate::workspace::Workspace;

/// The target of everything that runs in a browser, in Node or in workerd.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Installs the wasm target where it is missing: naming it in rust-toolchain.toml does not
/// install it where the toolchain is already there.
pub fn ensure_target() -> Result<Outcome> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print=target-libdir", "--target", WASM]);
    let printed = process::output(&mut rustc)?;
    let library = PathBuf::from(String::from_utf8_lossy(&printed).trim());
    if library.is_dir() {
        return Ok(Outcome::Fresh);
    }
    eprintln!("installing the Rust target {WASM} (rustup target add {WASM})");
    process::run(Command::new("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("Rust has no standard library for `{WASM}`"))?;
    Ok(Outcome::Done)
}

/// The compiler's name and version.
pub fn version() -> Result<Vec<u8>> {
    process::output(Command::new("rustc").arg("--version"))
}

/// The variable with rustc's flags for the target.
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Flags that leave out of messages where cargo keeps its crates: a wasm file shall be the same
/// whoever builds it, and tell nothing of them.
fn without_home() -> Result<String> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("no home directory")?.join(".cargo"),
    };
    Ok(format!(
        "--remap-path-prefix={}/registry/src=crates",
        home.display()
    ))
}

/// Compiles `package` for wasm and returns the wasm file.
///
/// It is made alone: cargo leaves link-time optimisation out where the library that other crates
/// link is made beside it, which costs a fifth of the file.
pub fn build(workspace: &Workspace, package: &str, args: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(process::cargo());
    cargo
        .current_dir(workspace.root())
        .env(RUSTFLAGS, without_home()?)
        .args(["rustc", "--locked", "--lib", "--package", package])
        .args(["--crate-type=cdylib", "--target", WASM])
        .arg("--message-format=json-render-diagnostics")
        .args(args)
        .stdin(Stdio::null());
    let name = process::describe(&cargo);
    let output = cargo
        .output()
        .with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!(
            "`{name}` failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let file_stem = package.replace('-', "_");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message.pointer("/target/name").and_then(Value::as_str) == Some(&file_stem)
        })
        .filter_map(|message| message.get("filenames").and_then(Value::as_array).cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .with_context(|| format!("`{name}` made no wasm file"))
}
