//! An agent that builds on a published policy (a warm start).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use moodloop::Code;
use moodloop::agent::{Agent, Event, Options, Report, Request};
use moodloop::codec::Format;
use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::params::Mapping;
use moodloop::value::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn agent(options: &str) -> Agent {
    let options = Options::parse(&json(options), 0).unwrap();
    Agent::new(options, Mapping::default()).unwrap()
}

fn evening(mood: Mood) -> Context {
    Context {
        mood,
        ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
    }
}

/// One decision and what was said about it: likes for what is calm.
fn visit(agent: &mut Agent, user: Option<&str>, n: usize) {
    let mood = [Mood::Relaxed, Mood::Happy][n % 2];
    let decided = agent.decide(Request {
        user_id: user.map(str::to_owned),
        decision_id: Some(format!("{}-{n}", user.unwrap_or("me"))),
        decided_at: Some(1_790_000_000_000 + n as i64 * 60_000),
        ..Request::of(evening(mood))
    });
    let liked = decided.choice.strategy.starts_with("low");
    let word = if liked { "like" } else { "skip" };
    let said = json(&format!(
        r#"{{"interaction_type": "{word}", "content_id": "c{n}"}}"#
    ));
    agent
        .learn(&decided.decision_id, Report::parse(&said).unwrap())
        .unwrap();
}

/// What a site with a few visitors would publish.
fn published(rounds: usize) -> Vec<u8> {
    let mut site = agent(r#"{"seed": 3}"#);
    for n in 0..rounds {
        visit(&mut site, Some(["ann", "bob", "cleo"][n % 3]), n);
    }
    site.fold(None).unwrap();
    let mut public = site.policy().clone();
    // Layers stay with their visitors.
    for user in ["ann", "bob", "cleo"] {
        public.taste.remove_user(user);
    }
    public.version = 4;
    public.encode()
}

fn events(agent: &Agent) -> Vec<Event> {
    let space = agent.policy().mapping().space();
    let extras = agent.policy().config().extras();
    let named = agent.events(None);
    let parse = |event| Event::parse(&Value::of(event), space, extras).unwrap();
    named.iter().map(parse).collect()
}

#[test]
fn a_warm_start_decides_by_what_others_taught() {
    let mut warm = agent(r#"{"seed": 7, "explore": false}"#);
    let cold = warm.values(&Request::of(evening(Mood::Relaxed)));
    warm.start_from(&published(120), "v4").unwrap();
    assert_eq!(warm.base(), Some("v4"));
    let now = warm.values(&Request::of(evening(Mood::Relaxed)));
    assert_ne!(cold.mean, now.mean);
    let decided = warm.decide(Request::of(evening(Mood::Relaxed)));
    assert!(decided.choice.strategy.starts_with("low"), "{decided:?}");
    assert_eq!(decided.policy_version, 4);
    assert!(warm.stats().total_states > 0);
}

#[test]
fn a_visitor_without_a_name_moves_a_layer_and_not_the_published_part() {
    let mut warm = agent(r#"{"seed": 7}"#);
    warm.start_from(&published(60), "v4").unwrap();
    let of_others = Request {
        user_id: Some("another".to_owned()),
        ..Request::of(evening(Mood::Relaxed))
    };
    let (before, others) = (
        warm.values(&Request::of(evening(Mood::Relaxed))),
        warm.values(&of_others),
    );
    for n in 0..20 {
        visit(&mut warm, None, n);
    }
    let after = warm.values(&Request::of(evening(Mood::Relaxed)));
    assert_ne!(before.mean, after.mean);
    assert_eq!(warm.values(&of_others).mean, others.mean);
    let preview = after.mean;
    warm.fold(None).unwrap();
    let folded = warm.values(&Request::of(evening(Mood::Relaxed))).mean;
    for (a, b) in preview.iter().zip(&folded) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn forgetting_over_a_published_policy_is_exact() {
    let policy = published(60);
    let mut all = agent(r#"{"seed": 7}"#);
    all.start_from(&policy, "v4").unwrap();
    let mut some = all.clone();
    for n in 0..12 {
        visit(&mut all, None, n);
    }
    for event in events(&all) {
        let id = match &event {
            Event::Decision(decision) => decision.decision_id.clone(),
            Event::Interaction(id, _) => id.clone(),
        };
        if id != "me-5" {
            some.absorb(event).unwrap();
        }
    }
    assert!(all.forget("me-5").unwrap());
    some.fold(None).unwrap();
    assert_eq!(all.policy().encode(), some.policy().encode());
}

#[test]
fn another_published_policy_leaves_nothing_of_the_one_before() {
    let (old, new) = (published(60), published(90));
    let mut one = agent(r#"{"seed": 7}"#);
    one.start_from(&old, "old").unwrap();
    for n in 0..10 {
        visit(&mut one, None, n);
    }
    one.start_from(&new, "new").unwrap();
    let mut other = agent(r#"{"seed": 7}"#);
    for event in events(&one) {
        other.absorb(event).unwrap();
    }
    other.start_from(&new, "new").unwrap();
    assert_eq!(one.policy().encode(), other.policy().encode());
}

#[test]
fn a_snapshot_holds_what_it_builds_on_and_goes_on_bit_for_bit() {
    let mut one = agent(r#"{"seed": 7}"#);
    one.start_from(&published(60), "v4").unwrap();
    for n in 0..10 {
        visit(&mut one, Some("dora"), n);
    }
    let mut other = Agent::restore(&one.snapshot(), Mapping::default()).unwrap();
    assert_eq!(other.base(), Some("v4"));
    for agent in [&mut one, &mut other] {
        visit(agent, None, 10);
        agent.fold(None).unwrap();
    }
    assert_eq!(one.snapshot(), other.snapshot());
}

#[test]
fn the_previous_format_is_read_and_had_nothing_to_build_on() {
    let mut now = agent(r#"{"seed": 7}"#);
    for n in 0..5 {
        visit(&mut now, None, n);
    }
    let bytes = now.snapshot();
    // Its body is today's without the last byte, which says that there is no base.
    let body = &bytes[18..bytes.len() - 9];
    assert_eq!(bytes[bytes.len() - 9], 0);
    let old = Format {
        magic: *b"MLag",
        version: 1,
    };
    let old = old.seal(now.policy().layout().hash(), body);
    let restored = Agent::restore(&old, Mapping::default()).unwrap();
    assert_eq!(restored.snapshot(), bytes);
}

#[test]
fn what_is_no_policy_of_this_model_is_refused_and_changes_nothing() {
    let mut plain = agent(r#"{"seed": 7}"#);
    visit(&mut plain, None, 0);
    let before = plain.snapshot();
    let policy = published(30);
    let error = plain.start_from(&policy[..100], "x").unwrap_err();
    assert_eq!(error.code(), Code::CorruptModel);
    assert_eq!(plain.snapshot(), before);
    let mut other = agent(r#"{"extras": {"weather": ["sun", "rain"]}}"#);
    let error = other.start_from(&policy, "x").unwrap_err();
    assert_eq!(error.code(), Code::CorruptModel);
    assert_eq!(other.base(), None);
}
