//! What a user tells of themselves.

use moodloop::Code;
use moodloop::context::{Personality, TRAITS};
use moodloop::value::{Field, Value};
use serde_json::json;

use crate::app::App;
use crate::clock;
use crate::error::Result;
use crate::http::{Answer, Call, id};
use crate::store::{from_json, to_json};

/// Keeps a user's Big Five scores; an absent trait is 50.
///
/// # Errors
/// `invalid_context` naming the field; `unavailable`.
pub async fn put_personality(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(0))?;
    let body = call.json(Code::InvalidContext)?;
    let field = Field::root(Code::InvalidContext, "personality", &body);
    let personality = Personality::read(&field)?;
    app.store
        .put_personality(user_id, &to_json(&personality)?, &clock::iso(app.now))
        .await?;
    Answer::json(
        200,
        &json!({ "user_id": user_id, "personality": personality }),
    )
}

/// Stored scores with those that a request overrides; none when there are
/// neither.
///
/// # Errors
/// `internal` when stored scores cannot be read; `invalid_context` for an
/// override out of range.
pub fn personality(stored: Option<&str>, call: &Call) -> Result<Option<Personality>> {
    let mut fields: Vec<(String, Value)> = match stored {
        Some(text) => match from_json(text)? {
            Value::Object(fields) => fields,
            _ => Vec::new(),
        },
        None => Vec::new(),
    };
    for name in TRAITS {
        if let Some(value) = call.value(name, true) {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value));
        }
    }
    if fields.is_empty() {
        return Ok(None);
    }
    let tree = Value::Object(fields);
    let field = Field::root(Code::InvalidContext, "personality", &tree);
    Ok(Some(Personality::read(&field)?))
}
