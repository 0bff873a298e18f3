//! Up-to-date checks: a stamp holds a hash of what a result was made from.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Directories that hold results or foreign code, never inputs.
const SKIPPED: [&str; 4] = ["dist", "node_modules", "target", ".local"];

/// A hash of inputs, to be compared with the one that a stamp file holds.
#[derive(Default)]
pub struct Inputs(DefaultHasher);

impl Inputs {
    /// Starts with the recipe: the source that makes the result, so that its changes count too.
    pub fn new(recipe: &str) -> Self {
        let mut inputs = Self::default();
        recipe.hash(&mut inputs.0);
        inputs
    }

    /// Adds bytes.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        bytes.hash(&mut self.0);
        self
    }

    /// Adds a file, or every file below a directory; a missing one counts as missing.
    pub fn path(mut self, path: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        files.sort();
        for file in files {
            file.hash(&mut self.0);
            fs::read(&file)
                .with_context(|| format!("`{}` cannot be read", file.display()))?
                .hash(&mut self.0);
        }
        Ok(self)
    }

    fn finish(&self) -> String {
        format!("{:016x}", self.0.finish())
    }

    /// Whether the stamp was written for the same inputs, and the result is still there.
    pub fn match_stamp(&self, stamp: &Path, result: &Path) -> bool {
        result.exists() && fs::read_to_string(stamp).is_ok_and(|text| text == self.finish())
    }

    /// Remembers that the result was made from these inputs.
    pub fn write_stamp(&self, stamp: &Path) -> Result<()> {
        if let Some(parent) = stamp.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(stamp, self.finish())
            .with_context(|| format!("`{}` cannot be written", stamp.display()))
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        let skip = |name: &OsStr| SKIPPED.iter().any(|skipped| name == *skipped);
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if !skip(&entry.file_name()) {
                collect(&entry.path(), files)?;
            }
        }
    } else if path.exists() {
        files.push(path.to_path_buf());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_what_changed() {
        let directory = std::env::temp_dir().join(format!("moodloop-stamp-{}", std::process::id()));
        let inputs = || Inputs::new("recipe").path(&directory.join("in")).unwrap();
        let (stamp, result) = (directory.join("stamp"), directory.join("result"));
        fs::create_dir_all(directory.join("in/dist")).unwrap();
        fs::write(directory.join("in/a"), "1").unwrap();
        inputs().write_stamp(&stamp).unwrap();
        assert!(!inputs().match_stamp(&stamp, &result), "no result yet");
        fs::write(&result, "").unwrap();
        assert!(inputs().match_stamp(&stamp, &result));
        fs::write(directory.join("in/dist/a"), "2").unwrap();
        assert!(
            inputs().match_stamp(&stamp, &result),
            "results are no inputs"
        );
        fs::write(directory.join("in/b"), "").unwrap();
        assert!(!inputs().match_stamp(&stamp, &result), "a new file");
        fs::remove_file(directory.join("in/b")).unwrap();
        fs::write(directory.join("in/a"), "2").unwrap();
        assert!(!inputs().match_stamp(&stamp, &result), "another content");
        fs::remove_dir_all(directory).unwrap();
    }
}
