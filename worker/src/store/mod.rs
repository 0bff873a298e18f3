//! The only room that speaks D1 and KV.

pub mod bytes;
pub mod cache;
pub mod catalog;
pub mod checkpoints;
pub mod commit;
pub mod decisions;
pub mod engagement;
pub mod interactions;
pub mod known;
pub mod limits;
pub mod marked;
pub mod memory;
pub mod pairs;
pub mod policies;
pub mod privacy;
pub mod replay;
pub mod settings;
pub mod shares;
pub mod stretch;
pub mod tasks;
pub mod users;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, JSON, JsString, Uint8Array};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::kv::KvStore;
use worker::{D1Database, D1PreparedStatement, D1Result, Env};

use self::commit::Turns;
use self::memory::Memory;
use crate::error::{Failure, Result};

/// D1 and KV of this deployment.
pub struct Store {
    database: D1Database,
    policies: KvStore,
    /// Statements by their text, which the program writes and no request: a
    /// long one is not handed over to JavaScript again.
    prepared: RefCell<BTreeMap<String, Statement>>,
    /// What was read of users a moment ago.
    pub memory: RefCell<Memory>,
    turns: RefCell<Turns>,
    /// How many statements were prepared.
    asked: Cell<usize>,
}

thread_local! {
    /// The environment that was looked up last, which is the isolate's, and its stores.
    static OPEN: RefCell<Option<(JsValue, Rc<Store>)>> = const { RefCell::new(None) };
}

/// One value bound to a statement. Numbers travel as doubles: D1 has no BigInt.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub enum Arg<'a> {
    /// Absent.
    Null,
    /// A whole number within ±2^53.
    Int(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(&'a str),
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl Arg<'_> {
    fn js(self) -> JsValue {
        match self {
            Self::Null => JsValue::NULL,
            Self::Int(number) => JsValue::from_f64(number as f64),
            Self::Real(number) => JsValue::from_f64(number),
            Self::Text(text) => JsValue::from_str(text),
        }
    }
}

/// The length of a text, in bytes, from which it crosses by itself.
const LONG: usize = 8192;

/// What is bound, as JavaScript's list. Values cross together as one text, each
/// crossing being dearer than they are; a long one would be held twice by that.
fn values(args: &[Arg<'_>]) -> Result<Array> {
    if args
        .iter()
        .any(|arg| matches!(arg, Arg::Text(text) if text.len() > LONG))
    {
        return Ok(args.iter().map(|arg| arg.js()).collect());
    }
    let list = JSON::parse(&to_json(&args)?).map_err(worker::Error::from)?;
    Ok(list.unchecked_into())
}

/// A statement ready to run.
pub type Statement = D1PreparedStatement;

impl Store {
    /// The stores that the environment binds, looked up once an environment.
    ///
    /// # Errors
    /// `unavailable` when a binding is missing.
    pub fn open(env: &Env) -> Result<Rc<Self>> {
        let binds: &JsValue = env.as_ref();
        let known = OPEN.with_borrow(|open| {
            let (of, store) = open.as_ref()?;
            (of == binds).then(|| store.clone())
        });
        if let Some(store) = known {
            return Ok(store);
        }
        let store = Rc::new(Self::of(env.d1("DB")?, env.kv("POLICY")?));
        OPEN.set(Some((binds.clone(), store.clone())));
        Ok(store)
    }

    fn of(database: D1Database, policies: KvStore) -> Self {
        Self {
            database,
            policies,
            prepared: RefCell::default(),
            memory: RefCell::default(),
            turns: RefCell::default(),
            asked: Cell::new(0),
        }
    }

    /// The same stores for one invocation alone, which counts what it asks.
    pub fn apart(&self) -> Self {
        let database: &JsValue = self.database.as_ref();
        Self::of(database.clone().unchecked_into(), self.policies.clone())
    }

    /// How many statements it has prepared, each of which is one of the queries that D1
    /// allows an invocation.
    pub const fn asked(&self) -> usize {
        self.asked.get()
    }

    /// Prepares `sql` with its `?n` bound in order.
    ///
    /// # Errors
    /// `unavailable` when D1 refuses the values.
    pub fn statement(&self, sql: &str, args: &[Arg<'_>]) -> Result<Statement> {
        let values = values(args)?;
        self.asked.set(self.asked.get() + 1);
        let known = self.prepared.borrow().get(sql).cloned();
        let statement = known.unwrap_or_else(|| {
            // It travels with every run, and a quarter of it is indentation. No text
            // within one holds two blanks.
            let words: Vec<&str> = sql.split_whitespace().collect();
            let new = self.database.prepare(words.join(" "));
            let mut prepared = self.prepared.borrow_mut();
            prepared.insert(sql.to_owned(), new.clone());
            new
        });
        let bound = statement.inner().bind(values);
        Ok(bound.map_err(worker::Error::from)?.into())
    }

    /// Runs statements as one transaction in one round trip: all or none.
    ///
    /// # Errors
    /// `unavailable` when one fails; nothing was written then.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>> {
        let results = self.database.batch(statements).await?;
        Ok(results.into_iter().map(Rows).collect())
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// `unavailable` when it fails.
    pub fn run(&self, sql: &str, args: &[Arg<'_>]) -> impl Future<Output = Result<Rows>> + use<> {
        let statement = self.statement(sql, args);
        async move { execute(statement?).await }
    }

    /// The rows of a statement that gives each as a JSON list called `row`. Their
    /// order is not promised.
    ///
    /// # Errors
    /// `unavailable`; `internal` when a row is not what the statement says it is.
    pub async fn page<T: DeserializeOwned>(&self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<T>> {
        execute(self.paged(sql, args)?).await?.page()
    }

    /// The statement that [`Store::page`] runs.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn paged(&self, sql: &str, args: &[Arg<'_>]) -> Result<Statement> {
        self.statement(&format!("SELECT {} AS row", listed(sql)), args)
    }
}

/// Runs one statement, a transaction by itself: it costs less than a batch of one.
///
/// # Errors
/// `unavailable` when it fails; nothing was written then.
pub async fn execute(statement: Statement) -> Result<Rows> {
    Ok(Rows(statement.all().await?))
}

/// A scalar expression: the rows of `sql`, which gives each as a JSON list called
/// `row`, as one JSON list.
///
/// Row by row and column by column, crossing from JavaScript costs more than
/// everything that is done with them.
fn listed(sql: &str) -> String {
    list_of("row", sql)
}

/// The same of what `group_concat` is to make of `rows`, such as `row, ',' ORDER BY n`.
fn list_of(rows: &str, sql: &str) -> String {
    format!("(SELECT '[' || coalesce(group_concat({rows}), '') || ']' FROM ({sql}))")
}

/// What a statement gave.
pub struct Rows(D1Result);

impl Rows {
    /// All rows.
    ///
    /// # Errors
    /// `internal` when a row is not what the statement says it is.
    pub fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        self.0
            .results()
            .map_err(|_| Failure::internal("a stored row cannot be read"))
    }

    /// The first row.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn first<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        Ok(self.all()?.into_iter().next())
    }

    /// All rows of a statement that gives each as a JSON text called `row`.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn texts<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        self.bytes()?.iter().map(|text| from_bytes(text)).collect()
    }

    /// The same, unread.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn bytes(&self) -> Result<Vec<Vec<u8>>> {
        #[derive(Deserialize)]
        struct Text {
            #[serde(with = "serde_wasm_bindgen::preserve")]
            row: JsString,
        }
        let texts: Vec<Text> = self.all()?;
        Ok(texts.iter().map(|text| encoded(&text.row)).collect())
    }

    /// The rows of a statement that [`Store::paged`] made.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn page<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        from_bytes(&self.page_text()?)
    }

    /// The same, unread.
    ///
    /// # Errors
    /// As [`Rows::all`].
    pub fn page_text(&self) -> Result<Vec<u8>> {
        let page = self.bytes()?.pop();
        page.ok_or_else(|| Failure::internal("a page has no row"))
    }

    /// How many rows the statement changed.
    pub fn changes(&self) -> usize {
        let meta = self.0.meta().ok().flatten();
        meta.and_then(|meta| meta.changes).unwrap_or(0)
    }
}

/// The results of a batch, taken one by one in the order of its statements.
pub struct Results(std::vec::IntoIter<Rows>);

impl Results {
    /// The results of a batch.
    pub fn new(rows: Vec<Rows>) -> Self {
        Self(rows.into_iter())
    }

    /// The next statement's.
    ///
    /// # Errors
    /// `internal` when the batch had no further statement.
    pub fn next(&mut self) -> Result<Rows> {
        self.0
            .next()
            .ok_or_else(|| Failure::internal("a batch gave too few results"))
    }
}

#[wasm_bindgen]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Uint8Array;
}

thread_local! {
    static ENCODER: TextEncoder = TextEncoder::new();
}

/// A text of JavaScript's. Encoded there and copied whole: wasm-bindgen takes texts
/// over letter by letter, which long ones feel.
fn encoded(text: &JsString) -> Vec<u8> {
    ENCODER.with(|encoder| encoder.encode(text)).to_vec()
}

/// A stored JSON text as a value.
///
/// # Errors
/// `internal` when it is none.
pub fn from_bytes<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    serde_json::from_slice(text).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure::internal("a stored text is not readable")
}

/// A stored JSON text as a value.
///
/// # Errors
/// `internal` when it is none.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| unreadable())
}

/// The most bytes that one bound text carries: D1 takes 2 MB.
const LIST_BYTES: usize = 1_000_000;

/// Rows as JSON lists, each short enough to be bound to a statement.
///
/// # Errors
/// `internal` when JSON cannot hold one.
pub fn json_lists(rows: &[impl serde::Serialize]) -> Result<Vec<String>> {
    let mut lists: Vec<String> = Vec::new();
    for row in rows {
        let text = to_json(row)?;
        match lists.last_mut() {
            Some(list) if list.len() + text.len() < LIST_BYTES => {
                list.push(',');
                list.push_str(&text);
            }
            _ => lists.push(format!("[{text}")),
        }
    }
    for list in &mut lists {
        list.push(']');
    }
    Ok(lists)
}

/// A value as the JSON text to store.
///
/// # Errors
/// `internal` when JSON cannot hold it.
pub fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Failure::internal("a value cannot be stored"))
}
