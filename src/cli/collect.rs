//! `collect`: record a flight that somebody else flies, and inspect its frames as they arrive.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::case::Case;
use crate::collect::{Event, Stream};

use super::ending::UsageError;
use super::fly::Recording;
use super::follow::{self, CardArgs, Follow, Inspected, News};
use super::inspection::InspectionArgs;
use super::line::Line;
use super::linked::SignedArgs;
use super::progress::Progress;
use super::seal::SealArgs;
use super::{Ending, output, seal};

/// Record a flight and inspect its frames as they arrive
///
/// It listens, and sends nothing but that it is there, and with --fetch what asks for files of the
/// vehicle. Telemetry goes into a .tlog beside the
/// case, of which a crash loses a second at most; frames that arrive in the folder are inspected
/// while others are still flown.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// udpin, udpout, tcpin or tcpout, then :HOST:PORT
    #[arg(long, value_name = "ADDR")]
    link: String,
    /// Where frames arrive: a card's copy, a share
    #[arg(long, value_name = "DIR")]
    frames: PathBuf,
    /// The case folder
    #[arg(long, value_name = "DIR")]
    case: PathBuf,
    #[command(flatten)]
    card: CardArgs,
    /// End when the vehicle has landed; else with Ctrl-C
    #[arg(long)]
    until_landed: bool,
    /// End after so many seconds
    #[arg(long, value_name = "SECONDS")]
    most: Option<f64>,
    /// Print one JSON object a picture and a finding, and one at the end
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    signed: SignedArgs,
    #[command(flatten)]
    how: InspectionArgs,
    #[command(flatten)]
    seal: SealArgs,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk collect --link udpin:127.0.0.1:14551 --frames /mnt/share --case works.case --json";

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    if let Some(most) = args.most.filter(|most| !(0.0..=1e6).contains(most)) {
        return Err(UsageError(format!("--most {most} is not within 0 to 1000000")).into());
    }
    let params = args.how.params()?;
    let signer = args.seal.signer()?;
    let flight = Recording::beside(&args.case)?;
    let progress = Progress::start(true);
    let linked = args.signed.params(&args.link, Some(flight.tlog.clone()))?;
    let mut line = Line::open(&args.link, &linked)?;
    let mut case = Case::open_or_create(&args.case)?;
    let mut tell = |news: &News<'_>| tell(news, args.json);
    let what = Follow {
        frames: &args.frames,
        fetch: args.card.fetch(),
        stream: Stream::create(&flight.stream)?,
        until_landed: args.until_landed,
        most: args.most.map(Duration::from_secs_f64),
        tell: &mut tell,
        orders: None,
    };
    let inspected =
        Inspected { case: &mut case, tlog: &flight.tlog, params: &params, progress: &progress };
    let followed = follow::follow(&mut line, what, inspected)?;
    if let Some(summary) = &followed.summary {
        seal::seal(&mut case, summary, &args.seal.who, signer.as_deref())?;
    }
    let recorded = line.received();
    line.close()?;
    let (inspected, findings) = followed
        .summary
        .as_ref()
        .map_or((0, 0), |summary| (summary.frames.len(), summary.findings.len()));
    if args.json {
        output::json_line(&json!({
            "event": "end",
            "state": followed.state,
            "messages": recorded,
            "pictures": followed.pictures,
            "gaps": followed.missing,
            "coverage": followed.coverage,
            "frames_seen": followed.files.len(),
            "inspected": inspected,
            "findings": findings,
        }))?;
    } else {
        output::text(&format!(
            "{}: {recorded} messages, {} pictures told, {} files, {inspected} inspected, \
             {findings} findings{}\n",
            followed.state,
            followed.pictures,
            followed.files.len(),
            follow::covered(followed.coverage),
        ))?;
    }
    Ok(if followed.files.is_empty() { Ending::Nothing } else { Ending::Done })
}

fn tell(news: &News<'_>, as_json: bool) -> anyhow::Result<()> {
    if !as_json {
        follow::say(news);
        return Ok(());
    }
    match news {
        News::Event(Event::Picture(picture)) => output::json_line(&json!({
            "event": "picture",
            "index": picture.index,
            "lat": picture.at.lat_deg,
            "lon": picture.at.lon_deg,
            "above_home_m": picture.at.above_home_m,
        })),
        News::Found(new) => output::json_line(&json!({
            "event": "finding",
            "lat": new.finding.point.lat_deg(),
            "lon": new.finding.point.lon_deg(),
            "polarity": new.finding.polarity,
            "delta_k": new.finding.delta,
            "frames_inspected": new.frames_inspected,
        })),
        News::State(..) | News::Event(_) | News::Order(..) => Ok(()),
    }
}
