//! Evaluation, training, experiments and simulation for JavaScript.
//!
//! Logs cross as bytes, cut anywhere; everything else as plain objects.

mod evaluator;
mod experiment;
mod simulation;
mod trainer;

use wasm_bindgen::prelude::*;

use super::{JsResult, face, input, output};
use crate::agent::{Agent, Options};
use crate::error::{Code, Error};
use crate::evaluate::{OnBadLine, written};
use crate::params::Mapping;
use crate::policy::Policy;
use crate::value::{Field, Fields, Value};
use crate::{convert as converting, inspect as inspecting};

pub use evaluator::Evaluator;
pub use experiment::{arm, compare, plan, verdict};
pub use simulation::Simulation;
pub use trainer::Trainer;

/// The policy in these bytes.
fn policy_of(bytes: &[u8]) -> JsResult<Policy> {
    face(Policy::decode(bytes, Mapping::default()))
}

/// What `options` holds; nothing where it is `undefined`.
fn options_of(options: &JsValue) -> JsResult<Value> {
    if options.is_undefined() {
        return Ok(Value::Object(Vec::new()));
    }
    input(Code::InvalidOptions, "options", options)
}

/// Reads `skip_bad_lines?`.
fn on_bad_line(fields: &mut Fields<'_>) -> crate::Result<OnBadLine> {
    match fields.optional("skip_bad_lines") {
        Some(field) if field.boolean()? => Ok(OnBadLine::Skip),
        _ => Ok(OnBadLine::Stop),
    }
}

/// The error of a method that comes after the log has ended.
fn ended() -> Error {
    Error::new(Code::InvalidOptions, "the log has ended")
}

/// What a policy holds.
///
/// # Errors
/// `corrupt_model`, `unsupported_version`.
#[wasm_bindgen]
pub fn inspect(policy: &[u8]) -> JsResult<JsValue> {
    output(&inspecting::inspect(&policy_of(policy)?))
}

/// The log inside what `Agent.export` gave, as lines that the evaluator and the
/// trainer read.
///
/// # Errors
/// `corrupt_log`, `unsupported_version`, `invalid_options`.
#[wasm_bindgen(js_name = logOf)]
pub fn log_of(exported: &JsValue) -> JsResult<String> {
    let value = input(Code::CorruptLog, "export", exported)?;
    face(lines_of(&value))
}

fn lines_of(exported: &Value) -> crate::Result<String> {
    let mut fields = Field::root(Code::CorruptLog, "export", exported).fields()?;
    let options = Options::parse(fields.required("config")?.value(), 0)?;
    let mut agent = Agent::new(options, Mapping::default())?;
    agent.import(exported)?;
    let policy = agent.policy();
    written(
        agent.log(),
        policy.mapping().space(),
        policy.config().extras(),
    )
}

/// The policy of a Python system's Q-table, `{state: {action: q}}` in JSON.
///
/// # Errors
/// `corrupt_model`.
#[wasm_bindgen]
pub fn convert(json: &[u8]) -> JsResult<Vec<u8>> {
    face(converting::q_table(json, Mapping::default())).map(|policy| policy.encode())
}
