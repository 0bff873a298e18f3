//! The users' layers over the shared model, some users at a time: over its first
//! half to find what is theirs alone, then over the whole to be kept.

use moodloop::evidence::{Observation, Week};
use moodloop::policy::Policy;
use moodloop::sorted::Map;
use moodloop::taste::{LayerFit, TasteModel, Tastes, Visit};
use moodloop::user_layer::UserLayer;

use super::observed::observed;
use super::{Phase, Progress, Run};
use crate::error::Result;
use crate::store::replay::{Read, VisitRow};
use crate::store::tasks::TaskRow;

/// After how many pairs a slice ends with the user that it is at.
const PAIRS: usize = 30_000;

/// Makes the next users' layers over `model`, or moves the run on when there
/// are no more. Over the first half, layers serve to sum up tastes.
///
/// # Errors
/// `conflict` or `unavailable` when the lease or D1 is lost; nothing of the
/// slice is stored then.
pub async fn slice(
    run: &Run<'_>,
    task: &TaskRow,
    mut progress: Progress,
    model: &TasteModel,
    weights: &Map<Week, f64>,
) -> Result<Option<TaskRow>> {
    let policy = crate::policy::prior()?;
    let first = progress.phase == Phase::Tastes;
    let mut made = Made {
        policy: &policy,
        model,
        weights,
        tastes: if first {
            Some(progress.tastes()?)
        } else {
            None
        },
        fit: progress.fit.clone(),
        layers: Vec::new(),
    };
    // The user whose pairs are being read, and those read so far.
    let mut current = (progress.cursor.clone(), Vec::new());
    let mut read = Read::whole(&current.0);
    let mut count = 0;
    loop {
        let visits = run.store.visits(&read, &run.reach).await?;
        for ((user,), rows) in visits.rows {
            count += rows.len();
            if user != current.0 {
                made.take(std::mem::take(&mut current));
                current.0.clone_from(&user);
            }
            for row in &rows {
                current.1.push((visit(&policy, row)?, row.4 == 1));
                read.and(&user, row);
            }
        }
        if !visits.more {
            made.take(current);
            progress.phase = if first { Phase::Layers } else { Phase::Publish };
            break;
        }
        if count >= PAIRS && !made.layers.is_empty() {
            // The user it stopped at is begun again by the next slice.
            break;
        }
    }
    if let Some((user, _)) = made.layers.last() {
        progress.cursor = user.clone();
    }
    progress.fit = made.fit;
    let mut kept = Vec::new();
    match made.tastes {
        Some(tastes) => {
            progress.keep_tastes(&tastes);
            if progress.phase == Phase::Layers {
                progress.first_fit = std::mem::take(&mut progress.fit);
                progress.cursor = String::new();
            }
        }
        None => kept = run.store.write_layers(&made.layers, progress.version)?,
    }
    run.step(task, &progress, kept).await
}

/// What a slice has made so far.
struct Made<'a> {
    policy: &'a Policy,
    model: &'a TasteModel,
    weights: &'a Map<Week, f64>,
    /// Over the first half: what the layers explain.
    tastes: Option<Tastes>,
    fit: LayerFit,
    layers: Vec<(String, Vec<UserLayer>)>,
}

impl Made<'_> {
    /// Makes the layers of a user all of whose pairs were read.
    fn take(&mut self, (user, visits): (String, Vec<(Observation, bool)>)) {
        if visits.is_empty() {
            return;
        }
        let visits: Vec<Visit<'_>> = (visits.iter())
            .map(|&(ref observation, shared)| Visit {
                observation,
                shared,
            })
            .collect();
        let tried = self.model.try_layers(&visits, self.weights);
        self.fit.add(&tried);
        if let Some(tastes) = &mut self.tastes {
            tastes.add(self.policy.layout(), &visits, &tried);
        }
        let layers = tried.into_iter().map(|trial| trial.layer).collect();
        self.layers.push((user, layers));
    }
}

fn visit(policy: &Policy, row: &VisitRow) -> Result<Observation> {
    let VisitRow(context, action, reward, decided_at, _) = row;
    Ok(observed(policy, *decided_at, *action, context)?(*reward))
}
