//! Before an experiment: how small a difference it can find, and how long it
//! takes to find one.

use super::{Kind, METRICS, Metric};
use crate::error::{Code, Result};
use crate::stats::{Z_POWER, sequence_factor};
use crate::value::{Field, Value};

/// The longest experiment planned: two years.
const LONGEST_DAYS: u32 = 728;

/// What a site knows before it starts.
///
/// A difference counts as found when its confidence sequence excludes 0; the
/// plan asks for that with a chance of 80 % at the last look. Daily looks only
/// find it earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is measured.
    pub metric: Metric,
    /// Its mean on the baseline.
    pub baseline: f64,
    /// The standard deviation of a unit.
    pub deviation: f64,
    /// How many users there are in all.
    pub users: f64,
    /// How many units a user brings in a week.
    pub units_per_user_week: f64,
    /// The share of users on the agent, between 0 and 1.
    pub agent_share: f64,
    /// How much alike one user's units are, 0 (not at all) to 1 (wholly).
    pub intraclass: f64,
}

impl Plan {
    /// Reads `{metric, baseline, deviation?, users, units_per_user_week,
    /// agent_per_mille, intraclass?}`: `metric` by name from
    /// [`METRICS`], `deviation` for means only (a rate has its own),
    /// `agent_per_mille` 1..=999 (of all users), `intraclass` 0 unless given.
    ///
    /// # Errors
    /// `invalid_options` for a missing, unknown or wrong field.
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "plan", value).fields()?;
        let name = fields.required("metric")?;
        let at = name.word(&METRICS.map(|m| m.name))?;
        let Some(&metric) = METRICS.get(at) else {
            return Err(name.must_be("a metric"));
        };
        let baseline = fields.required("baseline")?;
        let (baseline, deviation) = match metric.kind {
            Kind::Rate => {
                let p = baseline.number(0.0001, 0.9999)?;
                (p, (p * (1.0 - p)).sqrt())
            }
            Kind::Mean => (
                baseline.number(-100.0, 100.0)?,
                fields.required("deviation")?.number(1e-6, 100.0)?,
            ),
        };
        let plan = Self {
            metric,
            baseline,
            deviation,
            users: fields.required("users")?.integer(2, 1_000_000_000)? as f64,
            units_per_user_week: fields
                .required("units_per_user_week")?
                .number(0.001, 10_000.0)?,
            agent_share: fields.required("agent_per_mille")?.integer(1, 999)? as f64 / 1000.0,
            intraclass: match fields.optional("intraclass") {
                Some(field) => field.number(0.0, 1.0)?,
                None => 0.0,
            },
        };
        fields.finish()?;
        Ok(plan)
    }

    /// The smallest rise (in the metric's own unit) found within `days`;
    /// `None` when none is, or for no day.
    #[must_use]
    pub fn minimum_detectable_effect(&self, days: u32) -> Option<f64> {
        let largest = match self.metric.kind {
            Kind::Rate => 1.0 - self.baseline,
            Kind::Mean => 1e6 * self.deviation,
        };
        if !self.finds(largest, days) {
            return None;
        }
        let (mut low, mut high) = (0.0, largest);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if self.finds(middle, days) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    /// How many days until a change by `effect` (in the metric's own unit,
    /// either sign) is found; `None` if not within two years.
    #[must_use]
    pub fn days_to_detect(&self, effect: f64) -> Option<u32> {
        (1..=LONGEST_DAYS).find(|&days| self.finds(effect, days))
    }

    fn finds(&self, effect: f64, days: u32) -> bool {
        let per_user = self.units_per_user_week * f64::from(days) / 7.0;
        // Kish 1965; a user's single unit is like no other.
        let design = 1.0 + (per_user - 1.0).max(0.0) * self.intraclass;
        let all = self.users * per_user / design;
        let (n, m) = (all * self.agent_share, all * (1.0 - self.agent_share));
        let variance = self.deviation * self.deviation;
        let changed = match self.metric.kind {
            Kind::Rate => {
                let p = (self.baseline + effect).clamp(0.0, 1.0);
                p * (1.0 - p)
            }
            Kind::Mean => variance,
        };
        let error = (changed / n + variance / m).sqrt();
        effect.abs() >= (sequence_factor(n * m / (n + m)) + Z_POWER) * error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan> {
        Plan::parse(&serde_json::from_str(text).unwrap())
    }

    const SITE: &str = r#"{"metric": "like_rate", "baseline": 0.2, "users": 2000, "units_per_user_week": 10, "agent_per_mille": 500}"#;

    #[test]
    fn effect_and_duration_are_each_others_inverse() {
        let plan = plan(SITE).unwrap();
        let days = plan.days_to_detect(0.02).unwrap();
        assert!((7..=14).contains(&days), "{days}");
        let found = plan.minimum_detectable_effect(days).unwrap();
        let missed = plan.minimum_detectable_effect(days - 1).unwrap();
        assert!(found <= 0.02 && missed > 0.02, "{found} {missed}");
        assert_eq!(plan.days_to_detect(0.0), None);
        assert_eq!(plan.minimum_detectable_effect(0), None);
    }

    #[test]
    fn users_who_differ_take_longer_and_set_a_floor() {
        let alike = plan(SITE).unwrap();
        let differing = Plan {
            intraclass: 0.05,
            ..alike.clone()
        };
        let days = |p: &Plan| p.days_to_detect(0.02);
        assert!(days(&differing) > days(&alike));
        let stubborn = Plan {
            intraclass: 0.5,
            ..alike
        };
        assert_eq!(days(&stubborn), None);
    }

    #[test]
    fn wrong_plans_are_refused_by_field() {
        for (old, new) in [
            ("0.2", "0"),
            ("2000", "1"),
            ("500}", "1000}"),
            ("like_rate", "love_rate"),
            ("500}", r#"500, "deviation": 1}"#),
            ("10", "0"),
        ] {
            let error = plan(&SITE.replace(old, new)).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions);
        }
    }
}
