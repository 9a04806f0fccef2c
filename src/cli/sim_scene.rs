//! `sim-scene`: a synthetic flight with known truth.

use std::path::PathBuf;

use crate::{sim, site};

use super::{Ending, output};

/// Make a simulated flight: radiometric frames over a site with planted spots, and the truth
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the frames and `truth.json`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Site to fly over; a small works of our own making unless told
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Same seed, same bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many spots to plant; fewer where the site has no room for them
    #[arg(long, value_name = "COUNT", default_value_t = sim::SpotParams::default().count,
        value_parser = clap::value_parser!(u32).range(..=MOST_SPOTS))]
    spots: u32,
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

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let site = match &args.site {
        Some(file) => site::read(file)?,
        None => site::example()?,
    };
    let mut params = sim::Params::demo(args.seed);
    params.spots.count = args.spots;
    if args.later {
        params = params.later();
    }
    let kinds = args.log.iter().map(|log| log.kind()).collect();
    if args.without_poses {
        params.log = sim::LogPlan::silent_camera(kinds);
    } else {
        params.log.kinds = kinds;
    }
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
