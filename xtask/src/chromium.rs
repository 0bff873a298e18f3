//! A real Chromium: the machine's own, else an installed one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// Where Chromium and Chrome usually are.
const USUAL: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The browser's program, or nothing where Playwright has installed its own and knows where.
pub fn find_or_install(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        let chosen = PathBuf::from(chosen);
        if !chosen.is_file() {
            bail!("`CHROMIUM` names `{}`, which is no file", chosen.display());
        }
        return Ok(Some(chosen));
    }
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if Path::new("/etc/debian_version").exists() && is_root() {
        eprintln!("installing Chromium (apt-get install chromium)");
        let install = ["install", "--yes", "--no-install-recommends", "chromium"];
        let installed =
            process::run(&mut apt(&["update"])).and_then(|()| process::run(&mut apt(&install)));
        match (installed, find()) {
            (Ok(()), Some(found)) => return Ok(Some(found)),
            (Err(error), _) => eprintln!("{error:#}"),
            (Ok(()), None) => eprintln!("apt-get installed no Chromium"),
        }
    }
    eprintln!("installing Chromium (playwright install chromium)");
    process::run(node::tool(workspace, "playwright")?.args(["install", "chromium"]))
        .context("no Chromium on this machine, and none could be installed: set `CHROMIUM`")?;
    Ok(None)
}

fn find() -> Option<PathBuf> {
    USUAL.iter().map(PathBuf::from).find(|path| path.is_file())
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn apt(args: &[&str]) -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(args);
    apt
}
