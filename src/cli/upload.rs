//! `upload`: a mission to a vehicle, read back and compared.

use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::link::{Deliver, Delivery, Difference, Lists};
use crate::mission::{self, Home, Item, List, Mission, degrees_e7};

use super::linked::LinkArgs;
use super::{Ending, files, output};

/// A mission, its fence and its rally points to a vehicle
///
/// All is read back and compared by the rules of that autopilot; the exit code is 4 where a
/// difference matters. Nothing is armed or moved. A fence or rally points that the file does not
/// have stay as they are on the vehicle.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The mission: .plan or .waypoints
    #[arg(value_name = "MISSION")]
    mission: PathBuf,
    #[command(flatten)]
    link: LinkArgs,
    /// Only what is left when this item was to be flown next: counted from 0, home not among it.
    /// Speed, gimbal and camera are set as they were
    #[arg(long, value_name = "SEQ")]
    resume_from: Option<usize>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk upload survey.plan --link udpin:0.0.0.0:14550
  torenvalk upload survey.plan --link serial:/dev/ttyUSB0:57600 --resume-from 42 --json";

#[derive(Debug, Serialize)]
struct Report<'a> {
    items: usize,
    fence_items: usize,
    rally_items: usize,
    retries: u32,
    verified: bool,
    differences: &'a [Difference],
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    files::regular(&args.mission)?;
    let mission = mission::read(&args.mission)?;
    for odd in mission.oddities() {
        output::message(&format!("{}: {odd}", args.mission.display()));
    }
    let lists =
        lists_of(&mission, args.resume_from).with_context(|| args.mission.display().to_string())?;
    if lists == Lists::default() {
        output::message(&format!("{}: there is nothing to send", args.mission.display()));
        return Ok(Ending::Nothing);
    }
    let delivery = args.link.run(async |link, vehicle| {
        let route = crate::link::Route { us: link.us(), them: vehicle.peer };
        let deliver = Deliver::new(route, &lists, vehicle.quirks(), link.now())?;
        Ok(link.run(deliver, |_, _| {}).await?)
    })?;
    show(&delivery, args.json)?;
    Ok(if delivery.verified { Ending::Done } else { Ending::VerificationFailed })
}

/// What a file has; what it does not have is left alone.
fn lists_of(mission: &Mission, resume_from: Option<usize>) -> anyhow::Result<Lists> {
    let items = |list| Some(mission.items(list)).filter(|items| !items.is_empty());
    let mut flown = items(List::Mission);
    if let (Some(from), Some(all)) = (resume_from, &flown) {
        flown = Some(mission::resume(all, from)?);
    }
    Ok(Lists {
        mission: flown,
        home: mission.home.as_ref().map(home_item),
        fence: items(List::Fence),
        rally: items(List::Rally),
    })
}

/// Home as ArduPilot keeps it in front of a mission: a waypoint above mean sea level.
fn home_item(home: &Home) -> Item {
    Item {
        frame: 0,
        command: 16,
        params: [0.0; 4],
        x: degrees_e7(home.lat_deg),
        y: degrees_e7(home.lon_deg),
        z: home.amsl_m as f32,
        autocontinue: true,
    }
}

fn show(delivery: &Delivery, json: bool) -> anyhow::Result<()> {
    let count = |list| {
        let found = delivery.items.iter().find(|(known, _)| *known == list);
        found.map_or(0, |(_, count)| *count)
    };
    let report = Report {
        items: count(List::Mission),
        fence_items: count(List::Fence),
        rally_items: count(List::Rally),
        retries: delivery.retries,
        verified: delivery.verified,
        differences: &delivery.differences,
    };
    if json {
        return output::json_line(&report);
    }
    let mut text = format!(
        "{} items, {} of the fence, {} rally points; {} messages sent again\n",
        report.items, report.fence_items, report.rally_items, report.retries
    );
    for difference in report.differences {
        let item = difference.item.map_or_else(String::new, |item| format!(" item {item}"));
        let weight = if difference.matters { "" } else { " (does not matter)" };
        text.push_str(&format!("  {}{item}: {}{weight}\n", difference.list, difference.words));
    }
    text.push_str(if report.verified {
        "read back: the vehicle has what was sent\n"
    } else {
        "read back: the vehicle does NOT have what was sent\n"
    });
    output::text(&text)
}
