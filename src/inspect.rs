//! What a policy holds, for people who got one as a file.

use serde::Serialize;

use crate::config::DecideBy;
use crate::context::{ContentType, Context, TimeOfDay};
use crate::params::baseline;
use crate::policy::Policy;
use crate::propensity::best;
use crate::q_table::Stats;
use crate::value::Value;

/// What a policy is and does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Which solution it is: of a trained one, how many pairs it learned from.
    pub policy_version: u64,
    /// Which value model decides.
    pub decide_by: DecideBy,
    /// The settings that differ from the defaults, as they were given.
    pub config: Value,
    /// How many (decision, content) pairs the taste model has learned from.
    pub learned: u64,
    /// Standard deviation of a reward around its expectation.
    pub noise: f64,
    /// How many visitors have a layer of their own.
    pub visitors: usize,
    /// The guide's statistics of the Q-table.
    pub q_table: Stats,
    /// The Q-table's present exploration rate.
    pub epsilon: f64,
    /// What it would do for a neutral visitor in the evening, by content type.
    pub favourites: Vec<Favourite>,
}

/// The likeliest strategy in one situation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Favourite {
    /// What is asked for.
    pub content_type: ContentType,
    /// The strategy that is drawn most often.
    pub strategy: String,
    /// How often, 0..=1.
    pub propensity: f64,
    /// The reward that the taste model expects of it.
    pub mean: f64,
    /// How unsure that is, as a standard deviation.
    pub sd: f64,
    /// What personality alone would choose.
    pub baseline: String,
}

/// Looks into `policy`.
#[must_use]
pub fn inspect(policy: &Policy) -> Inspection {
    let config = policy.config();
    Inspection {
        policy_version: policy.version,
        decide_by: config.decide_by,
        config: config.given().clone(),
        learned: policy.taste.learned(),
        noise: policy.taste.noise().sqrt(),
        visitors: policy.taste.users().count(),
        q_table: policy.q_table.stats(),
        epsilon: policy.q_table.epsilon(config.q()),
        favourites: ContentType::ALL
            .into_iter()
            .map(|content_type| favourite(policy, content_type))
            .collect(),
    }
}

fn favourite(policy: &Policy, content_type: ContentType) -> Favourite {
    let context = Context {
        extras: vec![None; policy.config().extras().categories().len()],
        ..Context::neutral(content_type, TimeOfDay::Evening)
    };
    let propensities = policy.propensities(&context, None, true);
    let at = best(&propensities);
    let prediction = policy.predict(&policy.layout().features(&context), None);
    let number = |list: &[f64]| list.get(at).copied().unwrap_or_default();
    let space = policy.mapping().space();
    Favourite {
        content_type,
        strategy: space.name(space.get(at).unwrap_or_default()),
        propensity: number(&propensities),
        mean: number(&prediction.mean),
        sd: number(&prediction.sd),
        baseline: space.name(baseline(space, &context.personality)),
    }
}
