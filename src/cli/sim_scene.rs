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
    /// Print the truth as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let site = match &args.site {
        Some(file) => site::read(file)?,
        None => site::example()?,
    };
    let params = sim::Params::demo(args.seed);
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
