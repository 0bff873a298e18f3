//! `cargo xtask deploy`: checks what can be checked without an account, then deploys.

mod configuration;
mod cron;
mod upload;

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::configuration::Configuration;
use crate::build::{self, Part};
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// How to deploy.
#[derive(clap::Args)]
pub struct Args {
    /// Check only; needs no account.
    #[arg(long)]
    dry_run: bool,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be.
    Good(String),
    /// Only the owner of an account can fill this in.
    Open(String),
    /// Must be mended.
    Wrong(String),
}

impl Finding {
    /// Whether it must be mended.
    pub const fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong(_))
    }

    fn line(&self) -> String {
        match self {
            Self::Good(what) => format!("  ok     {what}"),
            Self::Open(what) => format!("  to do  {what}"),
            Self::Wrong(what) => format!("  WRONG  {what}"),
        }
    }
}

/// Builds, checks, and deploys unless told to check only.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    build::build(workspace, Part::All)?;
    let findings = inspect(workspace)?;
    println!("{}", report(&findings));
    if findings.iter().any(Finding::is_wrong) {
        bail!("this would not serve as it should: nothing was deployed");
    }
    if args.dry_run {
        return Ok(());
    }
    if findings.iter().any(|f| matches!(f, Finding::Open(_))) {
        bail!("fill in what is to do first (worker/README.md says how): nothing was deployed");
    }
    check_secrets(workspace)?;
    attended(wrangler(workspace)?.args(["d1", "migrations", "apply", "DB", "--remote"]))?;
    attended(wrangler(workspace)?.arg("deploy"))
}

/// Every check of what is built and configured.
pub fn inspect(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut node = node::tool(workspace, "node")?;
    let script = workspace.path("xtask/node/configuration.mjs");
    let configured = process::report(node.arg(script))?;
    let mut findings = Configuration::of(&configured)?.check();
    findings.push(upload::check(workspace)?);
    Ok(findings)
}

/// One line for each finding.
pub fn report(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(Finding::line).collect();
    lines.join("\n")
}

/// A wrangler command for production.
fn wrangler(workspace: &Workspace) -> Result<Command> {
    let mut wrangler = node::tool(workspace, "wrangler")?;
    wrangler
        .args(["--config", "worker/wrangler.jsonc"])
        .args(["--env", "production"]);
    Ok(wrangler)
}

/// Refuses to deploy a Worker whose doors would stay shut.
fn check_secrets(workspace: &Workspace) -> Result<()> {
    let mut list = wrangler(workspace)?;
    let printed = process::output(list.args(["secret", "list", "--format", "json"])).context(
        "the secrets cannot be listed: is the account logged in (`npx wrangler login`)?",
    )?;
    let listed: Value =
        serde_json::from_slice(&printed).context("wrangler did not list secrets in JSON")?;
    let set: Vec<&str> = listed
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|secret| secret.get("name").and_then(Value::as_str))
        .collect();
    for name in configuration::SECRETS {
        if !set.contains(&name) {
            bail!("set `{name}` first: `npx wrangler secret put {name} --env production`");
        }
    }
    Ok(())
}

/// Runs a command that a person watches and may have to answer.
fn attended(command: &mut Command) -> Result<()> {
    let name = process::describe(command);
    let status = command
        .status()
        .with_context(|| format!("`{name}` cannot be started"))?;
    if status.success() {
        Ok(())
    } else {
        bail!("`{name}` failed ({status})")
    }
}
