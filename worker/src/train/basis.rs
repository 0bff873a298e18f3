//! What is solved from the sums alone: the first half of the shared model. It
//! is made once in an invocation, and tells a run that was left open whether its
//! ground has moved.

use std::collections::BTreeMap;

use moodloop::evidence::Evidence;
use moodloop::policy::Policy;
use moodloop::taste::{Half, LayerFit, SOLVER, Tastes};

use crate::error::{Failure, Result};
use crate::store::Store;
use crate::store::policies::hash_of;

/// The evidence, and what it says if all users are alike.
pub struct Basis {
    evidence: Evidence,
    /// How many pairs were learned, in the evidence or not.
    pub learned: u64,
    /// The first half of the shared model.
    pub first: Half,
    /// The second half, once the users' tastes are known.
    pub second: Option<Half>,
    /// Equal exactly if evidence, settings and solver are.
    pub hash: String,
}

impl Basis {
    /// Solves the shared model from everything that is folded.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence does not factor; `internal` when it
    /// is not that of the shared pairs; `unavailable`.
    pub async fn of(store: &Store) -> Result<Self> {
        let mut policy = crate::policy::prior()?;
        let evidence = store.whole_evidence(policy.layout()).await?;
        let held = store.held_by_week().await?;
        check(&evidence, &held)?;
        let first = Half::first(policy.layout(), policy.config().taste(), &evidence)?;
        policy.taste = first.model.clone();
        Ok(Self {
            hash: hash_of(&[policy.encode(), SOLVER.to_le_bytes().into()].concat()),
            evidence,
            learned: held
                .iter()
                .map(|(_, _, folded)| folded.unsigned_abs())
                .sum(),
            first,
            second: None,
        })
    }

    /// Solves the second half from what users' tastes leave unexplained.
    ///
    /// # Errors
    /// `corrupt_model` when the evidence does not factor.
    pub fn solve(&mut self, fit: &LayerFit, tastes: Tastes) -> Result<()> {
        let second = self.first.clone().second(&self.evidence, fit, tastes)?;
        self.second = Some(second);
        Ok(())
    }

    /// A policy with the whole shared model, and nothing else that was learned.
    ///
    /// # Errors
    /// `internal` before the second half is solved.
    pub fn policy(&self) -> Result<Policy> {
        let mut policy = crate::policy::prior()?;
        policy.taste = self.second()?.model.clone();
        Ok(policy)
    }

    /// The second half.
    ///
    /// # Errors
    /// `internal` before it is solved.
    pub fn second(&self) -> Result<&Half> {
        let second = self.second.as_ref();
        second.ok_or_else(|| Failure::internal("the shared model is solved by half only"))
    }
}

/// The evidence and what pairs say it holds are written together, so they must
/// agree.
fn check(evidence: &Evidence, held: &[(i32, i64, i64)]) -> Result<()> {
    let weeks = evidence.weeks();
    let sums: BTreeMap<i32, i64> = weeks.map(|week| (week.0, evidence.count(week))).collect();
    let pairs = held.iter().filter(|(_, shared, _)| *shared > 0);
    if sums == pairs.map(|&(week, shared, _)| (week, shared)).collect() {
        Ok(())
    } else {
        Err(Failure::internal(
            "the evidence does not hold what the pairs say it holds",
        ))
    }
}
