//! JavaScript values as the tree that the core's parsers read.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Code, Error, Result};
use crate::text::{join, number};
use crate::value::Value;

/// Deeper input is refused: it is cyclic or hostile.
const DEPTH: usize = 8;

/// Reads any JavaScript value. Fields whose value is `undefined` are absent.
///
/// # Errors
/// `code` for functions, symbols, bigints, nesting deeper than eight, and
/// objects whose getters throw.
pub(super) fn value(code: Code, name: &str, js: &JsValue) -> Result<Value> {
    read(js, 0).map_err(|refusal| {
        let mut path = name.to_owned();
        path.extend(refusal.steps.iter().rev().map(String::as_str));
        Error::new(
            code,
            join(&["`", &path, "` must be ", refusal.expected], ""),
        )
    })
}

/// Why something cannot be read, and the steps that lead to it, the last first.
struct Refusal {
    steps: Vec<String>,
    expected: &'static str,
}

#[cold]
fn refuse(expected: &'static str) -> Refusal {
    let steps = Vec::new();
    Refusal { steps, expected }
}

impl Refusal {
    #[cold]
    fn below(mut self, step: &[&str]) -> Self {
        self.steps.push(join(step, ""));
        self
    }
}

fn read(js: &JsValue, depth: usize) -> std::result::Result<Value, Refusal> {
    if js.is_null() || js.is_undefined() {
        return Ok(Value::Null);
    }
    if let Some(b) = js.as_bool() {
        return Ok(Value::Bool(b));
    }
    if let Some(n) = js.as_f64() {
        return Ok(Value::Number(n));
    }
    // A lone surrogate becomes U+FFFD, which no text that is kept may hold.
    if let Some(s) = js.as_string() {
        return Ok(Value::String(s));
    }
    if depth == DEPTH {
        return Err(refuse("nested less deeply"));
    }
    if let Some(list) = js.dyn_ref::<Array>() {
        let mut items = Vec::new();
        for i in 0..list.length() {
            let item = Reflect::get_u32(list, i).map_err(|_| refuse("a readable list"));
            let item = item
                .and_then(|item| read(&item, depth + 1))
                .map_err(|refusal| refusal.below(&["[", &number(i.into()), "]"]))?;
            items.push(item);
        }
        return Ok(Value::Array(items));
    }
    if js.is_object() && !js.is_function() {
        return object(js, depth);
    }
    Err(refuse("plain data"))
}

/// Own enumerable or not, string-keyed fields. Getters and proxies may throw;
/// both reads are caught, so that no exception crosses our frames.
fn object(js: &JsValue, depth: usize) -> std::result::Result<Value, Refusal> {
    let unreadable = |_| refuse("a readable object");
    let keys = Reflect::own_keys(js).map_err(unreadable)?;
    let mut fields = Vec::new();
    for i in 0..keys.length() {
        let key = keys.get(i);
        let Some(name) = key.as_string() else {
            continue;
        };
        let value = Reflect::get(js, &key).map_err(unreadable)?;
        if !value.is_undefined() {
            let value = read(&value, depth + 1).map_err(|refusal| refusal.below(&[".", &name]))?;
            fields.push((name, value));
        }
    }
    Ok(Value::Object(fields))
}
