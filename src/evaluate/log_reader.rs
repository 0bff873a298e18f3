//! A log as it comes from a file or a pipe: chunks of bytes in, checked lines out.

use serde::Serialize;
use serde::de::DeserializeSeed;

use super::log_line::{LogLine, LogOptions};
use super::seen::Seen;
use crate::error::{Code, Error, Result};
use crate::value::{Refill, Value, quote};

/// The longest line in bytes.
const LONGEST_LINE: usize = 262_144;

/// What to do with a line that is no row of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBadLine {
    /// Fail, naming the line.
    Stop,
    /// Count it in [`Skipped`] and go on.
    Skip,
}

/// Lines that were skipped, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// No JSON, a wrong or missing field, too long, cut off, or a
    /// contradiction to its decision's other lines.
    pub malformed: u64,
    /// A row, or a whole decision, that the log has shown already.
    pub duplicate: u64,
    /// Decided before the line above it.
    pub out_of_order: u64,
    /// Written in a newer version of the format.
    pub unsupported_version: u64,
    /// What was wrong with the first, with its line number.
    pub first: Option<String>,
}

/// What a reader has read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogCounts {
    /// Lines, empty ones included.
    pub lines: u64,
    /// Rows handed on.
    pub rows: u64,
    /// Decisions that they belong to.
    pub decisions: u64,
    /// Lines that were skipped.
    pub skipped: Skipped,
}

/// Why a line was not handed on.
enum Reason {
    Malformed,
    Duplicate,
    OutOfOrder,
}

/// Splits bytes into lines, reads and checks each, and hands on the good ones.
///
/// It holds one line, the decision being read, and hashes of the latest 65,536
/// decision ids. Since lines are in order of time, a repeat further back shows
/// as out of order. A decision that claims to be from the future would put all
/// that follow out of order: where two in a row are late by its time alone, it
/// is passed over in judging the order, and only the first of them is lost.
/// Empty lines are passed over.
#[derive(Clone, Debug)]
pub struct LogReader {
    options: LogOptions,
    on_bad_line: OnBadLine,
    counts: LogCounts,
    /// The beginning of a line whose end has not come yet.
    pending: Vec<u8>,
    too_long: bool,
    /// The latest line as it was read, whose memory serves the next.
    value: Value,
    seen: Seen,
    last: Option<LogLine>,
    /// When the decision before the latest was made.
    before: i64,
    /// The latest decision that was out of order, if nothing but the latest good
    /// one speaks against it.
    late: Option<(String, i64)>,
}

impl LogReader {
    /// A reader at the start of a log.
    #[must_use]
    pub fn new(options: LogOptions, on_bad_line: OnBadLine) -> Self {
        Self {
            options,
            on_bad_line,
            counts: LogCounts::default(),
            pending: Vec::new(),
            too_long: false,
            value: Value::Null,
            seen: Seen::default(),
            last: None,
            before: 0,
            late: None,
        }
    }

    /// What was read so far.
    #[must_use]
    pub const fn counts(&self) -> &LogCounts {
        &self.counts
    }

    /// Reads the next `bytes`, cut anywhere, and hands every good line to `sink`.
    ///
    /// # Errors
    /// Under [`OnBadLine::Stop`]: `corrupt_log`, `unsupported_version`, or the
    /// sink's own code, each naming the line; the rest of `bytes` is unread
    /// then. Under [`OnBadLine::Skip`]: only what `sink` fails with, if it is
    /// neither of the two.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut sink: impl FnMut(&LogLine) -> Result<()>,
    ) -> Result<()> {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (piece, after) = rest.split_at(at);
            if self.pending.is_empty() && !self.too_long {
                self.line(piece, &mut sink)?;
            } else {
                self.keep(piece);
                self.kept_line(&mut sink)?;
            }
            rest = after.get(1..).unwrap_or_default();
        }
        self.keep(rest);
        Ok(())
    }

    /// Ends the log: reads a last line that has no end, and gives the counts.
    ///
    /// # Errors
    /// As [`LogReader::push`].
    pub fn finish(mut self, mut sink: impl FnMut(&LogLine) -> Result<()>) -> Result<LogCounts> {
        if self.too_long || !self.pending.is_empty() {
            self.kept_line(&mut sink)?;
        }
        Ok(self.counts)
    }

    /// Keeps a piece of a line until its end comes, unless it is too long.
    fn keep(&mut self, piece: &[u8]) {
        self.too_long |= self.pending.len() + piece.len() > LONGEST_LINE;
        if self.too_long {
            self.pending.clear();
        } else {
            self.pending.extend_from_slice(piece);
        }
    }

    /// Reads the line whose pieces were kept.
    fn kept_line(&mut self, sink: &mut impl FnMut(&LogLine) -> Result<()>) -> Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        let outcome = self.line(&bytes, sink);
        // Its buffer serves the next line.
        self.pending = bytes;
        self.pending.clear();
        self.too_long = false;
        outcome
    }

    /// Reads a line, given without its end.
    fn line(&mut self, bytes: &[u8], sink: &mut impl FnMut(&LogLine) -> Result<()>) -> Result<()> {
        self.counts.lines += 1;
        let mut text = bytes.trim_ascii();
        if self.counts.lines == 1 {
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        let outcome = if self.too_long || bytes.len() > LONGEST_LINE {
            Err((
                Reason::Malformed,
                corrupt(format!("is longer than {LONGEST_LINE} bytes")),
            ))
        } else if text.is_empty() {
            Ok(())
        } else {
            self.row(text, sink)
        };
        outcome.or_else(|(reason, error)| self.bad(reason, &error))
    }

    fn row(
        &mut self,
        text: &[u8],
        sink: &mut impl FnMut(&LogLine) -> Result<()>,
    ) -> std::result::Result<(), (Reason, Error)> {
        let malformed = |error| (Reason::Malformed, error);
        json(text, &mut self.value).map_err(malformed)?;
        let mut line = LogLine::parse(&self.value, &self.options).map_err(malformed)?;
        self.place(&mut line)?;
        sink(&line).map_err(malformed)?;
        let content = line.content_id.as_deref();
        if line.continues {
            self.seen.go_on(content);
        } else {
            self.seen.begin(&line.decision_id, content);
            self.counts.decisions += 1;
            let last = self.last.as_ref().map_or(0, |last| last.decided_at);
            // After one from the future, what was before it still is.
            if last <= line.decided_at {
                self.before = last;
            }
            self.late = None;
        }
        self.counts.rows += 1;
        self.last = Some(line);
        Ok(())
    }

    /// Whether a decision that is earlier than the latest one is the second in
    /// a row with nothing else against it, so that the latest is the wrong one.
    fn is_right(&mut self, line: &LogLine) -> bool {
        if line.decided_at < self.before {
            return false;
        }
        match &self.late {
            // A further row of one decision proves nothing.
            Some((id, _)) if *id == line.decision_id => false,
            Some((_, at)) if *at <= line.decided_at => true,
            _ => {
                self.late = Some((line.decision_id.clone(), line.decided_at));
                false
            }
        }
    }

    /// Checks a line against those before it and sets `continues`.
    fn place(&mut self, line: &mut LogLine) -> std::result::Result<(), (Reason, Error)> {
        let id = || quote(&line.decision_id);
        match &self.last {
            Some(last) if last.decision_id == line.decision_id => {
                if !last.agrees(line) {
                    let what = format!("contradicts the line before it of decision {}", id());
                    return Err((Reason::Malformed, corrupt(what)));
                }
                if self.seen.content(line.content_id.as_deref()) {
                    let what = format!("repeats a row of decision {}", id());
                    return Err((Reason::Duplicate, corrupt(what)));
                }
                if self.seen.full() {
                    let what = format!("is one row too many of decision {}", id());
                    return Err((Reason::Malformed, corrupt(what)));
                }
                line.continues = true;
            }
            _ if self.seen.decision(&line.decision_id) => {
                let what = format!(
                    "repeats decision {}, seen further up; the lines of a decision are adjacent",
                    id()
                );
                return Err((Reason::Duplicate, corrupt(what)));
            }
            Some(last) if line.decided_at < last.decided_at => {
                let what = format!(
                    "was decided at `{}`, before the line above it at `{}`",
                    line.decided_at, last.decided_at
                );
                if !self.is_right(line) {
                    return Err((Reason::OutOfOrder, corrupt(what)));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn bad(&mut self, reason: Reason, error: &Error) -> Result<()> {
        let message = format!("line {}: {}", self.counts.lines, error.message());
        let known = matches!(error.code(), Code::CorruptLog | Code::UnsupportedVersion);
        if self.on_bad_line == OnBadLine::Stop || !known {
            return Err(Error::new(error.code(), message));
        }
        let skipped = &mut self.counts.skipped;
        let count = match reason {
            _ if error.code() == Code::UnsupportedVersion => &mut skipped.unsupported_version,
            Reason::Malformed => &mut skipped.malformed,
            Reason::Duplicate => &mut skipped.duplicate,
            Reason::OutOfOrder => &mut skipped.out_of_order,
        };
        *count += 1;
        skipped.first.get_or_insert(message);
        Ok(())
    }
}

fn corrupt(what: String) -> Error {
    Error::new(Code::CorruptLog, what)
}

fn json(text: &[u8], value: &mut Value) -> Result<()> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let at = error.valid_up_to() + 1;
        corrupt(format!("is not UTF-8 at byte {at}"))
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Refill(value).deserialize(&mut json);
    read.and_then(|()| json.end()).map_err(|error| {
        if error.is_eof() {
            return corrupt("ends early: it was cut off".into());
        }
        // serde_json counts lines of its own; only the column means something here.
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        corrupt(format!("is not JSON at byte {}: {what}", error.column()))
    })
}
