//! Off-policy evaluation: what another policy would have earned, estimated from
//! a log that holds the propensity of every choice.
//!
//! A log is a stream of rows. A row is one (decision, content) pair with its
//! reward; consecutive rows of one decision share its propensity, so standard
//! errors cluster on the decision. Decisions count as independent: errors speak
//! of the visitors in the log, not of others who may come. Every value is a mean
//! reward per row; a log is read once, and memory does not grow with it.
//!
//! From the outside in: [`LogReader`] turns bytes into [`LogLine`]s,
//! [`Evaluation`] asks a [`Target`] what it would have done, [`Estimators`] hold
//! the sums and a [`RewardTable`], and a [`Report`] says what they show, where
//! overlap is poor, and refuses where there is none.

mod estimators;
mod evaluation;
mod gain;
mod log_line;
mod log_reader;
mod overlap;
mod panel;
mod report;
mod reward_table;
mod seen;
mod target;
mod totals;
mod written;

pub use estimators::{Estimators, Logged};
pub use evaluation::Evaluation;
pub use gain::{Compared, Gain, GainReport};
pub use log_line::{Actions, LogLine, LogOptions};
pub use log_reader::{LogCounts, LogReader, OnBadLine, Skipped};
pub use overlap::{Finding, Overlap};
pub use panel::{CLIP, Candidate, Judged, Judgement, Panel};
pub use report::{Estimated, Estimator, Report};
pub use reward_table::{Influence, RewardTable};
pub use target::{Stored, Target, baseline, fixed, logged_target, q_table, uniform};
pub use written::{WrittenLine, written};
