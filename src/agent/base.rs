//! A published policy that an agent builds on: a warm start.
//!
//! Its shared part decides as it was published; what this agent's own log says
//! moves only the visitors' layers, as at the edge. So what was trained on this
//! very log too counts once, and the agent stays a function of its options, its
//! log and the published bytes: forgetting is exact, a new policy takes the
//! place of the old one without a trace of it. The Q-table goes on from the
//! published cells.

use super::Agent;
use crate::codec::{Reader, Writer};
use crate::error::Result;
use crate::policy::{Policy, check_layout};
use crate::q_table::QTable;

/// What an agent remembers of the policy that it builds on, beside what decides.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// What its bytes were called where they came from.
    name: String,
    /// Its cells, from which every replay goes on.
    pub(super) q_table: QTable,
}

impl Base {
    /// Appends it, or that there is none, to a body.
    pub(super) fn encode(base: Option<&Self>, out: &mut Writer) {
        out.byte(u8::from(base.is_some()));
        if let Some(base) = base {
            out.text(&base.name);
            base.q_table.encode(out);
        }
    }

    /// Takes back what [`Base::encode`] wrote, `count` strategies being allowed.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub(super) fn decode(input: &mut Reader<'_>, count: usize) -> Result<Option<Self>> {
        if input.byte()? == 0 {
            return Ok(None);
        }
        Ok(Some(Self {
            name: input.text()?.to_owned(),
            q_table: QTable::decode(input, count)?,
        }))
    }
}

impl Agent {
    /// Builds on a published policy from now on, in place of any before, and
    /// folds. `name` is what [`Agent::base`] says of it then.
    ///
    /// # Errors
    /// `corrupt_model` or `unsupported_version` for bytes that are no policy
    /// with this agent's extras; `evidence_full`. The agent is then as before.
    pub fn start_from(&mut self, bytes: &[u8], name: &str) -> Result<()> {
        let published = Policy::decode(bytes, self.policy.mapping().clone())?;
        check_layout(self.policy.layout(), published.layout().hash())?;
        self.base = Some(Base {
            name: name.to_owned(),
            q_table: published.q_table.clone(),
        });
        self.policy.build_on(published);
        // The sums of this very log fit already, so that nothing fails from here on.
        self.fold(None)
    }

    /// What the policy that it builds on was called; `None` where there is none.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.base.as_ref().map(|base| base.name.as_str())
    }
}
