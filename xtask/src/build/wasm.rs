//! The wasm files of the npm package, with their glue.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::{optimize, rust};
use crate::progress::Outcome;
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// One wasm file of the package: the core with some of its features.
pub struct WasmFile {
    /// The name of the files in pkg/wasm/.
    name: &'static str,
    /// The features of the core, comma-separated.
    features: &'static str,
    /// The cargo profile that compiles it.
    profile: &'static str,
    /// What wasm-opt does with it.
    passes: &'static [&'static str],
}

/// What every page loads: as small as can be once it is compressed, for which like code that
/// stays apart is better than less code, each piece fitted into its caller, and a value made twice
/// is better than one kept in a local.
pub const CORE: WasmFile = WasmFile {
    name: "core",
    features: "js-core",
    profile: "page",
    passes: &[
        // So they are: the memory is the module's own, and its first kilobyte the stack's end.
        "--zero-filled-memory",
        "--low-memory-unused",
        "--flatten",
        "--rereloop",
        "-Oz",
        "-Oz",
        "--skip-pass=inlining-optimizing",
        "--skip-pass=local-cse",
    ],
};

/// What is loaded when a catalog is ranked.
pub const CATALOG: WasmFile = WasmFile {
    name: "catalog",
    features: "js-catalog",
    profile: "release",
    passes: &["-O3"],
};

/// What is loaded on demand for evaluation and simulation.
pub const LAB: WasmFile = WasmFile {
    name: "lab",
    features: "js-lab",
    profile: "release",
    passes: &["-O3"],
};

/// The core and the speed benchmark's work, compiled as the core is; it is not shipped.
pub const SPEED: WasmFile = WasmFile {
    name: "speed",
    features: "js-speed",
    ..CORE
};

/// A stack of a quarter of a megabyte. It lies below the data, whose addresses are a byte shorter
/// in the code for that; nothing recurses deeply.
const STACK: &str = "-Clink-arg=-zstack-size=262144";

/// Builds pkg/wasm/{name}.wasm, {name}.js and {name}.d.ts.
pub fn build(workspace: &Workspace, file: &WasmFile) -> Result<Outcome> {
    build_into(workspace, file, &workspace.path("pkg/wasm"))
}

/// Builds {name}.wasm, {name}.js and {name}.d.ts in `output`.
pub fn build_into(workspace: &Workspace, file: &WasmFile, output: &Path) -> Result<Outcome> {
    // Cargo is not asked: it knows one `moodloop.wasm`, and each set of features replaces it.
    let inputs = Inputs::new(include_str!("wasm.rs"))
        .bytes(&rust::version()?)
        .path(&workspace.path("src"))?
        .path(&workspace.path("Cargo.toml"))?
        .path(&workspace.path("Cargo.lock"))?
        .path(&workspace.path("package-lock.json"))?;
    let module = output.join(format!("{}.wasm", file.name));
    let stamp = workspace.stamp(file.name);
    if inputs.match_stamp(&stamp, &module) {
        return Ok(Outcome::Fresh);
    }
    let compiled = rust::build(
        workspace,
        "moodloop",
        &[
            "--profile",
            file.profile,
            "--features",
            file.features,
            "--",
            STACK,
        ],
    )?;
    let glue = workspace.scratch(file.name);
    bind(file.name, fs::read(compiled)?, &glue)?;
    fs::create_dir_all(output)?;
    optimize::optimize(
        workspace,
        file.passes,
        &glue.join(format!("{}_bg.wasm", file.name)),
        &module,
    )?;
    for extension in ["js", "d.ts"] {
        let name = format!("{}.{extension}", file.name);
        fs::copy(glue.join(&name), output.join(&name))
            .with_context(|| format!("wasm-bindgen made no `{name}`"))?;
    }
    inputs.write_stamp(&stamp)?;
    Ok(Outcome::Done)
}

/// Writes the glue for the web. It has no implicit `new URL(…)` for the wasm file, which
/// bundlers would chase: each entry of the package hands over the bytes.
fn bind(name: &str, wasm: Vec<u8>, output: &Path) -> Result<()> {
    Bindgen::new()
        .input_bytes(name, wasm)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .generate(output)
}
