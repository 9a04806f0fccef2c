//! `decide`: what a person decided about a finding.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::case::{Case, Review};
use crate::evidence::{self, Advice, Matrix, Placed, Rules};
use crate::fuse::Status;

use super::ending::{BadInput, UsageError};
use super::{Ending, clock, output};

/// Record what a person decided about a finding; records are only ever added
///
/// With --cell and what follows it the decision also says how it was placed in the national
/// enforcement matrix. The program records; it never chooses a cell or a sanction.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("decision").required(true))]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// The finding's id
    #[arg(value_name = "FINDING")]
    finding: String,
    /// It is what it seems
    #[arg(long, group = "decision")]
    accept: bool,
    /// It is not
    #[arg(long, group = "decision")]
    reject: bool,
    /// It cannot be told
    #[arg(long, group = "decision")]
    unsure: bool,
    /// Take an earlier decision back, by its number
    #[arg(long, value_name = "N", group = "decision")]
    withdraw: Option<i64>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    person: String,
    /// As what
    #[arg(long, value_name = "ROLE", default_value = "inspector")]
    role: String,
    /// Cell of the enforcement matrix, A1 to D4
    #[arg(long, value_name = "CELL", value_parser = cell)]
    cell: Option<String>,
    /// An aggravating aspect; give it again for more
    #[arg(long, value_name = "TEXT", requires = "cell")]
    aspect: Vec<String>,
    /// Why the organisation's rule is departed from
    #[arg(long, value_name = "TEXT", requires = "cell")]
    deviation: Option<String>,
    /// The day on which police and prosecutor were consulted, or `no`
    #[arg(long, value_name = "DATE", requires = "cell")]
    consulted: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn cell(text: &str) -> Result<String, String> {
    match text.as_bytes() {
        [b'A'..=b'D', b'1'..=b'4'] => Ok(text.to_owned()),
        _ => Err("a column A to D and a row 1 to 4, such as B3".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    if args.reason.trim().is_empty() || args.person.trim().is_empty() {
        return Err(UsageError("a decision has a --reason and a --person".to_owned()).into());
    }
    let mut case = super::export::existing(&args.case)?;
    let run = case.runs()?.into_iter().find(|run| run.current).map(|run| run.id);
    let run = run.ok_or_else(|| BadInput("the case holds no run yet".to_owned()))?;
    let decision = match (args.accept, args.reject, args.unsure) {
        (true, ..) => Some(Status::Accepted),
        (_, true, _) => Some(Status::Rejected),
        (.., true) => Some(Status::Unsure),
        _ => None,
    };
    let placed = args.cell.as_deref().map(|cell| placed(args, cell)).transpose()?;
    let advice = advice(args, &case, decision)?;
    let mut view = json!({});
    if let Some((_, lhso)) = &placed {
        view["lhso"] = lhso.clone();
    }
    if let Some((rules, sha256)) = &advice {
        let named = |one: &Advice| json!({"rule": one.rule, "version": one.version});
        view["advice"] = json!({
            "rules": rules.iter().map(named).collect::<Vec<_>>(),
            "advice_sha256": sha256,
        });
    }
    let review = Review {
        run,
        finding: args.finding.clone(),
        at: clock::now(),
        person: args.person.clone(),
        role: args.role.clone(),
        decision,
        reason: args.reason.clone(),
        view: view.to_string(),
        withdraws: args.withdraw,
    };
    let number = case.record_review(&review, clock::note())?;
    let word = decision.map_or(json!("withdrawal"), |status| json!(status));
    let word = word.as_str().unwrap_or_default();
    if args.json {
        output::json_line(&json!({
            "review": number, "finding": args.finding, "decision": word,
            "lhso": placed.map(|(placed, _)| placed),
            "advice": advice.map(|(rules, _)| rules),
        }))?;
    } else {
        let placed = placed.map_or_else(String::new, |(placed, _)| in_matrix(&placed));
        let advice = advice.map_or_else(String::new, |(rules, _)| told(&rules));
        let finding = &args.finding;
        output::text(&format!("{finding}: {word} (review {number})\n{placed}{advice}"))?;
    }
    Ok(Ending::Done)
}

/// Where the decision stands in the matrix, and what is recorded of that: with the digest of the
/// file that was in force.
fn placed(args: &Args, cell: &str) -> anyhow::Result<(Placed, Value)> {
    let own = args.case.join("lhso.toml");
    let (matrix, adopted) = match own.exists() {
        true => {
            let bytes = super::export::read(&own)?;
            let text = String::from_utf8_lossy(&bytes);
            (Matrix::from_text(&own, &text)?, Some(evidence::hex_sha256(&bytes)))
        }
        false => (Matrix::from_text(&own, evidence::MATRIX)?, None),
    };
    let placed = matrix.placed(cell).ok_or_else(|| BadInput(format!("`{cell}` is no cell")))?;
    let recorded = json!({
        "column": &cell[..1],
        "row": &cell[1..],
        "cell": cell,
        "aspects": args.aspect,
        "deviation": args.deviation,
        "consulted": args.consulted,
        "role": args.role,
        "lhso_sha256": adopted,
    });
    Ok((placed, recorded))
}

/// What the organisation's rules say, if it has any, now that the person has chosen.
fn advice(
    args: &Args,
    case: &Case,
    decision: Option<Status>,
) -> anyhow::Result<Option<(Vec<Advice>, String)>> {
    let own = args.case.join("advice.toml");
    let Some(decision) = decision.filter(|_| own.exists()) else { return Ok(None) };
    let bytes = super::export::read(&own)?;
    let rules = Rules::from_text(&own, &String::from_utf8_lossy(&bytes))?;
    let findings = case.findings()?;
    let Some(finding) = findings.iter().find(|finding| finding.id == args.finding) else {
        return Ok(None);
    };
    let status = json!(decision);
    let applying = rules.advise(finding, status.as_str().unwrap_or_default(), args.cell.as_deref());
    Ok(Some((applying, evidence::hex_sha256(&bytes))))
}

fn in_matrix(placed: &Placed) -> String {
    let Placed { cell, column, row, .. } = placed;
    let here = format!("cell {cell}: {column}; {row}\n");
    match (&placed.outcome, &placed.adopted) {
        (Some(outcome), Some(adopted)) => {
            format!("{here}  the adopted matrix ({adopted}) has there: {outcome}\n")
        }
        _ => here + "  the adopted matrix has nothing there\n",
    }
}

fn told(rules: &[Advice]) -> String {
    if rules.is_empty() {
        return "no rule of advice.toml applies\n".to_owned();
    }
    let line = |one: &Advice| {
        let Advice { rule, version, then, why, source } = one;
        format!("advice by rule {rule} ({version}): {then}\n  because {why} ({source})\n")
    };
    rules.iter().map(line).collect()
}
