//! The shared vectors, natively. The same files run through the npm package in
//! Node and in a browser, and in workerd; all must agree bit for bit.
//!
//! All but `decisions.json` were computed by an independent implementation.
//! `decisions.json` holds what this code does, so that runtimes can be compared
//! with each other; after a deliberate change of the learner write it anew with
//! `MOODLOOP_BLESS=1 cargo test --test vectors`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use std::path::PathBuf;

use moodloop::agent::{Agent, Options, Report, Request};
use moodloop::context::{Context, Extras};
use moodloop::params::{Mapping, Parameters, baseline};
use moodloop::q_table::{QConfig, StateKey};
use moodloop::reward::{Feedback, RewardWeights};
use moodloop::value::{Field, Value};
use serde_json::{Value as Json, json};

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "vectors", name]
        .iter()
        .collect()
}

fn read(name: &str) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap()
}

/// Our input tree; JSON is the way in from outside.
fn value(json: &Json) -> Value {
    serde_json::from_str(&json.to_string()).unwrap()
}

fn context(json: &Json) -> Context {
    Context::parse(&value(json), &Extras::default()).unwrap()
}

/// What the function named by `call` gives for `args`.
fn call(call: &str, args: &[Json]) -> Json {
    let mapping = Mapping::default();
    let space = mapping.space();
    match call {
        "parameters" => {
            let strategy = space.parse(args[0].as_str().unwrap()).unwrap();
            json!(mapping.parameters(strategy, &context(&args[1])))
        }
        "strategyFromParams" => {
            let parameters = Parameters::parse(&value(&args[0])).unwrap();
            let context = args.get(1).map(context);
            let (strategy, exact) = mapping.strategy(&parameters, context.as_ref());
            json!({"strategy": space.name(strategy), "action_index": strategy, "exact": exact})
        }
        "reward" => {
            let value = value(&args[0]);
            let field = Field::root(moodloop::Code::InvalidFeedback, "feedback", &value);
            let feedback = Feedback::read(&mut field.fields().unwrap()).unwrap();
            let reward = RewardWeights::default().reward(&feedback, None).unwrap();
            json!(reward as f64 / 1000.0)
        }
        "qUpdate" => {
            let n: Vec<f64> = args.iter().map(|a| a.as_f64().unwrap()).collect();
            json!(QConfig::default().update(n[0], n[1], n[2]))
        }
        "discretise" => json!(StateKey::of(&context(&args[0])).describe(&Extras::default())),
        "baseline" => json!(space.name(baseline(space, &context(&args[0]).personality))),
        "run" => run(&args[0], args[1].as_array().unwrap()),
        other => panic!("no call `{other}`"),
    }
}

/// A life of an agent: every decision with its probability, and what it knows
/// at the end.
fn run(options: &Json, steps: &[Json]) -> Json {
    let options = Options::parse(&value(options), 0).unwrap();
    let mut agent = Agent::new(options, Mapping::default()).unwrap();
    let extras = agent.policy().config().extras().clone();
    let request = |json: &Json| Request::parse(&value(json), &extras).unwrap();
    let mut decisions = Vec::new();
    for step in steps {
        let decided = agent.decide(request(&step["decide"]));
        decisions.push(json!([
            decided.choice.action_index,
            decided.choice.propensity
        ]));
        for report in step["learn"].as_array().unwrap() {
            let report = Report::parse(&value(report)).unwrap();
            agent.learn(&decided.decision_id, report).unwrap();
        }
    }
    let last = request(&steps[steps.len() - 1]["decide"]);
    json!({"decisions": decisions, "values": agent.values(&last), "stats": agent.stats()})
}

/// Equal, numbers being equal when they are the same f64 (`1` is `1.0`).
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(k, v)| b.get(k).is_some_and(|other| same(v, other)))
        }
        _ => a == b,
    }
}

fn check(name: &str) {
    let file = read(name);
    let cases = file["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let given = call(
            case["call"].as_str().unwrap(),
            case["args"].as_array().unwrap(),
        );
        assert!(
            same(&given, &case["gives"]),
            "{name}, {}: {:.300} instead of {:.300}",
            case["name"],
            given.to_string(),
            case["gives"].to_string()
        );
    }
}

#[test]
fn parameters() {
    check("parameters.json");
}

#[test]
fn inverse() {
    check("inverse.json");
}

#[test]
fn rewards() {
    check("reward.json");
}

#[test]
fn q_update() {
    check("q_update.json");
}

#[test]
fn discretisation() {
    check("discretise.json");
}

#[test]
fn baselines() {
    check("baseline.json");
}

#[test]
fn decisions() {
    if std::env::var_os("MOODLOOP_BLESS").is_some() {
        let mut file = read("decisions.json");
        for case in file["cases"].as_array_mut().unwrap() {
            case["gives"] = call("run", case["args"].as_array().unwrap());
        }
        std::fs::write(path("decisions.json"), format!("{file}\n")).unwrap();
    }
    check("decisions.json");
}
