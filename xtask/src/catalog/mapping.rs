//! Which column gives which field of an item, and how its values are read.

use anyhow::{Result, bail};
use moodloop::rank::Item;
use moodloop::value::Value;

use super::records::Record;

/// The fields of an item.
const FIELDS: [&str; 10] = [
    "id",
    "title",
    "creator",
    "content_type",
    "genres",
    "energy",
    "valence",
    "popularity",
    "url",
    "thumbnail",
];
/// What separates genres in one cell.
const SEPARATORS: [char; 3] = [';', '|', ','];
/// The largest popularity: more is a count.
const POPULARITY: f64 = 100.0;
/// One number in this many may exceed the largest popularity before they are taken for counts:
/// a few are mistakes, and refused.
const MISTAKES: usize = 100;

/// The columns of the fields, in the order of [`FIELDS`].
pub struct Mapping<'a> {
    columns: [&'a str; FIELDS.len()],
    content_type: Option<&'a str>,
}

impl<'a> Mapping<'a> {
    /// Reads `field=column` pairs; a field that none names has its own column.
    pub fn parse(pairs: &'a [String], content_type: Option<&'a str>) -> Result<Self> {
        let mut columns = FIELDS;
        let mut columns_of = columns.iter_mut().zip(FIELDS).collect::<Vec<_>>();
        for pair in pairs {
            let Some((field, column)) = pair.split_once('=') else {
                bail!("`--map {pair}` must be of the form field=column");
            };
            match columns_of.iter_mut().find(|(_, name)| *name == field) {
                Some((slot, _)) => **slot = column,
                None => bail!("`{field}` is no field of an item: {}", FIELDS.join(", ")),
            }
        }
        Ok(Self {
            columns,
            content_type,
        })
    }

    /// Looks at all records: whether they have the columns, and how to read their popularity.
    pub fn reader(&self, records: &[Record]) -> Result<Reader<'_>> {
        for column in self.columns.iter().zip(FIELDS).filter(|(c, f)| *c != f) {
            let (column, field) = column;
            if !records.iter().any(|record| cell(record, column).is_some()) {
                bail!("`--map {field}={column}`: the file has no column `{column}`");
            }
        }
        self.check_required(records)?;
        let column = self.column("popularity");
        let mut counts: Vec<f64> = records
            .iter()
            .filter_map(|record| cell(record, column).and_then(number))
            .collect();
        counts.sort_by(f64::total_cmp);
        let beyond = counts.iter().filter(|count| **count > POPULARITY).count();
        Ok(Reader {
            mapping: self,
            counts: (beyond * MISTAKES > counts.len()).then_some(counts),
        })
    }

    /// Names every field that no column gives, and the columns that there are.
    fn check_required(&self, records: &[Record]) -> Result<()> {
        let given = |field: &str| {
            let column = self.column(field);
            (field == "content_type" && self.content_type.is_some())
                || records.iter().any(|record| cell(record, column).is_some())
        };
        let missing: Vec<&str> = Item::REQUIRED.into_iter().filter(|f| !given(f)).collect();
        let Some(columns) = records.first().filter(|_| !missing.is_empty()) else {
            return Ok(());
        };
        let columns: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        bail!(
            "no column gives `{}`: name one with `--map FIELD=COLUMN`, and the content type of all \
             items with `--content-type`; the columns are {}",
            missing.join("`, `"),
            columns.join(", ")
        );
    }

    fn column(&self, field: &str) -> &str {
        let found = self.columns.iter().zip(FIELDS).find(|(_, f)| *f == field);
        found.map_or("", |(column, _)| column)
    }
}

/// Reads records as the core's item parser expects them.
pub struct Reader<'a> {
    mapping: &'a Mapping<'a>,
    /// Where popularity is a count: all of them, ascending.
    counts: Option<Vec<f64>>,
}

impl Reader<'_> {
    /// How columns were read, where that is not obvious.
    pub fn notes(&self) -> Vec<String> {
        let column = self.mapping.column("popularity");
        let ranked = self.counts.as_ref().map(|_| {
            format!("`{column}` goes far beyond 100: popularity is its percentile rank, 0..100")
        });
        ranked.into_iter().collect()
    }

    /// One record with the fields of an item, still to be checked.
    pub fn value(&self, record: &Record) -> Value {
        let mut fields = Vec::new();
        for (column, field) in self.mapping.columns.iter().zip(FIELDS) {
            let value = match (field, cell(record, column)) {
                ("genres", Some(Value::String(text))) => Some(genres(text)),
                ("popularity", Some(value)) => Some(self.popularity(value)),
                ("energy" | "valence", Some(value)) => Some(number_or_text(value)),
                ("id" | "title", Some(Value::Number(id))) => Some(Value::String(id.to_string())),
                ("content_type", None) => self
                    .mapping
                    .content_type
                    .map(|word| Value::String(word.to_owned())),
                (_, value) => value.cloned(),
            };
            fields.extend(value.map(|value| (field.to_owned(), value)));
        }
        Value::Object(fields)
    }

    fn popularity(&self, value: &Value) -> Value {
        match (&self.counts, number(value)) {
            (Some(counts), Some(count)) if count >= 0.0 => Value::Number(percentile(counts, count)),
            _ => number_or_text(value),
        }
    }
}

/// The share of the others that a count exceeds, in per cent; equal ones count half.
fn percentile(ascending: &[f64], count: f64) -> f64 {
    let below = ascending.partition_point(|other| *other < count);
    let equal = ascending.partition_point(|other| *other <= count) - below;
    let others = ascending.len().saturating_sub(1).max(1) as f64;
    let exceeded = below as f64 + equal.saturating_sub(1) as f64 / 2.0;
    (exceeded / others * 10_000.0).round() / 100.0
}

fn cell<'a>(record: &'a Record, column: &str) -> Option<&'a Value> {
    let found = record.iter().find(|(name, _)| name == column);
    found
        .map(|(_, value)| value)
        .filter(|value| **value != Value::Null)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// The number that a cell spells; anything else stays as it is, for the parser to refuse.
fn number_or_text(value: &Value) -> Value {
    number(value).map_or_else(|| value.clone(), Value::Number)
}

fn genres(text: &str) -> Value {
    if let Ok(list @ Value::Array(_)) = serde_json::from_str(text) {
        return list;
    }
    let words = text.split(SEPARATORS).map(str::trim);
    Value::Array(
        words
            .filter(|word| !word.is_empty())
            .map(|word| Value::String(word.to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cells: &[(&str, &str)]) -> Record {
        let own = |text: &str| text.to_owned();
        cells
            .iter()
            .map(|(column, cell)| (own(column), Value::String(own(cell))))
            .collect()
    }

    #[test]
    fn ranks_ties_in_the_middle() {
        let counts = [1.0, 5.0, 5.0, 200.0];
        assert_eq!(percentile(&counts, 1.0), 0.0);
        assert_eq!(percentile(&counts, 5.0), 50.0);
        assert_eq!(percentile(&counts, 200.0), 100.0);
        assert_eq!(percentile(&[7.0], 7.0), 0.0);
    }

    #[test]
    fn one_mistake_does_not_make_counts_of_scores() {
        let item = |popularity| {
            record(&[
                ("id", "a"),
                ("title", "A"),
                ("content_type", "music"),
                ("genres", "jazz"),
                ("energy", "0.5"),
                ("valence", "0.5"),
                ("popularity", popularity),
            ])
        };
        let mut records: Vec<Record> = (0..200).map(|_| item("50")).collect();
        records.push(item("1000"));
        let mapping = Mapping::parse(&[], None).unwrap();
        let reader = mapping.reader(&records).unwrap();
        assert!(reader.notes().is_empty());
        let Value::Object(last) = reader.value(records.last().unwrap()) else {
            panic!("an item is an object");
        };
        assert!(last.contains(&("popularity".into(), Value::Number(1000.0))));
    }

    #[test]
    fn splits_genres_and_reads_lists() {
        let words = |list: &[&str]| {
            Value::Array(
                list.iter()
                    .map(|word| Value::String((*word).into()))
                    .collect(),
            )
        };
        assert_eq!(genres("Rock; Hip-Hop"), words(&["Rock", "Hip-Hop"]));
        assert_eq!(genres(r#"["jazz"]"#), words(&["jazz"]));
    }

    #[test]
    fn refuses_unknown_fields_and_columns() {
        let pairs = |text: &str| vec![text.to_owned()];
        assert!(Mapping::parse(&pairs("tempo=bpm"), None).is_err());
        assert!(Mapping::parse(&pairs("id"), None).is_err());
        let ids = pairs("id=track");
        let mapping = Mapping::parse(&ids, None).unwrap();
        assert!(mapping.reader(&[record(&[("id", "1")])]).is_err());
    }

    #[test]
    fn names_all_that_is_missing_at_once() {
        let records = [record(&[
            ("track", "1"),
            ("title", "One"),
            ("genres", "jazz"),
            ("energy", "0.5"),
            ("valence", "0.5"),
            ("popularity", "5"),
        ])];
        let refusal = |map: &[String], content_type| {
            let mapping = Mapping::parse(map, content_type).unwrap();
            mapping
                .reader(&records)
                .err()
                .map(|error| error.to_string())
        };
        let all = refusal(&[], None).unwrap();
        for part in [
            "`id`, `content_type`",
            "--map",
            "--content-type",
            "track, title, genres",
        ] {
            assert!(all.contains(part), "{all}");
        }
        assert!(refusal(&["id=track".to_owned()], None).is_some());
        assert_eq!(refusal(&["id=track".to_owned()], Some("music")), None);
    }
}
