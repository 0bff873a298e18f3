//! What every handler has at hand.

use std::rc::Rc;

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
    /// Names the request in logs and answers.
    pub request_id: String,
}
