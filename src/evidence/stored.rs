//! Evidence as bytes.

use super::{Evidence, Sums, Week, corrupt, packed};
use crate::codec::{Reader, Writer};
use crate::error::Result;
use crate::features::Layout;
use crate::sorted::Map;

impl Evidence {
    /// Appends the evidence: sums that follow from others are left out, a run of
    /// zeros is a zero and its length.
    pub fn encode(&self, layout: &Layout, out: &mut Writer) {
        let (free, _) = split(layout);
        out.uint(self.weeks.len() as u64);
        for (week, actions) in &self.weeks {
            out.int(i64::from(week.0));
            out.uint(actions.len() as u64);
            for (action, sums) in actions {
                out.uint(action.index() as u64);
                let products = free.iter().map(|&at| sums.products.get(at));
                let values = std::iter::once(Some(&sums.squares))
                    .chain(sums.rewards.iter().map(Some))
                    .chain(products);
                let mut zeros = 0;
                for value in values.map(|v| v.copied().unwrap_or(0)) {
                    if value == 0 {
                        zeros += 1;
                        continue;
                    }
                    put_zeros(out, zeros);
                    zeros = 0;
                    out.int(value);
                }
                put_zeros(out, zeros);
            }
        }
    }

    /// Reads what [`Evidence::encode`] wrote for the same layout.
    ///
    /// # Errors
    /// `corrupt_model` for anything else; sums that no observations could have
    /// may pass here and are refused when the model is solved.
    pub fn decode(layout: &Layout, input: &mut Reader<'_>) -> Result<Self> {
        let (free, implied) = split(layout);
        let mut evidence = Self::new(layout);
        let mut last_week = None;
        for _ in 0..input.count(2)? {
            let week =
                i32::try_from(input.int()?).map_err(|_| corrupt("a week is out of range"))?;
            if last_week.is_some_and(|last| last >= week) {
                return Err(corrupt("weeks are out of order"));
            }
            last_week = Some(week);
            let mut actions = Map::new();
            let count = input.count(2)?;
            for _ in 0..count {
                let index = usize::try_from(input.uint()?).unwrap_or(usize::MAX);
                let action = (layout.space().get(index))
                    .filter(|a| actions.last().is_none_or(|(last, _)| last < a))
                    .ok_or_else(|| corrupt("strategies are out of order"))?;
                let sums = read_sums(layout, &free, &implied, input)?;
                actions.insert(action, sums);
            }
            if actions.is_empty() {
                return Err(corrupt("a week is empty"));
            }
            evidence.weeks.insert(Week(week), actions);
        }
        Ok(evidence)
    }
}

fn put_zeros(out: &mut Writer, zeros: u64) {
    if zeros > 0 {
        out.int(0);
        out.uint(zeros);
    }
}

fn read_sums(
    layout: &Layout,
    free: &[usize],
    implied: &[(usize, usize)],
    input: &mut Reader<'_>,
) -> Result<Sums> {
    let columns = layout.context_len();
    // Read before the sums are made: a few bytes must not buy a large allocation.
    let mut values = Vec::new();
    let expected = 1 + columns + free.len();
    let mut at = 0;
    while at < expected {
        let value = input.int()?;
        if value == 0 {
            let zeros = usize::try_from(input.uint()?).unwrap_or(usize::MAX);
            at = at.saturating_add(zeros);
            if zeros == 0 || at > expected {
                return Err(corrupt("a run of zeros is too long"));
            }
        } else {
            values.push((at, value));
            at += 1;
        }
    }
    // Mood, time and content are always known: an observation has these four
    // columns, their six products and their rewards or squares.
    if values.len() < 7 {
        return Err(corrupt("sums of no observation"));
    }
    let mut sums = Sums::new(columns);
    for (at, value) in values {
        let slot = match at.checked_sub(1) {
            None => Some(&mut sums.squares),
            Some(i) if i < columns => sums.rewards.get_mut(i),
            Some(i) => free
                .get(i - columns)
                .and_then(|&p| sums.products.get_mut(p)),
        };
        if let Some(slot) = slot {
            *slot = value;
        }
    }
    for &(to, from) in implied {
        let value = sums.products.get(from).copied().unwrap_or(0);
        if let Some(slot) = sums.products.get_mut(to) {
            *slot = value;
        }
    }
    if sums.count() < 1 {
        return Err(corrupt("sums of no observation"));
    }
    Ok(sums)
}

/// Packed positions that carry information, and those that repeat another:
/// columns of a one-hot set never meet, and the square of a 0-or-1 is itself.
fn split(layout: &Layout) -> (Vec<usize>, Vec<(usize, usize)>) {
    let (mut free, mut implied) = (Vec::new(), Vec::new());
    for i in 0..layout.context_len() {
        for j in 0..=i {
            let same_set = layout.one_hot(i).is_some() && layout.one_hot(i) == layout.one_hot(j);
            if !same_set {
                free.push(packed(i, j));
            } else if i == j {
                implied.push((packed(i, i), packed(i, 0)));
            }
        }
    }
    (free, implied)
}
