//! One line per step on standard error, with the seconds that it took.

use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

use anyhow::Result;

/// What a step did, for its line.
pub enum Outcome {
    /// The work was done.
    Done,
    /// The result of an earlier run still holds.
    Fresh,
}

/// Announces a step, does it, and prints how it ended.
pub fn step(name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
    begin(name);
    let started = Instant::now();
    match work() {
        Ok(Outcome::Done) => end(name, "done", started),
        Ok(Outcome::Fresh) => end(name, "up to date", started),
        Err(error) => {
            end(name, "FAILED", started);
            return Err(error);
        }
    }
    Ok(())
}

/// Shows a step that has just begun, where there is a terminal to show it on.
pub fn begin(name: &str) {
    if stderr().is_terminal() {
        eprint!("  {name:<28} …");
        // A terminal that cannot be flushed only loses a progress mark.
        let _ = stderr().flush();
    }
}

/// Replaces the line of [`begin`] by the result.
pub fn end(name: &str, result: &str, started: Instant) {
    let back = if stderr().is_terminal() { "\r" } else { "" };
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{back}  {name:<28} {result}, {seconds:.1} s");
}
