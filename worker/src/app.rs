//! What every handler has at hand.

use std::rc::Rc;

use worker::Context;

use crate::config::Config;
use crate::store::Store;

/// The stores, and what is known of the request that is being answered.
pub struct App {
    /// What the environment sets.
    pub config: Rc<Config>,
    /// D1 and KV.
    pub store: Rc<Store>,
    /// When the request came, in milliseconds since 1970.
    pub now: i64,
    /// What goes on behind the answer belongs to it.
    pub context: Context,
    /// Names the request in logs and answers.
    pub request_id: String,
}
