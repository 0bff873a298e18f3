//! Experiments as JavaScript functions.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Code;
use crate::experiment::{Assignment, Plan, Study, Trial};
use crate::value::Field;
use crate::wasm::{JsResult, face, input, output};

/// The lengths of an experiment that a plan tells about, in days.
const LENGTHS: [u32; 6] = [7, 14, 28, 56, 91, 182];

/// Agent against baseline on one metric.
///
/// # Errors
/// `invalid_options`.
#[wasm_bindgen]
pub fn compare(trial: &JsValue) -> JsResult<JsValue> {
    let value = input(Code::InvalidOptions, "trial", trial)?;
    output(&face(Trial::parse(&value).and_then(|t| t.compare()))?)
}

/// What an experiment says, as data and in words.
///
/// # Errors
/// `invalid_options`.
#[wasm_bindgen]
pub fn verdict(study: &JsValue) -> JsResult<JsValue> {
    let value = input(Code::InvalidOptions, "study", study)?;
    output(&face(Study::parse(&value).and_then(|s| s.verdict()))?)
}

/// What an experiment can find, and how soon.
#[derive(Serialize)]
struct Planned {
    found: Vec<Found>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_to_detect: Option<u32>,
}

/// The smallest change found within some days; none if none is.
#[derive(Serialize)]
struct Found {
    days: u32,
    minimum_detectable_effect: Option<f64>,
}

/// What a plan can find in 7 to 182 days, and in how many days a change by
/// `effect` is found.
///
/// # Errors
/// `invalid_options`.
#[wasm_bindgen]
pub fn plan(options: &JsValue, effect: &JsValue) -> JsResult<JsValue> {
    let plan = face(Plan::parse(&input(Code::InvalidOptions, "plan", options)?))?;
    let days_to_detect = if effect.is_undefined() {
        None
    } else {
        let value = input(Code::InvalidOptions, "effect", effect)?;
        let field = Field::root(Code::InvalidOptions, "effect", &value);
        plan.days_to_detect(face(field.number(-1e6, 1e6))?)
    };
    output(&Planned {
        found: LENGTHS
            .iter()
            .map(|&days| Found {
                days,
                minimum_detectable_effect: plan.minimum_detectable_effect(days),
            })
            .collect(),
        days_to_detect,
    })
}

/// The arm of a user in an experiment `{name, agent_per_mille, holdout_per_mille?}`.
///
/// # Errors
/// `invalid_options`.
#[wasm_bindgen]
pub fn arm(experiment: &JsValue, user_id: &JsValue) -> JsResult<String> {
    let value = input(Code::InvalidOptions, "experiment", experiment)?;
    let assignment = face(Assignment::parse(&value))?;
    let user = input(Code::InvalidOptions, "user_id", user_id)?;
    let user = face(Field::root(Code::InvalidOptions, "user_id", &user).id())?;
    face(assignment.arm(user).map(|arm| arm.as_str().to_owned()))
}
