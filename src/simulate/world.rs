//! A world: who comes when, and what every strategy would earn.

use serde::Serialize;

use super::events::{Events, Luck, realise};
use super::size::Size;
use crate::context::{ContentType, Context, Mood, Personality, TRAITS, TimeOfDay};
use crate::error::{Code, Error, Result};
use crate::value::{Field, Value};

/// Strategies of a world: the guide's.
const ACTIONS: usize = 27;

/// One round of a world.
#[derive(Clone, Debug, PartialEq)]
pub struct Round<'a> {
    /// Who comes, 0..users.
    pub user: usize,
    /// What the visitor asks for.
    pub context: Context,
    /// What each strategy would earn this time, in reward units.
    pub rewards: &'a [f32],
    /// What each strategy earns on average in this situation.
    pub expected: &'a [f32],
}

/// Rounds with full information: the reward of the strategies that were not
/// chosen is known too, so learners can be compared on the same events.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// A name such as `s45-rules-0`.
    pub name: String,
    /// The size, such as `s45`.
    pub size: String,
    /// The kind of audience, such as `rules`.
    pub kind: String,
    /// The seed it was made from.
    pub seed: u64,
    /// How many rounds make a week.
    pub rounds_per_week: usize,
    people: Vec<Personality>,
    visits: Vec<Visit>,
    rewards: Vec<f32>,
    expected: Vec<f32>,
    /// Each round's luck and what the visitor feels for every strategy; empty
    /// for a world that was read, whose events are not known.
    luck: Vec<Luck>,
    utilities: Vec<f32>,
}

/// Who asks for what, in which mood, when.
pub(super) type Visit = (u32, ContentType, Mood, TimeOfDay);

fn corrupt(what: &str) -> Error {
    Error::new(Code::CorruptModel, format!("not a readable world: {what}"))
}

impl World {
    /// Reads a world of `worlds.py`: its JSON header and its binary columns.
    ///
    /// # Errors
    /// `corrupt_model` for anything else.
    pub fn read(header: &Value, columns: &[u8]) -> Result<Self> {
        let mut fields = Field::root(Code::CorruptModel, "header", header).fields()?;
        let mut whole =
            |name, max| -> Result<usize> { Ok(fields.required(name)?.integer(0, max)? as usize) };
        let users = whole("users", 1 << 24)?;
        let rounds = whole("rounds", 1 << 24)?;
        let rounds_per_week = whole("rounds_per_week", 1 << 24)?.max(1);
        let seed = whole("seed", 1 << 53)? as u64;
        let mut word = |name| -> Result<String> { Ok(fields.required(name)?.text(64)?.to_owned()) };
        let (name, size, kind) = (word("name")?, word("size")?, word("kind")?);
        let table = fields.required("columns")?.list(16)?;
        let names = fields.required("names")?;
        let column = |wanted: &str, width: usize, count: usize| -> Result<&[u8]> {
            for entry in &table {
                let mut entry = entry.fields()?;
                if entry.required("name")?.text(32)? == wanted {
                    let start = entry.required("offset")?.integer(0, 1 << 40)? as usize;
                    let end = start.saturating_add(width.saturating_mul(count));
                    return columns
                        .get(start..end)
                        .ok_or_else(|| corrupt("a column ends early"));
                }
            }
            Err(corrupt("a column is missing"))
        };
        let traits = column("traits", 5, users)?.as_chunks::<5>().0;
        let people: Vec<Personality> = traits
            .iter()
            .map(|t| Personality::from_scores(t.map(|score| f64::from(score.min(100)))))
            .collect();
        let contents = words(&names, "content_type", &ContentType::NAMES)?;
        let moods = words(&names, "mood", &Mood::NAMES)?;
        let times = words(&names, "time_of_day", &TimeOfDay::NAMES)?;
        let at = |words: &[usize], code: u8| {
            let position = words.get(usize::from(code)).copied();
            position.ok_or_else(|| corrupt("a code is out of range"))
        };
        let mut visits = Vec::with_capacity(rounds);
        let user = column("user", 4, rounds)?.as_chunks::<4>().0.iter();
        let rest = column("content_type", 1, rounds)?
            .iter()
            .zip(column("mood", 1, rounds)?)
            .zip(column("time_of_day", 1, rounds)?);
        for (user, ((&content, &mood), &time)) in user.zip(rest) {
            let user = u32::from_le_bytes(*user);
            if user as usize >= users {
                return Err(corrupt("a user is out of range"));
            }
            visits.push((
                user,
                ContentType::from_index(at(&contents, content)?).unwrap_or(ContentType::Music),
                Mood::from_index(at(&moods, mood)?).unwrap_or(Mood::Neutral),
                TimeOfDay::from_index(at(&times, time)?).unwrap_or(TimeOfDay::Morning),
            ));
        }
        let floats = |name| -> Result<Vec<f32>> {
            let bytes = column(name, 4 * ACTIONS, rounds)?.as_chunks::<4>().0;
            Ok(bytes.iter().map(|b| f32::from_le_bytes(*b)).collect())
        };
        Ok(Self {
            name,
            size,
            kind,
            seed,
            rounds_per_week,
            people,
            visits,
            rewards: floats("reward")?,
            expected: floats("expected")?,
            luck: Vec::new(),
            utilities: Vec::new(),
        })
    }

    /// A world without rounds yet.
    pub(super) fn new(size: Size, kind: &str, seed: u64, people: Vec<Personality>) -> Self {
        Self {
            name: format!("{}-{kind}-{seed}", size.name),
            size: size.name.into(),
            kind: kind.into(),
            seed,
            rounds_per_week: size.rounds_per_week,
            people,
            visits: Vec::with_capacity(size.rounds),
            rewards: Vec::with_capacity(size.rounds * ACTIONS),
            expected: Vec::with_capacity(size.rounds * ACTIONS),
            luck: Vec::with_capacity(size.rounds),
            utilities: Vec::with_capacity(size.rounds * ACTIONS),
        }
    }

    /// Appends a round; `outcomes` gives for each strategy what the visitor
    /// feels this time, and the average reward.
    pub(super) fn push(
        &mut self,
        visit: Visit,
        luck: Luck,
        outcomes: impl Iterator<Item = (f64, f64)>,
    ) {
        self.visits.push(visit);
        self.luck.push(luck);
        for (utility, mean) in outcomes {
            self.utilities.push(utility as f32);
            self.expected.push(mean as f32);
            self.rewards.push(realise(utility, luck).reward() as f32);
        }
    }

    /// What happens when `action` is chosen in round `round`; `None` for worlds
    /// that were read from files, which hold rewards only.
    #[must_use]
    pub fn events(&self, round: usize, action: usize) -> Option<Events> {
        let luck = self.luck.get(round)?;
        let utility = self.utilities.get(round * ACTIONS + action)?;
        Some(realise(f64::from(*utility), *luck))
    }

    /// How many visitors there are.
    #[must_use]
    pub fn users(&self) -> usize {
        self.people.len()
    }

    /// How many rounds there are.
    #[must_use]
    #[allow(
        clippy::len_without_is_empty,
        reason = "nobody asks whether a world has no rounds"
    )]
    pub fn len(&self) -> usize {
        self.visits.len()
    }

    /// The round at `index`, from 0.
    #[must_use]
    pub fn round(&self, index: usize) -> Option<Round<'_>> {
        let &(user, content_type, mood, time_of_day) = self.visits.get(index)?;
        let outcomes = index * ACTIONS..(index + 1) * ACTIONS;
        let personality = self.people.get(user as usize).copied();
        Some(Round {
            user: user as usize,
            context: Context {
                personality: personality.unwrap_or(Personality::NEUTRAL),
                content_type,
                mood,
                time_of_day,
                extras: Vec::new(),
            },
            rewards: self.rewards.get(outcomes.clone())?,
            expected: self.expected.get(outcomes)?,
        })
    }

    /// The rounds in order.
    pub fn rounds(&self) -> impl Iterator<Item = Round<'_>> {
        (0..self.len()).filter_map(|index| self.round(index))
    }
}

/// What a world file's JSON part says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Header {
    name: String,
    size: String,
    kind: String,
    seed: u64,
    users: usize,
    rounds: usize,
    rounds_per_week: usize,
    names: Names,
    columns: Vec<Column>,
}

/// What the codes in the columns mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Names {
    content_type: &'static [&'static str],
    mood: &'static [&'static str],
    time_of_day: &'static [&'static str],
    traits: &'static [&'static str],
}

/// Where a column lies in the binary part, little-endian.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Column {
    name: &'static str,
    dtype: &'static str,
    shape: Vec<usize>,
    offset: usize,
}

impl World {
    /// The two parts of a world file, as [`World::read`] takes them: what other
    /// programs need to be measured on the same rounds.
    #[must_use]
    pub fn write(&self) -> (Header, Vec<u8>) {
        let rounds = self.visits.len();
        let scores = self.people.iter().flat_map(|p| p.scores());
        let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let parts: [(&str, &str, Vec<usize>, Vec<u8>); 7] = [
            (
                "traits",
                "uint8",
                vec![self.people.len(), 5],
                scores.map(|s| s as u8).collect(),
            ),
            (
                "user",
                "uint32",
                vec![rounds],
                (self.visits.iter())
                    .flat_map(|v| v.0.to_le_bytes())
                    .collect(),
            ),
            (
                "content_type",
                "uint8",
                vec![rounds],
                self.visits.iter().map(|v| v.1 as u8).collect(),
            ),
            (
                "mood",
                "uint8",
                vec![rounds],
                self.visits.iter().map(|v| v.2 as u8).collect(),
            ),
            (
                "time_of_day",
                "uint8",
                vec![rounds],
                self.visits.iter().map(|v| v.3 as u8).collect(),
            ),
            (
                "reward",
                "float32",
                vec![rounds, ACTIONS],
                floats(&self.rewards),
            ),
            (
                "expected",
                "float32",
                vec![rounds, ACTIONS],
                floats(&self.expected),
            ),
        ];
        let mut bytes = Vec::new();
        let mut columns = Vec::new();
        for (name, dtype, shape, data) in parts {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            columns.push(Column {
                name,
                dtype,
                shape,
                offset: bytes.len(),
            });
            bytes.extend(data);
        }
        let header = Header {
            name: self.name.clone(),
            size: self.size.clone(),
            kind: self.kind.clone(),
            seed: self.seed,
            users: self.people.len(),
            rounds,
            rounds_per_week: self.rounds_per_week,
            names: Names {
                content_type: &ContentType::NAMES,
                mood: &Mood::NAMES,
                time_of_day: &TimeOfDay::NAMES,
                traits: &TRAITS,
            },
            columns,
        };
        (header, bytes)
    }
}

/// Where each of a header's words stands among ours.
fn words(names: &Field<'_>, field: &'static str, ours: &[&str]) -> Result<Vec<usize>> {
    let list = names.fields()?.required(field)?.list(64)?;
    list.iter().map(|word| word.word(ours)).collect()
}
