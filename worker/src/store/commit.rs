//! Group commit: what requests ask of D1 while it is at work for another of them
//! waits for its turn, and goes together as one transaction in one round trip. D1
//! takes one at a time anyway.
//!
//! No request wakes another, because the runtime lets none go on in the context of
//! another: each looks for itself what became of its statement, by its own timer.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::{JsFuture, future_to_promise};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Context;
use worker::worker_sys::Context as RawContext;

use super::{Rows, Statement, Store, execute};
use crate::clock;
use crate::error::{Failure, Result};

/// How often a request looks whether it is its turn, or done, in milliseconds. So
/// long others may join a group, too, where many write at once.
const LOOK_MS: i32 = 2;
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
    outcome: RefCell<Option<Outcome>>,
}

enum Outcome {
    /// What each statement gave, until it is taken.
    Written(Vec<Option<Rows>>),
    /// Why the only one was not written.
    Failed(Failure),
    /// Nothing was written, and each is to be tried by itself: one of them may have
    /// been what D1 refused.
    Apart,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32);
}

/// Whether less than `milliseconds` went by since then, by a clock that may jump.
fn within(since: i64, milliseconds: i64) -> bool {
    (0..milliseconds).contains(&(clock::now() - since))
}

async fn sleep(milliseconds: i32) {
    let time = Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds));
    // It is never rejected.
    let _ = JsFuture::from(time).await;
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
                sleep(LOOK_MS).await;
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
            sleep(LOOK_MS).await;
        }
        while self.turns.borrow().is_at_work() && within(group.since, WAIT_MS) {
            sleep(LOOK_MS).await;
        }
        {
            let mut turns = self.turns.borrow_mut();
            turns.underway = Some(clock::now());
            turns.next.take_if(|next| Rc::ptr_eq(next, group));
        }
        let mut statements = group.statements.take();
        let alone = statements.len() == 1;
        let outcome = match statements.pop() {
            Some(statement) if alone => execute(statement).await.map(|rows| vec![rows]),
            last => {
                statements.extend(last);
                self.batch(statements).await
            }
        };
        let mut turns = self.turns.borrow_mut();
        turns.underway = None;
        if !alone {
            turns.crowded = clock::now();
        }
        group.outcome.replace(Some(match outcome {
            Ok(rows) => Outcome::Written(rows.into_iter().map(Some).collect()),
            Err(failure) if alone => Outcome::Failed(failure),
            Err(_) => Outcome::Apart,
        }));
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
    /// What became of a statement; nothing, where it is to be tried by itself.
    fn take(&self, place: usize) -> Option<Result<Rows>> {
        let mut outcome = self.outcome.borrow_mut();
        match outcome.as_mut()? {
            Outcome::Written(rows) => Some(Ok(rows.get_mut(place)?.take()?)),
            Outcome::Apart => None,
            Outcome::Failed(_) => match outcome.take()? {
                Outcome::Failed(failure) => Some(Err(failure)),
                Outcome::Written(_) | Outcome::Apart => None,
            },
        }
    }
}
