//! `cargo xtask catalog import`: a site's own catalog into the local D1.

mod demo;
mod mapping;
mod records;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use moodloop::context::ContentType;
use moodloop::rank::Item;
use serde_json::Value as Json;

pub use self::demo::{file as demo_file, seed as seed_demo};
use self::mapping::Mapping;
use self::records::Record;
use crate::build::npm;
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// What to do with the local catalog.
#[derive(Subcommand)]
pub enum Command {
    /// Check the items of a CSV or JSON file and put them into the local D1.
    ///
    /// Fields of an item: id, title, creator, content_type, genres, energy (0..1), valence (0..1),
    /// popularity (0..100), url, thumbnail. A column of the same name is used unless `--map` names
    /// another; other columns are ignored. A list of genres is a JSON array, or separated by `;`,
    /// `|` or `,`. Where more than one in a hundred numbers of the popularity column exceed 100, it
    /// is taken for a count (plays, votes), and each item gets its percentile rank instead.
    Import(Import),
}

/// What to import, and how to read it.
#[derive(clap::Args)]
pub struct Import {
    /// A CSV file with a header line, or a JSON file with a list of objects.
    file: PathBuf,
    /// Takes a field from a column of another name, such as `--map id=track_id`.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// The content type of items that do not name theirs.
    #[arg(long, value_parser = ContentType::NAMES)]
    content_type: Option<String>,
}

/// Runs the command.
pub fn run(workspace: &Workspace, command: &Command) -> Result<()> {
    let Command::Import(args) = command;
    let mapping = Mapping::parse(&args.map, args.content_type.as_deref())?;
    let records = records::read(&args.file)?;
    let imported = check(&records, &mapping)?;
    println!("{} rows in {}", records.len(), args.file.display());
    for note in &imported.notes {
        println!("  {note}");
    }
    imported.print_refused();
    if imported.items.is_empty() {
        bail!("no row is an item: nothing was imported");
    }
    npm::install(workspace)?;
    let replaced = store(workspace, &imported.items)?;
    println!(
        "{} items imported into the local D1, {replaced} of them in place of older ones",
        imported.items.len(),
    );
    Ok(())
}

/// The items of a file, and what was wrong with its other rows.
struct Imported {
    items: Vec<Item>,
    /// How the mapping read the columns, where that is not obvious.
    notes: Vec<String>,
    /// Why rows were refused: how many, and the first of them.
    refused: BTreeMap<String, (usize, usize)>,
}

impl Imported {
    fn print_refused(&self) {
        for (reason, (count, first)) in &self.refused {
            println!("  {count} refused: {reason} (first: row {first})");
        }
    }
}

/// Reads every record as an item, and counts those that are none by the reason.
fn check(records: &[Record], mapping: &Mapping) -> Result<Imported> {
    let reader = mapping.reader(records)?;
    let mut imported = Imported {
        items: Vec::new(),
        notes: reader.notes(),
        refused: BTreeMap::new(),
    };
    let mut rows = BTreeMap::new();
    for (record, row) in records.iter().zip(1..) {
        let item = Item::parse(&reader.value(record)).map_err(|error| {
            // What was expected, without what was got: that differs from row to row.
            let message = error.message().split(", got ").next().unwrap_or_default();
            format!("{}: {message}", error.code().as_str())
        });
        let item = item.and_then(|item| match rows.insert(item.id.clone(), row) {
            None => Ok(item),
            Some(_) => Err("the id stands in an earlier row".to_owned()),
        });
        match item {
            Ok(item) => imported.items.push(item),
            Err(reason) => imported.refused.entry(reason).or_insert((0, row)).0 += 1,
        }
    }
    Ok(imported)
}

/// Puts items into the local D1 and returns how many replaced an older one.
fn store(workspace: &Workspace, items: &[Item]) -> Result<u64> {
    let file = write_items(workspace, "import.json", items)?;
    let mut import = node::tool(workspace, "node")?;
    import
        .arg(workspace.path("xtask/node/import.mjs"))
        .arg(workspace.data())
        .arg(file);
    process::report(&mut import)?
        .get("replaced")
        .and_then(Json::as_u64)
        .context("the import did not say what it replaced")
}

/// Writes checked items where the scripts that know D1 can read them.
fn write_items(workspace: &Workspace, name: &str, items: &[Item]) -> Result<PathBuf> {
    let file = workspace.scratch(name);
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    fs::write(&file, serde_json::to_vec(items)?)
        .with_context(|| format!("`{}` cannot be written", file.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodloop::value::Value;

    #[test]
    fn counts_what_is_refused_by_the_reason() {
        let record = |id: &str, energy: &str| -> Record {
            let fields = [
                ("id", id),
                ("title", "T"),
                ("genres", "rock"),
                ("energy", energy),
            ];
            let numbers = [("valence", "0.5"), ("popularity", "50")];
            let cells = fields.into_iter().chain(numbers);
            cells
                .map(|(column, cell)| (column.to_owned(), Value::String(cell.to_owned())))
                .collect()
        };
        let records = [
            record("a", "0.5"),
            record("b", "7"),
            record("c", "loud"),
            record("a", "0.1"),
            Record::new(),
        ];
        let mapping = Mapping::parse(&[], Some("music")).unwrap();
        let imported = check(&records, &mapping).unwrap();
        assert_eq!(imported.items.len(), 1);
        let refused: Vec<_> = imported.refused.into_iter().collect();
        let expected = [
            (
                "invalid_item: `item.energy` must be a number from 0 to 1",
                (2, 2),
            ),
            ("invalid_item: `item.id` is missing", (1, 5)),
            ("the id stands in an earlier row", (1, 4)),
        ];
        assert_eq!(
            refused,
            expected.map(|(reason, counts)| (reason.to_owned(), counts))
        );
    }
}
