//! `sim-scene`: a synthetic flight with known truth.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::inspect::name_of;
use crate::{sim, site};

use super::ending::BadInput;
use super::{Ending, files, output};

/// Make a simulated flight: radiometric frames over a site with planted spots, and the truth
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the frames and `truth.json`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Site to fly over; a small works of our own making unless told
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Same seed, same bytes [default: 1]
    #[arg(long)]
    seed: Option<u64>,
    /// How many spots to plant; fewer where the site has no room for them [default: 24]
    #[arg(long, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(..=MOST_SPOTS))]
    spots: Option<u32>,
    /// JSON of what is to be another way (camera, flight, errors, spots, ground), in the words that
    /// truth.json has under `params`; what it leaves out stays as it is, and other options go first
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Write a flight log beside the frames, too; may be given again
    #[arg(long, value_name = "KIND", value_enum)]
    log: Vec<LogArg>,
    /// Leave places and attitudes out of the frames, set the camera's clock two hours ahead with
    /// whole seconds, and lose a frame now and then: what a log is needed for
    #[arg(long)]
    without_poses: bool,
    /// The same site four weeks later: some spots are gone, some stand out more or less, some are
    /// new. Inspect both flights, and `review` the second one with --earlier
    #[arg(long)]
    later: bool,
    /// Print the truth as JSON
    #[arg(long)]
    json: bool,
}

/// Each spot is compared with all others, so that their number has an end.
const MOST_SPOTS: i64 = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogArg {
    /// ArduPilot's DataFlash, flight.bin
    Bin,
    /// MAVLink telemetry, flight.tlog
    Tlog,
    /// A table, flight.csv
    Csv,
    /// Places only, flight.gpx
    Gpx,
}

impl LogArg {
    fn kind(self) -> sim::LogKind {
        match self {
            Self::Bin => sim::LogKind::Bin,
            Self::Tlog => sim::LogKind::Tlog,
            Self::Csv => sim::LogKind::Csv,
            Self::Gpx => sim::LogKind::Gpx,
        }
    }
}

/// Larger files of parameters are a mistake.
const MOST_BYTES: u64 = 1 << 20;

/// Parameters as a file changes them.
fn varied(params: &sim::Params, file: &Path) -> anyhow::Result<sim::Params> {
    let bad = |what: String| BadInput(format!("{}: {what}", name_of(file)));
    let bytes = files::bytes(file, MOST_BYTES)?;
    let told: Value = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
    if !told.is_object() {
        return Err(bad("not parameters of a flight: no object".to_owned()).into());
    }
    let mut all = serde_json::to_value(params)?;
    merge(&mut all, told);
    let varied = serde_json::from_value::<sim::Params>(all);
    let varied = varied.map_err(|error| bad(format!("not parameters of a flight: {error}")))?;
    if i64::from(varied.spots.count) > MOST_SPOTS {
        return Err(bad(format!("spots.count is above {MOST_SPOTS}")).into());
    }
    Ok(varied.fault().map_or(Ok(varied), |fault| Err(bad(fault)))?)
}

/// Puts the values of `told` over those of `all`, object by object.
fn merge(all: &mut Value, told: Value) {
    match (all, told) {
        (Value::Object(all), Value::Object(told)) => {
            for (name, value) in told {
                merge(all.entry(name).or_insert(Value::Null), value);
            }
        }
        (all, told) => *all = told,
    }
}

/// The program's own parameters, then those of the file, then those of options.
fn asked(args: &Args) -> anyhow::Result<sim::Params> {
    let mut params = sim::Params::demo(1);
    if let Some(file) = &args.params {
        params = varied(&params, file)?;
    }
    params.seed = args.seed.unwrap_or(params.seed);
    params.spots.count = args.spots.unwrap_or(params.spots.count);
    if args.later {
        params = params.later();
    }
    let kinds: Vec<_> = args.log.iter().map(|log| log.kind()).collect();
    if args.without_poses {
        params.log = sim::LogPlan::silent_camera(kinds);
    } else if !kinds.is_empty() {
        params.log.kinds = kinds;
    }
    Ok(params)
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let site = match &args.site {
        Some(file) => site::read(file)?,
        None => site::example()?,
    };
    let params = asked(args)?;
    let truth = sim::write_flight(&site, &params, &args.out)?;
    if args.json {
        output::json_line(&truth)?;
    } else {
        output::text(&format!(
            "simulated: {} frames and {} planted spots over {} in {}\n",
            truth.frames.len(),
            truth.spots.len(),
            site.name,
            args.out.display(),
        ))?;
    }
    Ok(Ending::Done)
}
