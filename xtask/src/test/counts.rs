//! How many tests passed and failed, read from what the test runners say.

use std::fmt;
use std::ops::AddAssign;

use anyhow::{Context, Result};
use serde_json::Value;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    /// One check that passed.
    pub const fn success() -> Self {
        Self {
            passed: 1,
            failed: 0,
            skipped: 0,
        }
    }

    /// One check that failed.
    pub const fn failure() -> Self {
        Self {
            passed: 0,
            failed: 1,
            skipped: 0,
        }
    }

    /// How many ran.
    pub const fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    /// A runner that says it failed, without a failed test, failed as a whole.
    pub fn with_status(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Sums the lines `test result: ok. 4 passed; 0 failed; 1 ignored; …` of `cargo test`.
    pub fn of_cargo(output: &str) -> Self {
        let mut counts = Self::default();
        let results = output
            .lines()
            .filter_map(|line| line.strip_prefix("test result: "))
            .filter_map(|line| line.split_once(". "));
        for (_, numbers) in results {
            for part in numbers.split(';') {
                let Some((number, word)) = part.trim().split_once(' ') else {
                    continue;
                };
                match (number.parse::<u64>(), word) {
                    (Ok(number), "passed") => counts.passed += number,
                    (Ok(number), "failed") => counts.failed += number,
                    (Ok(number), "ignored") => counts.skipped += number,
                    _ => {}
                }
            }
        }
        counts
    }

    /// Reads the closing comments of Node's TAP, such as `# pass 4`.
    pub fn of_tap(tap: &str) -> Self {
        let number = |word: &str| -> u64 {
            tap.lines()
                .filter_map(|line| line.strip_prefix("# ")?.strip_prefix(word))
                .filter_map(|rest| rest.trim().parse::<u64>().ok())
                .next_back()
                .unwrap_or_default()
        };
        Self {
            passed: number("pass "),
            failed: number("fail ") + number("cancelled "),
            skipped: number("skipped ") + number("todo "),
        }
    }

    /// Reads the statistics of Playwright's JSON report.
    pub fn of_playwright(report: &[u8]) -> Result<Self> {
        let report: Value =
            serde_json::from_slice(report).context("Playwright's report is not JSON")?;
        let number = |field: &str| {
            report
                .pointer(&format!("/stats/{field}"))
                .and_then(Value::as_u64)
                .with_context(|| format!("Playwright's report has no `stats.{field}`"))
        };
        // A flaky test failed before it passed: something is wrong with it, or with the code.
        Ok(Self {
            passed: number("expected")?,
            failed: number("unexpected")? + number("flaky")?,
            skipped: number("skipped")?,
        })
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed", self.passed)?;
        if self.failed > 0 {
            write!(out, ", {} FAILED", self.failed)?;
        }
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn sums_the_binaries_of_cargo() {
        let output = "running 3 tests\ntest a ... ok\n
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(Counts::of_cargo(output), counts(7, 2, 1));
        assert_eq!(
            Counts::of_cargo("error: could not compile"),
            counts(0, 0, 0)
        );
    }

    #[test]
    fn reads_the_end_of_tap() {
        let tap = "# pass 99 is only a message\nok 1 - a\n# tests 6\n# suites 0\n# pass 3\n\
                   # fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n# duration_ms 5.1";
        assert_eq!(Counts::of_tap(tap), counts(3, 2, 1));
    }

    #[test]
    fn reads_playwright_and_refuses_what_is_no_report() {
        let report = br#"{"stats": {"expected": 5, "unexpected": 1, "flaky": 1, "skipped": 2}}"#;
        assert_eq!(Counts::of_playwright(report).unwrap(), counts(5, 2, 2));
        assert!(Counts::of_playwright(b"{}").is_err());
        assert!(Counts::of_playwright(b"Error: no tests found").is_err());
    }

    #[test]
    fn a_failed_runner_is_a_failure() {
        assert_eq!(counts(3, 0, 0).with_status(false), counts(3, 1, 0));
        assert_eq!(counts(3, 2, 0).with_status(false), counts(3, 2, 0));
        assert_eq!(counts(3, 0, 0).with_status(true), counts(3, 0, 0));
    }
}
