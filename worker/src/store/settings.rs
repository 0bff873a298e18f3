//! Settings that operators and training write: one JSON value per name.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Arg, Rows, Statement, Store, from_json};
use crate::error::Result;

/// The name of the experiment's settings.
pub const EXPERIMENT: &str = "experiment";
/// The name of the version that serves.
pub const CURRENT: &str = "current_version";
/// The name of what changes with every change of the catalog.
pub const CATALOG: &str = "catalog_revision";

/// All settings, as read at one moment.
#[derive(Debug, Default)]
pub struct Settings(Vec<Setting>);

#[derive(Debug, Deserialize)]
struct Setting {
    name: String,
    value: String,
}

impl Settings {
    /// Takes the rows of [`Store::read_settings`].
    ///
    /// # Errors
    /// `internal` when they cannot be read.
    pub fn of(rows: &Rows) -> Result<Self> {
        rows.all().map(Self)
    }

    /// A setting's text; empty when it was never set.
    pub fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|setting| setting.name == name);
        found.map_or("", |setting| setting.value.as_str())
    }

    /// A setting, if it was set.
    ///
    /// # Errors
    /// `internal` when it is not readable.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        match self.text(name) {
            "" => Ok(None),
            text => from_json(text).map(Some),
        }
    }

    /// The version that serves; 0 before the first training.
    pub fn current_version(&self) -> u64 {
        self.get(CURRENT).ok().flatten().unwrap_or(0)
    }
}

impl Store {
    /// The statement that reads all settings.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn read_settings(&self) -> Result<Statement> {
        self.statement("SELECT name, value FROM settings", &[])
    }

    /// All settings.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn settings(&self) -> Result<Settings> {
        Settings::of(&self.run("SELECT name, value FROM settings", &[]).await?)
    }

    /// The statement that sets `name` to a JSON text.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn write_setting(&self, name: &str, value: &str) -> Result<Statement> {
        self.statement(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[Arg::Text(name), Arg::Text(value)],
        )
    }
}
