//! Binaryen's wasm-opt, from npm only: an old one on PATH may write a broken module and exit 0.

use std::path::Path;

use anyhow::Result;

use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// The features that rustc and wasm-bindgen use, for wasm-opt to keep.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Optimises `input` into `output` by passes such as `-O3`.
pub fn optimize(workspace: &Workspace, passes: &[&str], input: &Path, output: &Path) -> Result<()> {
    process::run(
        node::tool(workspace, "wasm-opt")?
            .args(FEATURES)
            .args(passes)
            .args(["--strip-debug", "--strip-producers"])
            .arg("--strip-target-features")
            .arg(input)
            .arg("-o")
            .arg(output),
    )
}
