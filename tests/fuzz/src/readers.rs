//! Everything that reads what others wrote, under one roof: the first byte of an
//! input says which of them reads the rest. Each takes any bytes to a value or an
//! error; a value must do what values of its kind do.

use moodloop::agent::{Agent, Event, Options, Report, Request};
use moodloop::brief::Brief;
use moodloop::codec::{Format, Reader, Writer};
use moodloop::config::Config;
use moodloop::context::{ContentType, Context, Extras, TimeOfDay};
use moodloop::convert;
use moodloop::evaluate::{LogReader, OnBadLine};
use moodloop::evidence::Evidence;
use moodloop::inspect::inspect;
use moodloop::log::Log;
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::rank::{Index, Item, Ranking, recommend};
use moodloop::reward::RewardWeights;
use moodloop::strategy::ActionSpace;
use moodloop::training::Trainer;
use moodloop::value::Value;

/// A reader of bytes.
type Reads = fn(&[u8]);

/// The readers by name; an input's first byte is a position in this list.
pub const READERS: [(&str, Reads); 10] = [
    ("policy", policy),
    ("snapshot", snapshot),
    ("previous_snapshot", previous_snapshot),
    ("log", log),
    ("evidence", evidence),
    ("q_table", q_table),
    ("log_lines", log_lines),
    ("items", items),
    ("import", import),
    ("requests", requests),
];

/// Lets the reader that the first byte names read the rest.
pub fn read(input: &[u8]) {
    if let Some((&first, rest)) = input.split_first()
        && let Some((_, read)) = READERS.get(usize::from(first) % READERS.len())
    {
        read(rest);
    }
}

fn context() -> Context {
    Context::neutral(ContentType::Music, TimeOfDay::Evening)
}

fn agent() -> Option<Agent> {
    let options = Options::parse(&Value::Object(Vec::new()), 7).ok()?;
    Agent::new(options, Mapping::default()).ok()
}

/// Seals a body: mutations would hardly ever find a checksum.
fn sealed(magic: [u8; 4], version: u16, body: &[u8]) -> Vec<u8> {
    let layout = agent().map_or(0, |agent| agent.policy().layout().hash());
    Format { magic, version }.seal(layout, body)
}

/// What serves must give probabilities, and be the same after its own bytes.
fn serves(policy: &Policy) {
    let propensities = policy.propensities(&context(), None, true);
    let sum: f64 = propensities.iter().sum();
    assert!(
        propensities.iter().all(|p| (0.0..=1.0).contains(p)) && (sum - 1.0).abs() < 1e-6,
        "no probabilities: {propensities:?}"
    );
    let bytes = policy.encode();
    let again = Policy::decode(&bytes, Mapping::default());
    assert!(
        again.is_ok_and(|again| again.encode() == bytes),
        "another policy after its own bytes"
    );
    assert!(inspect(policy).favourites.len() <= ActionSpace::default().len());
}

fn policy(body: &[u8]) {
    assert!(Policy::decode(body, Mapping::default()).is_err() || body.starts_with(b"MLpo"));
    if let Ok(policy) = Policy::decode(&sealed(*b"MLpo", 1, body), Mapping::default()) {
        serves(&policy);
    }
}

fn snapshot(body: &[u8]) {
    assert!(Agent::restore(body, Mapping::default()).is_err() || body.starts_with(b"MLag"));
    restored(&sealed(*b"MLag", 2, body));
}

fn previous_snapshot(body: &[u8]) {
    restored(&sealed(*b"MLag", 1, body));
}

fn restored(bytes: &[u8]) {
    let Ok(mut agent) = Agent::restore(bytes, Mapping::default()) else {
        return;
    };
    let decided = agent.decide(Request::of(context()));
    assert!(decided.choice.propensity > 0.0);
    let own = agent.snapshot();
    let again = Agent::restore(&own, Mapping::default());
    assert!(
        again.is_ok_and(|again| again.snapshot() == own),
        "another agent after its own bytes"
    );
    if let Ok(mut other) = Agent::restore(&own, Mapping::default()) {
        let exported = Value::of(&agent.export());
        // What it exports, it knows already.
        assert!(other.import(&exported).is_ok_and(|new| new == 0));
    }
}

fn log(body: &[u8]) {
    let (extras, weights) = (Extras::default(), RewardWeights::default());
    let count = ActionSpace::default().len();
    let mut input = Reader::new(body);
    if let Ok(log) = Log::decode(&mut input, count, &extras, &weights) {
        let mut out = Writer::default();
        log.encode(&mut out);
        let bytes = out.into_bytes();
        let again = Log::decode(&mut Reader::new(&bytes), count, &extras, &weights);
        assert!(again.is_ok_and(|again| again == log), "another log");
    }
}

fn evidence(body: &[u8]) {
    let Ok(mut policy) = Policy::prior(Config::default(), Mapping::default()) else {
        return;
    };
    let layout = policy.layout().clone();
    if let Ok(evidence) = Evidence::decode(&layout, &mut Reader::new(body)) {
        let mut out = Writer::default();
        evidence.encode(&layout, &mut out);
        let bytes = out.into_bytes();
        let again = Evidence::decode(&layout, &mut Reader::new(&bytes));
        assert!(again.is_ok_and(|again| again == evidence), "other evidence");
        if policy.solve(&evidence, std::iter::empty()).is_ok() {
            serves(&policy);
        }
    }
}

fn q_table(json: &[u8]) {
    if let Ok(policy) = convert::q_table(json, Mapping::default()) {
        serves(&policy);
    }
}

fn log_lines(lines: &[u8]) {
    for on_bad_line in [OnBadLine::Stop, OnBadLine::Skip] {
        let Ok(mut training) = Trainer::new(Config::default(), Mapping::default()) else {
            return;
        };
        let Ok(options) = training.log_options() else {
            return;
        };
        let mut reader = LogReader::new(options, on_bad_line);
        // Cut anywhere: what a line says does not depend on how it came.
        let (head, tail) = lines.split_at(lines.len() / 3);
        let learned = reader
            .push(head, |line| training.learn(line))
            .and_then(|()| reader.push(tail, |line| training.learn(line)));
        if learned.is_ok()
            && reader.finish(|line| training.learn(line)).is_ok()
            && let Ok(policy) = training.finish()
        {
            serves(&policy);
        }
    }
}

fn items(json: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    let Ok(index) = Item::parse_list(&value, 1000).and_then(Index::build) else {
        return;
    };
    let Some(mut agent) = agent() else { return };
    let decided = agent.decide(Request::of(context()));
    if let Ok(brief) = agent.brief(&decided.decision_id) {
        let ranked = recommend(&index, &brief, &Ranking::default());
        assert!(ranked.is_ok_and(|list| list.len() <= index.items().len()));
    }
}

fn import(json: &[u8]) {
    let (Ok(value), Some(mut agent)) = (serde_json::from_slice::<Value>(json), agent()) else {
        return;
    };
    let before = agent.snapshot();
    if agent.import(&value).is_ok() {
        let exported = Value::of(&agent.export());
        assert!(agent.import(&exported).is_ok_and(|new| new == 0));
    } else {
        assert!(
            agent.snapshot() == before,
            "a refused import left something"
        );
    }
}

fn requests(json: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    let extras = Extras::default();
    let Some(mut agent) = agent() else { return };
    if let Ok(options) = Options::parse(&value, 0) {
        let _ = Agent::new(options, Mapping::default()).map(|own| own.snapshot());
    }
    if let Ok(event) = Event::parse(&value, &ActionSpace::default(), &extras) {
        let _ = agent.absorb(event);
    }
    let _ = Brief::parse(&value);
    let _ = Ranking::parse(&value);
    let id = match Request::parse(&value, &extras) {
        Ok(request) => agent.decide(request).decision_id,
        Err(_) => agent.decide(Request::of(context())).decision_id,
    };
    if let Ok(report) = Report::parse(&value) {
        let _ = agent.learn(&id, report);
    }
    assert!(agent.fold(None).is_ok());
}
