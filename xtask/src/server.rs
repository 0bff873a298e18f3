//! The Worker and the site, served from workerd by xtask/node/serve.mjs.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::node;
use crate::workspace::Workspace;

/// How long the server may take to stop by itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server: Node and its workerd, in a process group of their own.
pub struct Server {
    node: Child,
    /// The server runs until this closes, however its owner ends.
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    sender: Sender<Event>,
}

/// What happens to a running server.
pub enum Event {
    /// It printed a line.
    Line(String),
    /// Someone asked for it to stop.
    Stop,
    /// It closed its output: it has ended, or is about to.
    Ended,
}

/// Fails, saying what to do, where another program has the port.
pub fn check_port(port: u16) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!(
            "port {port} is taken by another program: stop it, or choose another port with `--port`"
        );
    }
    Ok(())
}

impl Server {
    /// Starts the server on a port, with KV and D1 in a directory, and puts items, if given,
    /// into its catalog.
    pub fn spawn(
        workspace: &Workspace,
        data: &Path,
        port: u16,
        items: Option<&Path>,
    ) -> Result<Self> {
        let mut node = node::tool(workspace, "node")?
            .arg(workspace.path("xtask/node/serve.mjs"))
            .arg(data)
            .arg(port.to_string())
            .args(items)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("node cannot be started")?;
        let (sender, events) = channel();
        let stdin = node.stdin.take();
        let stdout = node.stdout.take().context("node has no standard output")?;
        let lines = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if lines.send(Event::Line(line)).is_err() {
                    return;
                }
            }
            // Where nobody listens any more, there is nobody to tell.
            let _ = lines.send(Event::Ended);
        });
        Ok(Self {
            node,
            stdin,
            events,
            sender,
        })
    }

    /// Waits until it serves, and returns what it says of itself.
    pub fn ready(&self) -> Result<Value> {
        loop {
            match self.next()? {
                Event::Line(line) => match serde_json::from_str::<Value>(&line) {
                    Ok(report) if report.get("url").is_some() => return Ok(report),
                    _ => println!("{line}"),
                },
                Event::Stop => bail!("stopped before it served"),
                Event::Ended => bail!("the server ended before it served"),
            }
        }
    }

    /// The next event.
    pub fn next(&self) -> Result<Event> {
        self.events.recv().context("the server's output was lost")
    }

    /// What makes the server's owner see [`Event::Stop`].
    pub fn stopper(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Stops Node and workerd, by force where they do not stop by themselves.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(Event::Line(line)) => println!("{line}"),
                Ok(Event::Stop) => {}
                Ok(Event::Ended)
                | Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => break,
            }
        }
        // Ends what is left of the group; where nothing is left, that is what was wanted.
        if let Ok(id) = i32::try_from(self.node.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        let _ = self.node.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.stdin.is_some() {
            self.end();
        }
    }
}
