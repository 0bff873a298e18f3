//! What a browser decided and learned while it was on its own.

use moodloop::Code;
use moodloop::agent::Event;
use moodloop::codec;
use moodloop::context::Extras;
use moodloop::log::{Decision, Interaction};
use moodloop::strategy::ActionSpace;
use moodloop::value::{Field, Value, quote};
use serde_json::json;

use crate::app::App;
use crate::clock::DAY_MS;
use crate::error::{Result, invalid};
use crate::http::{Answer, Call, id};
use crate::store::Results;
use crate::store::decisions::Beside;
use crate::store::interactions::Incoming;

/// The most events one request may bring.
const EVENTS: usize = 100;
/// How old an event may be: a month offline and a day.
const OLDEST_MS: i64 = 32 * DAY_MS;
/// How far a client's clock may be ahead: five minutes.
const AHEAD_MS: i64 = 5 * 60 * 1000;
/// The arm of decisions that a client took: their propensities are its word.
const ARM: &str = "client";

/// Takes in `{events: [{decision} | {interaction}, …]}`, each once, in any
/// order of requests. A decision is the client's own record: its propensity is
/// declared, and its parameters follow from context and strategy here.
///
/// # Errors
/// `corrupt_log` or `invalid_context` naming the field; nothing is stored then.
/// `unavailable`.
pub async fn sync(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(0))?;
    let body = call.json(Code::CorruptLog)?;
    let mut fields = Field::root(Code::CorruptLog, "log", &body).fields()?;
    let events = fields.required("events")?.list(EVENTS)?;
    fields.finish()?;
    let space = ActionSpace::default();
    let declared = crate::policy::settings()?.extras().clone();
    let mut decisions = Vec::new();
    let mut interactions = Vec::new();
    for (i, event) in events.iter().enumerate() {
        match parse(event.value(), i, &space, &declared)? {
            Event::Decision(decision) => {
                decisions.push(checked(app, user_id, decision)?);
            }
            Event::Interaction(decision_id, interaction) => {
                check_time(app, "at", interaction.at)?;
                interactions.push((decision_id, interaction));
            }
        }
    }

    let store = &app.store;
    let beside = Beside {
        arm: ARM,
        shadow: None,
        served: None,
    };
    let mut batch = Vec::new();
    // Decisions first: interactions of the same request belong to them.
    for decision in &decisions {
        batch.push(store.record_decision(decision, &declared, &beside, None)?);
    }
    for (decision_id, interaction) in &interactions {
        batch.push(store.record_interaction(&Incoming {
            user_id,
            decision_id: Some(decision_id),
            content_type: None,
            interaction,
            body_hash: &hash_of(decision_id, interaction)?,
            since: 0,
        })?);
    }
    let mut stored = (0, 0);
    if !batch.is_empty() {
        let mut results = Results::new(store.batch(batch).await?);
        for _ in &decisions {
            // A trigger's changes count too: what matters is whether there was one.
            stored.0 += usize::from(results.next()?.changes() > 0);
        }
        for _ in &interactions {
            stored.1 += usize::from(results.next()?.changes() > 0);
        }
    }
    Answer::json(
        200,
        &json!({
            "decisions": stored.0,
            "interactions": stored.1,
            "repeated": decisions.len() + interactions.len() - stored.0 - stored.1,
        }),
    )
}

fn parse(value: &Value, position: usize, space: &ActionSpace, declared: &Extras) -> Result<Event> {
    Event::parse(value, space, declared).map_err(|error| {
        invalid(
            error.code(),
            format!("event {position}: {}", error.message()),
        )
    })
}

/// A client's decision as it is kept: under this user, whatever it says.
fn checked(app: &App, user_id: &str, decision: Decision) -> Result<Decision> {
    check_time(app, "decided_at", decision.decided_at)?;
    if let Some(other) = decision
        .user_id
        .as_deref()
        .filter(|other| *other != user_id)
    {
        return Err(invalid(
            Code::CorruptLog,
            format!(
                "`decision.user_id` must be the path's user, got {}",
                quote(other)
            ),
        ));
    }
    Ok(Decision {
        user_id: Some(user_id.to_owned()),
        ..decision
    })
}

fn check_time(app: &App, name: &str, at: i64) -> Result<()> {
    if (app.now - OLDEST_MS..=app.now + AHEAD_MS).contains(&at) {
        Ok(())
    } else {
        Err(invalid(
            Code::CorruptLog,
            format!("`{name}` must lie within the last 32 days, got `{at}`"),
        ))
    }
}

fn hash_of(decision_id: &str, interaction: &Interaction) -> Result<String> {
    let text = crate::store::to_json(&(decision_id, interaction))?;
    Ok(format!("{:016x}", codec::hash(text.as_bytes(), 0)))
}
