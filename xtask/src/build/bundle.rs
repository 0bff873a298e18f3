//! The npm package and the site, built by their own npm scripts.

use anyhow::Result;

use crate::node;
use crate::process;
use crate::progress::Outcome;
use crate::stamp::Inputs;
use crate::workspace::Workspace;

/// Builds pkg/dist/.
pub fn package(workspace: &Workspace) -> Result<Outcome> {
    let inputs = Inputs::new("npm package")
        .path(&workspace.path("pkg"))?
        .path(&workspace.path("tsconfig.json"))?
        .path(&workspace.path("package-lock.json"))?;
    run_script(workspace, inputs, "pkg")
}

/// Builds www/dist/.
pub fn site(workspace: &Workspace) -> Result<Outcome> {
    let inputs = Inputs::new("site")
        .path(&workspace.path("www"))?
        .path(&workspace.path("pkg/dist"))?
        .path(&workspace.path("pkg/wasm"))?
        .path(&workspace.path("pkg/package.json"))?
        .path(&workspace.path("worker/dist/openapi.json"))?
        .path(&workspace.path("tsconfig.json"))?
        .path(&workspace.path("package-lock.json"))?;
    run_script(workspace, inputs, "www")
}

/// Runs the `build` script of an npm workspace, on the Node of node_modules.
fn run_script(workspace: &Workspace, inputs: Inputs, package: &str) -> Result<Outcome> {
    let stamp = workspace.stamp(package);
    if inputs.match_stamp(&stamp, &workspace.path(package).join("dist")) {
        return Ok(Outcome::Fresh);
    }
    process::run(&mut node::npm(
        workspace,
        &["run", "build", "--workspace", package],
    )?)?;
    inputs.write_stamp(&stamp)?;
    Ok(Outcome::Done)
}
