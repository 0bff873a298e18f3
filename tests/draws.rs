//! What was logged as a propensity is how often it is drawn, and a fourth
//! action dimension needs no other code.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use moodloop::agent::{Agent, Options, Report, Request};
use moodloop::context::{ContentType, Context, Mood, Personality, TimeOfDay};
use moodloop::log::Signal;
use moodloop::params::Mapping;
use moodloop::strategy::Dimension;
use moodloop::value::Value;

fn agent(mapping: Mapping) -> Agent {
    let options = Options::parse(&Value::Object(Vec::new()), 11).unwrap();
    Agent::new(options, mapping).unwrap()
}

fn context(n: usize) -> Context {
    let score = |k: usize| ((n * 37 + k * 53) % 101) as f64;
    Context {
        personality: Personality::from_scores([0, 1, 2, 3, 4].map(score)),
        mood: Mood::ALL[n % Mood::ALL.len()],
        ..Context::neutral(ContentType::ALL[n % 5], TimeOfDay::ALL[n % 4])
    }
}

fn request(n: usize, id: String) -> Request {
    Request {
        user_id: Some(format!("u{}", n % 3)),
        decision_id: Some(id),
        decided_at: Some(n as i64 * 60_000),
        ..Request::of(context(n))
    }
}

fn rewarded(reward_thousandths: i64) -> Report {
    Report {
        interaction_id: None,
        at: None,
        content_id: String::new(),
        signal: Signal::Reward { reward_thousandths },
    }
}

/// An agent that three visitors have taught: low energy is good, high is bad.
fn taught(mapping: Mapping, rounds: usize) -> Agent {
    let mut agent = agent(mapping);
    for n in 0..rounds {
        let decided = agent.decide(request(n, format!("d{n}")));
        let reward = match &decided.choice.strategy {
            name if name.starts_with("low") => 800,
            name if name.starts_with("high") => -500,
            _ => 100,
        };
        agent.learn(&decided.decision_id, rewarded(reward)).unwrap();
    }
    agent
}

/// χ² of 20,000 draws in one context against the logged probabilities, cells
/// expected fewer than five times put together; with its degrees of freedom.
fn misfit(agent: &Agent, context: usize) -> (f64, usize) {
    let rounds = 20_000;
    let mut agent = agent.clone();
    let mut counts = vec![0.0; 27];
    let mut logged = Vec::new();
    for n in 0..rounds {
        let decided = agent.decide(request(context, format!("draw {n}")));
        counts[decided.choice.action_index.index()] += 1.0;
        assert_eq!(
            decided.choice.propensity,
            decided.choice.propensities[decided.choice.action_index.index()]
        );
        logged = decided.choice.propensities;
    }
    assert!((logged.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let (mut chi, mut cells, mut rare) = (0.0, 0, (0.0, 0.0));
    for (seen, p) in counts.iter().zip(&logged) {
        let expected = p * f64::from(rounds);
        if expected < 5.0 {
            rare = (rare.0 + seen, rare.1 + expected);
        } else {
            chi += (seen - expected) * (seen - expected) / expected;
            cells += 1;
        }
    }
    if rare.1 >= 5.0 {
        chi += (rare.0 - rare.1) * (rare.0 - rare.1) / rare.1;
        cells += 1;
    }
    (chi, cells - 1)
}

#[test]
fn logged_probabilities_predict_the_draws_also_after_a_restore() {
    let agent = taught(Mapping::default(), 120);
    let restored = Agent::restore(&agent.snapshot(), Mapping::default()).unwrap();
    for (agent, context) in [(&agent, 4), (&agent, 17), (&restored, 5)] {
        let (chi, freedom) = misfit(agent, context);
        // Wilson and Hilferty's approximation of the 0.999 quantile.
        let f = freedom.max(1) as f64;
        let cube = 1.0 - 2.0 / (9.0 * f) + 3.09 * (2.0 / (9.0 * f)).sqrt();
        assert!(chi < f * cube * cube * cube, "χ² {chi} with {freedom}");
    }
}

#[test]
fn a_fourth_dimension_is_learned_without_other_code() {
    let tempo = Dimension {
        name: "tempo",
        levels: ["slow", "moderate", "fast"],
    };
    let mapping = Mapping::default()
        .with(tempo, |level, _, out| {
            out.more.insert("target_tempo", 80.0 + 30.0 * level as f64);
        })
        .unwrap();
    let mut agent = agent(mapping.clone());
    let mut late = 0;
    for n in 0..300 {
        let decided = agent.decide(request(n, format!("d{n}")));
        let fast = decided.choice.strategy.ends_with("fast");
        late += usize::from(fast && n >= 200);
        let reward = if fast { 1000 } else { -300 };
        agent.learn(&decided.decision_id, rewarded(reward)).unwrap();
    }
    assert!(late > 80, "{late} of 100");
    let again = Agent::restore(&agent.snapshot(), mapping).unwrap();
    assert_eq!(again.snapshot(), agent.snapshot());
    // Another action space is another feature table.
    assert!(Agent::restore(&agent.snapshot(), Mapping::default()).is_err());
}

#[test]
fn values_stay_finite_for_any_finite_rewards() {
    let mut agent = agent(Mapping::default());
    for n in 0..400 {
        let decided = agent.decide(request(n % 7, format!("d{n}")));
        let reward = [100_000, -100_000, 0, 1][n % 4];
        agent.learn(&decided.decision_id, rewarded(reward)).unwrap();
        assert!(decided.choice.propensities.iter().all(|p| p.is_finite()));
    }
    let values = agent.values(&request(1, "last".into()));
    assert!(values.mean.iter().chain(&values.sd).all(|v| v.is_finite()));
}
