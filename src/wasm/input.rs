//! JavaScript values as the tree that the core's parsers read.

use js_sys::{Array, JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Code, Error, Result};
use crate::value::Value;

/// Deeper input is refused: it is cyclic or hostile.
const DEPTH: usize = 8;

/// Reads any JavaScript value. Fields whose value is `undefined` are absent.
///
/// # Errors
/// `code` for functions, symbols, bigints, strings with a lone surrogate,
/// nesting deeper than eight, and objects whose getters throw.
pub(super) fn value(code: Code, name: &str, js: &JsValue) -> Result<Value> {
    read(code, name, js, 0)
}

fn refuse(code: Code, path: &str, what: &str) -> Error {
    Error::new(code, format!("`{path}` must be {what}"))
}

fn read(code: Code, path: &str, js: &JsValue, depth: usize) -> Result<Value> {
    if js.is_null() || js.is_undefined() {
        return Ok(Value::Null);
    }
    if let Some(b) = js.as_bool() {
        return Ok(Value::Bool(b));
    }
    if let Some(n) = js.as_f64() {
        return Ok(Value::Number(n));
    }
    if let Some(s) = js.dyn_ref::<JsString>() {
        if !s.is_valid_utf16() {
            return Err(refuse(code, path, "a well-formed string"));
        }
        return Ok(Value::String(s.into()));
    }
    if depth == DEPTH {
        return Err(refuse(code, path, "nested less deeply"));
    }
    if let Some(list) = js.dyn_ref::<Array>() {
        let mut items = Vec::new();
        for (i, item) in list.iter().enumerate() {
            items.push(read(code, &format!("{path}[{i}]"), &item, depth + 1)?);
        }
        return Ok(Value::Array(items));
    }
    if js.is_object() && !js.is_function() {
        return object(code, path, js, depth);
    }
    Err(refuse(code, path, "plain data"))
}

/// Own enumerable or not, string-keyed fields. Getters and proxies may throw;
/// both reads are caught, so that no exception crosses our frames.
fn object(code: Code, path: &str, js: &JsValue, depth: usize) -> Result<Value> {
    let unreadable = |_| refuse(code, path, "a readable object");
    let keys = Reflect::own_keys(js).map_err(unreadable)?;
    let mut fields = Vec::new();
    for key in keys.iter() {
        let Some(name) = key.as_string() else {
            continue;
        };
        let value = Reflect::get(js, &key).map_err(unreadable)?;
        if !value.is_undefined() {
            let path = format!("{path}.{name}");
            fields.push((name, read(code, &path, &value, depth + 1)?));
        }
    }
    Ok(Value::Object(fields))
}
