//! Agent against baseline, or after against before, on one metric.

use serde::Serialize;

use super::tally::{Clusters, Day, Tally, UserSums};
use super::{Kind, Metric};
use crate::error::{Code, Error, Result};
use crate::stats::{Estimate, Interval, sequence_factor};

/// The fewest units an arm needs before anything is said.
const LEAST_UNITS: u64 = 100;
/// The fewest hits, and misses, that both arms of a rate need together.
const LEAST_EVENTS: f64 = 10.0;
/// The fewest users an arm needs where users are told apart.
const LEAST_USERS: u64 = 30;

/// What a comparison shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The agent's is better: the sequence excludes 0 on that side.
    Better,
    /// The agent's is worse.
    Worse,
    /// 0 is still inside the sequence. Not a proof that there is no difference.
    NoDifferenceYet,
    /// Too few units, hits, misses or users to say anything.
    NotEnoughData,
}

/// One arm of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// How many units it has.
    pub units: u64,
    /// Their mean.
    pub mean: f64,
    /// How many times its variance is larger than that of independent units.
    pub design_effect: f64,
    /// 95 % confidence sequence of the mean; absent without enough data.
    pub sequence: Option<Interval>,
}

/// Agent against baseline on one metric, as data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Which metric.
    pub metric: &'static str,
    /// The users on the agent (or after).
    pub agent: Side,
    /// The users on the baseline (or before).
    pub baseline: Side,
    /// Agent minus baseline, day by day; absent without enough data.
    pub difference: Option<Estimate>,
    /// The difference as a share of the baseline's mean, where that is not 0.
    pub relative: Option<f64>,
    /// What it shows.
    pub outcome: Outcome,
    #[serde(skip)]
    pub(super) definition: Metric,
}

/// Sets the arms' `days` against each other.
///
/// Each day's difference counts by how much it can tell, n·m/(n+m), so that a
/// share that changes meanwhile does not mix days with arms. For before and
/// after, pass one `Day` with "after" as the agent.
///
/// Without `clusters` the units are taken as independent. Where a unit is an
/// interaction and users differ in taste, they are not, and everything comes
/// out too narrow: then give each arm's sums by user, or make the user the
/// unit. With them, arms of fewer than 30 users are not compared.
///
/// # Errors
/// `invalid_options` for a rate whose units are not zeros and ones, or for
/// impossible sums by user.
pub fn compare(metric: &Metric, days: &[Day], clusters: Option<&Clusters>) -> Result<Comparison> {
    let total = |of: fn(&Day) -> Tally| days.iter().map(of).fold(Tally::default(), Tally::plus);
    let (agent, baseline) = (total(|d| d.agent), total(|d| d.baseline));
    if metric.kind == Kind::Rate
        && !days
            .iter()
            .all(|d| d.agent.is_rate() && d.baseline.is_rate())
    {
        return Err(Error::new(
            Code::InvalidOptions,
            format!("`{}` must count zeros and ones", metric.name),
        ));
    }
    let (users_a, users_b) = (clusters.map(|c| &c.agent), clusters.map(|c| &c.baseline));
    let effect = |arm: &Tally, users: Option<&UserSums>| {
        users.map_or(Ok(1.0), |u| u.design_effect(arm.variance(metric.kind)))
    };
    let (effect_a, effect_b) = (effect(&agent, users_a)?, effect(&baseline, users_b)?);
    let enough = enough(metric.kind, &agent, &baseline)
        && clusters.is_none_or(|c| c.agent.users.min(c.baseline.users) >= LEAST_USERS);
    let side = |arm: &Tally, design_effect: f64| Side {
        units: arm.units(),
        mean: arm.mean(),
        design_effect,
        sequence: enough.then(|| mean_sequence(metric.kind, arm, design_effect)),
    };
    let difference = enough
        .then(|| {
            let noise = [
                effect_a * agent.variance(metric.kind),
                effect_b * baseline.variance(metric.kind),
            ];
            difference(days, noise, effect_a.max(effect_b))
        })
        .flatten();
    let outcome = match &difference {
        None => Outcome::NotEnoughData,
        Some(d) if d.sequence.low > 0.0 => Outcome::of(metric.more_is_better),
        Some(d) if d.sequence.high < 0.0 => Outcome::of(!metric.more_is_better),
        Some(_) => Outcome::NoDifferenceYet,
    };
    let reference = baseline.mean();
    Ok(Comparison {
        metric: metric.name,
        agent: side(&agent, effect_a),
        baseline: side(&baseline, effect_b),
        relative: difference
            .as_ref()
            .filter(|_| reference != 0.0)
            .map(|d| d.value / reference.abs()),
        difference,
        outcome,
        definition: *metric,
    })
}

impl Outcome {
    fn of(better: bool) -> Self {
        if better { Self::Better } else { Self::Worse }
    }
}

fn enough(kind: Kind, agent: &Tally, baseline: &Tally) -> bool {
    let both = agent.plus(*baseline);
    let misses = both.units() as f64 - both.sum();
    agent.units().min(baseline.units()) >= LEAST_UNITS
        && (kind == Kind::Mean || both.sum().min(misses) >= LEAST_EVENTS)
}

/// The confidence sequence of one arm's mean.
fn mean_sequence(kind: Kind, arm: &Tally, design_effect: f64) -> Interval {
    let units = arm.units() as f64 / design_effect;
    let error = (arm.variance(kind) / units).sqrt();
    let sequence = Interval::around(arm.mean(), sequence_factor(units) * error);
    match kind {
        Kind::Rate => sequence.within(0.0, 1.0),
        Kind::Mean => sequence,
    }
}

/// The days' differences, weighted by n·m/(n+m); `noise` is the variance of a
/// unit of each arm. `None` when no day has both arms.
fn difference(days: &[Day], noise: [f64; 2], design_effect: f64) -> Option<Estimate> {
    let [noise_a, noise_b] = noise;
    let (mut weights, mut sum, mut variance) = (0.0, 0.0, 0.0);
    for day in days {
        let (n, m) = (day.agent.units() as f64, day.baseline.units() as f64);
        if n == 0.0 || m == 0.0 {
            continue;
        }
        let weight = n * m / (n + m);
        weights += weight;
        sum += weight * (day.agent.mean() - day.baseline.mean());
        variance += weight * weight * (noise_a / n + noise_b / m);
    }
    (weights > 0.0).then(|| {
        Estimate::new(
            sum / weights,
            variance.sqrt() / weights,
            weights / design_effect,
        )
    })
}
