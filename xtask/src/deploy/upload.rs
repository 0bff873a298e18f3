//! What would be uploaded, as wrangler bundles it.

use anyhow::{Context, Result};

use super::Finding::{self, Good, Wrong};
use crate::process;
use crate::workspace::Workspace;

/// The largest upload of the free plan, gzipped, in KiB.
const FREE_KIB: f64 = 3072.0;

/// Lets wrangler make the upload without sending it.
pub fn check(workspace: &Workspace) -> Result<Finding> {
    let mut wrangler = super::wrangler(workspace)?;
    let output = workspace.scratch("deploy");
    let printed = process::output(
        wrangler
            .args(["deploy", "--dry-run", "--outdir"])
            .arg(&output),
    )?;
    let text = String::from_utf8_lossy(&printed);
    let kib = gzipped(&text).with_context(|| format!("wrangler named no size:\n{text}"))?;
    Ok(if kib <= FREE_KIB {
        Good(format!("upload: {kib:.0} KiB gzipped of {FREE_KIB:.0}"))
    } else {
        Wrong(format!(
            "upload: {kib:.0} KiB gzipped are more than {FREE_KIB:.0}"
        ))
    })
}

/// The second size in `Total Upload: 900.00 KiB / gzip: 300.00 KiB`, in KiB.
fn gzipped(printed: &str) -> Option<f64> {
    let (_, rest) = printed.split_once("/ gzip: ")?;
    let mut words = rest.split_whitespace();
    let size: f64 = words.next()?.parse().ok()?;
    match words.next()? {
        "KiB" => Some(size),
        "MiB" => Some(size * 1024.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_gzipped_size() {
        let printed = "Total Upload: 900.12 KiB / gzip: 300.34 KiB\nYour Worker";
        assert_eq!(gzipped(printed), Some(300.34));
        assert_eq!(gzipped("x / gzip: 1.50 MiB\n"), Some(1536.0));
        assert_eq!(gzipped("nothing"), None);
    }
}
