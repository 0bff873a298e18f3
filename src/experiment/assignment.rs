//! Who is on the agent: sticky, by hash, without a table of users.

use serde::Serialize;

use crate::codec::hash;
use crate::error::{Code, Error, Result};
use crate::value::{Field, Value, words};

const PER_MILLE: u64 = 1000;

words! {
    /// Which policy serves a user.
    pub enum Arm {
        /// The learning agent.
        Agent = "agent",
        /// The personality-only baseline, until the agent's share grows.
        Baseline = "baseline",
        /// The baseline for good, so that there is always someone to compare with.
        Holdout = "holdout",
    }
}

/// How users are split. The same user gets the same arm as long as the
/// experiment's name stays; a larger share only adds users to the agent, a
/// smaller one only takes some away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assignment {
    name: String,
    agent_per_mille: u16,
    holdout_per_mille: u16,
}

impl Assignment {
    /// An experiment called `name` (1 to 128 characters) that puts
    /// `agent_per_mille` of all users outside the holdout on the agent. Keep
    /// `holdout_per_mille` for the experiment's whole life.
    ///
    /// # Errors
    /// `invalid_options` for a share above 1000, or another name.
    pub fn new(name: &str, agent_per_mille: u16, holdout_per_mille: u16) -> Result<Self> {
        let value = Value::Object(vec![
            ("name".into(), Value::String(name.into())),
            (
                "agent_per_mille".into(),
                Value::Number(agent_per_mille.into()),
            ),
            (
                "holdout_per_mille".into(),
                Value::Number(holdout_per_mille.into()),
            ),
        ]);
        Self::parse(&value)
    }

    /// Reads `{name, agent_per_mille, holdout_per_mille?}`; without it, no
    /// holdout.
    ///
    /// # Errors
    /// `invalid_options` for a missing, unknown or wrong field.
    pub fn parse(value: &Value) -> Result<Self> {
        let share = |field: &Field<'_>| field.integer(0, PER_MILLE as i64).map(|n| n as u16);
        let mut fields = Field::root(Code::InvalidOptions, "experiment", value).fields()?;
        let assignment = Self {
            name: fields.required("name")?.id()?.to_owned(),
            agent_per_mille: share(&fields.required("agent_per_mille")?)?,
            holdout_per_mille: match fields.optional("holdout_per_mille") {
                Some(field) => share(&field)?,
                None => 0,
            },
        };
        fields.finish()?;
        Ok(assignment)
    }

    /// The same experiment with another share on the agent.
    ///
    /// # Errors
    /// `invalid_options` above 1000.
    pub fn with_share(&self, agent_per_mille: u16) -> Result<Self> {
        Self::new(&self.name, agent_per_mille, self.holdout_per_mille)
    }

    /// The arm of `user_id`.
    ///
    /// # Errors
    /// `invalid_options` for an empty id, which would put everyone unknown
    /// into one arm.
    pub fn arm(&self, user_id: &str) -> Result<Arm> {
        if user_id.is_empty() {
            return Err(Error::new(
                Code::InvalidOptions,
                "`user_id` must not be empty to be assigned an arm",
            ));
        }
        // Two streams: who is held out says nothing about who comes next.
        Ok(if self.bucket(user_id, 1) < self.holdout_per_mille {
            Arm::Holdout
        } else if self.bucket(user_id, 0) < self.agent_per_mille {
            Arm::Agent
        } else {
            Arm::Baseline
        })
    }

    /// The share of all users expected on the agent, 0..=1: what
    /// [`super::sample_ratio`] tests against.
    #[must_use]
    pub fn expected_agent_share(&self) -> f64 {
        let all = PER_MILLE as f64;
        f64::from(self.agent_per_mille) / all * (1.0 - f64::from(self.holdout_per_mille) / all)
    }

    /// A number 0..1000, even over users; names are separated by a byte that
    /// no id holds.
    fn bucket(&self, user_id: &str, stream: u64) -> u16 {
        let key = [self.name.as_bytes(), b"\0", user_id.as_bytes()].concat();
        ((u128::from(hash(&key, stream)) * u128::from(PER_MILLE)) >> 64) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(assignment: &Assignment) -> Vec<Arm> {
        (0..10_000)
            .map(|i| assignment.arm(&format!("user-{i}")).unwrap())
            .collect()
    }

    #[test]
    fn a_growing_share_keeps_everyone_on_the_agent_and_the_holdout_off_it() {
        let ten = Assignment::new("launch", 100, 50).unwrap();
        let stages: Vec<Vec<Arm>> = [100, 500, 1000]
            .iter()
            .map(|&share| arms(&ten.with_share(share).unwrap()))
            .collect();
        for ((first, second), third) in stages[0].iter().zip(&stages[1]).zip(&stages[2]) {
            let path = [*first, *second, *third];
            assert!(
                path.windows(2)
                    .all(|w| w[0] == w[1] || w == [Arm::Baseline, Arm::Agent]),
                "{path:?}"
            );
            assert_ne!(path[2], Arm::Baseline);
        }
        for (stage, share) in stages.iter().zip([0.1, 0.5, 1.0]) {
            let on = stage.iter().filter(|a| **a == Arm::Agent).count() as f64;
            assert!((on / 10_000.0 - share * 0.95).abs() < 0.015, "{on}");
        }
        assert!((ten.expected_agent_share() - 0.095).abs() < 1e-12);
    }

    #[test]
    fn another_name_is_another_split() {
        let a = arms(&Assignment::new("a", 500, 0).unwrap());
        let b = arms(&Assignment::new("b", 500, 0).unwrap());
        let same = a.iter().zip(&b).filter(|(x, y)| x == y).count();
        assert!((4_800..5_200).contains(&same), "{same}");
    }

    #[test]
    fn the_split_never_changes_between_builds() {
        // Buckets from another implementation of XXH64.
        let split = Assignment::new("launch", 500, 50).unwrap();
        let arms: Vec<&str> = ["ann", "bob", "dora", "user-15"]
            .iter()
            .map(|u| split.arm(u).unwrap().as_str())
            .collect();
        assert_eq!(arms, ["baseline", "agent", "baseline", "holdout"]);
    }

    #[test]
    fn wrong_shares_and_names_are_refused() {
        for bad in [
            Assignment::new("", 1, 0),
            Assignment::new("a\0b", 1, 0),
            Assignment::new("a", 1001, 0),
            Assignment::new("a", 1, 1001),
            Assignment::parse(&Value::Null),
        ] {
            assert_eq!(bad.unwrap_err().code(), Code::InvalidOptions);
        }
        let error = Assignment::new("a", 1, 0).unwrap().arm("").unwrap_err();
        assert_eq!(error.code(), Code::InvalidOptions);
    }
}
