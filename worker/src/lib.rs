//! moodloop on Cloudflare.

use worker::{Context, Env, Request, Response, Result, event};

/// Answers every request with the version, until the routes are in place.
#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    Response::from_json(&serde_json::json!({ "version": env!("CARGO_PKG_VERSION") }))
}
