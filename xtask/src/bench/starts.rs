//! How long it takes until something answers.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::figure::{Figure, Quantity};
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// When a start is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the page is asked for.
const INTERVAL: Duration = Duration::from_millis(20);

/// Measures the warm start of everything, and the cold start of the Worker.
pub fn measure(workspace: &Workspace) -> Result<Vec<Figure>> {
    let (whole, empty) = cold_start(workspace)?;
    Ok(vec![
        Figure::at_most(
            "`cargo xtask start`, warm, to the served page",
            Quantity::Seconds(warm_start(workspace)?.as_secs_f64()),
            Quantity::Seconds(15.0),
        ),
        Figure::plain(
            "a new local workerd with the Worker, to the first answer (median of 5)",
            Quantity::Seconds(whole),
        ),
        Figure::plain(
            "the same with a Worker that does nothing",
            Quantity::Seconds(empty),
        ),
        Figure::at_most(
            "Worker, cold start to the first answer: the difference",
            Quantity::Seconds(whole - empty),
            Quantity::Seconds(0.5),
        ),
    ])
}

/// From the command to the page, everything being built.
fn warm_start(workspace: &Workspace) -> Result<Duration> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let started = Instant::now();
    let mut start = Command::new(process::cargo())
        .current_dir(workspace.root())
        .args(["xtask", "start", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cargo cannot be started")?;
    let served = wait_for_page(&mut start, port);
    let elapsed = started.elapsed();
    if let Ok(id) = i32::try_from(start.id()) {
        // It may have ended by itself, which `served` tells.
        let _ = kill(Pid::from_raw(-id), Signal::SIGINT);
    }
    start.wait()?;
    served.map(|()| elapsed)
}

fn wait_for_page(start: &mut Child, port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if is_served(port) {
            return Ok(());
        }
        if let Some(status) = start.try_wait()? {
            bail!("`cargo xtask start` ended by itself ({status})");
        }
        thread::sleep(INTERVAL);
    }
    bail!("`cargo xtask start` served nothing within {PATIENCE:?}")
}

fn is_served(port: u16) -> bool {
    let answer = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|mut stream| {
        stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut head = [0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut head)?;
        Ok(head)
    });
    answer.is_ok_and(|head| head.ends_with(b" 200"))
}

/// From a new workerd, its isolate and wasm included, to the answer of an API route; and the same
/// for a Worker that does nothing.
fn cold_start(workspace: &Workspace) -> Result<(f64, f64)> {
    let data = workspace.scratch("cold-start-data");
    let mut node = node::tool(workspace, "node")?;
    node.arg(workspace.path("xtask/node/cold-start.mjs"))
        .arg(data);
    let report = process::report(&mut node)?;
    let seconds =
        |name| (report.get(name).and_then(Value::as_f64)).context("cold-start.mjs did not measure");
    Ok((seconds("median_seconds")?, seconds("empty_median_seconds")?))
}
