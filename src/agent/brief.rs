//! What the agent's log says that ranking a catalog needs to know.

use super::Agent;
use crate::brief::Brief;
use crate::context::Personality;
use crate::error::Result;
use crate::log::{Decision, Signal};
use crate::reward::Kind;
use crate::sorted::Map;

impl Agent {
    /// A decision, and what its visitor said about items so far. It comes from
    /// the log alone: what is forgotten is forgotten here too.
    ///
    /// # Errors
    /// `unknown_decision`.
    pub fn brief(&self, decision_id: &str) -> Result<Brief> {
        let decision = self.log.decision(decision_id)?;
        let context = &decision.context;
        let mapping = self.policy.mapping();
        let user = decision.user_id.as_deref();
        let verdicts = self.verdicts(user);
        let with = |wanted: Option<bool>| -> Vec<String> {
            let ids = verdicts.iter().filter(|(_, v)| **v == wanted);
            ids.map(|(id, _)| (*id).to_owned()).collect()
        };
        let strategy = decision.action_index;
        Ok(Brief {
            decision_id: decision_id.to_owned(),
            params: mapping.parameters(strategy, context),
            content_type: context.content_type,
            time_of_day: context.time_of_day,
            personality: Some(context.personality).filter(|p| *p != Personality::NEUTRAL),
            strategy: mapping.space().name(strategy),
            propensity: decision.propensity,
            policy_version: decision.policy_version,
            source: decision.source,
            confidence: self.policy.confidence(context, user, strategy),
            dimensions: (mapping.space().dimensions().iter())
                .map(|d| d.name.to_owned())
                .collect(),
            liked: with(Some(true)),
            disliked: with(Some(false)),
            met: verdicts.keys().map(|id| (*id).to_owned()).collect(),
        })
    }

    /// Everything one visitor said something about, with the last verdict:
    /// liked, disliked, or neither.
    fn verdicts(&self, user: Option<&str>) -> Map<&str, Option<bool>> {
        let mut verdicts: Map<&str, Option<bool>> = Map::new();
        let own = |d: &&Decision| d.user_id.as_deref() == user;
        for decision in self.log.decisions().filter(own) {
            for said in self.log.interactions(&decision.decision_id) {
                let verdict = verdicts.or_default(&said.content_id);
                if let Signal::Feedback(feedback) = &said.signal {
                    match feedback.interaction_type {
                        Kind::Like => *verdict = Some(true),
                        Kind::Dislike => *verdict = Some(false),
                        Kind::Skip | Kind::Complete | Kind::Share => {}
                    }
                }
            }
        }
        verdicts.remove("");
        verdicts
    }
}
