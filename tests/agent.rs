//! The agent from outside: decisions, learning, forgetting, snapshots.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use moodloop::Code;
use moodloop::agent::{Agent, Event, Options, Report, Request};
use moodloop::brief::Brief;
use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::params::Mapping;
use moodloop::rank::{Index, Item, Ranking, recommend};
use moodloop::value::Value;
use proptest::prelude::*;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn agent(options: &str) -> Agent {
    Agent::new(
        Options::parse(&json(options), 0).unwrap(),
        Mapping::default(),
    )
    .unwrap()
}

fn evening() -> Context {
    Context {
        mood: Mood::Relaxed,
        ..Context::neutral(ContentType::Music, TimeOfDay::Evening)
    }
}

fn asked_by(user: &str, id: &str, at: i64) -> Request {
    Request {
        user_id: Some(user.to_owned()),
        decision_id: Some(id.to_owned()),
        decided_at: Some(at),
        ..Request::of(evening())
    }
}

fn report(text: &str) -> Report {
    Report::parse(&json(text)).unwrap()
}

/// Likes the wanted strategy, skips the others.
fn live(agent: &mut Agent, wanted: &str, rounds: usize) -> usize {
    let mut hits = 0;
    for _ in 0..rounds {
        let decided = agent.decide(Request::of(evening()));
        let liked = decided.choice.strategy == wanted;
        hits += usize::from(liked);
        let said = if liked { "like" } else { "skip" };
        let said = format!(r#"{{"interaction_type": "{said}"}}"#);
        agent.learn(&decided.decision_id, report(&said)).unwrap();
    }
    hits
}

#[test]
fn it_comes_to_choose_what_is_liked() {
    let mut agent = agent(r#"{"seed": 1}"#);
    live(&mut agent, "low_diverse_exploratory", 200);
    let late = live(&mut agent, "low_diverse_exploratory", 50);
    assert!(late > 25, "{late} of 50");
    assert_eq!(agent.stats().total_states, 1);
}

#[test]
fn the_guides_table_decides_when_told_to() {
    let mut agent = agent(r#"{"seed": 1, "decide_by": "q_table"}"#);
    live(&mut agent, "medium_balanced_mixed", 400);
    let late = live(&mut agent, "medium_balanced_mixed", 50);
    assert!(late > 25, "{late} of 50");
}

#[test]
fn same_seed_and_inputs_give_the_same_decisions() {
    let run = || {
        let mut agent = agent(r#"{"seed": 7}"#);
        live(&mut agent, "high_focused_familiar", 100);
        agent.snapshot()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_restored_agent_goes_on_bit_for_bit() {
    let mut first = agent(r#"{"seed": 3, "extras": {"day_type": ["weekday", "weekend"]}}"#);
    let ask = |agent: &mut Agent| {
        let request = json(
            r#"{"content_type": "video", "time_of_day": "night", "user_id": "u", "extras": {"day_type": "weekend"}}"#,
        );
        let extras = agent.policy().config().extras().clone();
        agent.decide(Request::parse(&request, &extras).unwrap())
    };
    for _ in 0..30 {
        let decided = ask(&mut first);
        first
            .learn(&decided.decision_id, report(r#"{"reward": 0.5}"#))
            .unwrap();
    }
    let mut second = Agent::restore(&first.snapshot(), Mapping::default()).unwrap();
    assert_eq!(second.snapshot(), first.snapshot());
    for _ in 0..30 {
        let (a, b) = (ask(&mut first), ask(&mut second));
        assert_eq!(a, b);
        let r = report(r#"{"interaction_type": "like"}"#);
        first.learn(&a.decision_id, r.clone()).unwrap();
        second.learn(&b.decision_id, r).unwrap();
    }
    assert_eq!(second.snapshot(), first.snapshot());
}

#[test]
fn a_second_report_replaces_the_first_and_a_repeat_counts_once() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let id = agent.decide(Request::of(evening())).decision_id;
    let like = r#"{"interaction_type": "like", "content_id": "x", "interaction_id": "i1"}"#;
    let first = agent.learn(&id, report(like)).unwrap();
    assert_eq!((first.reward, first.revised), (1.0, false));
    let again = agent.learn(&id, report(like)).unwrap();
    assert!(again.repeated);
    let share = r#"{"interaction_type": "share", "content_id": "x", "interaction_id": "i2"}"#;
    let second = agent.learn(&id, report(share)).unwrap();
    assert_eq!((second.reward, second.revised), (1.8, true));
    assert_eq!(agent.evidence().total(), 1);
}

#[test]
fn of_two_verdicts_without_times_the_later_counts() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let id = agent.decide(Request::of(evening())).decision_id;
    for (said, reward) in [("like", 1.0), ("dislike", -1.0), ("like", 1.0)] {
        let said = format!(r#"{{"interaction_type": "{said}", "content_id": "x"}}"#);
        assert_eq!(agent.learn(&id, report(&said)).unwrap().reward, reward);
    }
}

#[test]
fn at_the_last_moment_that_dates_know_a_model_still_survives_itself() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let last = 8_640_000_000_000_000;
    agent.decide(asked_by("ann", "d1", last));
    agent
        .learn("d1", report(r#"{"interaction_type": "like"}"#))
        .unwrap();
    agent.decide(Request::of(evening()));
    agent.fold(None).unwrap();
    let bytes = agent.snapshot();
    let mut again = Agent::restore(&bytes, Mapping::default()).unwrap();
    assert_eq!(again.import(&Value::of(&agent.export())).unwrap(), 0);
    assert_eq!(again.snapshot(), bytes);
}

#[test]
fn feedback_for_an_unknown_decision_changes_nothing() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let before = agent.snapshot();
    let error = agent
        .learn("nowhere", report(r#"{"interaction_type": "like"}"#))
        .unwrap_err();
    assert_eq!(error.code(), Code::UnknownDecision);
    assert_eq!(agent.snapshot(), before);
}

#[test]
fn weeks_older_than_90_days_leave_whole() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let day = 24 * 60 * 60 * 1000;
    for (id, at) in [("old", 0), ("new", 100 * day)] {
        agent.decide(asked_by("u", id, at));
        agent
            .learn(id, report(r#"{"interaction_type": "like"}"#))
            .unwrap();
    }
    agent.fold(Some(101 * day)).unwrap();
    assert_eq!(agent.evidence().total(), 1);
    assert!(agent.log().decision("old").is_err());
    assert!(agent.log().decision("new").is_ok());
}

#[test]
fn an_export_is_taken_in_elsewhere_and_gives_the_same_policy() {
    let mut source = agent(r#"{"seed": 1}"#);
    live(&mut source, "low_focused_mixed", 40);
    let text = serde_json::to_string(&source.export()).unwrap();
    let mut target = agent(r#"{"seed": 2}"#);
    assert_eq!(target.import(&json(&text)).unwrap(), 80);
    assert_eq!(target.import(&json(&text)).unwrap(), 0);
    source.fold(None).unwrap();
    assert_eq!(target.policy().encode(), source.policy().encode());
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    let error = target.import(&json(&newer)).unwrap_err();
    assert_eq!(error.code(), Code::UnsupportedVersion);
}

#[test]
fn an_explanation_says_what_counted() {
    let mut agent = agent(r#"{"seed": 1}"#);
    live(&mut agent, "low_diverse_exploratory", 60);
    let decided = agent.decide(Request::of(evening()));
    let why = agent.explain(&decided.decision_id).unwrap();
    let parts: f64 = why.difference.contributions.iter().map(|c| c.value).sum();
    let whole = parts + why.difference.strategy + why.difference.visitor;
    assert!((whole - why.difference.total).abs() < 1e-9);
    assert_eq!(why.seen.visits, 60);
    let said = format!("“{}”", why.strategy.replace('_', ", "));
    assert!(why.sentence.contains(&said), "{}", why.sentence);
    assert!(why.sentence.contains("rated 60 times"), "{}", why.sentence);
}

/// Two items per genre and energy, so that every strategy finds some.
fn shelf() -> Index {
    let genres = ["jazz", "folk", "metal", "pop", "classical", "ambient"];
    let items: Vec<String> = (0..60)
        .map(|i| {
            format!(
                r#"{{"id": "t{i}", "title": "Title {i}", "creator": "C{i}", "content_type": "music", "genres": ["{}"],
                "energy": {}, "valence": 0.5, "popularity": {}}}"#,
                genres[i % 6],
                i as f64 / 60.0,
                (i * 37) % 100
            )
        })
        .collect();
    let list = json(&format!("[{}]", items.join(",")));
    Index::build(Item::parse_list(&list, 100).unwrap()).unwrap()
}

fn ranked(agent: &Agent, index: &Index, decision_id: &str) -> Vec<String> {
    let ranking = Ranking::parse(&json(r#"{"limit": 20}"#)).unwrap();
    let brief = agent.brief(decision_id).unwrap();
    // What crosses to the catalog comes back as it was.
    let text = serde_json::to_string(&brief).unwrap();
    assert_eq!(Brief::parse(&json(&text)).unwrap(), brief);
    let list = recommend(index, &brief, &ranking).unwrap();
    list.into_iter().map(|item| item.id.to_owned()).collect()
}

#[test]
fn a_ranking_is_reproducible_and_leaves_out_what_was_disliked_until_forgotten() {
    let mut agent = agent(r#"{"seed": 1}"#);
    let index = shelf();
    let first = agent.decide(Request::of(evening())).decision_id;
    let list = ranked(&agent, &index, &first);
    assert_eq!(list.len(), 20);
    assert_eq!(ranked(&agent, &index, &first), list);
    let said = format!(
        r#"{{"interaction_type": "dislike", "content_id": "{}"}}"#,
        list[0]
    );
    agent.learn(&first, report(&said)).unwrap();
    let second = agent.decide(asked_by_nobody("second")).decision_id;
    assert!(!ranked(&agent, &index, &second).contains(&list[0]));
    let before = agent.clone();
    agent.forget(&first).unwrap();
    assert_ne!(
        ranked(&agent, &index, &second),
        ranked(&before, &index, &second)
    );
}

fn asked_by_nobody(id: &str) -> Request {
    Request {
        decision_id: Some(id.to_owned()),
        ..Request::of(evening())
    }
}

/// One step of a random life of a log.
#[derive(Clone, Debug)]
enum Act {
    Decide(u8),
    Report(u8, u8, &'static str),
    Fold,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let said = prop::sample::select(vec!["like", "dislike", "skip", "complete", "share"]);
    let act = prop_oneof![
        3 => any::<u8>().prop_map(Act::Decide),
        6 => (any::<u8>(), 0u8..3, said).prop_map(|(d, c, s)| Act::Report(d, c, s)),
        1 => Just(Act::Fold),
    ];
    prop::collection::vec(act, 1..80)
}

/// Plays `acts`; decisions whose number is 0 modulo 4 are Eve's, and are left
/// out with everything said about them when `without_eve`.
fn play(acts: &[Act], without_eve: bool) -> Agent {
    let mut agent = agent(r#"{"seed": 5, "q": {"episodes": "session"}}"#);
    let mut known = Vec::new();
    for (i, act) in acts.iter().enumerate() {
        match act {
            Act::Decide(n) => {
                let eve = n % 4 == 0;
                known.push((i, eve));
                let at = i64::from(*n) * 3_600_000;
                let user = if eve {
                    "eve"
                } else {
                    ["a", "b"][usize::from(n % 2)]
                };
                // What was chosen must not depend on whether Eve was there.
                let decision = format!(
                    r#"{{"decision": {{"decision_id": "d{i}", "decided_at": {at}, "user_id": "{user}",
                    "context": {{"content_type": "music", "time_of_day": "evening", "mood": "sad"}},
                    "action_index": {}, "propensity": 0.1, "source": "agent", "policy_version": 0, "executed": true}}}}"#,
                    n % 27
                );
                absorb(&mut agent, &decision, eve && without_eve);
            }
            Act::Report(n, content, said) => {
                let Some(&(d, eve)) = known.get(usize::from(*n) % known.len().max(1)) else {
                    continue;
                };
                let interaction = format!(
                    r#"{{"interaction": {{"decision_id": "d{d}", "interaction_id": "i{i}", "at": {n},
                    "content_id": "c{content}", "interaction_type": "{said}"}}}}"#
                );
                absorb(&mut agent, &interaction, eve && without_eve);
            }
            Act::Fold => agent.fold(None).unwrap(),
        }
    }
    agent
}

fn absorb(agent: &mut Agent, event: &str, skip: bool) {
    if !skip {
        let config = agent.policy().config();
        let space = agent.policy().mapping().space();
        let event = Event::parse(&json(event), space, config.extras()).unwrap();
        agent.absorb(event).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_forgotten_person_leaves_no_bit(acts in acts()) {
        let mut with = play(&acts, false);
        with.forget_user("eve").unwrap();
        with.fold(None).unwrap();
        let mut without = play(&acts, true);
        without.fold(None).unwrap();
        prop_assert_eq!(with.evidence(), without.evidence());
        prop_assert_eq!(with.policy().encode(), without.policy().encode());
        prop_assert_eq!(with.log(), without.log());
    }

    #[test]
    fn evidence_is_always_the_sum_over_the_log(acts in acts()) {
        let agent = play(&acts, false);
        let sum = moodloop::fold::evidence(agent.log(), agent.policy().layout()).unwrap();
        prop_assert_eq!(agent.evidence(), &sum);
    }

    #[test]
    fn events_may_come_in_any_order(acts in acts()) {
        let mut forward = play(&acts, false);
        forward.fold(None).unwrap();
        let text = serde_json::to_string(&forward.export()).unwrap();
        let mut tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        let decisions = tree["decisions"].as_array_mut().unwrap();
        decisions.reverse();
        for decision in decisions {
            decision["interactions"].as_array_mut().unwrap().reverse();
        }
        let mut backward = agent(r#"{"seed": 9, "q": {"episodes": "session"}}"#);
        backward.import(&json(&tree.to_string())).unwrap();
        prop_assert_eq!(forward.policy().encode(), backward.policy().encode());
    }

    #[test]
    fn restoring_any_bytes_is_total(mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Agent::restore(&bytes, Mapping::default()).is_err());
        let good = agent(r#"{"seed": 1}"#).snapshot();
        bytes.extend(&good);
        prop_assume!(bytes != good);
        prop_assert!(Agent::restore(&bytes, Mapping::default()).is_err());
    }
}
