//! `verify`: every check of a package, by name.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::evidence::{self, Check, Expected, STAMP_CHECK, Stamp, Verdict};

use super::ending::UsageError;
use super::{Ending, output};

/// Check an evidence package: a folder or a zip; the case is not needed
///
/// Exit code 4: a check failed. 7: nothing is wrong, but it is not signed, or by when it existed is
/// not shown (no time stamp, or none that could be checked).
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The package: its folder or its zip
    #[arg(value_name = "PACKAGE")]
    package: PathBuf,
    /// The signer's fingerprint as the organisation published it, from elsewhere than the package
    #[arg(long, value_name = "SHA256:...")]
    fingerprint: Option<String>,
    /// Certificates of the time stamping authority (PEM), from the authority; needs openssl
    #[arg(long, value_name = "FILE")]
    tsa_ca: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk verify EP-2026-0147_v1
  torenvalk verify EP-2026-0147_v1.zip --fingerprint SHA256:Rn0... --tsa-ca tsa-ca.pem --json";

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    if let Some(told) = args.fingerprint.as_ref().filter(|told| !evidence::is_fingerprint(told)) {
        return Err(
            UsageError(format!("`{told}` is no fingerprint; it begins with SHA256:")).into()
        );
    }
    let expected = Expected { fingerprint: args.fingerprint.clone() };
    let mut verdict = evidence::verify(&args.package, &expected)?;
    let mut stamped = false;
    if let (Some(stamp), Some(authority)) = (verdict.stamp.clone(), &args.tsa_ca) {
        super::files::regular(authority)?;
        let (passed, detail) = openssl(&stamp, authority)?;
        stamped = passed == Some(true);
        verdict.complete(STAMP_CHECK, passed, detail);
    }
    let valid = verdict.is_valid();
    if args.json {
        output::json_line(&json!({
            "valid": valid,
            "package": verdict.name,
            "signed": verdict.signed,
            "timestamped": stamped,
            "checks": verdict.checks,
        }))?;
    } else {
        output::text(&told(&verdict, valid))?;
    }
    Ok(match (valid, verdict.signed && stamped) {
        (false, _) => Ending::VerificationFailed,
        (true, false) => Ending::Incomplete,
        (true, true) => Ending::Done,
    })
}

fn told(verdict: &Verdict, valid: bool) -> String {
    let line = |check: &Check| {
        let mark = match check.passed {
            Some(true) => "ok    ",
            Some(false) => "FAILED",
            None => "-     ",
        };
        format!("{mark} {}: {}\n         shows: {}\n", check.name, check.detail, check.proves)
    };
    let lines: String = verdict.checks.iter().map(line).collect();
    let failed = verdict.checks.iter().filter(|check| check.passed == Some(false)).count();
    let end = match valid {
        true => "nothing is wrong with it".to_owned(),
        false => format!("{failed} checks FAILED"),
    };
    format!("{lines}{}: {end}\n", verdict.name)
}

/// Asks `openssl` whether a reply holds; without it nobody can say.
fn openssl(stamp: &Stamp, authority: &Path) -> anyhow::Result<(Option<bool>, String)> {
    let says = &stamp.says.made_at;
    let scratch = Scratch::new()?;
    let (stamped, reply) = (scratch.0.join("stamped"), scratch.0.join("reply"));
    std::fs::write(&stamped, &stamp.stamped)?;
    std::fs::write(&reply, &stamp.reply)?;
    let asked = Command::new("openssl")
        .args(["ts", "-verify", "-data"])
        .arg(&stamped)
        .arg("-in")
        .arg(&reply)
        .arg("-CAfile")
        .arg(authority)
        .output();
    Ok(match asked {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            (None, format!("not checked: says {says}; openssl is not installed"))
        }
        Err(error) => (None, format!("not checked: openssl: {error}")),
        Ok(output) if output.status.success() => (Some(true), format!("existed by {says}")),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned()
                + &String::from_utf8_lossy(&output.stdout);
            let reason = text.lines().find(|line| line.contains("error")).unwrap_or("refused");
            (Some(false), format!("openssl: {reason}"))
        }
    })
}

/// A folder that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        for number in 0..1000 {
            let name = format!("torenvalk-verify-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!("no free name in {}", std::env::temp_dir().display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
