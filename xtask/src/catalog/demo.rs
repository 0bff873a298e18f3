//! The demo catalog that the site ships, in the local D1 too.

use std::path::PathBuf;

use anyhow::{Result, bail};
use moodloop::context::ContentType;

use super::mapping::Mapping;
use super::{check, records, write_items};
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// Where the demo catalog is: one file for each content type.
const DIRECTORY: &str = "www/public/catalog";

/// The demo catalog as the server is to load it: a file of items, and how to note that it did.
pub struct Seed {
    /// All items, checked.
    pub file: PathBuf,
    inputs: Inputs,
    stamp: PathBuf,
}

impl Seed {
    /// Notes that the items are in D1.
    pub fn done(&self) -> Result<()> {
        self.inputs.write_stamp(&self.stamp)
    }
}

/// The demo catalog, unless the local D1 has had it in its present form: what was changed or
/// imported since then stays.
pub fn seed(workspace: &Workspace) -> Result<Option<Seed>> {
    let inputs = Inputs::new(include_str!("demo.rs")).path(&workspace.path(DIRECTORY))?;
    let data = workspace.data();
    let stamp = data.join("demo-catalog.stamp");
    if inputs.match_stamp(&stamp, &data) {
        return Ok(None);
    }
    Ok(Some(Seed {
        file: file(workspace)?,
        inputs,
        stamp,
    }))
}

/// Checks the demo catalog, all content types of it, and puts it into one file.
pub fn file(workspace: &Workspace) -> Result<PathBuf> {
    let mapping = Mapping::parse(&[], None)?;
    let mut items = Vec::new();
    for name in ContentType::NAMES {
        let file = workspace.path(DIRECTORY).join(format!("{name}.json"));
        let imported = check(&records::read(&file)?, &mapping)?;
        if let Some((reason, (_, row))) = imported.refused.iter().next() {
            bail!("`{}`, row {row}: {reason}", file.display());
        }
        items.extend(imported.items);
    }
    write_items(workspace, "demo-catalog.json", &items)
}
