//! Forgetting: which weeks still tell of today (SPEC section 5, "a weight per
//! week at solving time").
//!
//! A change of taste at the start of a recent week is a hypothesis: the weeks
//! before and after it are then explained by two unrelated models. Bayes' rule
//! over "no change" and a few such weeks gives the probability that a week
//! still counts (Adams & MacKay 2007, on whole weeks), from evidence alone.

use crate::sorted::Map;

use super::TasteConfig;
use crate::error::Result;
use crate::evidence::{Evidence, Week};
use crate::features::{Group, LASTING, Layout};
use crate::moments::{Explained, Moments};
use crate::posterior::log_evidence;

/// How many weeks back a change may lie.
const AGES: [usize; 8] = [1, 2, 3, 5, 8, 13, 21, 34];

/// The weight of every week, 0 to 1; all 1 when nothing speaks for a change.
///
/// # Errors
/// `corrupt_model` when the evidence is no sum of observations.
pub fn weights(
    layout: &Layout,
    config: &TasteConfig,
    variances: &[f64],
    noise: f64,
    evidence: &Evidence,
    explained: &Explained,
) -> Result<Map<Week, f64>> {
    let weeks: Vec<Week> = evidence.weeks().collect();
    let ages = AGES.iter().filter(|&&age| age < weeks.len());
    let hypotheses = ages.clone().count();
    if hypotheses == 0 || config.change == 0.0 {
        return Ok(weeks.iter().map(|&week| (week, 1.0)).collect());
    }
    // Traits and moods are enough to notice a change, at a tenth of the cost.
    let columns: Vec<usize> = (0..layout.context_len())
        .filter(|&i| i < LASTING || layout.group(i) == Group::Mood)
        .collect();
    let width = layout.context_len();
    let variances: Vec<f64> = (0..layout.crossed_len())
        .flat_map(|j| columns.iter().map(move |i| j * width + i))
        .chain(layout.crossed_len() * width..layout.model_len())
        .filter_map(|i| variances.get(i).copied())
        .collect();
    let span = |from: usize, to: usize| {
        let span = weeks.get(from..to).unwrap_or(&[]);
        let weight = |week| f64::from(u8::from(span.contains(&week)));
        let moments = Moments::gather_columns(layout, evidence, explained, &columns, &weight);
        Ok((log_evidence(&variances, noise, &moments)?, moments.count))
    };
    let same = libm::log(1.0 - config.change) + span(0, weeks.len())?.0;
    let prior = libm::log(config.change / hypotheses as f64);
    let mut changes = Vec::new();
    let mut top = same;
    for age in ages {
        let start = weeks.len() - age;
        let (before, count) = span(0, start)?;
        let score = prior + before + span(start, weeks.len())?.0;
        changes.push((start, score, count));
        top = top.max(score);
    }
    let mut total = libm::exp(same - top);
    for (_, score, _) in &mut changes {
        *score = libm::exp(*score - top);
        total += *score;
    }
    let mut weights = Map::new();
    for (i, &week) in weeks.iter().enumerate() {
        let mut lost = 0.0;
        for &(_, chance, before) in changes.iter().filter(|change| i < change.0) {
            // A change after this week makes it worth as much as a prior guess.
            lost += chance / total * (1.0 - (config.change_memory / before.max(1.0)).min(1.0));
        }
        weights.insert(week, 1.0 - lost);
    }
    Ok(weights)
}
