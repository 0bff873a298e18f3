//! The pure rules as JavaScript functions.

use wasm_bindgen::prelude::*;

use super::{JsResult, face, input, written};
use crate::context::{Context, Extras, TimeOfDay};
use crate::error::Code;
use crate::params::{Mapping, Parameters, baseline as baseline_of};
use crate::q_table::{QConfig, StateKey};
use crate::reward::{Feedback, RewardWeights};
use crate::value::{Field, Value};

/// A strategy named by its index or its name.
fn strategy_of(mapping: &Mapping, value: &Value) -> crate::Result<crate::strategy::Strategy> {
    let space = mapping.space();
    let field = Field::root(Code::InvalidParams, "strategy", value);
    match value {
        Value::Number(_) => {
            let index = field.integer(0, space.len() as i64 - 1)?;
            Ok(space.get(index as usize).unwrap_or_default())
        }
        _ => space.parse(field.text(128)?),
    }
}

/// The parameters of a strategy (index or name) in a context (SPEC section 3).
///
/// # Errors
/// `invalid_params`, `invalid_context`.
#[wasm_bindgen]
pub fn parameters(strategy: &JsValue, context: &JsValue) -> JsResult<JsValue> {
    let mapping = Mapping::default();
    let strategy = input(Code::InvalidParams, "strategy", strategy)?;
    let strategy = face(strategy_of(&mapping, &strategy))?;
    let context = context_of(context)?;
    written(&mapping.parameters(strategy, &context))
}

fn context_of(context: &JsValue) -> JsResult<Context> {
    let value = input(Code::InvalidContext, "context", context)?;
    face(Context::parse(&value, &Extras::default()))
}

struct Inverse {
    strategy: String,
    action_index: crate::strategy::Strategy,
    exact: bool,
}

crate::value::written!(Inverse {
    strategy,
    action_index,
    exact
});

/// The strategy that gives these parameters, and whether exactly (SPEC section 3).
///
/// # Errors
/// `invalid_params`, `invalid_context`.
#[wasm_bindgen(js_name = strategyFromParams)]
pub fn strategy_from_params(params: &JsValue, context: &JsValue) -> JsResult<JsValue> {
    let mapping = Mapping::default();
    let params = input(Code::InvalidParams, "params", params)?;
    let params = face(Parameters::parse(&params))?;
    let context = if context.is_undefined() {
        None
    } else {
        Some(context_of(context)?)
    };
    let (strategy, exact) = mapping.strategy(&params, context.as_ref());
    written(&Inverse {
        strategy: mapping.space().name(strategy),
        action_index: strategy,
        exact,
    })
}

/// The reward of one piece of feedback, in reward units (SPEC section 4).
///
/// # Errors
/// `invalid_feedback`, `invalid_reward`.
#[wasm_bindgen]
pub fn reward(feedback: &JsValue) -> JsResult<f64> {
    let value = input(Code::InvalidFeedback, "feedback", feedback)?;
    let thousandths = face((|| {
        let mut fields = Field::root(Code::InvalidFeedback, "feedback", &value).fields()?;
        let feedback = Feedback::read(&mut fields)?;
        fields.finish()?;
        RewardWeights::default().reward(&feedback, None)
    })())?;
    Ok(thousandths as f64 / 1000.0)
}

/// The name of the strategy that personality alone chooses (SPEC section 3).
///
/// # Errors
/// `invalid_context`.
#[wasm_bindgen]
pub fn baseline(context: &JsValue) -> JsResult<String> {
    let mapping = Mapping::default();
    let context = context_of(context)?;
    let strategy = baseline_of(mapping.space(), &context.personality);
    Ok(mapping.space().name(strategy))
}

/// The part of the day that holds an hour, 0 to 23 local time (SPEC section 1).
///
/// # Errors
/// `invalid_context`.
#[wasm_bindgen(js_name = timeOfDay)]
pub fn time_of_day(hour: &JsValue) -> JsResult<String> {
    let value = input(Code::InvalidContext, "hour", hour)?;
    let hour = face(Field::root(Code::InvalidContext, "hour", &value).integer(0, 23))?;
    Ok(TimeOfDay::of_hour(hour as u8).as_str().to_owned())
}

/// The guide's Q rule at its default settings: `q + 0.1·(reward + 0.95·next − q)`
/// (SPEC section 5).
#[wasm_bindgen(js_name = qUpdate)]
#[must_use]
pub fn q_update(q: f64, reward: f64, next: f64) -> f64 {
    QConfig::default().update(q, reward, next)
}

/// The context as the Q-table sees it (SPEC section 5).
///
/// # Errors
/// `invalid_context`.
#[wasm_bindgen]
pub fn discretise(context: &JsValue) -> JsResult<JsValue> {
    let context = context_of(context)?;
    written(&StateKey::of(&context).describe(&Extras::default()))
}
