//! `download`: a vehicle's mission, fence and rally points into files.

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::link::{Download, Error as LinkError, Route, from_vehicle};
use crate::mission::{Home, Item, List, Mission, Written, degrees_of_e7};
use crate::wire::MissionResult;

use super::linked::LinkArgs;
use super::{Ending, files, output};

/// A vehicle's mission, fence and rally points into files
///
/// Each file is written in the format that its name ends in: .plan, .waypoints or .geojson. The
/// exit code is 6 where a format cannot take all of it, which is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The files
    #[arg(required = true, value_name = "OUT")]
    outputs: Vec<PathBuf>,
    #[command(flatten)]
    link: LinkArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk download now.plan now.geojson --link tcpout:127.0.0.1:5760";

#[derive(Debug, Serialize)]
struct Report {
    items: usize,
    fence_items: usize,
    rally_items: usize,
    retries: u32,
    verified: bool,
    differences: [(); 0],
}

/// All lists of a vehicle.
#[derive(Debug, Default)]
struct Read {
    home: Option<Item>,
    lists: Vec<(List, Vec<Item>)>,
    retries: u32,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let writers: Vec<fn(&Mission) -> Written> = args
        .outputs
        .iter()
        .map(|path| super::convert::format_of(path))
        .collect::<Result<_, _>>()?;
    let read = args.link.run(async |link, vehicle| {
        let route = Route { us: link.us(), them: vehicle.peer };
        let mut read = Read::default();
        for list in [List::Mission, List::Fence, List::Rally] {
            let download = Download::new(route, list, vehicle.quirks(), link.now());
            match link.run(download, |_, _| {}).await {
                Ok(done) => {
                    let (home, items) = from_vehicle(list, done.items, vehicle.quirks());
                    read.home = read.home.or(home);
                    read.retries += done.retries;
                    read.lists.push((list, items));
                }
                // A vehicle without fences or rally points has none.
                Err(LinkError::Refused { result: MissionResult::UNSUPPORTED, .. })
                    if list != List::Mission =>
                {
                    read.lists.push((list, Vec::new()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(read)
    })?;
    let mission = mission_of(&read).context("what the vehicle holds is no mission")?;
    let mut ending = Ending::Done;
    for (path, write) in args.outputs.iter().zip(writers) {
        let Written { text, lost } = write(&mission);
        files::write(path, text.as_bytes())?;
        for lost in &lost {
            output::message(&format!("{}: not written: {lost}", path.display()));
            ending = Ending::Skipped;
        }
    }
    show(&read, args.json)?;
    Ok(ending)
}

fn mission_of(read: &Read) -> anyhow::Result<Mission> {
    let mut mission = Mission::default();
    for (list, items) in &read.lists {
        mission.set_items(*list, items)?;
    }
    // Zeros are no place: a vehicle without a fix has no home.
    let home = read.home.filter(|home| (home.x, home.y) != (0, 0));
    mission.home = home.map(|home| Home {
        lat_deg: degrees_of_e7(home.x),
        lon_deg: degrees_of_e7(home.y),
        amsl_m: f64::from(home.z),
    });
    Ok(mission)
}

fn show(read: &Read, json: bool) -> anyhow::Result<()> {
    let count = |list| {
        let found = read.lists.iter().find(|(known, _)| *known == list);
        found.map_or(0, |(_, items)| items.len())
    };
    let report = Report {
        items: count(List::Mission),
        fence_items: count(List::Fence),
        rally_items: count(List::Rally),
        retries: read.retries,
        verified: true,
        differences: [],
    };
    if json {
        return output::json_line(&report);
    }
    output::text(&format!(
        "{} items, {} of the fence, {} rally points; {} messages sent again\n",
        report.items, report.fence_items, report.rally_items, report.retries
    ))
}
