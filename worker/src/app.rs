//! What every handler has at hand.

use crate::config::Config;
use crate::store::Store;

/// The stores, and what is known of the request that is being answered.
pub struct App {
    /// What the environment sets.
    pub config: Config,
    /// D1 and KV.
    pub store: Store,
    /// When the request came, in milliseconds since 1970.
    pub now: i64,
    /// Names the request in logs and answers.
    pub request_id: String,
    /// The visitor's IANA time zone, where the platform knows it.
    pub time_zone: Option<String>,
}
