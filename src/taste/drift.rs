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
use crate::features::{Group, Layout};
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
    let flat = weeks.iter().map(|&w| (w, 1.0)).collect();
    let starts: Vec<usize> = (AGES.iter().filter(|&&age| age < weeks.len()))
        .map(|age| weeks.len() - age)
        .collect();
    if starts.is_empty() || config.change == 0.0 {
        return Ok(flat);
    }
    // Traits and moods are enough to notice a change, at a tenth of the cost.
    let columns: Vec<usize> = (0..layout.context_len())
        .filter(|&i| {
            matches!(
                layout.group(i),
                Group::Intercept | Group::Trait | Group::Mood
            )
        })
        .collect();
    let width = layout.context_len();
    let variances: Vec<f64> = (0..layout.crossed_len())
        .flat_map(|j| columns.iter().map(move |i| j * width + i))
        .chain(layout.crossed_len() * width..layout.model_len())
        .filter_map(|i| variances.get(i).copied())
        .collect();
    let gather = |from: usize, to: usize| {
        let span = weeks.get(from..to).unwrap_or(&[]);
        Moments::gather_columns(layout, evidence, explained, &columns, &|week| {
            f64::from(u8::from(span.contains(&week)))
        })
    };
    // Segments between the candidate starts, the latest first.
    let mut ends = weeks.len();
    let mut segments = Vec::new();
    for &start in &starts {
        segments.push(gather(start, ends));
        ends = start;
    }
    let mut before = gather(0, ends);
    let mut befores = vec![before.clone()];
    for segment in segments.iter().skip(1).rev() {
        before.add(segment);
        befores.push(before.clone());
    }
    befores.reverse();
    let mut score = Vec::new();
    let prior = libm::log(config.change / starts.len() as f64);
    let mut after: Option<Moments> = None;
    for (segment, before) in segments.iter().zip(&befores) {
        let joined = match after.take() {
            None => segment.clone(),
            Some(mut sum) => {
                sum.add(segment);
                sum
            }
        };
        let two =
            log_evidence(&variances, noise, &joined)? + log_evidence(&variances, noise, before)?;
        score.push(prior + two);
        after = Some(joined);
    }
    let Some(mut all) = after else {
        return Ok(flat);
    };
    if let Some(last) = befores.last() {
        all.add(last);
    }
    let same = libm::log(1.0 - config.change) + log_evidence(&variances, noise, &all)?;
    let top = score.iter().copied().fold(same, f64::max);
    let chances: Vec<f64> = score.iter().map(|s| libm::exp(s - top)).collect();
    let total = libm::exp(same - top) + chances.iter().sum::<f64>();
    let mut weights = Map::new();
    for (i, &week) in weeks.iter().enumerate() {
        // A change after this week makes it worth as much as a prior guess.
        let (mut weight, mut changed) = (0.0, 0.0);
        for ((&start, chance), before) in starts.iter().zip(&chances).zip(&befores) {
            if i < start {
                changed += chance / total;
                weight += chance / total * (config.change_memory / before.count.max(1.0)).min(1.0);
            }
        }
        weights.insert(week, weight + 1.0 - changed);
    }
    Ok(weights)
}
