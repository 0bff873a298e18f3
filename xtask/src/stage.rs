//! Site and API as a fresh machine serves them, and a Chromium to look at them.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::server::Server;
use crate::workspace::Workspace;
use crate::{catalog, chromium, node};

/// A served site with the demo catalog and no users. It ends when dropped.
pub struct Stage<'a> {
    workspace: &'a Workspace,
    /// Held, because the site is served as long as it lives.
    _server: Server,
    environment: Vec<(&'static str, String)>,
}

impl<'a> Stage<'a> {
    /// Serves what is built, with KV and D1 in an emptied directory of this name.
    pub fn open(workspace: &'a Workspace, name: &str) -> Result<Self> {
        let browser = chromium::find_or_install(workspace)?;
        let data = workspace.scratch(name);
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let items = catalog::demo_file(workspace)?;
        let server = Server::spawn(workspace, &data, 0, Some(&items))?;
        let ready = server.ready()?;
        let url = ready.get("url").and_then(|url| url.as_str());
        let url = url.context("the server did not say where it serves")?;
        let mut environment = vec![("MOODLOOP_URL", url.to_owned())];
        if let Some(browser) = browser {
            let path = browser.to_str().context("Chromium's path is not UTF-8")?;
            environment.push(("CHROMIUM", path.to_owned()));
        }
        Ok(Self {
            workspace,
            _server: server,
            environment,
        })
    }

    /// A command of `node_modules/.bin` that is told where the site and the browser are.
    pub fn command(&self, tool: &str) -> Result<Command> {
        let mut command = node::tool(self.workspace, tool)?;
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }
}
