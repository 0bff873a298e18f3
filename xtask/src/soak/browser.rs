//! The long form of tests/site/package-kill.spec.ts.

use anyhow::Result;

use super::{Finding, last, telling};
use crate::process::{self, Finished};
use crate::stage::Stage;
use crate::workspace::Workspace;

/// How often the browser is killed.
const KILLS: u32 = 200;
/// How much of what Playwright says is shown where something is wrong, in lines.
const LINES: usize = 60;
/// Marks the line that says what happened: `discarded` is when Chromium threw everything away, each
/// time in its own words, which may be none.
const REPORT: &str = "\"discarded\"";

/// Kills Chromium at random moments while it learns, and looks at what is left.
pub fn kills(workspace: &Workspace) -> Result<Finding> {
    let stage = Stage::open(workspace, "soak-browser-data")?;
    let mut playwright = stage.command("playwright")?;
    playwright
        .args(["test", "--config=tests/playwright.config.ts"])
        .args(["--reporter=line", "package-kill"])
        .env("MOODLOOP_KILLS", KILLS.to_string());
    let Finished { success, output } = process::finish(&mut playwright)?;
    let mut lines = telling(&output, |line| line.contains(REPORT));
    if !success {
        lines.extend(last(&output, LINES));
    }
    Ok(Finding {
        good: success,
        lines,
    })
}
