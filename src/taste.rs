//! The taste model (SPEC section 5): a Bayesian linear model of the reward over
//! context × strategy, with a few numbers per visitor on top.

use crate::sorted::Map;

use crate::evidence::Observation;
use crate::features::{Features, Layout};
use crate::posterior::{Posterior, View, row};
use crate::strategy::Strategy;
use crate::user_layer::UserLayer;

mod bulk;
mod config;
mod drift;
mod explain;
mod layers;
mod solve;
mod stored;
mod width;

pub use bulk::Bulk;
pub use config::{Block, Priors, TasteConfig};
pub use explain::{Contribution, Explanation};
pub use layers::{LayerFit, Tastes, Trial, Visit};
pub use solve::{Half, SOLVER};
pub use width::Width;

/// The name under which a visitor without one has a layer.
const NAMELESS: &str = "";

/// A retained pair. A replay goes in the order (decided_at, decision_id,
/// content_id).
#[derive(Clone, Copy, Debug)]
pub struct Replay<'a> {
    /// The visitor, if known.
    pub user: Option<&'a str>,
    /// The pair with its latest reward.
    pub observation: &'a Observation,
    /// When the strategy was chosen, milliseconds since 1970.
    pub decided_at: i64,
}

/// What the model expects of every strategy in a context, in index order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Expected rewards.
    pub mean: Vec<f64>,
    /// Standard deviations of what is believed about them (not of a reward).
    pub sd: Vec<f64>,
    /// The same, with a visitor's own part counted as far as finding out about
    /// it pays: it serves that visitor alone. What exploration goes by.
    pub worth_knowing: Vec<f64>,
}

/// The model that decides.
///
/// After [`TasteModel::solve`] it is a pure function of layout, configuration,
/// evidence and replay; [`TasteModel::learn`] and [`TasteModel::revise`] are
/// previews of the next solve.
#[derive(Clone, Debug)]
pub struct TasteModel {
    layout: Layout,
    config: TasteConfig,
    posterior: Posterior,
    /// Prior variance of a visitor's own contrasts.
    own: f64,
    users: Map<String, UserLayer>,
    /// Whether there is more than one visitor: one alone is what the shared
    /// model describes.
    several: bool,
    solved: u64,
    previews: u64,
}

impl TasteModel {
    /// The model before any evidence.
    #[must_use]
    pub fn new(layout: &Layout, config: &TasteConfig) -> Self {
        let own = config.user_sds.iter().copied().fold(f64::NAN, f64::max);
        Self {
            layout: layout.clone(),
            config: config.clone(),
            posterior: Posterior::prior(
                &config.priors.variances(layout),
                config.noise_sd * config.noise_sd,
            ),
            own: own * own,
            users: Map::new(),
            several: false,
            solved: 0,
            previews: 0,
        }
    }

    /// The layer of a visitor nothing is known of. Before the first solution it
    /// answers for the mean reward too, which nobody has estimated yet: where
    /// layers alone move until then, they must not take it for a taste.
    fn blank(&self) -> UserLayer {
        let mut general = self.config.general_variance();
        if self.solved == 0 {
            general += self.config.priors.intercept * self.config.priors.intercept;
        }
        UserLayer::new(self.layout.crossed_len(), general, self.own)
    }

    /// The part of a strategy's basis that visitors have effects for.
    fn crossed(&self, action: Strategy) -> &[f64] {
        let basis = self.layout.basis(action);
        basis.get(..self.layout.crossed_len()).unwrap_or(basis)
    }

    /// The visitor's layer where it counts: with more than one visitor. One
    /// without a name has one only over a published policy.
    fn layer(&self, user: Option<&str>) -> Option<UserLayer> {
        match (self.users.get(user.unwrap_or(NAMELESS)), user) {
            (Some(layer), _) if self.several => Some(layer.clone()),
            (None, Some(_)) if self.several || !self.users.is_empty() => Some(self.blank()),
            _ => None,
        }
    }

    /// The posterior as this context and visitor see it.
    #[must_use]
    pub fn view(&self, features: &Features, user: Option<&str>) -> View {
        let mut view = self.posterior.view(&self.layout, features);
        if let Some(layer) = self.layer(user) {
            layer.add_to(&mut view);
        }
        view
    }

    /// Means and standard deviations of all strategies.
    #[must_use]
    pub fn predict(&self, features: &Features, user: Option<&str>) -> Prediction {
        let view = self.posterior.view(&self.layout, features);
        let bases = self.layout.bases().iter();
        self.personal(bases.map(|basis| view.value(basis)), user)
    }

    /// A prediction from what the shared model says of every strategy (means and
    /// variances) and from the visitor's layer.
    fn personal(&self, shared: impl Iterator<Item = (f64, f64)>, user: Option<&str>) -> Prediction {
        let layer = self.layer(user);
        let mut prediction = Prediction::default();
        for (action, (mut mean, mut variance)) in self.layout.space().strategies().zip(shared) {
            let mut index = variance;
            if let Some(layer) = &layer {
                let basis = self.crossed(action);
                let (own_mean, gain) = layer.project(basis);
                let own = spread(basis, &gain);
                mean += own_mean;
                variance += own;
                index += self.config.exploration.own * own;
            }
            prediction.mean.push(mean);
            prediction.sd.push(variance.sqrt());
            prediction.worth_knowing.push(index.sqrt());
        }
        prediction
    }

    /// The probabilities that strategies are drawn with, in index order.
    #[must_use]
    pub fn propensities(&self, prediction: &Prediction) -> Vec<f64> {
        let exploration = &self.config.exploration;
        exploration.propensities(&prediction.mean, &prediction.worth_knowing)
    }

    /// The posterior probability that `strategy` earns more than `baseline` in
    /// this context; 0.5 when they are the same.
    #[must_use]
    pub fn beats(
        &self,
        features: &Features,
        user: Option<&str>,
        strategy: Strategy,
        baseline: Strategy,
    ) -> f64 {
        if strategy == baseline {
            return 0.5;
        }
        let difference: Vec<f64> = (self.layout.basis(strategy).iter())
            .zip(self.layout.basis(baseline))
            .map(|(a, b)| a - b)
            .collect();
        let (mean, variance) = self.view(features, user).value(&difference);
        let sd = variance.sqrt().max(f64::MIN_POSITIVE);
        0.5 * libm::erfc(-mean / (sd * std::f64::consts::SQRT_2))
    }

    /// Moves the model by one observation, a preview of the next solve. Add it
    /// to the evidence too.
    pub fn learn(&mut self, observation: &Observation, user: Option<&str>) {
        let (features, action) = (&observation.features, observation.action);
        let row = row(&self.layout, features, action);
        let (mut gain, shared) = self.posterior.project(&row);
        let basis = self.crossed(action).to_vec();
        let layer = self.layer(user);
        let own = layer.as_ref().map(|layer| layer.project(&basis));
        let (own_mean, own_spread) = own
            .as_ref()
            .map_or((0.0, 0.0), |(mean, gain)| (*mean, spread(&basis, gain)));
        let variance = self.posterior.noise + shared + own_spread;
        let error = reward(observation) - self.posterior.value(&row) - own_mean;
        self.posterior.learn(&mut gain, error, variance);
        if let (Some(mut layer), Some((_, gain))) = (layer, own) {
            layer.learn(&gain, error, variance);
            if let Some(user) = user {
                self.users.insert(user.to_owned(), layer);
            }
        } else if let Some(user) = user
            && !self.users.contains_key(user)
        {
            let blank = self.blank();
            self.users.insert(user.to_owned(), blank);
        }
        self.several |= self.users.len() > 1;
        self.previews += 1;
    }

    /// One visitor's layer after an observation, or after the revision of one
    /// whose reward was `old_reward` (thousandths); `None` is a visitor nothing
    /// is known of. This is what feedback does at the edge, where layers are
    /// kept apart and the shared part changes by training only.
    #[must_use]
    pub fn layer_after(
        &self,
        layer: Option<&UserLayer>,
        observation: &Observation,
        old_reward: Option<i64>,
    ) -> UserLayer {
        let mut layer = layer.cloned().unwrap_or_else(|| self.blank());
        let basis = self.crossed(observation.action);
        let (mean, gain) = layer.project(basis);
        if let Some(old) = old_reward {
            let change = reward(observation) - old as f64 / 1000.0;
            layer.nudge(&gain, change / self.posterior.noise);
        } else {
            let row = row(&self.layout, &observation.features, observation.action);
            let error = reward(observation) - self.posterior.value(&row) - mean;
            layer.learn(&gain, error, self.posterior.noise + spread(basis, &gain));
        }
        layer
    }

    /// Moves one visitor's layer by an observation, or by the revision of one
    /// whose reward was `old_reward` (thousandths); the shared part stays.
    pub(crate) fn learn_apart(
        &mut self,
        observation: &Observation,
        old_reward: Option<i64>,
        user: Option<&str>,
    ) {
        let user = user.unwrap_or(NAMELESS);
        let layer = self.layer_after(self.users.get(user), observation, old_reward);
        self.set_user(user, layer);
    }

    /// Takes all visitors' layers out. From now on each visitor is one of
    /// several, even one without a name.
    pub(crate) fn forget_users(&mut self) {
        self.users = Map::new();
        self.set_user(NAMELESS, self.blank());
    }

    /// The same under other settings.
    pub(crate) fn under(self, config: TasteConfig) -> Self {
        Self { config, ..self }
    }

    /// Replaces the reward of an observation that the model already holds
    /// (`old_reward` in thousandths), a preview of the next solve.
    pub fn revise(&mut self, observation: &Observation, old_reward: i64, user: Option<&str>) {
        let row = row(&self.layout, &observation.features, observation.action);
        let (gain, _) = self.posterior.project(&row);
        let change = reward(observation) - old_reward as f64 / 1000.0;
        let factor = change / self.posterior.noise;
        self.posterior.nudge(&gain, factor);
        if let (Some(mut layer), Some(user)) = (self.layer(user), user) {
            let (_, gain) = layer.project(self.crossed(observation.action));
            layer.nudge(&gain, factor);
            self.users.insert(user.to_owned(), layer);
        }
        self.previews += 1;
    }

    /// How many observations the model has learned from.
    #[must_use]
    pub const fn learned(&self) -> u64 {
        self.solved + self.previews
    }

    /// Whether it is time to solve afresh: after 16 more observations, or a
    /// quarter more, at most 2,000.
    #[must_use]
    pub fn due(&self) -> bool {
        self.previews >= (self.solved / 4).clamp(16, 2_000)
    }

    /// How many decisions make a week, for forgetting, where no clock tells:
    /// two of each visitor seen so far, and at least 50.
    #[must_use]
    pub const fn nominal_week(users: usize) -> usize {
        if users > 25 { 2 * users } else { 50 }
    }

    /// The variance of a reward around its expectation.
    #[must_use]
    pub const fn noise(&self) -> f64 {
        self.posterior.noise
    }

    /// The layers of all visitors, ascending by id.
    pub fn users(&self) -> impl Iterator<Item = (&str, &UserLayer)> {
        self.users.iter().map(|(id, layer)| (id.as_str(), layer))
    }

    /// Puts a visitor's stored layer in place. Layers are stored apart where
    /// there are many visitors, so this one counts as one of several.
    pub fn set_user(&mut self, user: &str, layer: UserLayer) {
        self.several = true;
        self.users.insert(user.to_owned(), layer);
    }

    /// Takes a visitor's layer out.
    pub fn remove_user(&mut self, user: &str) {
        self.users.remove(user);
    }
}

/// `gain · basis`: the variance of an effect from its projection.
fn spread(basis: &[f64], gain: &[f64]) -> f64 {
    basis
        .iter()
        .zip(gain)
        .map(|(f, g)| f * g)
        .sum::<f64>()
        .max(0.0)
}

/// The reward in reward units.
fn reward(observation: &Observation) -> f64 {
    observation.reward as f64 / 1000.0
}
