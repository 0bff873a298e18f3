//! Group commit: what requests ask of D1 while it is at work for another of them
//! waits for its turn, and goes together as one transaction in one round trip. D1
//! takes one at a time anyway.
//!
//! No request wakes another, because the runtime lets none go on in the context of
//! another: each looks for itself what became of its statement, by its own timer.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::futures::{JsFuture, future_to_promise};
use wasm_bindgen::JsValue;
use worker::worker_sys::Context as RawContext;
use worker::{Context, Delay};

use super::{Rows, Statement, Store, execute};
use crate::clock;
use crate::error::Result;

/// How often a request looks whether it is its turn, or done. So long others may join
/// a group, too, where many write at once.
const LOOK: Duration = Duration::from_millis(2);
/// How long a group waits for the one before it, at most, in milliseconds: from
/// where D1 is far away, waiting for an answer costs more than a round trip saves.
const WAIT_MS: i64 = 20;
/// For how long after a group of several many are taken to write at once, in
/// milliseconds.
const CROWDED_MS: i64 = 20;
/// When a group is taken for lost, in milliseconds: whoever did its work was killed.
const LOST_MS: i64 = 5000;
/// The most statements that go together: the free plan lets one request run 50.
const MOST: usize = 20;

/// Whose turn it is.
#[derive(Default)]
pub struct Turns {
    /// Since when a group is under way.
    underway: Option<i64>,
    /// When the last group of several ended.
    crowded: i64,
    /// The group that still takes statements.
    next: Option<Rc<Group>>,
}

struct Group {
    /// When it was founded, in milliseconds since 1970.
    since: i64,
    statements: RefCell<Vec<Statement>>,
    /// What became of each statement, until it is taken; of none, where D1 refused them
    /// together.
    outcome: RefCell<Option<Vec<Option<Result<Rows>>>>>,
}

/// Whether less than `milliseconds` went by since then, by a clock that may jump.
fn within(since: i64, milliseconds: i64) -> bool {
    (0..milliseconds).contains(&(clock::now() - since))
}

impl Store {
    /// Runs one statement, with others that are due at the same time.
    ///
    /// # Errors
    /// `unavailable` when it fails; nothing was written then.
    pub async fn commit(self: &Rc<Self>, statement: Statement, context: &Context) -> Result<Rows> {
        let (group, place) = self.join(statement.clone());
        if place == 0 {
            let (store, working) = (self.clone(), group.clone());
            let work = future_to_promise(async move {
                store.work(&working).await;
                Ok(JsValue::UNDEFINED)
            });
            // Others depend on it: it goes on when the client of this request is gone.
            let context: &RawContext = context.as_ref();
            context.wait_until(&work).map_err(worker::Error::from)?;
            JsFuture::from(work).await.map_err(worker::Error::from)?;
        } else {
            while group.outcome.borrow().is_none() && within(group.since, LOST_MS) {
                Delay::from(LOOK).await;
            }
        }
        match group.take(place) {
            Some(outcome) => outcome,
            None => execute(statement).await,
        }
    }

    /// The group that takes a statement, and its place there. Whose is the first
    /// does the group's work.
    fn join(&self, statement: Statement) -> (Rc<Group>, usize) {
        let mut turns = self.turns.borrow_mut();
        turns.next.take_if(|next| !within(next.since, LOST_MS));
        let group = turns.next.get_or_insert_with(Rc::default).clone();
        let mut statements = group.statements.borrow_mut();
        statements.push(statement);
        let place = statements.len() - 1;
        drop(statements);
        if place + 1 == MOST {
            turns.next = None;
        }
        (group, place)
    }

    async fn work(&self, group: &Rc<Group>) {
        if within(self.turns.borrow().crowded, CROWDED_MS) {
            Delay::from(LOOK).await;
        }
        while self.turns.borrow().is_at_work() && within(group.since, WAIT_MS) {
            Delay::from(LOOK).await;
        }
        {
            let mut turns = self.turns.borrow_mut();
            turns.underway = Some(clock::now());
            turns.next.take_if(|next| Rc::ptr_eq(next, group));
        }
        let mut statements = group.statements.take();
        let alone = statements.len() == 1;
        let outcome = match statements.pop() {
            Some(statement) if alone => vec![Some(execute(statement).await)],
            last => {
                statements.extend(last);
                let rows = self.batch(statements).await.unwrap_or_default();
                rows.into_iter().map(|rows| Some(Ok(rows))).collect()
            }
        };
        let mut turns = self.turns.borrow_mut();
        turns.underway = None;
        if !alone {
            turns.crowded = clock::now();
        }
        group.outcome.replace(Some(outcome));
    }
}

impl Turns {
    fn is_at_work(&self) -> bool {
        self.underway.is_some_and(|since| within(since, LOST_MS))
    }
}

impl Default for Group {
    fn default() -> Self {
        Self {
            since: clock::now(),
            statements: RefCell::default(),
            outcome: RefCell::default(),
        }
    }
}

impl Group {
    /// What became of a statement; nothing, where it is to be tried by itself: another
    /// may have been what D1 refused.
    fn take(&self, place: usize) -> Option<Result<Rows>> {
        self.outcome.borrow_mut().as_mut()?.get_mut(place)?.take()
    }
}
