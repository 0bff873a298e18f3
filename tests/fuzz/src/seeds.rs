//! Good inputs for every reader, from which mutations start.

use moodloop::agent::{Agent, Options, Report, Request};
use moodloop::codec::Writer;
use moodloop::context::{ContentType, Context, Mood, TimeOfDay};
use moodloop::params::Mapping;
use moodloop::value::Value;

use super::readers::READERS;

/// Magic, version, layout hash and length before a body, in bytes; the checksum behind it.
const HEADER: usize = 18;
const CHECKSUM: usize = 8;

/// An input for each reader: its position, then what it reads.
pub fn seeds() -> Vec<Vec<u8>> {
    let Some(agent) = lived() else {
        return Vec::new();
    };
    READERS
        .iter()
        .enumerate()
        .map(|(position, (name, _))| {
            let mut input = vec![position as u8];
            input.extend(seed(name, &agent));
            input
        })
        .collect()
}

fn seed(reader: &str, agent: &Agent) -> Vec<u8> {
    let mut out = Writer::default();
    match reader {
        "policy" => return body(&agent.policy().encode()).to_vec(),
        "snapshot" => return body(&agent.snapshot()).to_vec(),
        // The last byte says that the agent builds on no policy: it is new.
        "previous_snapshot" => {
            let snapshot = agent.snapshot();
            let body = body(&snapshot);
            return body[..body.len() - 1].to_vec();
        }
        "log" => agent.log().encode(&mut out),
        "evidence" => agent.evidence().encode(agent.policy().layout(), &mut out),
        "import" => return serde_json::to_vec(&Value::of(&agent.export())).unwrap_or_default(),
        "q_table" => {
            return br#"{"('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')":
                {"('low', 'diverse', 'exploratory')": 0.82, "8": 0.65}}"#
                .to_vec();
        }
        "log_lines" => {
            return br#"{"id":"d1","at":"2026-09-01T08:00:00Z","context":{"content_type":"music","time_of_day":"evening"},"action":3,"propensity":0.1,"reward":0.5}
"#
            .to_vec();
        }
        "items" => {
            return br#"[{"id":"m1","title":"Clair de lune","creator":"Debussy","content_type":"music",
                "genres":["classical"],"energy":0.2,"valence":0.5,"popularity":80,"url":"https://example.org/"}]"#
                .to_vec();
        }
        _ => {
            return br#"{"content_type":"music","time_of_day":"evening","mood":"sad","user_id":"u",
                "decision_id":"d","decided_at":1,"explore":false,"personality":{"openness":75}}"#
                .to_vec();
        }
    }
    out.into_bytes()
}

fn body(sealed: &[u8]) -> &[u8] {
    sealed
        .get(HEADER..sealed.len() - CHECKSUM)
        .unwrap_or_default()
}

/// An agent with a few decisions of two people.
fn lived() -> Option<Agent> {
    let options = Options::parse(&Value::Object(Vec::new()), 7).ok()?;
    let mut agent = Agent::new(options, Mapping::default()).ok()?;
    for n in 0..6 {
        let decided = agent.decide(Request {
            user_id: Some(["ann", "bob"][n % 2].to_owned()),
            ..Request::of(Context {
                mood: [Mood::Calm, Mood::Happy, Mood::Sad][n % 3],
                ..Context::neutral(ContentType::Music, TimeOfDay::Night)
            })
        });
        let said: Value = serde_json::from_str(
            r#"{"interaction_type": "like", "content_id": "c", "completion_percentage": 40, "mood_after": "happy"}"#,
        )
        .ok()?;
        let report = Report::parse(&said).ok()?;
        agent.learn(&decided.decision_id, report).ok()?;
    }
    agent.fold(None).ok()?;
    Some(agent)
}
