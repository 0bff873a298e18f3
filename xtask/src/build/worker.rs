//! The Worker: one JavaScript module and one wasm file, exactly what is tested and deployed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::{optimize, rust};
use crate::node;
use crate::process;
use crate::progress::Outcome;
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// Builds worker/dist/worker.js and worker/dist/worker.wasm.
pub fn build(workspace: &Workspace) -> Result<Outcome> {
    let compiled = rust::build(workspace, "moodloop-worker", &["--profile", "edge"])?;
    let bytes = fs::read(&compiled)?;
    let shim = workspace.path("worker/shim.mjs");
    let inputs = Inputs::new(include_str!("worker.rs"))
        .bytes(&bytes)
        .path(&shim)?
        .path(&workspace.path("package-lock.json"))?;
    let output = workspace.path("worker/dist");
    let stamp = workspace.stamp("worker");
    if inputs.match_stamp(&stamp, &output.join("worker.js")) {
        return Ok(Outcome::Fresh);
    }
    let glue = workspace.scratch("worker");
    bind(bytes, &glue)?;
    fs::create_dir_all(&output)?;
    optimize::optimize(
        workspace,
        &["-Os"],
        &glue.join("worker_bg.wasm"),
        &output.join("worker.wasm"),
    )?;
    bundle(workspace, &shim, &glue, &output)?;
    inputs.write_stamp(&stamp)?;
    Ok(Outcome::Done)
}

/// Writes worker/dist/openapi.json, which the site's guide is made from: the document as the built
/// Worker gives it.
pub fn describe(workspace: &Workspace) -> Result<Outcome> {
    let output = workspace.path("worker/dist");
    let inputs = Inputs::new(include_str!("worker.rs"))
        .path(&output.join("worker.js"))?
        .path(&output.join("worker.wasm"))?;
    let document = output.join("openapi.json");
    let stamp = workspace.stamp("openapi");
    if inputs.match_stamp(&stamp, &document) {
        return Ok(Outcome::Fresh);
    }
    // The Worker does not start without the directory of the site, which may not be built yet.
    fs::create_dir_all(workspace.path("www/dist"))?;
    process::run(
        node::tool(workspace, "node")?
            .arg(workspace.path("xtask/node/describe.mjs"))
            .arg(workspace.scratch("describe-data"))
            .arg(&document),
    )?;
    inputs.write_stamp(&stamp)?;
    Ok(Outcome::Done)
}

fn bind(wasm: Vec<u8>, output: &Path) -> Result<()> {
    Bindgen::new()
        .input_bytes("worker", wasm)
        .module(true)?
        .typescript(false)
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(output)?;
    // workerd knows a wasm import as an ordinary import of a compiled module.
    let file = output.join("worker.js");
    let glue = fs::read_to_string(&file).context("wasm-bindgen made no `worker.js`")?;
    let glue = glue
        .replace("import source ", "import ")
        .replace("./worker_bg.wasm", "./worker.wasm");
    fs::write(&file, glue)?;
    Ok(())
}

/// Puts the shim and the glue into one module; the wasm file stays beside it.
fn bundle(workspace: &Workspace, shim: &Path, glue: &Path, output: &Path) -> Result<()> {
    let mut alias = std::ffi::OsString::from("--alias:moodloop-worker-glue=");
    alias.push(glue.join("worker.js"));
    let mut outfile = std::ffi::OsString::from("--outfile=");
    outfile.push(output.join("worker.js"));
    process::run(
        node::tool(workspace, "esbuild")?
            .arg(shim)
            .args(["--bundle", "--format=esm", "--target=es2022"])
            .args(["--minify-syntax", "--minify-whitespace"])
            .args(["--external:cloudflare:*", "--external:*.wasm"])
            .args(["--log-level=warning", alias.to_string_lossy().as_ref()])
            .arg(outfile),
    )
}
