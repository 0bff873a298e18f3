//! The agent: it decides, learns from what follows, and can say why.

mod answer;
mod base;
mod brief;
mod event;
mod export;
mod request;
mod snapshot;

pub use answer::{Decided, Learned, TableCell, TableRow, Values};
pub use event::{Event, NamedEvent};
pub use export::Export;
pub use request::{Options, Report, Request};

use crate::sorted::Map;

use crate::error::Result;
use crate::evidence::{Evidence, Observation, Week};
use crate::explain::{self, Explanation};
use crate::fold;
use crate::log::{Change, Decision, Interaction, Log, TIME};
use crate::params::Mapping;
use crate::policy::Policy;
use crate::q_table::{Cell, StateKey, Stats, Step};
use crate::rng::{Purpose, bits, uniform_of};
use crate::strategy::Strategy;
use crate::text::digits;

/// A learning agent over one log. Everything it holds is a function of its
/// options and that log; [`Agent::fold`] makes it again from them.
#[derive(Clone, Debug)]
pub struct Agent {
    seed: u64,
    explore: bool,
    /// Ids made here.
    ids: u64,
    /// The nominal clock, for callers that hand in no time.
    clock: i64,
    policy: Policy,
    log: Log,
    evidence: Evidence,
    users: Map<String, ()>,
    base: Option<base::Base>,
}

impl Agent {
    /// An agent that has seen nothing.
    ///
    /// # Errors
    /// `corrupt_model` when the configured prior does not factor.
    pub fn new(options: Options, mapping: Mapping) -> Result<Self> {
        let policy = Policy::prior(options.config, mapping)?;
        Ok(Self {
            seed: options.seed,
            explore: options.explore,
            ids: 0,
            clock: 0,
            evidence: Evidence::new(policy.layout()),
            policy,
            log: Log::default(),
            users: Map::new(),
            base: None,
        })
    }

    /// The policy that decides.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The retained log.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The integer sums of everything learned.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Chooses a strategy and opens a decision that feedback can name.
    ///
    /// The draw is a function of the agent's seed and the `decision_id`: the
    /// same id is drawn the same way again, and its first record is kept.
    pub fn decide(&mut self, request: Request) -> Decided {
        let user = request.user_id.as_deref();
        let explore = request.explore.unwrap_or(self.explore);
        let decided_at = request.decided_at.unwrap_or_else(|| self.tick(user));
        let decision_id = request.decision_id.unwrap_or_else(|| self.next_id());
        let draw = uniform_of(self.seed, &decision_id);
        let choice = self.policy.choose(&request.context, user, explore, draw);
        let reasoning = explain::reasoning(&self.policy, &request.context, user, &choice);
        self.log.record(Decision {
            decision_id: decision_id.clone(),
            decided_at,
            user_id: request.user_id,
            context: request.context,
            action_index: choice.action_index,
            propensity: choice.propensity,
            source: choice.source,
            policy_version: self.policy.version,
            executed: true,
        });
        Decided {
            decision_id,
            decided_at,
            policy_version: self.policy.version,
            choice,
            reasoning,
        }
    }

    /// Learns from what was done with one piece of content of a decision. Later
    /// reports about the same pair replace its reward, never add to it.
    ///
    /// # Errors
    /// `unknown_decision`; `invalid_reward` when the merged reward exceeds ±100;
    /// `evidence_full`. The agent is then as before.
    pub fn learn(&mut self, decision_id: &str, report: Report) -> Result<Learned> {
        let decided_at = self.log.decision(decision_id)?.decided_at;
        let interaction = Interaction {
            interaction_id: report.interaction_id.unwrap_or_else(|| self.next_id()),
            at: report.at.unwrap_or_else(|| self.next_moment(decided_at)),
            content_id: report.content_id,
            signal: report.signal,
        };
        let content_id = interaction.content_id.clone();
        let change = self.interact(decision_id, interaction)?;
        let reward = self.log.reward(decision_id, &content_id).unwrap_or(0);
        Ok(Learned {
            reward: reward as f64 / 1000.0,
            revised: matches!(change, Change::Revised(..)),
            repeated: change == Change::None,
        })
    }

    /// Takes in an event of another writer of the same model (another tab, a
    /// log read back). `false` if it was known already.
    ///
    /// # Errors
    /// As [`Agent::learn`].
    pub fn absorb(&mut self, event: Event) -> Result<bool> {
        match event {
            Event::Decision(decision) => Ok(self.log.record(decision)),
            Event::Interaction(decision_id, interaction) => {
                let change = self.interact(&decision_id, interaction)?;
                Ok(change != Change::None)
            }
        }
    }

    fn interact(&mut self, decision_id: &str, interaction: Interaction) -> Result<Change> {
        let weights = self.policy.config().reward;
        let id = interaction.interaction_id.clone();
        let change = self.log.interact(decision_id, interaction, &weights)?;
        if let Err(error) = self.follow(decision_id, change) {
            self.log.undo(decision_id, &id, &weights);
            return Err(error);
        }
        if self.base.is_none() && self.policy.taste.due() {
            self.fold(None)?;
        }
        Ok(change)
    }

    /// Moves evidence, posterior and table by one changed reward. The evidence
    /// is exact; the other two are previews of what the next fold makes.
    fn follow(&mut self, decision_id: &str, change: Change) -> Result<()> {
        let decision = self.log.decision(decision_id)?;
        if change == Change::None || !decision.teaches() {
            return Ok(());
        }
        let observation = |reward| fold::observation(self.policy.layout(), decision, reward);
        let step = |reward| Step {
            state: StateKey::of(&decision.context),
            strategy: decision.action_index,
            reward,
            next: None,
        };
        let user = decision.user_id.as_deref();
        let q = self.policy.config().q;
        let apart = self.base.is_some();
        match change {
            Change::None => {}
            Change::First(reward) => {
                let observation = observation(reward);
                self.evidence.add(&observation)?;
                if apart {
                    self.policy.taste.learn_apart(&observation, None, user);
                } else {
                    self.policy.taste.learn(&observation, user);
                }
                self.policy.q_table.learn(&q, step(reward));
            }
            Change::Revised(old, new) => {
                let (before, after): (Observation, Observation) =
                    (observation(old), observation(new));
                // Adding is what can fail: it comes first, so that nothing is half done.
                self.evidence.add(&after)?;
                self.evidence.subtract(&before)?;
                if apart {
                    self.policy.taste.learn_apart(&after, Some(old), user);
                } else {
                    self.policy.taste.revise(&after, old, user);
                }
                self.policy.q_table.revise(&q, step(new), old);
            }
        }
        Ok(())
    }

    /// The log as events that [`Agent::absorb`] takes, in replay order; of one
    /// decision, or of all.
    #[must_use]
    pub fn events(&self, decision_id: Option<&str>) -> Vec<NamedEvent<'_>> {
        let extras = self.policy.config().extras();
        let wanted = |d: &&Decision| decision_id.is_none_or(|id| id == d.decision_id);
        let mut events = Vec::new();
        for decision in self.log.decisions().filter(wanted) {
            let id = &decision.decision_id;
            events.push(NamedEvent::Decision(decision.named(extras)));
            let said = self.log.interactions(id);
            events.extend(said.map(|i| NamedEvent::interaction(id, i)));
        }
        events
    }

    /// Makes everything again from the log: drops weeks that ended more than 90
    /// days before `now`, sums the evidence, replays Q-table and user layers,
    /// solves. Two agents with the same options and log hold the same policy
    /// afterwards, byte for byte.
    ///
    /// # Errors
    /// `evidence_full`, `corrupt_model`; the agent is then as before, but for
    /// the expired weeks.
    pub fn fold(&mut self, now: Option<i64>) -> Result<()> {
        if let Some(now) = now {
            let kept = Week::of(now - fold::RETENTION_MS);
            self.log
                .forget_where(|decision| Week::of(decision.decided_at) < kept);
        }
        let policy = &mut self.policy;
        self.evidence = match &self.base {
            Some(base) => fold::fold_onto(&self.log, policy, &base.q_table)?,
            None => fold::fold(&self.log, policy)?,
        };
        Ok(())
    }

    /// Forgets one decision and everything learned from it; `false` if unknown.
    ///
    /// # Errors
    /// As [`Agent::fold`].
    pub fn forget(&mut self, decision_id: &str) -> Result<bool> {
        let rated = self.log.interactions(decision_id).next().is_some();
        let known = self.log.forget(decision_id);
        if rated {
            self.fold(None)?;
        }
        Ok(known)
    }

    /// Forgets a person: every decision taken for `user_id`, everything learned
    /// from them. Gives how many decisions went.
    ///
    /// # Errors
    /// As [`Agent::fold`].
    pub fn forget_user(&mut self, user_id: &str) -> Result<usize> {
        let gone = self
            .log
            .forget_where(|decision| decision.user_id.as_deref() == Some(user_id));
        self.users.remove(user_id);
        if gone > 0 {
            self.fold(None)?;
        }
        Ok(gone)
    }

    /// Why a decision was taken.
    ///
    /// # Errors
    /// `unknown_decision`.
    pub fn explain(&self, decision_id: &str) -> Result<Explanation> {
        let decision = self.log.decision(decision_id)?;
        Ok(explain::explain(&self.policy, decision))
    }

    /// The guide's statistics of the Q-table.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.policy.q_table.stats()
    }

    /// The Q-table in words, in state order.
    #[must_use]
    pub fn table(&self) -> Vec<TableRow> {
        let space = self.policy.mapping().space();
        let extras = &self.policy.config().extras;
        let cells = |(strategy, cell): (Strategy, Cell)| TableCell {
            strategy: space.name(strategy),
            cell,
        };
        self.policy
            .q_table
            .states()
            .map(|(key, seen)| TableRow {
                state: key.describe(extras),
                cells: seen.map(cells).collect(),
            })
            .collect()
    }

    /// Means, deviations and probabilities of all strategies in a context,
    /// without deciding anything.
    #[must_use]
    pub fn values(&self, request: &Request) -> Values {
        let user = request.user_id.as_deref();
        let features = self.policy.layout().features(&request.context);
        let prediction = self.policy.predict(&features, user);
        let explore = request.explore.unwrap_or(self.explore);
        Values {
            propensities: self.policy.propensities(&request.context, user, explore),
            mean: prediction.mean,
            sd: prediction.sd,
        }
    }

    /// Advances the nominal clock: without a real one, a week is as many
    /// decisions as the users seen so far would take in it, so that forgetting
    /// by weeks has weeks.
    fn tick(&mut self, user: Option<&str>) -> i64 {
        if let Some(user) = user
            && !self.users.contains_key(user)
        {
            self.users.insert(user.to_owned(), ());
        }
        self.clock = (self.clock + fold::nominal_step(self.users.len())).min(TIME);
        self.clock
    }

    /// A time for a report that has none: later than every one before, so that
    /// of two verdicts the later counts.
    fn next_moment(&mut self, decided_at: i64) -> i64 {
        self.clock = (self.clock.max(decided_at) + 1).min(TIME);
        self.clock
    }

    fn next_id(&mut self) -> String {
        let at = self.ids * 2;
        self.ids += 1;
        let half = |position| digits(bits(self.seed, Purpose::Id, position), 16, 16);
        half(at) + &half(at + 1)
    }
}
