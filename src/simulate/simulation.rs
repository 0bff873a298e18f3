//! Several learners side by side on one simulated audience, in steps.

use serde::Serialize;

use super::audience::make_changing;
use super::learners::{Learner, Learning, Rules, Table, Taste, Uniform};
use super::run::{Conditions, Run, Step};
use super::size::Size;
use super::taste::Kind;
use super::world::World;
use crate::config::Config;
use crate::context::Extras;
use crate::error::{Code, Error, Result};
use crate::evaluate::WrittenLine;
use crate::strategy::ActionSpace;
use crate::value::{Field, Value};

/// The learners that a simulation knows.
const LEARNERS: [&str; 4] = ["agent", "baseline", "q_table", "uniform"];
/// When a simulated log begins: Monday, 5 January 2026, 00:00 UTC.
const START_MS: i64 = 1_767_571_200_000;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// What the audience's tastes are made of.
    pub audience: Kind,
    /// How many people, how often, for how long.
    pub size: Size,
    /// Makes the audience and draws the choices, 0..=2^53.
    pub seed: u64,
    /// Whether tastes change half-way.
    pub drift: bool,
    /// How feedback comes back.
    pub conditions: Conditions,
    /// Which learners, by their position in the list of all.
    learners: Vec<usize>,
    /// The settings of agent and Q-table.
    pub config: Config,
}

impl Options {
    /// Reads `{audience?, users?, rounds?, rounds_per_week?, seed?, drift?,
    /// delay?, response?, learners?}` and, for agent and Q-table, the fields
    /// `taste` and `q` of a [`Config`].
    ///
    /// Without them: 200 people of the kind `personal`, 10,000 rounds in four
    /// weeks, seed 0, no drift, feedback at once and to every decision, all
    /// four learners (`agent`, `baseline`, `q_table`, `uniform`).
    ///
    /// # Errors
    /// `invalid_options` for an unknown or wrong field.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "options", value).fields()?;
        let mut whole = |name, min, max, or: usize| match fields.optional(name) {
            Some(field) => field.integer(min, max).map(|n| n as usize),
            None => Ok(or),
        };
        let users = whole("users", 1, 10_000, 200)?;
        let rounds = whole("rounds", 50, 200_000, 10_000)?;
        let size = Size {
            name: "lab",
            users,
            rounds,
            rounds_per_week: whole("rounds_per_week", 1, 200_000, rounds.div_ceil(4))?,
        };
        let seed = whole("seed", 0, 1 << 53, 0)? as u64;
        let delay = whole("delay", 0, 200_000, 0)?;
        let kinds = Kind::ALL.map(Kind::name);
        let audience = match fields.optional("audience") {
            Some(field) => Kind::ALL.get(field.word(&kinds)?).copied(),
            None => None,
        };
        let audience = audience.unwrap_or(Kind::Personal);
        let options = Self {
            audience,
            size,
            seed,
            drift: match fields.optional("drift") {
                Some(field) => field.boolean()?,
                None => audience == Kind::Drift,
            },
            conditions: Conditions {
                delay,
                response: match fields.optional("response") {
                    Some(field) => field.number(0.0, 1.0)?,
                    None => 1.0,
                },
            },
            learners: match fields.optional("learners") {
                Some(field) => learners(&field)?,
                None => (0..LEARNERS.len()).collect(),
            },
            config: Config::read(&mut fields)?,
        };
        fields.finish()?;
        if !options.config.extras().categories().is_empty() {
            return Err(Error::new(
                Code::InvalidOptions,
                "`options.extras` must be absent: simulated people have none",
            ));
        }
        Ok(options)
    }
}

fn learners(field: &Field<'_>) -> Result<Vec<usize>> {
    let mut list = Vec::new();
    for entry in field.list(LEARNERS.len())? {
        let at = entry.word(&LEARNERS)?;
        if list.contains(&at) {
            return Err(entry.must_be("given once"));
        }
        list.push(at);
    }
    if list.is_empty() {
        return Err(field.must_be("a list of at least one learner"));
    }
    Ok(list)
}

/// One learner on its way.
struct Lane {
    name: &'static str,
    learner: Box<dyn Learner>,
    run: Run,
}

/// A simulation as far as it was taken. All learners meet the same people in
/// the same situations, with the same luck.
pub struct Simulation {
    world: World,
    lanes: Vec<Lane>,
    space: ActionSpace,
}

impl Simulation {
    /// Makes the audience; no round has passed yet.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let lane = |&at: &usize| Lane {
            name: LEARNERS.get(at).copied().unwrap_or_default(),
            learner: match at {
                0 => Box::new(Taste::new(
                    options.config.taste().clone(),
                    options.size.users > 1,
                    Learning::Online,
                )),
                1 => Box::new(Rules::default()),
                2 => Box::new(Table::new(*options.config.q())),
                _ => Box::new(Uniform),
            },
            run: Run::new(options.conditions, options.seed),
        };
        Self {
            world: make_changing(options.audience, options.size, options.seed, options.drift),
            lanes: options.learners.iter().map(lane).collect(),
            space: ActionSpace::default(),
        }
    }

    /// Takes every learner through up to `rounds` more rounds; appends the
    /// first one's rewarded decisions to `log`, as lines that
    /// [`crate::evaluate::LogReader`] reads.
    ///
    /// # Errors
    /// What a learner fails with.
    pub fn advance(&mut self, rounds: usize, mut log: Option<&mut String>) -> Result<()> {
        for lane in &mut self.lanes {
            let mut log = log.take();
            let world = &self.world;
            let space = &self.space;
            let learner = lane.learner.as_mut();
            lane.run
                .advance(world, learner, rounds, &mut |step| match &mut log {
                    Some(log) => write_line(log, world, space, step),
                    None => Ok(()),
                })?;
        }
        Ok(())
    }

    /// How far it is and how everyone did.
    #[must_use]
    pub fn report(&self) -> SimulationReport {
        let rounds = self.world.len();
        SimulationReport {
            done: self.lanes.first().map_or(rounds, |lane| lane.run.done()),
            rounds,
            learners: self
                .lanes
                .iter()
                .map(|lane| outcome(lane, rounds))
                .collect(),
        }
    }
}

fn write_line(log: &mut String, world: &World, space: &ActionSpace, step: &Step<'_>) -> Result<()> {
    let Some(reward) = step.reward else {
        return Ok(());
    };
    WrittenLine {
        decision_id: &format!("s{}-{}", world.seed, step.at),
        content_id: "",
        user_id: Some(&format!("u{}", step.round.user)),
        decided_at: START_MS + step.at as i64 * WEEK_MS / world.rounds_per_week as i64,
        context: step.round.context.named(&Extras::default()),
        strategy: space.name(step.action),
        propensity: step.propensity,
        reward: reward as f64 / 1000.0,
    }
    .append_to(log)
}

/// How far a simulation is and how everyone did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulationReport {
    /// Rounds behind it.
    pub done: usize,
    /// Rounds in all.
    pub rounds: usize,
    /// The learners in the order asked for.
    pub learners: Vec<Outcome>,
}

/// How one learner did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// `agent`, `baseline`, `q_table` or `uniform`.
    pub learner: &'static str,
    /// 0 for choosing blindly, 1 for always choosing best; absent before the
    /// first round.
    pub score: Option<f64>,
    /// The mean expected reward of what it chose.
    pub mean_reward: f64,
    /// Share of rounds with a like, 0..=1.
    pub like_rate: f64,
    /// Share of rounds that were left early, 0..=1.
    pub skip_rate: f64,
    /// Share of rounds that were finished, 0..=1.
    pub completion_rate: f64,
    /// The smallest probability of a strategy that it drew.
    pub least_propensity: f64,
    /// The learning curve: fifty equal stretches, as far as it is.
    pub curve: Vec<Point>,
}

/// One stretch of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The round after its last.
    pub round: usize,
    /// The mean expected reward of what was chosen.
    pub reward: f64,
    /// That of choosing blindly.
    pub uniform: f64,
    /// That of always choosing best.
    pub best: f64,
}

fn outcome(lane: &Lane, rounds: usize) -> Outcome {
    let report = lane.run.report();
    let blocks = report.blocks.len().max(1);
    // Block b holds the rounds t with t·blocks/rounds = b.
    let first = |block: usize| (block * rounds).div_ceil(blocks);
    let done = lane.run.done();
    let point = |(block, sums): (usize, &super::run::Sums)| {
        let (from, to) = (first(block), first(block + 1).min(done));
        let count = to.checked_sub(from).filter(|&n| n > 0)? as f64;
        Some(Point {
            round: to,
            reward: sums.earned / count,
            uniform: sums.uniform / count,
            best: sums.best / count,
        })
    };
    let earned: f64 = report.blocks.iter().map(|sums| sums.earned).sum();
    let reactions = report.reactions;
    let share = |count: u64| count as f64 / reactions.rounds.max(1) as f64;
    Outcome {
        learner: lane.name,
        score: Some(report.score()).filter(|score| score.is_finite()),
        mean_reward: earned / done.max(1) as f64,
        like_rate: share(reactions.likes),
        skip_rate: share(reactions.skips),
        completion_rate: share(reactions.completes),
        least_propensity: report.least_propensity,
        curve: report.blocks.iter().enumerate().filter_map(point).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{Actions, LogOptions, LogReader, OnBadLine};

    fn simulation(text: &str) -> Result<Simulation> {
        Options::parse(&serde_json::from_str(text).unwrap()).map(|o| Simulation::new(&o))
    }

    const SMALL: &str = r#"{"users": 5, "rounds": 130, "seed": 4, "response": 0.8, "delay": 7}"#;

    #[test]
    fn steps_of_any_size_end_alike_and_the_log_is_readable() {
        let (mut one, mut other) = (simulation(SMALL).unwrap(), simulation(SMALL).unwrap());
        one.advance(1000, None).unwrap();
        let mut log = String::new();
        while other.report().done < 130 {
            other.advance(33, Some(&mut log)).unwrap();
        }
        assert_eq!(one.report(), other.report());
        let curve = &one.report().learners[0].curve;
        assert_eq!((curve.len(), curve[49].round), (50, 130));
        let actions = Actions::Strategies(ActionSpace::default());
        let options = LogOptions::new(actions, Extras::default()).unwrap();
        let mut reader = LogReader::new(options, OnBadLine::Stop);
        reader.push(log.as_bytes(), |_| Ok(())).unwrap();
        let rows = reader.counts().rows;
        assert!((80..125).contains(&rows), "{rows}");
    }

    #[test]
    fn wrong_options_are_refused() {
        for bad in [
            r#"{"users": 0}"#,
            r#"{"rounds": 49}"#,
            r#"{"audience": "martians"}"#,
            r#"{"learners": []}"#,
            r#"{"learners": ["agent", "agent"]}"#,
            r#"{"response": 1.1}"#,
            r#"{"delay": -1}"#,
            r#"{"taste": {"colour": 1}}"#,
            r#"{"extras": {"weather": ["sun", "rain"]}}"#,
            r#"{"colour": 1}"#,
        ] {
            let error = simulation(bad).err().unwrap();
            assert_eq!(error.code(), Code::InvalidOptions, "{bad}");
        }
    }
}
