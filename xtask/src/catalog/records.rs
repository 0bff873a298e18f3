//! Rows of a file, as named values.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use moodloop::value::Value;

/// One row: column names and what stands there.
pub type Record = Vec<(String, Value)>;

/// Reads a CSV file with a header line, or a JSON list of objects.
pub fn read(file: &Path) -> Result<Vec<Record>> {
    let name = file.display();
    let extension = file.extension().and_then(|extension| extension.to_str());
    let parse = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => parse_csv,
        Some("json") => parse_json,
        _ => bail!("`{name}` must end in .csv or .json"),
    };
    let bytes = fs::read(file).with_context(|| format!("`{name}` cannot be read"))?;
    parse(&bytes).with_context(|| format!("`{name}` is no catalog"))
}

/// Every cell is text; an empty one counts as missing.
fn parse_csv(bytes: &[u8]) -> Result<Vec<Record>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers()?.clone();
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row?;
        let cells = headers.iter().zip(&row);
        records.push(
            cells
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(column, cell)| (column.to_owned(), Value::String(cell.to_owned())))
                .collect(),
        );
    }
    Ok(records)
}

fn parse_json(bytes: &[u8]) -> Result<Vec<Record>> {
    match serde_json::from_slice(bytes)? {
        Value::Array(rows) => rows
            .into_iter()
            .zip(1..)
            .map(|(row, number)| match row {
                Value::Object(fields) => Ok(fields),
                other => bail!("row {number} must be an object, got {}", other.quoted()),
            })
            .collect(),
        other => bail!("it must be a list of objects, got {}", other.quoted()),
    }
}
