//! The taste model's settings.

use crate::error::Result;
use crate::features::{Group, Layout};
use crate::propensity::Exploration;
use crate::value::Field;

/// Prior standard deviations of the standardised weights, in reward units.
#[derive(Clone, Debug, PartialEq)]
pub struct Priors {
    /// The mean reward.
    pub intercept: f64,
    /// What a context adds to every strategy alike.
    pub context: f64,
    /// Main contrasts of the strategies.
    pub main: f64,
    /// Products of mains of two dimensions.
    pub pair: f64,
    /// Mains crossed with traits, mood, time, content and extras.
    pub cross: f64,
}

impl Default for Priors {
    fn default() -> Self {
        Self {
            intercept: 1.0,
            context: 0.4,
            main: 0.3,
            pair: 0.1,
            cross: 0.08,
        }
    }
}

impl Priors {
    fn parse(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut priors = Self::default();
        for (name, slot) in [
            ("intercept", &mut priors.intercept),
            ("context", &mut priors.context),
            ("main", &mut priors.main),
            ("pair", &mut priors.pair),
            ("cross", &mut priors.cross),
        ] {
            fields.set(name, 0.001, 10.0, slot)?;
        }
        fields.finish()?;
        Ok(priors)
    }

    /// The prior variance of every weight, in the order of the layout.
    #[must_use]
    pub fn variances(&self, layout: &Layout) -> Vec<f64> {
        let sd = |block: Block| match block {
            Block::Mean => self.intercept,
            Block::Context(_) => self.context,
            Block::Main => self.main,
            Block::Cross(_) => self.cross,
            Block::Pair => self.pair,
        };
        Block::all(layout)
            .into_iter()
            .map(|b| sd(b) * sd(b))
            .collect()
    }
}

/// Weights that share a prior width, which the evidence may correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// The mean reward.
    Mean,
    /// What a group of context columns adds to every strategy alike.
    Context(Group),
    /// Main contrasts.
    Main,
    /// Mains crossed with a group of context columns.
    Cross(Group),
    /// Products of mains.
    Pair,
}

impl Block {
    /// The block of every weight, in the order of the layout.
    #[must_use]
    pub fn all(layout: &Layout) -> Vec<Self> {
        let mut blocks = Vec::with_capacity(layout.model_len());
        for j in 0..layout.crossed_len() {
            let groups = (0..layout.context_len()).map(|i| layout.group(i));
            blocks.extend(groups.map(|group| match (j, group) {
                (0, Group::Intercept) => Self::Mean,
                (0, group) => Self::Context(group),
                (_, Group::Intercept) => Self::Main,
                (_, group) => Self::Cross(group),
            }));
        }
        blocks.extend((0..layout.pairs_len()).map(|_| Self::Pair));
        blocks
    }
}

/// All settings of the taste model; the default is what `cargo xtask tune` found.
#[derive(Clone, Debug, PartialEq)]
pub struct TasteConfig {
    /// Prior widths of the shared weights.
    pub priors: Priors,
    /// Prior standard deviation of a reward's noise.
    pub noise_sd: f64,
    /// How many observations the prior of the noise is worth.
    pub noise_weight: f64,
    /// How many weights a block's prior width is worth when the evidence
    /// corrects it.
    pub prior_weight: f64,
    /// Prior standard deviation of how much more a visitor likes everything.
    pub user_general_sd: f64,
    /// Candidates for the prior standard deviation of a visitor's own contrasts,
    /// ascending; the one in force may lie between them.
    pub user_sds: Vec<f64>,
    /// Prior probability that tastes have changed for good within the weeks
    /// looked back on; 0 never forgets.
    pub change: f64,
    /// How many observations all weeks before a change are still worth.
    pub change_memory: f64,
    /// How values become probabilities.
    pub exploration: Exploration,
}

impl Default for TasteConfig {
    fn default() -> Self {
        Self {
            priors: Priors::default(),
            noise_sd: 1.0,
            noise_weight: 20.0,
            prior_weight: 1.0,
            user_general_sd: 0.3,
            user_sds: vec![0.02, 0.1, 0.25],
            change: 0.1,
            change_memory: 100.0,
            exploration: Exploration::default(),
        }
    }
}

impl TasteConfig {
    /// Prior variance of how much more a visitor likes everything.
    #[must_use]
    pub const fn general_variance(&self) -> f64 {
        self.user_general_sd * self.user_general_sd
    }

    /// Reads an object with any of the fields; absent ones keep their default.
    ///
    /// # Errors
    /// The field's code for a value out of range or an unknown name.
    pub fn parse(field: &Field<'_>) -> Result<Self> {
        let mut fields = field.fields()?;
        let mut config = Self::default();
        if let Some(given) = fields.optional("priors") {
            config.priors = Priors::parse(&given)?;
        }
        fields.set("noise_sd", 0.01, 100.0, &mut config.noise_sd)?;
        fields.set("noise_weight", 1.0, 1e6, &mut config.noise_weight)?;
        fields.set("prior_weight", 1.0, 1e9, &mut config.prior_weight)?;
        fields.set("user_general_sd", 0.001, 10.0, &mut config.user_general_sd)?;
        if let Some(given) = fields.optional("user_sds") {
            let list = given.list(8)?;
            let sds = list.iter().map(|sd| sd.number(0.001, 10.0));
            config.user_sds = sds.collect::<Result<_>>()?;
            if config.user_sds.is_empty() || !config.user_sds.is_sorted_by(|a, b| a < b) {
                return Err(given.must_be("a list of 1 to 8 ascending numbers"));
            }
        }
        fields.set("change", 0.0, 0.5, &mut config.change)?;
        fields.set("change_memory", 0.0, 1e6, &mut config.change_memory)?;
        if let Some(given) = fields.optional("exploration") {
            config.exploration = Exploration::parse(&given)?;
        }
        fields.finish()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::value::Value;

    #[test]
    fn candidate_widths_ascend() {
        let parse = |json: &str| {
            let value: Value = serde_json::from_str(json).unwrap();
            TasteConfig::parse(&Field::root(Code::InvalidOptions, "taste", &value))
        };
        let config = parse(r#"{"user_sds": [0.05, 0.2]}"#).unwrap();
        assert_eq!(config.user_sds, [0.05, 0.2]);
        for bad in ["[]", "[0.2, 0.05]", "[0.1, 0.1]", "[0]", "[0.1, \"0.2\"]"] {
            let error = parse(&format!(r#"{{"user_sds": {bad}}}"#)).unwrap_err();
            assert_eq!(error.code(), Code::InvalidOptions, "{bad}");
            assert!(error.to_string().contains("user_sds"), "{bad}: {error}");
        }
    }
}
