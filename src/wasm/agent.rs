//! The agent as a JavaScript class.

use wasm_bindgen::prelude::*;

use super::{JsResult, face, input, written};
use crate::agent::{self, Event, Options, Report, Request};
use crate::error::Code;
use crate::params::Mapping;
use crate::value::Field;

/// A storage-free, synchronous agent. See the package's `Agent` for the typed
/// face; every method here takes and gives plain objects.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Agent(agent::Agent);

/// A seed for agents that were given none: 53 bits, so that it survives a
/// JavaScript number. Without a source of randomness, 0.
fn random_seed() -> u64 {
    getrandom::u64().map_or(0, |bits| bits >> 11)
}

#[wasm_bindgen]
impl Agent {
    /// An agent that has seen nothing.
    ///
    /// # Errors
    /// `invalid_options`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> JsResult<Agent> {
        let empty = js_sys::Object::new();
        let given = if options.is_undefined() {
            &empty
        } else {
            options
        };
        let value = input(Code::InvalidOptions, "options", given)?;
        let options = face(Options::parse(&value, random_seed()))?;
        face(agent::Agent::new(options, Mapping::default())).map(Self)
    }

    /// The agent that gave these bytes.
    ///
    /// # Errors
    /// `corrupt_model`, `unsupported_version`.
    pub fn restore(bytes: &[u8]) -> JsResult<Agent> {
        face(agent::Agent::restore(bytes, Mapping::default())).map(Self)
    }

    /// The agent as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.0.snapshot()
    }

    /// The policy as bytes: equal for equal options and logs after a fold.
    #[must_use]
    pub fn policy(&self) -> Vec<u8> {
        self.0.policy().encode()
    }

    /// Builds on a published policy, called `name`, from now on.
    ///
    /// # Errors
    /// `corrupt_model`, `unsupported_version`, `evidence_full`.
    #[wasm_bindgen(js_name = startFrom)]
    pub fn start_from(&mut self, policy: &[u8], name: &str) -> JsResult<()> {
        face(self.0.start_from(policy, name))
    }

    /// What the policy that it builds on was called; `undefined` without one.
    #[must_use]
    pub fn base(&self) -> Option<String> {
        self.0.base().map(str::to_owned)
    }

    fn request(&self, request: &JsValue) -> JsResult<Request> {
        let value = input(Code::InvalidContext, "context", request)?;
        face(Request::parse(&value, &self.0.policy().config().extras))
    }

    /// Chooses a strategy and opens a decision.
    ///
    /// # Errors
    /// `invalid_context`.
    pub fn decide(&mut self, request: &JsValue) -> JsResult<JsValue> {
        let request = self.request(request)?;
        written(&self.0.decide(request))
    }

    /// Means, deviations and probabilities of all strategies in a context.
    ///
    /// # Errors
    /// `invalid_context`.
    pub fn values(&self, request: &JsValue) -> JsResult<JsValue> {
        written(&self.0.values(&self.request(request)?))
    }

    /// Learns from what was done with a decision's content.
    ///
    /// # Errors
    /// `unknown_decision`, `invalid_feedback`, `invalid_reward`, `evidence_full`.
    pub fn learn(&mut self, decision_id: &JsValue, feedback: &JsValue) -> JsResult<JsValue> {
        let id = self.decision_id(decision_id)?;
        let value = input(Code::InvalidFeedback, "feedback", feedback)?;
        let report = face(Report::parse(&value))?;
        written(&face(self.0.learn(&id, report))?)
    }

    fn decision_id(&self, id: &JsValue) -> JsResult<String> {
        let value = input(Code::UnknownDecision, "decision_id", id)?;
        face(
            Field::root(Code::UnknownDecision, "decision_id", &value)
                .id()
                .map(str::to_owned),
        )
    }

    /// Takes in an event of another writer; `false` if it was known.
    ///
    /// # Errors
    /// `corrupt_log`, `unknown_decision`, `invalid_reward`, `evidence_full`.
    pub fn absorb(&mut self, event: &JsValue) -> JsResult<bool> {
        let value = input(Code::CorruptLog, "event", event)?;
        let policy = self.0.policy();
        let event = Event::parse(&value, policy.mapping().space(), &policy.config().extras);
        face(event.and_then(|event| self.0.absorb(event)))
    }

    /// The log as events that [`Agent::absorb`] takes, in replay order; of one
    /// decision, or of all when `decision_id` is `undefined`.
    ///
    /// # Errors
    /// `unknown_decision` for something that is no id.
    pub fn events(&self, decision_id: &JsValue) -> JsResult<JsValue> {
        let id = if decision_id.is_undefined() {
            None
        } else {
            Some(self.decision_id(decision_id)?)
        };
        written(&self.0.events(id.as_deref()))
    }

    /// Makes everything again from the log; drops what is older than 90 days
    /// before `now` (milliseconds since 1970), if given.
    ///
    /// # Errors
    /// `evidence_full`, `corrupt_model`, `invalid_options`.
    pub fn fold(&mut self, now: Option<f64>) -> JsResult<()> {
        face(self.0.fold(now.map(|ms| ms as i64)))
    }

    /// Forgets one decision and what was learned from it.
    ///
    /// # Errors
    /// `unknown_decision` for something that is no id.
    pub fn forget(&mut self, decision_id: &JsValue) -> JsResult<bool> {
        let id = self.decision_id(decision_id)?;
        face(self.0.forget(&id))
    }

    /// Forgets a person; gives how many decisions went.
    ///
    /// # Errors
    /// `invalid_context` for something that is no id.
    #[wasm_bindgen(js_name = forgetUser)]
    pub fn forget_user(&mut self, user_id: &JsValue) -> JsResult<usize> {
        let value = input(Code::InvalidContext, "user_id", user_id)?;
        let id = face(Field::root(Code::InvalidContext, "user_id", &value).id())?;
        face(self.0.forget_user(id))
    }

    /// Why a decision was taken.
    ///
    /// # Errors
    /// `unknown_decision`.
    pub fn explain(&self, decision_id: &JsValue) -> JsResult<JsValue> {
        let id = self.decision_id(decision_id)?;
        written(&face(self.0.explain(&id))?)
    }

    /// What `Catalog.rank` needs to know of a decision and its visitor.
    ///
    /// # Errors
    /// `unknown_decision`.
    pub fn brief(&self, decision_id: &JsValue) -> JsResult<JsValue> {
        let id = self.decision_id(decision_id)?;
        written(&face(self.0.brief(&id))?)
    }

    /// The guide's statistics of the Q-table.
    ///
    /// # Errors
    /// None.
    pub fn stats(&self) -> JsResult<JsValue> {
        written(&self.0.stats())
    }

    /// The Q-table in words.
    ///
    /// # Errors
    /// None.
    pub fn table(&self) -> JsResult<JsValue> {
        written(&self.0.table())
    }

    /// Everything held, as plain data.
    ///
    /// # Errors
    /// None.
    pub fn export(&self) -> JsResult<JsValue> {
        written(&self.0.export())
    }

    /// Takes in what [`Agent::export`] gave; gives how many decisions and
    /// interactions were new.
    ///
    /// # Errors
    /// `corrupt_log`, `unsupported_version`; nothing is taken in then.
    pub fn import(&mut self, export: &JsValue) -> JsResult<usize> {
        let value = input(Code::CorruptLog, "export", export)?;
        face(self.0.import(&value))
    }
}
