//! A person's data: what is held, and erasing it so that nothing learned from
//! them remains (SPEC section 5).

use serde_json::{Value, json};

use crate::app::App;
use crate::clock;
use crate::error::Result;
use crate::http::{Answer, Call, id};
use crate::store::privacy::{Erasure, PAGE};
use crate::store::{Store, from_json};
use crate::train;

/// How many pairs leave the evidence in one transaction.
const SLICE: i64 = 4000;
/// How long one request goes on erasing, in milliseconds.
const BUDGET_MS: i64 = 20_000;

/// Everything held about a user, page by page.
///
/// # Errors
/// `invalid_options` for a wrong `after`; `unavailable`.
pub async fn read(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(0))?;
    let after = call.integer("after", 0, 1 << 40, 0)?;
    let row = app.store.user(user_id).await?;
    let page = app.store.data_of(user_id, after).await?;
    let full = page.decisions.len().max(page.interactions.len()) as i64 == PAGE;
    let profile = match &row {
        Some(row) => Some(json!({
            "personality": match &row.personality {
                Some(text) => from_json::<Value>(text)?,
                None => Value::Null,
            },
            "layer": row.layer_text(),
            "layer_version": row.layer_version,
            "first_version": row.first_version,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        })),
        None => None,
    };
    Answer::json(
        200,
        &json!({
            "user_id": user_id,
            "profile": profile,
            "decisions": page.decisions,
            "interactions": page.interactions,
            "next": full.then_some(after + PAGE),
        }),
    )
}

/// Erases a user. What does not fit one request, or meets a training at work,
/// is continued by the frequent trigger; asking again continues it too.
///
/// # Errors
/// `unavailable`; the erasure goes on from where it stopped.
pub async fn erase(app: &App, call: &Call) -> Result<Answer> {
    let user_id = id("user_id", call.place(0))?;
    let store = &app.store;
    store.begin_erasure(user_id, &clock::iso(app.now)).await?;
    let took = clock::now();
    let mut done = false;
    if let Some(erasure) = store.erasure(user_id).await?
        && forget(store, &erasure, took).await?
    {
        if store.erasure(user_id).await?.is_some() {
            train::open_erasure(store, app.now).await?;
            match train::go_on(store, app.now).await {
                Err(busy) if busy.code() == "conflict" => {}
                outcome => outcome?,
            }
        }
        done = store.erasure(user_id).await?.is_none();
    }
    let status = if done { "erased" } else { "pending" };
    Answer::json(
        if done { 200 } else { 202 },
        &json!({ "user_id": user_id, "status": status }),
    )
}

/// Goes on with every erasure that is not finished. Policies are solved again
/// by the run that this opens.
///
/// # Errors
/// `unavailable`.
pub async fn continue_erasures(store: &Store, now: i64) -> Result<()> {
    let mut forgotten = false;
    for erasure in store.erasures().await? {
        if !forget(store, &erasure, now).await? {
            break;
        }
        forgotten = true;
    }
    if forgotten && store.pending_erasures().await? > 0 {
        train::open_erasure(store, now).await?;
    }
    Ok(())
}

/// Takes a person out of evidence and tables; `false` when another invocation
/// is at work, or time is up, and more is left. Whoever is in no policy is done
/// with then.
async fn forget(store: &Store, erasure: &Erasure, started: i64) -> Result<bool> {
    let now = clock::now();
    let holder = clock::new_id(now)?;
    match store.lease(&holder, now).await {
        Ok(()) => {}
        Err(busy) if busy.code() == "conflict" => return Ok(false),
        Err(failure) => return Err(failure),
    }
    let outcome = steps(store, &holder, erasure, started).await;
    store.release(&holder).await?;
    outcome
}

async fn steps(store: &Store, holder: &str, erasure: &Erasure, started: i64) -> Result<bool> {
    let user_id = &erasure.user_id;
    while subtract(store, holder, user_id).await? {
        if clock::now() - started > BUDGET_MS {
            return Ok(false);
        }
    }
    let mut batch = vec![store.guard(holder, clock::now())?];
    batch.extend(store.delete_rows(user_id)?);
    store.batch(batch).await?;
    Ok(true)
}

/// Takes the next pairs of a user out of the evidence, rows and sums in one
/// transaction; `false` when there are none.
async fn subtract(store: &Store, holder: &str, user_id: &str) -> Result<bool> {
    let moves = store.moves_out(user_id, SLICE).await?;
    if moves.is_empty() {
        return Ok(false);
    }
    let pairs: Vec<(&str, &str)> = (moves.iter())
        .map(|one| (one.decision_id.as_str(), one.content_id.as_str()))
        .collect();
    let mut batch = vec![store.guard(holder, clock::now())?];
    batch.extend(train::share::statements(store, &moves).await?);
    batch.push(store.delete_pairs(&pairs)?);
    store.batch(batch).await?;
    Ok(true)
}
