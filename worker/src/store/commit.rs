//! Group commit: what is to be written while D1 is at work waits for its turn, and
//! goes together as one transaction in one round trip. D1 takes one at a time anyway.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Context;

use super::{Rows, Statement, Store, execute};
use crate::clock;
use crate::error::{Failure, Result};

/// How long a group waits for the one before it, at most, in milliseconds: from
/// where D1 is far away, waiting for an answer costs more than a round trip saves.
const WAIT_MS: i32 = 20;
/// How long others may join a group that need not wait, where many write at once,
/// in milliseconds.
const JOIN_MS: i32 = 2;
/// For how long after a group of several many are taken to write at once, in
/// milliseconds.
const CROWDED_MS: i64 = 20;
/// When a group is taken for lost, in milliseconds: whoever did its work was killed.
const LOST_MS: i32 = 1000;
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
    statements: RefCell<Vec<Statement>>,
    /// Ends the group's waiting for its turn.
    begin: Function,
    /// End the waiting for what became of each statement.
    ends: RefCell<Vec<Function>>,
    outcome: RefCell<Outcome>,
}

enum Outcome {
    /// What each statement gave, until it is taken.
    Written(Vec<Option<Rows>>),
    /// Why nothing was written.
    Failed(Failure),
    /// Nothing was written as far as is known, and each is to be tried by itself: one
    /// of them may have been what D1 refused.
    Apart,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timeout: &JsValue);
}

/// A promise, and what fulfils it. It belongs to the request that makes it: whoever
/// fulfils it, that request goes on in its own context, as the runtime demands.
fn promise() -> (Promise, Function) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, fulfil.unwrap_or_default())
}

fn call(function: &Function) {
    // What fulfils a promise does not fail.
    let _ = function.call0(&JsValue::UNDEFINED);
}

impl Store {
    /// Runs one statement, with others that are due at the same time.
    ///
    /// # Errors
    /// `unavailable` when it fails; nothing was written then.
    pub async fn commit(self: &Rc<Self>, statement: Statement, context: &Context) -> Result<Rows> {
        let (ended, end) = promise();
        let group = self.next_group(context);
        let place = {
            let mut statements = group.statements.borrow_mut();
            statements.push(statement.clone());
            statements.len() - 1
        };
        // The runtime takes a request for hung that waits for nothing of its own.
        let timeout = set_timeout(&end, LOST_MS);
        group.ends.borrow_mut().push(end);
        JsFuture::from(ended).await.map_err(worker::Error::from)?;
        clear_timeout(&timeout);
        match group.take(place) {
            Some(outcome) => outcome,
            None => execute(statement).await,
        }
    }

    /// The group that takes the next statement. Who founds one does its work.
    fn next_group(self: &Rc<Self>, context: &Context) -> Rc<Group> {
        let mut turns = self.turns.borrow_mut();
        if let Some(group) = &turns.next
            && group.statements.borrow().len() < MOST
        {
            return group.clone();
        }
        let (turn, begin) = promise();
        let now = clock::now();
        let within = |since: i64, most: i64| (0..most).contains(&(now - since));
        let timeout = if turns
            .underway
            .is_some_and(|since| within(since, LOST_MS.into()))
        {
            Some(set_timeout(&begin, WAIT_MS))
        } else if within(turns.crowded, CROWDED_MS) {
            Some(set_timeout(&begin, JOIN_MS))
        } else {
            call(&begin);
            None
        };
        let group = Rc::new(Group {
            statements: RefCell::default(),
            begin,
            ends: RefCell::default(),
            outcome: RefCell::new(Outcome::Apart),
        });
        turns.next = Some(group.clone());
        let (store, working) = (self.clone(), group.clone());
        // Others depend on it: it goes on when the client of this request is gone.
        context.wait_until(async move {
            let _ = JsFuture::from(turn).await;
            if let Some(timeout) = timeout {
                clear_timeout(&timeout);
            }
            store.work(&working).await;
        });
        group
    }

    async fn work(&self, group: &Rc<Group>) {
        {
            let mut turns = self.turns.borrow_mut();
            turns.underway = Some(clock::now());
            turns.next.take_if(|next| Rc::ptr_eq(next, group));
        }
        let mut statements = group.statements.take();
        let alone = statements.len() == 1;
        let outcome = match statements.pop() {
            Some(statement) if alone => execute(statement).await.map(|rows| vec![rows]),
            Some(last) => {
                statements.push(last);
                self.batch(statements).await
            }
            None => Ok(Vec::new()),
        };
        *group.outcome.borrow_mut() = match outcome {
            Ok(rows) => Outcome::Written(rows.into_iter().map(Some).collect()),
            Err(failure) if alone => Outcome::Failed(failure),
            Err(_) => Outcome::Apart,
        };
        let next = {
            let mut turns = self.turns.borrow_mut();
            turns.underway = None;
            if !alone {
                turns.crowded = clock::now();
            }
            turns.next.clone()
        };
        if let Some(next) = next {
            call(&next.begin);
        }
        group.ends.take().iter().for_each(call);
    }
}

impl Group {
    /// What became of a statement; nothing, where it is to be tried by itself.
    fn take(&self, place: usize) -> Option<Result<Rows>> {
        let mut outcome = self.outcome.borrow_mut();
        match &mut *outcome {
            Outcome::Written(rows) => Some(Ok(rows.get_mut(place)?.take()?)),
            Outcome::Apart => None,
            Outcome::Failed(_) => match std::mem::replace(&mut *outcome, Outcome::Apart) {
                Outcome::Failed(failure) => Some(Err(failure)),
                _ => None,
            },
        }
    }
}
