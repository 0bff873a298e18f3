//! From a request to an answer: route, access, handler, headers, log line.

use std::rc::Rc;

use js_sys::decode_uri_component;
use serde::Serialize;
use worker::worker_sys::web_sys::{Request, Response};
use worker::{Context, Env, RateLimiter, console_log};

use crate::app::App;
use crate::config::Config;
use crate::error::{Failure, Result};
use crate::http::{Answer, Call, Noted, Received, id, split};
use crate::routes::{Access, Match, Operation, Route, find};
use crate::store::Store;
use crate::{
    admin, auth, clock, evaluate, experiment, feedback, openapi, policy, privacy, recommend, sync,
    train, users,
};

/// Answers a request; every failure becomes an answer, none a trap.
pub async fn answer(request: Request, env: &Env, context: Context) -> worker::Result<Response> {
    let started = clock::now();
    let received = Received::new(request);
    let request_id = received
        .header("cf-ray")
        .or_else(|| clock::new_id(started).ok())
        .unwrap_or_default();
    let config = Config::of(env);
    let origin = received.header("origin");
    let allowed = origin.filter(|origin| config.allowed_origins.contains(origin));

    let mut route = None;
    let method = received.method.clone();
    let outcome = if method == "OPTIONS" && allowed.is_some() {
        Ok(preflight())
    } else {
        serve(
            received,
            env,
            context,
            config,
            started,
            &request_id,
            &mut route,
        )
        .await
    };
    let mut answer = outcome
        .or_else(|failure| failure.answer())
        .unwrap_or_else(|_| Answer::empty(500))
        .with("x-request-id", &request_id)
        .with("x-content-type-options", "nosniff");
    if !answer.has("cache-control") {
        answer = answer.with("cache-control", "no-store");
    }
    if let Some(origin) = allowed {
        answer = answer
            .with("access-control-allow-origin", origin)
            .with(
                "access-control-expose-headers",
                "etag, x-request-id, retry-after",
            )
            .with("vary", "origin");
    }
    let took = clock::now() - started;
    answer = answer.with("server-timing", format!("total;dur={took}"));
    let line = Line {
        event: "request",
        request_id: &request_id,
        method: &method,
        route: route.map(|route: &Route| route.path),
        status: answer.status,
        milliseconds: took,
        decision: answer.noted.as_ref(),
    };
    console_log!("{}", serde_json::to_string(&line).unwrap_or_default());
    answer.response()
}

/// The answer to a browser that asks whether an allowed origin may call.
fn preflight() -> Answer {
    Answer::empty(204)
        .with("access-control-allow-methods", "GET, POST, PUT, DELETE")
        .with(
            "access-control-allow-headers",
            "authorization, content-type, idempotency-key, if-none-match, x-admin-key",
        )
        .with("access-control-max-age", "86400")
}

/// What the log says of a request.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    request_id: &'a str,
    method: &'a str,
    /// The route's pattern, never the path: a path names a person.
    route: Option<&'static str>,
    status: u16,
    milliseconds: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a Noted>,
}

async fn serve(
    received: Received,
    env: &Env,
    context: Context,
    config: Rc<Config>,
    now: i64,
    request_id: &str,
    matched: &mut Option<&'static Route>,
) -> Result<Answer> {
    let url = received.url();
    let (path, query) = split(&url);
    let segments: Vec<String> = path.split('/').map(decoded).collect::<Result<_>>()?;
    let (route, places) = match find(&received.method, &segments) {
        Match::Found(route, places) => (route, places),
        Match::OtherMethod(allowed) => return Err(Failure::method_not_allowed(&allowed)),
        Match::Nothing => return Err(Failure::not_found("nothing is at this address")),
    };
    *matched = Some(route);

    match route.access {
        Access::Public => {}
        Access::Admin => auth::admin(&config, received.header("x-admin-key").as_deref())?,
        Access::User => {
            let user_id = id("user_id", places.last().map_or("", String::as_str))?;
            let token = received.header("authorization");
            auth::user(&config, token.as_deref(), user_id, now)?;
        }
    }
    limit(&config, route, &places, &received).await?;

    let call = Call::read(received, query, places).await?;
    call.only(route.query)?;
    let app = App {
        config,
        store: Store::open(env)?,
        now,
        context,
        request_id: request_id.to_owned(),
    };
    handle(route.operation, &app, &call).await
}

/// A segment of a path as it was meant.
fn decoded(segment: &str) -> Result<String> {
    if !segment.contains('%') {
        return Ok(segment.to_owned());
    }
    let text = decode_uri_component(segment);
    Ok(text
        .map_err(|_| Failure::not_found("this address cannot be read"))?
        .into())
}

/// The per-user and per-address limits, where the deployment binds them.
async fn limit(
    config: &Config,
    route: &Route,
    places: &[String],
    received: &Received,
) -> Result<()> {
    if let Some(limiter) = &config.user_limit
        && route.access == Access::User
    {
        within(limiter, places.last().cloned()).await?;
    }
    if let Some(limiter) = &config.address_limit {
        within(limiter, received.header("cf-connecting-ip")).await?;
    }
    Ok(())
}

async fn within(limiter: &RateLimiter, key: Option<String>) -> Result<()> {
    if let Some(key) = key
        && !limiter.limit(key).await?.success
    {
        return Err(Failure::rate_limited(60));
    }
    Ok(())
}

async fn handle(operation: Operation, app: &App, call: &Call) -> Result<Answer> {
    match operation {
        Operation::Recommend => recommend::recommend(app, call).await,
        Operation::Interact => feedback::interact(app, call).await,
        Operation::PutPersonality => users::put_personality(app, call).await,
        Operation::ReadData => privacy::read(app, call).await,
        Operation::EraseData => privacy::erase(app, call).await,
        Operation::Sync => sync::sync(app, call).await,
        Operation::ReadPolicy => policy::read(app, call).await,
        Operation::Train => train::trigger(app).await,
        Operation::History => admin::history(app, call).await,
        Operation::Health => admin::health(app).await,
        Operation::AgentStats => admin::agent_stats(app).await,
        Operation::Models => admin::models(app).await,
        Operation::Activate => admin::activate(app, call).await,
        Operation::Engagement => experiment::engagement(app, call).await,
        Operation::Evaluate => evaluate::evaluate(app, call).await,
        Operation::ReadExperiment => experiment::read(app).await,
        Operation::WriteExperiment => experiment::write(app, call).await,
        Operation::Document => openapi::read(),
    }
}
