//! moodloop on Cloudflare: entry points only.

mod admin;
mod app;
mod auth;
mod clock;
mod config;
mod dispatch;
mod error;
mod evaluate;
mod experiment;
mod feedback;
mod http;
mod known;
mod openapi;
mod policy;
mod privacy;
mod profile;
mod providers;
mod recommend;
mod routes;
mod schedule;
mod shelf;
mod store;
mod sync;
mod taste_of;
mod train;
mod users;

use worker::worker_sys::web_sys::{Request, Response};
use worker::{Context, Env, Result, ScheduleContext, ScheduledEvent, event};

/// Answers a request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    policy::configure(&env);
    dispatch::answer(request, &env, context).await
}

/// Runs what is due. The runtime throws a scheduled handler's result away, so
/// that a failure is recorded in D1 and seen in health and history.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    policy::configure(&env);
    schedule::run(&event.cron(), event.schedule() as i64, &env).await;
}
