//! Many rows at a time: as many as are short enough together, however long each is.

use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::{Arg, Store, from_bytes, list_of};
use crate::error::Result;

/// How many bytes of rows a read is to give. D1 carries 2 MB. V8 clears away large texts
/// when 2 MB of them have come together, and keeps for good what is not done with then:
/// of the sizes that were tried, it keeps least with 320,000 to 480,000.
const BYTES: usize = 420_000;
/// How many rows a run's first read asks for.
const FIRST: usize = 2500;
/// A read of so few rows that fails does not fail because they are too long together.
const LEAST: usize = 50;

/// The first rows of a statement.
#[derive(Debug)]
pub struct Stretch<T> {
    /// In the statement's order.
    pub rows: Vec<T>,
    /// Whether others follow.
    pub more: bool,
}

/// How many rows the next read asks for: as many as were short enough together so far.
#[derive(Debug)]
pub struct Reach(Cell<usize>);

impl Default for Reach {
    fn default() -> Self {
        Self::of(FIRST)
    }
}

impl Reach {
    /// So many rows at first.
    pub const fn of(rows: usize) -> Self {
        Self(Cell::new(rows))
    }

    /// Learns that so many rows came in so many bytes.
    fn learn(&self, rows: usize, bytes: usize) {
        if rows > 0 {
            let fit = rows.saturating_mul(BYTES) / bytes.max(1);
            self.0.set(fit.clamp(1, 2 * self.0.get()));
        }
    }
}

impl Store {
    /// The first rows of a statement that gives each as a JSON list called `row` beside the
    /// columns that it goes by, `order`. Its limit's parameter follows `args`. What fails
    /// may be too long: it is asked again for a quarter.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn stretch<T: DeserializeOwned>(
        &self,
        sql: &str,
        order: &str,
        args: &[Arg<'_>],
        reach: &Reach,
    ) -> Result<Stretch<T>> {
        let list = list_of(&format!("row, ',' ORDER BY {order}"), sql);
        self.read(&list, args, reach, |_| 1).await
    }

    /// The same row by row of each group, which is named once: what has equal values in
    /// `group`, the columns with which `order` begins.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn groups<K: DeserializeOwned, T: DeserializeOwned>(
        &self,
        sql: &str,
        (group, order): (&str, &str),
        args: &[Arg<'_>],
        reach: &Reach,
    ) -> Result<Stretch<(K, Vec<T>)>> {
        let groups = format!(
            "SELECT {group}, '[' || json_array({group}) || ',['
               || group_concat(row, ',' ORDER BY {order}) || ']]' AS row
             FROM ({sql}) GROUP BY {group}"
        );
        let list = list_of(&format!("row, ',' ORDER BY {group}"), &groups);
        let count = |(_, rows): &(K, Vec<T>)| rows.len();
        self.read(&list, args, reach, count).await
    }

    /// What `list` gives, a list of which each entry is so many rows.
    async fn read<T: DeserializeOwned>(
        &self,
        list: &str,
        args: &[Arg<'_>],
        reach: &Reach,
        count: impl Fn(&T) -> usize,
    ) -> Result<Stretch<T>> {
        let sql = format!("SELECT {list} AS row");
        loop {
            let limit = reach.0.get();
            let args = [args, &[Arg::Int(limit as i64)]].concat();
            match self.run(&sql, &args).await {
                Err(_) if limit > LEAST => reach.0.set(limit / 4),
                Err(failure) => return Err(failure),
                Ok(found) => {
                    let text = found.page_text()?;
                    let rows: Vec<T> = from_bytes(&text)?;
                    let read = rows.iter().map(count).sum();
                    // V8 holds two bytes a letter where one of them is beyond Latin's.
                    let width = if text.is_ascii() { 1 } else { 2 };
                    reach.learn(read, width * text.len());
                    let more = read == limit;
                    return Ok(Stretch { rows, more });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_come_to_ask_for_as_much_as_they_should_give() {
        let reach = Reach::default();
        for bytes in [300, 30, 25_000, 1_000_000, 300] {
            for _ in 0..12 {
                let rows = reach.0.get();
                reach.learn(rows, rows * bytes);
                assert!(reach.0.get() <= 2 * rows);
            }
            assert_eq!(reach.0.get(), (BYTES / bytes).max(1));
        }
    }
}
