//! From the Q-table of a Python system such as the guide's to a policy.
//!
//! The file is one JSON object `{state: {action: q}}`: what `json.dump` makes
//! of a nested dictionary whose keys went through `str`. A key is a list of
//! words in any of these spellings:
//!
//! - a tuple or list, `('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')`
//!   or `["high", …]`: brackets and quotes may be absent;
//! - words joined by `_` or `|` instead of commas, `high_medium_low_medium_low_music_relaxed_evening`;
//! - names with values, `(openness=high, …, time=evening)`, also with `:`, and
//!   with a class name before the bracket: then in any order, and an absent
//!   trait counts as medium, an absent mood as neutral.
//!
//! A state's words are, in order: openness, conscientiousness, extraversion,
//! agreeableness, neuroticism, content type, mood, time of day. A trait is
//! `low`, `medium` or `high`, `0`, `1` or `2` for the same, or a score with a
//! decimal point, `0.0` to `100.0`, which is cut as SPEC section 1 cuts it.
//!
//! An action's words are energy, diversity and novelty, each by name or as `0`,
//! `1` or `2`; or it is one whole number, the index 0 to 26.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::config::Config;
use crate::context::{ContentType, Context, Mood, Personality, TRAITS, TimeOfDay};
use crate::error::{Code, Error, Result};
use crate::params::Mapping;
use crate::policy::Policy;
use crate::q_table::{Cell, QTable, StateKey};
use crate::strategy::{ActionSpace, Strategy};
use crate::value::{Value, quote};

/// The largest value of a cell, either sign.
const LARGEST_Q: f64 = 1e6;
/// The names of a state's parts, in the order of a tuple.
const PARTS: [&str; 8] = [
    "openness",
    "conscientiousness",
    "extraversion",
    "agreeableness",
    "neuroticism",
    "content_type",
    "mood",
    "time_of_day",
];
/// Scores in the middle of each level.
const LEVELS: [(&str, &str, f64); 3] = [
    ("low", "0", 20.0),
    ("medium", "1", 50.0),
    ("high", "2", 80.0),
];

/// Reads such a file as a policy that decides by its Q-table.
///
/// Every cell counts as seen once, and exploration starts anew. The next fold
/// of an agent's own log replaces the table: it is for serving and evaluating.
///
/// # Errors
/// `corrupt_model` for anything else, quoting the state and the action: a word
/// that is not known, a state or action spelt twice, a value that is no number
/// of size at most a million.
pub fn q_table(json: &[u8], mapping: Mapping) -> Result<Policy> {
    let states: Named<Named<f64>> = serde_json::from_slice(json)
        .map_err(|error| corrupt(&format!("not a Q-table in JSON: {error}")))?;
    let space = mapping.space();
    let mut cells = Vec::new();
    for (state, actions) in &states.0 {
        let key =
            state_of(state).map_err(|what| corrupt(&format!("state {}: {what}", quote(state))))?;
        for (action, q) in &actions.0 {
            let wrong = |what: &str| {
                corrupt(&format!(
                    "state {}, action {}: {what}",
                    quote(state),
                    quote(action)
                ))
            };
            let strategy = action_of(space, action).map_err(|what| wrong(&what))?;
            if q.abs() > LARGEST_Q {
                return Err(wrong(&format!("`{q}` is larger than {LARGEST_Q}")));
            }
            cells.push(((key, strategy), *q, state, action));
        }
    }
    cells.sort_by_key(|&(place, ..)| place);
    for pair in cells.windows(2) {
        if let [(a, _, first, _), (b, _, state, action)] = pair
            && a == b
        {
            return Err(corrupt(&format!(
                "state {}, action {} is given twice, also as state {}",
                quote(state),
                quote(action),
                quote(first)
            )));
        }
    }
    let mut table = QTable::default();
    for ((key, strategy), q, ..) in cells {
        table.put(key, strategy, Cell { q, visits: 1 });
    }
    let by_table = Value::Object(vec![("decide_by".into(), Value::String("q_table".into()))]);
    let mut policy = Policy::prior(Config::parse(&by_table)?, mapping)?;
    policy.q_table = table;
    Ok(policy)
}

fn corrupt(what: &str) -> Error {
    Error::new(Code::CorruptModel, what)
}

/// What is wrong with a key, for the error that quotes it.
type Read<T> = std::result::Result<T, String>;

/// A JSON object in file order. Repeats are kept: [`q_table`] finds them, also
/// those that are spelt differently.
struct Named<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object {state: {action: number}}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Named<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Named(entries))
    }
}

/// A key as its words, each with its name if it has one.
fn words(key: &str) -> Read<Vec<(Option<&str>, &str)>> {
    let key = key.trim();
    let inside = match key.find(['(', '[']) {
        // `State(…)`: what stands before the bracket is a class's name.
        Some(at) if key.ends_with([')', ']']) => key
            .get(at + 1..key.len() - 1)
            .ok_or_else(|| "its brackets do not match".to_owned())?,
        None if !key.contains(['(', ')', '[', ']']) => key,
        _ => return Err("its brackets do not match".into()),
    };
    let named = inside.contains(['=', ':']);
    let separators: &[char] = if inside.contains(',') || named {
        &[',']
    } else {
        &['|', '_']
    };
    let mut found = Vec::new();
    for piece in inside.trim_end_matches([' ', ',']).split(separators) {
        let (name, word) = match piece.split_once(['=', ':']) {
            Some((name, word)) => (Some(name), word),
            None if named => return Err(format!("{} has no name", quote(piece))),
            None => (None, piece),
        };
        found.push((name.map(bare).transpose()?, bare(word)?));
    }
    Ok(found)
}

/// A word without the blanks and quotes around it.
fn bare(text: &str) -> Read<&str> {
    let word = text.trim_matches([' ', '\'', '"']);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    if word.is_empty() || !word.chars().all(plain) {
        return Err(format!("{} is no word", quote(text)));
    }
    Ok(word)
}

/// The words of a key in the order of `parts`, `None` for an absent one.
fn ordered<'a>(key: &'a str, parts: &[&str]) -> Read<Vec<Option<&'a str>>> {
    let words = words(key)?;
    if words.iter().all(|(name, _)| name.is_none()) {
        if words.len() != parts.len() {
            return Err(format!("it has {} words, not {}", words.len(), parts.len()));
        }
        return Ok(words.into_iter().map(|(_, word)| Some(word)).collect());
    }
    let mut slots = vec![None; parts.len()];
    for (name, word) in words {
        // The guide writes `time` for short.
        let name = name.map(|n| if n == "time" { "time_of_day" } else { n });
        let place = parts.iter().position(|part| Some(*part) == name);
        let slot = place.and_then(|at| slots.get_mut(at));
        let slot = slot.ok_or_else(|| {
            let name = quote(name.unwrap_or_default());
            format!("{name} is none of {}", parts.join(", "))
        })?;
        if slot.replace(word).is_some() {
            return Err(format!(
                "{} is given twice",
                quote(name.unwrap_or_default())
            ));
        }
    }
    Ok(slots)
}

fn state_of(key: &str) -> Read<StateKey> {
    let slots = ordered(key, &PARTS)?;
    let (traits, rest) = slots.split_at(TRAITS.len());
    let mut scores = Personality::NEUTRAL.scores();
    for ((score, slot), name) in scores.iter_mut().zip(traits).zip(TRAITS) {
        if let Some(word) = slot {
            *score = trait_score(name, word)?;
        }
    }
    let [content, mood, time] = rest else {
        return Err("it has too few words".into());
    };
    let content = content.ok_or("it lacks a content type")?;
    let time = time.ok_or("it lacks a time of day")?;
    let mood = mood.unwrap_or(Mood::Neutral.as_str());
    let content_type = ContentType::from_name(content);
    let content_type = one_of(content_type, content, &ContentType::NAMES)?;
    let time_of_day = one_of(TimeOfDay::from_name(time), time, &TimeOfDay::NAMES)?;
    Ok(StateKey::of(&Context {
        personality: Personality::from_scores(scores),
        mood: one_of(Mood::from_name(mood), mood, &Mood::NAMES)?,
        ..Context::neutral(content_type, time_of_day)
    }))
}

fn trait_score(name: &str, word: &str) -> Read<f64> {
    let level = LEVELS
        .iter()
        .find(|(level, digit, _)| *level == word || *digit == word);
    if let Some((.., score)) = level {
        return Ok(*score);
    }
    match word.parse::<f64>() {
        Ok(score) if word.contains('.') && (0.0..=100.0).contains(&score) => Ok(score),
        _ => Err(format!(
            "{name} must be low, medium or high, 0, 1 or 2, or a score such as `85.0`, got {}",
            quote(word)
        )),
    }
}

/// The position of `word` among `words`.
fn one_of<T>(found: Option<T>, word: &str, words: &[&str]) -> Read<T> {
    found.ok_or_else(|| format!("{} is none of {}", quote(word), words.join(", ")))
}

fn action_of(space: &ActionSpace, key: &str) -> Read<Strategy> {
    if let Ok(index) = key.trim().parse::<usize>() {
        let strategy = space.get(index);
        return strategy.ok_or_else(|| format!("the index must be below {}", space.len()));
    }
    let names: Vec<&str> = space.dimensions().iter().map(|d| d.name).collect();
    let slots = ordered(key, &names)?;
    let mut levels = Vec::with_capacity(names.len());
    for (dimension, slot) in space.dimensions().iter().zip(slots) {
        let word = slot.ok_or_else(|| format!("it lacks {}", dimension.name))?;
        let digit = ["0", "1", "2"].iter().position(|d| *d == word);
        levels.push(match digit {
            Some(level) => level,
            None => {
                let level = dimension.levels.iter().position(|level| *level == word);
                one_of(level, word, &dimension.levels)?
            }
        });
    }
    space.at(&levels).ok_or_else(|| "it is no strategy".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Extras;
    use crate::q_table::State;

    fn convert(text: &str) -> Result<Policy> {
        q_table(text.as_bytes(), Mapping::default())
    }

    /// The only state of a table, the only strategy in it, and its value.
    fn only(text: &str) -> (State, String, f64) {
        let policy = convert(text).unwrap();
        let (key, mut cells) = policy.q_table.states().next().unwrap();
        let (strategy, cell) = cells.next().unwrap();
        let name = ActionSpace::default().name(strategy);
        (key.describe(&Extras::default()), name, cell.q)
    }

    #[test]
    fn every_documented_spelling_is_the_same_cell() {
        let states = [
            "('high', 'medium', 'low', 'medium', 'low', 'music', 'relaxed', 'evening')",
            "[\\\"high\\\", \\\"medium\\\", \\\"low\\\", \\\"medium\\\", \\\"low\\\", \\\"music\\\", \\\"relaxed\\\", \\\"evening\\\"]",
            "(2, 1, 0, 1, 0, 'music', 'relaxed', 'evening')",
            "(85.0, 50.0, 35.0, 50.0, 25.0, 'music', 'relaxed', 'evening')",
            "high,medium,low,medium,low,music,relaxed,evening",
            "high_medium_low_medium_low_music_relaxed_evening",
            "high|medium|low|medium|low|music|relaxed|evening",
            "(openness=high, extraversion=low, neuroticism=low, content_type=music, mood=relaxed, time=evening)",
            "State(time_of_day='evening', openness='high', extraversion='low', neuroticism='low', content_type='music', mood='relaxed')",
        ];
        let actions = [
            "('low', 'diverse', 'exploratory')",
            "low_diverse_exploratory",
            "(0, 2, 2)",
            "8",
            "energy=low, diversity=diverse, novelty=exploratory",
        ];
        let wanted = only(&format!(
            r#"{{"{}": {{"{}": 0.82}}}}"#,
            states[0], actions[0]
        ));
        assert_eq!(wanted.1, "low_diverse_exploratory");
        assert_eq!(wanted.2, 0.82);
        for state in states {
            for action in actions {
                let text = format!(r#"{{"{state}": {{"{action}": 0.82}}}}"#);
                assert_eq!(only(&text), wanted, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_table_is_refused_by_name() {
        let state = "('high', 'low', 'low', 'low', 'low', 'music', 'sad', 'night')";
        for (bad, said) in [
            ("[]".to_owned(), "not a Q-table in JSON"),
            (r#"{"a": 1}"#.to_owned(), "not a Q-table in JSON"),
            (
                format!(r#"{{"{state}": {{"8": NaN}}}}"#),
                "not a Q-table in JSON",
            ),
            (format!(r#"{{"{state}": {{"8": 1e7}}}}"#), "larger than"),
            (format!(r#"{{"{state}": {{"27": 1}}}}"#), "below 27"),
            (
                format!(r#"{{"{state}": {{"low_diverse": 1}}}}"#),
                "2 words, not 3",
            ),
            (
                format!(r#"{{"{state}": {{"8": 1, "(0, 2, 2)": 2}}}}"#),
                "given twice",
            ),
            (
                format!(r#"{{"{}": {{"8": 1}}}}"#, state.replace("sad", "glum")),
                "`glum` is none of",
            ),
            (
                format!(r#"{{"{}": {{"8": 1}}}}"#, state.replace("'high'", "85")),
                "openness must be",
            ),
            (
                format!(r#"{{"{}": {{"8": 1}}}}"#, state.replace("'high', ", "")),
                "7 words, not 8",
            ),
            (
                format!(r#"{{"{}": {{"8": 1}}}}"#, state.replace(')', "")),
                "brackets",
            ),
            (
                r#"{"(mood=sad, mood=sad)": {"8": 1}}"#.to_owned(),
                "`mood` is given twice",
            ),
            (
                r#"{"(humour=sad)": {"8": 1}}"#.to_owned(),
                "`humour` is none of",
            ),
        ] {
            let error = convert(&bad).unwrap_err();
            assert_eq!(error.code(), Code::CorruptModel);
            assert!(error.message().contains(said), "{bad}: {}", error.message());
        }
    }

    #[test]
    fn the_policy_decides_by_the_table() {
        let state = "(openness=high, content_type=music, time=night)";
        let policy = convert(&format!(r#"{{"{state}": {{"8": 1.5, "3": 0.2}}}}"#)).unwrap();
        let context = Context {
            personality: Personality::from_scores([90.0, 50.0, 50.0, 50.0, 50.0]),
            ..Context::neutral(ContentType::Music, TimeOfDay::Night)
        };
        let choice = policy.choose(&context, None, false, 0.5);
        assert_eq!(choice.strategy, "low_diverse_exploratory");
        let again = Policy::decode(&policy.encode(), Mapping::default()).unwrap();
        assert_eq!(again.q_table, policy.q_table);
    }
}
