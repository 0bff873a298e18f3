//! The only room that knows JavaScript: a thin face over the core.
//!
//! Objects are for people: they cross here as plain JavaScript values, are
//! checked by the core's own parsers, and come back through
//! serde-wasm-bindgen. Every failure is an `Error` with `name`, `code` and
//! `message`; no input can trap, so none can poison the instance.

#[cfg(feature = "js-core")]
mod agent;
#[cfg(feature = "js-catalog")]
mod catalog;
mod input;
#[cfg(feature = "js-lab")]
mod lab;
#[cfg(feature = "js-core")]
mod rules;
#[cfg(feature = "js-speed")]
mod speed;

use js_sys::{Error as JsError, Reflect};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use crate::error::{Code, Error};
use crate::value::Value;
#[cfg(feature = "js-core")]
use crate::value::Written;

#[cfg(feature = "js-core")]
pub use agent::Agent;
#[cfg(feature = "js-catalog")]
pub use catalog::Catalog;
#[cfg(feature = "js-lab")]
pub use lab::*;
#[cfg(feature = "js-core")]
pub use rules::*;
#[cfg(feature = "js-speed")]
pub use speed::Speed;

/// The page's allocator: an eighth of the usual one's code.
#[cfg(feature = "js-core")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// What a JavaScript export gives: a value, or an `Error` to throw.
type JsResult<T> = std::result::Result<T, JsValue>;

/// The core's error as a JavaScript `Error`.
fn thrown(error: &Error) -> JsValue {
    let js = JsError::new(error.message());
    js.set_name("MoodloopError");
    let code = JsValue::from_str(error.code().as_str());
    // Defining a property on an object we just made cannot fail.
    let _ = Reflect::set(&js, &JsValue::from_str("code"), &code);
    js.into()
}

/// A core result as what an export returns.
fn face<T>(result: crate::Result<T>) -> JsResult<T> {
    result.map_err(|error| thrown(&error))
}

/// Data as plain JavaScript objects, in the form that it has on the wire.
#[cfg(feature = "js-core")]
fn written(data: &impl Written) -> JsResult<JsValue> {
    plain(&data.written())
}

/// Data as plain JavaScript objects.
#[cfg(any(feature = "js-catalog", feature = "js-lab"))]
fn output(data: &impl Serialize) -> JsResult<JsValue> {
    plain(&Value::of(data))
}

fn plain(value: &Value) -> JsResult<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Plain(value).serialize(&serializer).map_err(JsValue::from)
}

/// A value for JavaScript, which has one kind of number.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => out.serialize_unit(),
            Value::Bool(b) => out.serialize_bool(*b),
            Value::Number(n) => out.serialize_f64(*n),
            Value::String(s) => out.serialize_str(s),
            Value::Array(items) => out.collect_seq(items.iter().map(Plain)),
            Value::Object(fields) => {
                out.collect_map(fields.iter().map(|(name, value)| (name, Plain(value))))
            }
        }
    }
}

/// A JavaScript value as the tree that the core's parsers read.
fn input(code: Code, name: &str, value: &JsValue) -> JsResult<Value> {
    face(input::value(code, name, value))
}
