//! Where things are in this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The checkout that the commands work on.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo where the workspace and its target directory are.
    pub fn find() -> Result<Self> {
        let mut cargo = Command::new(process::cargo());
        cargo.args(["metadata", "--no-deps", "--format-version=1"]);
        if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR") {
            cargo.current_dir(manifest);
        }
        let metadata: Value = serde_json::from_slice(&process::output(&mut cargo)?)
            .context("cargo metadata did not answer in JSON")?;
        let path = |key: &str| -> Result<PathBuf> {
            let text = metadata.get(key).and_then(Value::as_str);
            Ok(PathBuf::from(text.with_context(|| {
                format!("cargo metadata does not name `{key}`")
            })?))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
        })
    }

    /// The repository's top directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The commands' own corner of cargo's target directory, for intermediate files.
    pub fn scratch(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.target.join("xtask").join(relative)
    }

    /// A directory of that corner in which nothing is left from an earlier run.
    pub fn fresh(&self, name: &str) -> Result<PathBuf> {
        let directory = self.scratch(name);
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        Ok(directory)
    }

    /// The stamp file of a built part. It stands in the checkout, as the part does, whichever
    /// target directory was used to build it.
    pub fn stamp(&self, part: &str) -> PathBuf {
        self.path("node_modules/.cache/moodloop")
            .join(format!("{part}.stamp"))
    }

    /// Where the local KV and D1 are kept.
    pub fn data(&self) -> PathBuf {
        self.path(".local")
    }
}
