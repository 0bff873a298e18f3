//! Settings that operators and training write: one JSON value per name.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Arg, Statement, Store, from_json};
use crate::error::Result;

/// The name of the experiment's settings.
pub const EXPERIMENT: &str = "experiment";
/// The name of the version that serves.
pub const CURRENT: &str = "current_version";
/// The name of what changes with every change of the catalog.
pub const CATALOG: &str = "catalog_revision";

/// Reads all settings.
pub const SETTINGS: &str = "SELECT json_array(name, value) AS row FROM settings";

/// All settings, as read at one moment.
#[derive(Debug, Default, Deserialize)]
pub struct Settings(Vec<Setting>);

#[derive(Debug, Deserialize)]
struct Setting {
    name: String,
    value: String,
}

impl Settings {
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
    /// All settings.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn settings(&self) -> Result<Settings> {
        self.page(SETTINGS, &[]).await.map(Settings)
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
