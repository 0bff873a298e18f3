//! What a user did with an item: stored once, attached to its decision, ready
//! for the next fold and felt by the user's next request.

use moodloop::Code;
use moodloop::codec;
use moodloop::context::ContentType;
use moodloop::log::{Interaction, Signal};
use moodloop::reward::Feedback;
use moodloop::value::Field;
use serde::Serialize;

use crate::app::App;
use crate::clock::{self, DAY_MS};
use crate::error::{Failure, Result};
use crate::http::{Answer, Call, id};
use crate::policy;
use crate::store::interactions::{Incoming, StoredInteraction};

/// How long ago a decision may be for feedback that names only the content.
const SINCE_MS: i64 = 30 * DAY_MS;

#[derive(Serialize)]
struct Stored<'a> {
    interaction_id: &'a str,
    decision_id: Option<&'a str>,
    content_id: &'a str,
    organic: bool,
    reward: Option<f64>,
    repeated: bool,
}

/// Takes in one interaction: the guide's body, with `decision_id` where known.
///
/// # Errors
/// `invalid_feedback` naming the field; `conflict` for an `Idempotency-Key`
/// that came with another body before; `unavailable`.
pub async fn interact(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(0))?;
    let body = call.json(Code::InvalidFeedback)?;
    let mut fields = Field::root(Code::InvalidFeedback, "feedback", &body).fields()?;
    let content_type = ContentType::read(&fields.required("content_type")?)?;
    let content_id = fields.required("content_id")?.id()?.to_owned();
    let decision_id = match fields.optional("decision_id") {
        Some(field) => Some(field.id()?),
        None => None,
    };
    let feedback = Feedback::read(&mut fields)?;
    fields.finish()?;

    let key = call.header("idempotency-key");
    let interaction = Interaction {
        interaction_id: match &key {
            Some(key) => id("idempotency-key", key)?.to_owned(),
            None => clock::new_id(app.now)?,
        },
        at: app.now,
        content_id,
        signal: Signal::Feedback(feedback),
    };
    let body_hash = format!("{:016x}", codec::hash(call.bytes(), 0));
    let store = &app.store;
    let insert = store.record_interaction(&Incoming {
        user_id,
        decision_id,
        content_type: Some(content_type.as_str()),
        interaction: &interaction,
        body_hash: &body_hash,
        since: app.now - SINCE_MS,
    })?;
    let interaction_id = &interaction.interaction_id;
    let new: Option<StoredInteraction> = store.commit(insert, &app.context).await?.texts()?.pop();
    let created = new.is_some();
    let stored = match new {
        Some(stored) => stored,
        None => {
            let known = store.known_interaction(user_id, interaction_id).await?;
            known.ok_or_else(|| Failure::internal("a stored interaction is gone"))?
        }
    };
    if stored.body_hash != body_hash {
        return Err(Failure::conflict(
            "this `Idempotency-Key` came with another body before",
        ));
    }
    let own = created.then(|| interaction.clone());
    let reward = match &stored.said {
        Some(said) => said.reward(&stored.content_id, own, policy::settings()?.reward())?,
        None => None,
    };
    Answer::json(
        if created { 201 } else { 200 },
        &Stored {
            interaction_id,
            organic: stored.decision_id.is_none(),
            decision_id: stored.decision_id.as_deref(),
            content_id: &stored.content_id,
            reward: reward.map(|thousandths| thousandths as f64 / 1000.0),
            repeated: !created,
        },
    )
}
