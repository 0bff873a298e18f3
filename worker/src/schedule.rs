//! What the cron triggers do.

use std::time::Duration;

use serde_json::json;
use worker::{Delay, Env, console_error, console_log};

use crate::error::Result;
use crate::store::Store;
use crate::{clock, privacy, train};

/// The cron expression of the weekly training; every other one only continues
/// what is open.
const WEEKLY: &str = "0 1 * * mon";

/// How long the weekly trigger waits for D1 before each further attempt to open
/// its run, in seconds: D1 may be away for a minute, and the next Monday is far.
const WAITS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Runs what the trigger `cron`, due at `due`, is for. A failure is logged
/// here; the run itself records it in D1.
pub async fn run(cron: &str, due: i64, env: &Env) {
    let outcome = match Store::open(env) {
        Ok(store) => due_work(&store, cron, due).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => console_log!("{}", json!({ "event": "scheduled", "cron": cron })),
        Err(failure) => console_error!(
            "{}",
            json!({ "event": "scheduled_failed", "cron": cron, "code": failure.code() })
        ),
    }
}

async fn due_work(store: &Store, cron: &str, due: i64) -> Result<()> {
    if cron == WEEKLY {
        open(store, due).await?;
    } else {
        privacy::continue_erasures(store, clock::now()).await?;
    }
    train::go_on(store, due).await
}

/// Opens the weekly run. From then on the frequent trigger continues what D1 or
/// anything else interrupts.
async fn open(store: &Store, due: i64) -> Result<()> {
    for wait in WAITS {
        match train::open(store, due).await {
            Err(away) if away.code() == "unavailable" => {
                Delay::from(Duration::from_secs(wait)).await;
            }
            outcome => return outcome,
        }
    }
    train::open(store, due).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekly_trigger_is_configured() {
        assert!(include_str!("../wrangler.jsonc").contains(WEEKLY));
    }
}
