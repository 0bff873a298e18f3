//! Everything an agent holds about a person, as data that people can read and
//! that another agent can take in.

use super::{Agent, event};
use crate::codec::newer;
use crate::error::{Code, Error, Result};
use crate::log::{Change, Decision, Interaction, NamedDecision};
use crate::value::{Field, Value, written};

/// The name and version of the readable export.
const FORMAT: &str = "moodloop-export";
const VERSION: i64 = 1;
/// The most decisions and interactions one import may hold.
const LIMIT: usize = 1_000_000;

/// A readable export: options and log, from which all else follows.
#[derive(Debug)]
pub struct Export<'a> {
    format: &'static str,
    version: i64,
    config: &'a Value,
    decisions: Vec<ExportedDecision<'a>>,
}

written!(Export<'_> { format, version, config, decisions });

#[derive(Debug)]
struct ExportedDecision<'a> {
    decision: NamedDecision<'a>,
    interactions: Vec<&'a Interaction>,
}

written!(ExportedDecision<'_> { decision, interactions });

impl Agent {
    /// Everything held, as data: every decision with what was said about it.
    #[must_use]
    pub fn export(&self) -> Export<'_> {
        let config = self.policy.config();
        Export {
            format: FORMAT,
            version: VERSION,
            config: config.given(),
            decisions: self
                .log
                .decisions()
                .map(|decision| ExportedDecision {
                    decision: decision.named(config.extras()),
                    interactions: self.log.interactions(&decision.decision_id).collect(),
                })
                .collect(),
        }
    }

    /// Takes in what [`Agent::export`] gave, beside what is held already, and
    /// folds. Gives how many decisions and interactions were new. The exported
    /// settings are not taken over.
    ///
    /// # Errors
    /// `corrupt_log`, `unsupported_version`, and those of [`Agent::absorb`];
    /// nothing is taken in then.
    pub fn import(&mut self, value: &Value) -> Result<usize> {
        let mut fields = Field::root(Code::CorruptLog, "export", value).fields()?;
        fields.required("format")?.word(&[FORMAT])?;
        let version = fields
            .required("version")?
            .integer(1, i64::from(u16::MAX))?;
        if version > VERSION {
            return Err(Error::new(
                Code::UnsupportedVersion,
                newer("export version", version as u16, VERSION as u16),
            ));
        }
        fields.required("config")?;
        let decisions = fields.required("decisions")?.list(LIMIT)?;
        fields.finish()?;
        // All but the log follows from the fold, which succeeds as a whole or changes nothing.
        let before = self.log.clone();
        let taken = self.import_decisions(&decisions);
        if taken.is_err() {
            self.log = before;
        }
        taken
    }

    fn import_decisions(&mut self, decisions: &[Field<'_>]) -> Result<usize> {
        let mut new = 0;
        for entry in decisions {
            new += self.import_decision(entry)?;
        }
        self.fold(None)?;
        Ok(new)
    }

    fn import_decision(&mut self, entry: &Field<'_>) -> Result<usize> {
        let mut fields = entry.fields()?;
        let decision = fields.required("decision")?;
        let interactions = fields.required("interactions")?.list(LIMIT)?;
        fields.finish()?;
        let space = self.policy.mapping().space();
        let extras = &self.policy.config().extras;
        let decision = Decision::parse(decision.value(), space, extras)?;
        let id = decision.decision_id.clone();
        let mut new = usize::from(self.log.record(decision));
        for interaction in interactions {
            let mut fields = interaction.fields()?;
            let interaction = event::interaction(&mut fields)?;
            fields.finish()?;
            let weights = self.policy.config().reward;
            // The log alone: the fold that follows makes everything else.
            let change = self.log.interact(&id, interaction, &weights)?;
            new += usize::from(change != Change::None);
        }
        Ok(new)
    }
}
