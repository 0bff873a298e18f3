//! A whole agent as bytes.

use crate::sorted::Map;

use super::Agent;
use super::base::Base;
use crate::codec::{Format, Writer, unreadable};
use crate::error::Result;
use crate::fold;
use crate::log::{Log, TIME};
use crate::params::Mapping;
use crate::policy::{Policy, check_layout};

/// The format of a snapshot.
const FORMAT: Format = Format {
    magic: *b"MLag",
    version: 2,
};

/// How many ids an agent may have given: far more than it could hold decisions for.
const MOST_IDS: u64 = 1 << 53;

impl Agent {
    /// The agent as bytes: its seed, policy and log, and what it builds on. The evidence is not in it,
    /// being the sum over the log.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.uint(self.seed);
        out.byte(u8::from(self.explore));
        out.uint(self.ids);
        out.int(self.clock);
        out.uint(self.users.len() as u64);
        for user in self.users.keys() {
            out.text(user);
        }
        self.policy.encode_into(&mut out);
        self.log.encode(&mut out);
        Base::encode(self.base.as_ref(), &mut out);
        FORMAT.seal(self.policy.layout().hash(), &out.into_bytes())
    }

    /// The agent that gave these bytes: it goes on as that one would have, bit
    /// for bit.
    ///
    /// # Errors
    /// `corrupt_model` or `unsupported_version` for any other bytes.
    pub fn restore(bytes: &[u8], mapping: Mapping) -> Result<Self> {
        let (version, hash, mut input) = FORMAT.open(bytes)?;
        let seed = input.uint()?;
        let explore = input.byte()? != 0;
        let (ids, clock) = (input.uint()?, input.int()?);
        if ids > MOST_IDS || !(-TIME..=TIME).contains(&clock) {
            return Err(unreadable("model", "its clock"));
        }
        let mut users = Map::new();
        for _ in 0..input.count(1)? {
            users.insert(input.text()?.to_owned(), ());
        }
        let policy = Policy::decode_from(&mut input, mapping)?;
        check_layout(policy.layout(), hash)?;
        let count = policy.mapping().space().len();
        let config = policy.config();
        let log = Log::decode(&mut input, count, &config.extras, &config.reward)?;
        let base = match version {
            // Before that, there was nothing to build on.
            1 => None,
            _ => Base::decode(&mut input, count)?,
        };
        input.finish()?;
        Ok(Self {
            seed,
            explore,
            ids,
            clock,
            evidence: fold::evidence(&log, policy.layout())?,
            policy,
            log,
            users,
            base,
        })
    }
}
