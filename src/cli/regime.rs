//! `regime`: when supervision became investigation.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;

use crate::evidence::REGIME_SWITCH;

use super::ending::{BadInput, UsageError};
use super::who::Who;
use super::{Ending, clock, output};

/// Record the moment at which supervision became criminal investigation
///
/// Frames from then on carry the other regime in every package. Whether a caution was due is for
/// the officer to say.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// The moment, RFC 3339 in UTC; now unless told
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    person: String,
    /// As what
    #[arg(long, value_name = "ROLE", default_value = "officer")]
    role: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    if args.reason.trim().is_empty() {
        return Err(UsageError("a switch has a --reason".to_owned()).into());
    }
    let mut case = super::export::existing(&args.case)?;
    let (lines, _) = crate::case::read_custody(&case.custody_log()?).unwrap_or_default();
    if let Some(line) = lines.iter().find(|line| line.action == REGIME_SWITCH) {
        let already = format!("line {} of the log has it already: {}", line.seq, line.object);
        return Err(BadInput(already).into());
    }
    let moment = args.at.map_or_else(clock::now, |at| at.to_string());
    let who = Who { person: Some(args.person.clone()), role: args.role.clone() };
    case.append_custody(&who.did(REGIME_SWITCH, &moment, "", &args.reason))?;
    if args.json {
        output::json_line(&json!({ "switched_at": moment }))?;
    } else {
        output::text(&format!("investigation from {moment} on\n"))?;
    }
    Ok(Ending::Done)
}
