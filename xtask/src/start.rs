//! `cargo xtask start`: site and API on one port, with KV and D1 on local disk.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Part};
use crate::catalog;
use crate::server::{Event, Server, check_port};
use crate::workspace::Workspace;

/// Where and how to serve.
#[derive(clap::Args)]
pub struct Args {
    /// The port of site and API.
    #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

/// Builds what is not up to date, and serves until ctrl-C.
pub fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    check_port(args.port)?;
    build::build(workspace, Part::All)?;
    let seed = catalog::seed_demo(workspace)?;
    let items = seed.as_ref().map(|seed| seed.file.as_path());
    let server = Server::spawn(workspace, &workspace.data(), args.port, items)?;
    let stopper = server.stopper();
    ctrlc::set_handler(move || {
        // A second ctrl-C may find that the server is gone already.
        let _ = stopper.send(Event::Stop);
    })
    .context("ctrl-C cannot be caught")?;
    let report = server.ready()?;
    let applied = report.get("migrations").and_then(Value::as_array);
    for name in applied.into_iter().flatten().filter_map(Value::as_str) {
        eprintln!("  applied the migration {name}");
    }
    if let Some(seed) = seed {
        seed.done()?;
        eprintln!("  put the demo catalog into D1");
    }
    println!("{}", invitation(args.port));
    loop {
        match server.next()? {
            Event::Line(line) => println!("{line}"),
            Event::Stop => {
                eprintln!("stopping");
                server.stop();
                return Ok(());
            }
            Event::Ended => bail!("the server ended unexpectedly"),
        }
    }
}

/// The address, and what to try there.
fn invitation(port: u16) -> String {
    let api = format!("http://localhost:{port}/api/v1");
    format!(
        "
moodloop serves http://localhost:{port}/ (KV and D1 are in .local/; ctrl-C stops it). Try:

  curl -X PUT {api}/users/user-123/personality -H 'Content-Type: application/json' \\
    -d '{{\"openness\":85,\"conscientiousness\":60,\"extraversion\":35,\"agreeableness\":70,\"neuroticism\":25}}'
  curl '{api}/entertainment/music/recommendations/user-123?mood=relaxed&time_of_day=evening&limit=5'
  curl -X POST {api}/admin/tasks/rl-training/trigger -H 'X-Admin-Key: admin-dev-key-change-in-production'
"
    )
}
