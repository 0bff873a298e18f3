//! From a request to an answer: route, access, handler, headers, log line.

use std::rc::Rc;

use js_sys::decode_uri_component;
use serde_json::json;
use worker::worker_sys::web_sys::{Request, Response};
use worker::{Env, Url, console_log};

use crate::app::App;
use crate::config::Config;
use crate::error::{Failure, Result};
use crate::http::{Answer, Call, id};
use crate::routes::{Access, Match, Operation, Route, find};
use crate::store::Store;
use crate::{
    admin, auth, clock, evaluate, experiment, feedback, openapi, policy, privacy, recommend, sync,
    train, users,
};

/// Answers a request; every failure becomes an answer, none a trap.
pub async fn answer(request: Request, env: &Env) -> worker::Result<Response> {
    let started = clock::now();
    let headers = request.headers();
    let request_id = headers
        .get("cf-ray")
        .ok()
        .flatten()
        .or_else(|| clock::new_id(started).ok())
        .unwrap_or_default();
    let config = Config::of(env);
    let origin = headers.get("origin").ok().flatten();
    let allowed = origin.filter(|origin| config.allowed_origins.contains(origin));

    let mut route = None;
    let method = request.method();
    let outcome = if method == "OPTIONS" && allowed.is_some() {
        Ok(preflight())
    } else {
        serve(request, env, config, started, &request_id, &mut route).await
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
    // The route's pattern, never the path: a path names a person.
    let mut line = json!({
        "event": "request",
        "request_id": request_id,
        "method": method,
        "route": route.map(|route: &Route| route.path),
        "status": answer.status,
        "milliseconds": took,
    });
    if let (Some(fields), Some((name, value))) = (line.as_object_mut(), answer.note.take()) {
        fields.insert(name.to_owned(), value);
    }
    console_log!("{line}");
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

async fn serve(
    request: Request,
    env: &Env,
    config: Rc<Config>,
    now: i64,
    request_id: &str,
    matched: &mut Option<&'static Route>,
) -> Result<Answer> {
    let url = Url::parse(&request.url())
        .map_err(|_| Failure::not_found("this address cannot be read"))?;
    let segments = url
        .path()
        .split('/')
        .skip(1)
        .map(|segment| decode_uri_component(segment).map(String::from))
        .collect::<std::result::Result<Vec<String>, _>>()
        .map_err(|_| Failure::not_found("this address cannot be read"))?;
    let (route, places) = match find(&request.method(), &segments) {
        Match::Found(route, places) => (route, places),
        Match::OtherMethod(allowed) => return Err(Failure::method_not_allowed(&allowed)),
        Match::Nothing => return Err(Failure::not_found("nothing is at this address")),
    };
    *matched = Some(route);

    let headers = request.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    match route.access {
        Access::Public => {}
        Access::Admin => auth::admin(&config, header("x-admin-key").as_deref())?,
        Access::User => {
            let user_id = id("user_id", places.last().map_or("", String::as_str))?;
            auth::user(&config, header("authorization").as_deref(), user_id, now)?;
        }
    }
    limit(&config, route, &places, header("cf-connecting-ip")).await?;

    let call = Call::read(request, &url, places).await?;
    call.only(route.query)?;
    let app = App {
        config,
        store: Store::open(env)?,
        now,
        request_id: request_id.to_owned(),
    };
    handle(route.operation, &app, &call).await
}

/// The per-user and per-address limits, where the deployment binds them.
async fn limit(
    config: &Config,
    route: &Route,
    places: &[String],
    address: Option<String>,
) -> Result<()> {
    let user = places.last().filter(|_| route.access == Access::User);
    for (limiter, key) in [
        (&config.user_limit, user.cloned()),
        (&config.address_limit, address),
    ] {
        if let (Some(limiter), Some(key)) = (limiter, key)
            && !limiter.limit(key).await?.success
        {
            return Err(Failure::rate_limited(60));
        }
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
