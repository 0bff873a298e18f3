//! libFuzzer over the readers of tests/fuzz/. Coverage comes from LLVM's own pass, which a stable
//! compiler has too, so that nothing needs to be installed.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result};

use super::{Finding, last, telling};
use crate::process::{self, Finished};
use crate::workspace::Workspace;

/// What makes the compiler count which parts of the code an input reaches, and what it compares.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";
/// The largest input: a model with a small log.
const INPUT_BYTES: u32 = 131_072;
/// How long one input may take, in seconds, and how much memory, in MB.
const PATIENCE: u32 = 60;
const MEMORY: u32 = 2048;
/// How much of what libFuzzer says is shown where something is wrong, in lines.
const LINES: usize = 40;

/// Tries `inputs` inputs, on every processor its part; one that breaks a reader is put into
/// tests/fuzz/crashers/, where the tests read it from then on. What was found to be interesting is
/// kept for the next run.
pub fn run(workspace: &Workspace, inputs: u64) -> Result<Finding> {
    let target = workspace.scratch("fuzz");
    let corpus = target.join("corpus");
    fs::create_dir_all(&corpus)?;
    let crashers = workspace.path("tests/fuzz/crashers");
    let workers = available_parallelism()?.get() as u64;
    let mut fuzz = Command::new(process::cargo());
    // The workers' logs are written where it starts.
    fuzz.current_dir(&target)
        .args(["run", "--release", "--locked", "--quiet"])
        // It has a lock file of its own.
        .arg("--manifest-path")
        .arg(workspace.path("tests/fuzz/Cargo.toml"))
        // Named, so that build scripts are spared the flags.
        .args(["--target", &host()?])
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", FLAGS)
        .env("MOODLOOP_SEEDS", &corpus)
        .arg("--")
        .arg(&corpus)
        .arg(&crashers)
        .args([format!("-jobs={workers}"), format!("-workers={workers}")])
        .arg(format!("-runs={}", inputs.div_ceil(workers)))
        .arg(format!("-max_len={INPUT_BYTES}"))
        .arg(format!("-timeout={PATIENCE}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-artifact_prefix={}/", crashers.display()))
        .arg("-print_final_stats=1");
    let Finished { success, output } = process::finish(&mut fuzz)?;
    let lines = if success {
        telling(&output, |line| line.starts_with("stat::"))
    } else {
        last(&output, LINES)
    };
    Ok(Finding {
        good: success,
        lines,
    })
}

/// The platform that the compiler runs on.
fn host() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let text = String::from_utf8_lossy(&version);
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("`rustc -vV` names no host")?.trim().to_owned())
}
