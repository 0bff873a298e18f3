//! What a site hands in to be compared, and to have a verdict on.

use super::{
    Clusters, Comparison, Day, METRICS, Metric, Phase, Tally, UserSums, Verdict, compare,
    sample_ratio,
};
use crate::error::{Code, Result};
use crate::value::{Field, Fields, Value};

/// The most days, phases or guardrails of a study.
const MOST: usize = 10_000;
/// The largest count.
const LARGEST: i64 = 1 << 53;

/// One metric of both arms, day by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What is measured.
    pub metric: Metric,
    /// The days, or any other stretches of time.
    pub days: Vec<Day>,
    /// Sums by user, where users are told apart.
    pub clusters: Option<Clusters>,
}

impl Trial {
    /// Reads `{metric, days: [{agent, baseline}], users?: {agent, baseline}}`.
    ///
    /// A day's arm is `{units, hits}` for zeros and ones, or `{units, sum,
    /// sum_squares}`; an arm's sums by user are `{users, units, sum,
    /// units_squared, units_times_sum, sum_squared}`.
    ///
    /// # Errors
    /// `invalid_options` for a missing, unknown or wrong field, or sums that
    /// cannot be.
    pub fn parse(value: &Value) -> Result<Self> {
        Self::read(&Field::root(Code::InvalidOptions, "trial", value))
    }

    fn read(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let name = fields.required("metric")?;
        let at = name.word(&METRICS.map(|m| m.name))?;
        let Some(&metric) = METRICS.get(at) else {
            return Err(name.must_be("a metric"));
        };
        let mut days = Vec::new();
        for day in fields.required("days")?.list(MOST)? {
            let (agent, baseline) = arms(&day, tally)?;
            days.push(Day { agent, baseline });
        }
        let clusters = match fields.optional("users") {
            Some(users) => {
                let (agent, baseline) = arms(&users, user_sums)?;
                Some(Clusters { agent, baseline })
            }
            None => None,
        };
        fields.finish()?;
        Ok(Self {
            metric,
            days,
            clusters,
        })
    }

    /// Sets the arms against each other.
    ///
    /// # Errors
    /// As [`compare`].
    pub fn compare(&self) -> Result<Comparison> {
        compare(&self.metric, &self.days, self.clusters.as_ref())
    }
}

/// A whole experiment: what it is about, what must not get worse, and who came.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// What it is about.
    pub primary: Trial,
    /// What must not get worse.
    pub guardrails: Vec<Trial>,
    /// The users of both arms, oldest stretch first.
    pub phases: Vec<Phase>,
}

impl Study {
    /// Reads `{primary, guardrails?, phases?: [{agent, baseline,
    /// expected_agent_share}]}`, trials as [`Trial::parse`] does.
    ///
    /// # Errors
    /// As [`Trial::parse`].
    pub fn parse(value: &Value) -> Result<Self> {
        let mut fields = Field::root(Code::InvalidOptions, "study", value).fields()?;
        let study = Self {
            primary: Trial::read(&fields.required("primary")?)?,
            guardrails: match fields.optional("guardrails") {
                Some(list) => list
                    .list(MOST)?
                    .iter()
                    .map(Trial::read)
                    .collect::<Result<_>>()?,
                None => Vec::new(),
            },
            phases: match fields.optional("phases") {
                Some(list) => list.list(MOST)?.iter().map(phase).collect::<Result<_>>()?,
                None => Vec::new(),
            },
        };
        fields.finish()?;
        Ok(study)
    }

    /// What it shows, as data and in words.
    ///
    /// # Errors
    /// As [`compare`] and [`sample_ratio`].
    pub fn verdict(&self) -> Result<Verdict> {
        let guardrails = self.guardrails.iter().map(Trial::compare);
        Ok(Verdict::new(
            self.primary.compare()?,
            guardrails.collect::<Result<_>>()?,
            sample_ratio(&self.phases)?,
        ))
    }
}

/// Both arms of an object, each read by `read`.
fn arms<T>(field: &Field<'_>, read: fn(&mut Fields<'_>) -> Result<T>) -> Result<(T, T)> {
    let mut fields = field.fields()?;
    let mut arm = |name| -> Result<T> {
        let mut inner = fields.required(name)?.fields()?;
        let arm = read(&mut inner)?;
        inner.finish()?;
        Ok(arm)
    };
    let both = (arm("agent")?, arm("baseline")?);
    fields.finish()?;
    Ok(both)
}

fn count(fields: &mut Fields<'_>, name: &'static str) -> Result<u64> {
    Ok(fields.required(name)?.integer(0, LARGEST)? as u64)
}

fn tally(fields: &mut Fields<'_>) -> Result<Tally> {
    let units = count(fields, "units")?;
    if let Some(hits) = fields.optional("hits") {
        return Tally::rate(hits.integer(0, LARGEST)? as u64, units);
    }
    let mut number = |name| fields.required(name)?.number(-1e18, 1e18);
    Tally::new(units, number("sum")?, number("sum_squares")?)
}

fn user_sums(fields: &mut Fields<'_>) -> Result<UserSums> {
    let users = count(fields, "users")?;
    let mut number = |name| fields.required(name)?.number(-1e30, 1e30);
    Ok(UserSums {
        users,
        units: number("units")?,
        sum: number("sum")?,
        units_squared: number("units_squared")?,
        units_times_sum: number("units_times_sum")?,
        sum_squared: number("sum_squared")?,
    })
}

fn phase(field: &Field<'_>) -> Result<Phase> {
    let mut fields = field.fields()?;
    let phase = Phase {
        agent: count(&mut fields, "agent")?,
        baseline: count(&mut fields, "baseline")?,
        expected_agent_share: fields.required("expected_agent_share")?.number(0.0, 1.0)?,
    };
    fields.finish()?;
    Ok(phase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Decision;

    fn study(text: &str) -> Result<Study> {
        Study::parse(&serde_json::from_str(text).unwrap())
    }

    const BETTER: &str = r#"{"metric": "like_rate", "days": [{"agent": {"units": 9000, "hits": 2400}, "baseline": {"units": 9000, "hits": 1800}}]}"#;

    #[test]
    fn a_study_is_read_and_judged() {
        let verdict = study(&format!(
            r#"{{"primary": {BETTER}, "phases": [{{"agent": 1000, "baseline": 1010, "expected_agent_share": 0.5}}]}}"#
        ));
        let verdict = verdict.unwrap().verdict().unwrap();
        assert_eq!(verdict.decision, Decision::Better, "{}", verdict.sentence);
        let worse = BETTER.replace("like_rate", "skip_rate");
        let verdict = study(&format!(
            r#"{{"primary": {BETTER}, "guardrails": [{worse}]}}"#
        ));
        let verdict = verdict.unwrap().verdict().unwrap();
        assert_eq!(verdict.decision, Decision::Worse, "{}", verdict.sentence);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (old, new, named) in [
            ("like_rate", "joy", "`study.primary.metric`"),
            ("2400", "9001", "`9001` hits"),
            ("2400", "-1", "hits"),
            ("\"hits\": 2400", "\"sum\": 1", "sum_squares` is missing"),
            ("\"agent\"", "\"agents\"", "agent` is missing"),
        ] {
            let text = format!(r#"{{"primary": {}}}"#, BETTER.replacen(old, new, 1));
            let error = study(&text).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions);
            assert!(error.message().contains(named), "{}", error.message());
        }
    }
}
