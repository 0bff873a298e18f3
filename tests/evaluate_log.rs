//! Hostile logs: every bad line is named, or counted and skipped, and nothing
//! but the good lines reaches the estimates.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use moodloop::context::Extras;
use moodloop::evaluate::{Actions, LogCounts, LogLine, LogOptions, LogReader, OnBadLine};
use moodloop::strategy::ActionSpace;
use moodloop::{Code, Error};
use proptest::prelude::*;

fn options() -> LogOptions {
    LogOptions::new(
        Actions::Strategies(ActionSpace::default()),
        Extras::default(),
    )
    .unwrap()
}

/// Reads `log` in chunks of `chunk` bytes.
fn read(log: &[u8], on_bad: OnBadLine, chunk: usize) -> Result<(Vec<LogLine>, LogCounts), Error> {
    let mut lines = Vec::new();
    let mut reader = LogReader::new(options(), on_bad);
    let mut keep = |line: &LogLine| {
        lines.push(line.clone());
        Ok(())
    };
    for bytes in log.chunks(chunk) {
        reader.push(bytes, &mut keep)?;
    }
    let counts = reader.finish(&mut keep)?;
    Ok((lines, counts))
}

const GOOD: &str = r#"{"decision_id":"a","decided_at":5,"strategy":"low_diverse_exploratory","propensity":0.25,"reward":1.5}"#;

/// `GOOD` with one piece of text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old));
    GOOD.replace(old, new)
}

#[test]
fn every_bad_line_is_named_or_skipped() {
    let long = with("\"a\"", &format!("\"{}\"", "x".repeat(300_000)));
    let other = GOOD.replace("\"a\"", "\"b\"");
    for (bad, what) in [
        (with("0.25", "0"), "propensity"),
        (with("0.25", "1.01"), "propensity"),
        (with("0.25", "-0.1"), "propensity"),
        (
            with(r#""propensity":0.25,"#, ""),
            "`line.propensity` is missing",
        ),
        (with("1.5", "NaN"), "is not JSON"),
        (with("1.5", "null"), "reward"),
        (with("1.5", "1e999"), "number out of range"),
        (with("1.5", "101"), "reward"),
        (with("1.5", "\"1.5\""), "reward"),
        (with(":5", ":-1"), "decided_at"),
        (with(":5", ":1.5"), "decided_at"),
        (
            with("low_diverse", "lo_diverse"),
            "`lo_diverse_exploratory`",
        ),
        (
            with(r#""strategy":"low_diverse_exploratory""#, r#""action":27"#),
            "0 to 26",
        ),
        (
            with(r#""strategy":"low_diverse_exploratory","#, ""),
            "either `strategy` or `action`",
        ),
        (
            with("\"decided_at\"", "\"action\":8,\"decided_at\""),
            "either `strategy` or `action`",
        ),
        (
            with("\"decided_at\"", "\"colour\":8,\"decided_at\""),
            "unknown field `colour`",
        ),
        (
            with("\"decided_at\"", "\"reward\":8,\"decided_at\""),
            "`reward` is given twice",
        ),
        (
            with(
                "\"decided_at\"",
                "\"target_propensities\":[1],\"decided_at\"",
            ),
            "27 entries",
        ),
        (
            with(
                "\"decided_at\"",
                "\"context\":{\"mood\":\"sad\"},\"decided_at\"",
            ),
            "content_type",
        ),
        (with("\"a\"", "\"\""), "decision_id"),
        (GOOD[..60].to_owned(), "ends early"),
        ("[]".to_owned(), "must be an object"),
        ("\u{0}\u{1}".to_owned(), "is not JSON at byte 1"),
        ("[".repeat(10_000), "recursion limit"),
        (long, "longer than 262144 bytes"),
        (
            with("\"decided_at\"", "\"version\":2,\"decided_at\""),
            "log version `2` is newer",
        ),
    ] {
        let log = format!("\n{bad}\n{other}\n");
        let error = read(log.as_bytes(), OnBadLine::Stop, 7).unwrap_err();
        let expected = if what.starts_with("log version") {
            Code::UnsupportedVersion
        } else {
            Code::CorruptLog
        };
        assert_eq!(error.code(), expected, "{error}");
        assert!(error.message().starts_with("line 2: "), "{error}");
        assert!(error.message().contains(what), "{error}");
        assert!(error.message().len() < 600 && !error.message().contains('\n'));
        let (lines, counts) = read(log.as_bytes(), OnBadLine::Skip, 7).unwrap();
        assert_eq!((lines.len(), lines[0].decision_id.as_str()), (1, "b"));
        let skipped = &counts.skipped;
        assert_eq!(skipped.malformed + skipped.unsupported_version, 1);
        assert_eq!(skipped.first.as_deref(), Some(error.message()));
        assert_eq!((counts.lines, counts.rows, counts.decisions), (3, 1, 1));
    }
}

fn line(decision: &str, content: &str, at: i64, propensity: f64) -> String {
    format!(
        r#"{{"decision_id":"{decision}","content_id":"{content}","decided_at":{at},"action":3,"propensity":{propensity},"reward":0}}"#
    )
}

#[test]
fn repeats_disorder_and_contradictions_are_told_apart() {
    let log = [
        line("a", "x", 1, 0.5),
        line("a", "y", 1, 0.5),
        line("a", "y", 1, 0.5), // repeats a row
        line("a", "z", 1, 0.4), // contradicts its decision
        line("b", "x", 3, 0.5),
        line("a", "z", 1, 0.5), // comes back to a decision
        line("c", "x", 2, 0.5), // before the line above
        line("d", "x", 3, 0.5),
    ]
    .join("\r\n");
    let (lines, counts) = read(log.as_bytes(), OnBadLine::Skip, 1000).unwrap();
    let kept: Vec<_> = lines
        .iter()
        .map(|l| (l.decision_id.as_str(), l.continues))
        .collect();
    assert_eq!(
        kept,
        [("a", false), ("a", true), ("b", false), ("d", false)]
    );
    let skipped = &counts.skipped;
    assert_eq!(
        (skipped.duplicate, skipped.out_of_order, skipped.malformed),
        (2, 1, 1)
    );
    assert_eq!((counts.lines, counts.rows, counts.decisions), (8, 4, 3));
    let first = skipped.first.as_deref().unwrap();
    assert_eq!(first, "line 3: repeats a row of decision `a`");
}

#[test]
fn one_decision_from_the_future_costs_one_other() {
    let future = 99_999_999_999_999;
    let log = [
        line("a", "x", 10, 0.5),
        line("b", "x", 20, 0.5),
        line("f", "x", future, 0.5),
        line("f", "y", future, 0.5),
        line("old", "x", 5, 0.5), // earlier than `b`: of no weight here
        line("c", "x", 21, 0.5),  // late by `f` alone
        line("c", "y", 21, 0.5),  // proves no more than its first row
        line("d", "x", 21, 0.5),  // the second: `f` was wrong
        line("e", "x", 30, 0.5),
        line("late", "x", 29, 0.5), // out of order, and it stays so
        line("g", "x", 31, 0.5),
        line("a2", "x", 11, 0.5),
        line("b2", "x", 12, 0.5), // two that are long past change nothing
        line("h", "x", 32, 0.5),
    ]
    .join("\n");
    let (lines, counts) = read(log.as_bytes(), OnBadLine::Skip, 64).unwrap();
    let kept: Vec<_> = lines.iter().map(|l| l.decision_id.as_str()).collect();
    assert_eq!(kept, ["a", "b", "f", "f", "d", "e", "g", "h"]);
    assert_eq!(counts.skipped.out_of_order, 6);
    let error = read(log.as_bytes(), OnBadLine::Stop, 64).unwrap_err();
    assert!(
        error.message().starts_with("line 5: was decided at `5`"),
        "{error}"
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let mut log = format!("{GOOD}\n").into_bytes();
    log.extend(b"{\"decision_id\":\"\xff\"}\n");
    let error = read(&log, OnBadLine::Stop, 16).unwrap_err();
    assert_eq!(
        error.to_string(),
        "corrupt_log: line 2: is not UTF-8 at byte 17"
    );
}

#[test]
fn a_line_of_another_shape_owes_nothing_to_the_line_before() {
    let rich = with(
        "\"decided_at\"",
        "\"content_id\":\"c\",\"user_id\":\"u\",\"context\":{\"content_type\":\"game\",\"time_of_day\":\"night\",\"mood\":\"sad\",\"personality\":{\"openness\":90}},\"decided_at\"",
    );
    let plain = GOOD.replace("\"a\"", "\"b\"");
    let again = rich.replace("\"a\"", "\"c\"");
    let log = format!("{rich}\n{plain}\n{again}\n");
    let (lines, _) = read(log.as_bytes(), OnBadLine::Stop, 1 << 20).unwrap();
    let alone = |line: &str| read(line.as_bytes(), OnBadLine::Stop, 7).unwrap().0;
    let each: Vec<LogLine> = [&rich, &plain, &again]
        .iter()
        .flat_map(|l| alone(l))
        .collect();
    assert_eq!(lines, each);
    assert!(lines[1].context.is_none() && lines[2].context.is_some());
}

#[test]
fn a_whole_log_given_twice_counts_once() {
    let once: String = (0..2000)
        .map(|i| line(&format!("d{i}"), "x", i, 0.5) + "\n")
        .collect();
    let (lines, counts) = read(once.repeat(2).as_bytes(), OnBadLine::Skip, 4096).unwrap();
    assert_eq!((lines.len(), counts.skipped.duplicate), (2000, 2000));
}

#[test]
fn a_decision_whose_first_row_the_sink_refuses_is_not_continued() {
    let log = [
        line("a", "x", 1, 0.5),
        line("b", "x", 2, 0.5),
        line("b", "y", 2, 0.5),
    ]
    .join("\n");
    let mut reader = LogReader::new(options(), OnBadLine::Skip);
    let mut taken = Vec::new();
    let mut sink = |line: &LogLine| {
        if line.decision_id == "b" && line.content_id.as_deref() == Some("x") {
            return Err(Error::new(Code::CorruptLog, "not this one"));
        }
        taken.push(line.continues);
        Ok(())
    };
    reader.push(log.as_bytes(), &mut sink).unwrap();
    let counts = reader.finish(&mut sink).unwrap();
    assert_eq!((taken, counts.skipped.malformed), (vec![false, false], 1));
}

proptest! {
    #[test]
    fn any_bytes_in_any_chunks_end_well(bytes in proptest::collection::vec(any::<u8>(), 0..300), chunk in 1usize..40) {
        let _ = read(&bytes, OnBadLine::Stop, chunk);
        let (lines, counts) = read(&bytes, OnBadLine::Skip, chunk).unwrap();
        prop_assert_eq!(lines.len() as u64, counts.rows);
    }

    #[test]
    fn chunks_may_be_cut_anywhere(chunk in 1usize..300, cut in 1usize..400) {
        let mut log = format!("\u{feff}{}\n\n{}\n{}", line("a", "x", 1, 0.5), line("a", "é", 1, 0.5), line("b", "x", 9, 1.0));
        let whole = read(log.as_bytes(), OnBadLine::Skip, usize::MAX).unwrap();
        prop_assert_eq!(whole.0.len(), 3);
        prop_assert_eq!(read(log.as_bytes(), OnBadLine::Skip, chunk).unwrap(), whole);
        // A cut-off tail loses its own line only, and says so.
        let at = log.floor_char_boundary(log.len().saturating_sub(cut).max(3));
        log.truncate(at);
        let (lines, counts) = read(log.as_bytes(), OnBadLine::Skip, chunk).unwrap();
        prop_assert_eq!(lines.len() as u64 + counts.skipped.malformed, log.split('\n').filter(|l| !l.trim_start_matches('\u{feff}').is_empty()).count() as u64);
    }
}
