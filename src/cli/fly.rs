//! `fly`: a mission to a vehicle, checked, started by a person, followed to its end.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use crate::case::Case;
use crate::collect::{Aircraft, Check, Order, Stream, preflight};
use crate::link::{Deliver, Delivery, Lists, Peer, Quirks, Route};
use crate::mission::{self, Action, Item, List, Mission};
use crate::wire::packet::CommandLong;

use super::ending::{BadInput, UsageError};
use super::follow::{self, CardArgs, Follow, Followed, Inspected, News};
use super::inspection::InspectionArgs;
use super::line::Line;
use super::linked::SignedArgs;
use super::progress::Progress;
use super::seal::SealArgs;
use super::{Ending, files, output, seal};

/// Send a mission, check, start when you say so, follow the flight and inspect what comes
///
/// It never arms: that is for whoever holds the transmitter. Mission, fence and rally points are
/// read back and compared before anything is started. While it flies: p and Enter holds, r goes
/// on, h goes home.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The mission: .plan or .waypoints
    mission: PathBuf,
    /// udpin, udpout, tcpin or tcpout, then :HOST:PORT
    #[arg(long, value_name = "ADDR")]
    link: String,
    /// The case folder; the recording is put beside it
    #[arg(long, value_name = "DIR")]
    case: PathBuf,
    /// Where frames arrive
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,
    #[command(flatten)]
    card: CardArgs,
    /// Start without asking; for scripts
    #[arg(long)]
    yes_start: bool,
    /// How long to wait for a vehicle, its fix, and for somebody who arms it, in seconds each
    #[arg(long, default_value_t = 300.0)]
    wait: f64,
    /// Print JSON: one object a finding, one at the end
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
  torenvalk fly works.plan --link udpin:127.0.0.1:14550 --case works.case --frames DCIM

Exit codes: 3 a file cannot be used, 4 the vehicle has another mission than was sent or a check
failed, 5 no vehicle, 7 not started or not flown to its end.";

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    files::regular(&args.mission)?;
    let mission = mission::read(&args.mission)?;
    for odd in mission.oddities() {
        output::message(&format!("{}: {odd}", args.mission.display()));
    }
    if !(1.0..=86_400.0).contains(&args.wait) {
        return Err(UsageError(format!("--wait {} is not within 1 to 86400", args.wait)).into());
    }
    let wait = Duration::from_secs_f64(args.wait);
    let params = args.how.params()?;
    let signer = args.seal.signer()?;
    let flight = Recording::beside(&args.case)?;
    files::write(&flight.plan, mission::to_plan(&mission).text.as_bytes())?;
    let progress = Progress::start(true);
    let linked = args.signed.params(&args.link, Some(flight.tlog.clone()))?;
    let mut line = Line::open(&args.link, &linked)?;
    if !hears_vehicle(&mut line, wait)? {
        output::message("no vehicle on the link");
        return Ok(Ending::Nothing);
    }
    let pictures = expected_pictures(&mission);
    let delivery = deliver(&mut line, &mission)?;
    for difference in &delivery.differences {
        output::message(&difference.words);
    }
    if !delivery.verified {
        return ended(args, "not verified", None, Ending::VerificationFailed);
    }
    output::message("the vehicle has the mission as it was sent");
    let checks = settle(&mut line, &mission, pictures, wait)?;
    for check in &checks {
        output::message(&worded(check));
    }
    if checks.iter().any(|check| check.passed == Some(false)) {
        return ended(args, "checks failed", None, Ending::VerificationFailed);
    }
    if !(args.yes_start || said_yes()?) {
        return ended(args, "not started", None, Ending::Incomplete);
    }
    if !armed(&mut line, wait)? {
        return ended(args, "nobody armed it", None, Ending::Incomplete);
    }
    let orders = orders(std::io::stdin().is_terminal());
    let mut case = Case::open_or_create(&args.case)?;
    let frames = args.frames.clone().unwrap_or_else(|| flight.folder.join("frames"));
    let mut tell = |news: &News<'_>| tell(news, args.json, pictures);
    let what = Follow {
        frames: &frames,
        fetch: args.card.fetch(),
        stream: Stream::create(&flight.stream)?,
        until_landed: true,
        most: None,
        tell: &mut tell,
        orders: Some(&orders),
    };
    let inspected =
        Inspected { case: &mut case, tlog: &flight.tlog, params: &params, progress: &progress };
    let followed = follow::follow(&mut line, what, inspected)?;
    if let Some(summary) = &followed.summary {
        seal::seal(&mut case, summary, &args.seal.who, signer.as_deref())?;
    }
    line.close()?;
    let ending = if followed.state == "landed" { Ending::Done } else { Ending::Incomplete };
    ended(args, followed.state, Some(&followed), ending)
}

/// Where a flight's own files go: beside the case, which only `case` writes.
pub(super) struct Recording {
    pub(super) folder: PathBuf,
    pub(super) plan: PathBuf,
    pub(super) tlog: PathBuf,
    pub(super) stream: PathBuf,
}

impl Recording {
    /// `x/works.case` → `x/works.flight-1/`, the first number that is free.
    pub(super) fn beside(case: &Path) -> anyhow::Result<Self> {
        for number in 1..10_000 {
            let folder = case.with_extension(format!("flight-{number}"));
            if folder.exists() {
                continue;
            }
            return Self::at(folder);
        }
        Err(BadInput(format!("{}: it has 9999 flights beside it", case.display())).into())
    }
}

impl Recording {
    /// In a folder, which is made.
    pub(super) fn at(folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{}: cannot be made", folder.display()))?;
        Ok(Self {
            plan: folder.join("flight.plan"),
            tlog: folder.join("flight.tlog"),
            stream: folder.join("flight.geojsonl"),
            folder,
        })
    }
}

/// Waits for a vehicle that has started.
pub(super) fn hears_vehicle(line: &mut Line, wait: Duration) -> anyhow::Result<bool> {
    let begun = line.now();
    while !line.aircraft.is_up() {
        line.turn();
        if line.now().saturating_sub(begun) > wait {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who speaks with whom.
fn route(aircraft: &Aircraft) -> Route {
    let system = aircraft.system.map_or(1, |system| system.0);
    Route { us: Peer::STATION, them: Peer::new(system, 1) }
}

/// Sends all lists, reads them back and compares.
pub(super) fn deliver(line: &mut Line, mission: &Mission) -> anyhow::Result<Delivery> {
    let aircraft = &line.aircraft;
    let home = mission.home.map(|home| Item {
        x: mission::degrees_e7(home.lat_deg),
        y: mission::degrees_e7(home.lon_deg),
        z: home.amsl_m as f32,
        ..Item::empty(0, 16)
    });
    let lists = Lists {
        mission: Some(mission.items(List::Mission)),
        home,
        fence: Some(mission.items(List::Fence)),
        rally: Some(mission.items(List::Rally)),
    };
    let quirks = Quirks::of(aircraft.autopilot);
    let engine = Deliver::new(route(aircraft), &lists, quirks, line.now())?;
    Ok(line.run(engine)?)
}

/// Asks for what the checks need, and waits until all of it is told or the time is over.
pub(super) fn settle(
    line: &mut Line,
    mission: &Mission,
    pictures: usize,
    wait: Duration,
) -> anyhow::Result<Vec<Check>> {
    /// `MAV_CMD_REQUEST_MESSAGE`, HOME_POSITION, STORAGE_INFORMATION.
    const REQUEST_MESSAGE: u16 = 512;
    const WANTED: [f32; 2] = [242.0, 261.0];
    /// What is never told by this vehicle is not waited for any longer.
    const PATIENCE: Duration = Duration::from_secs(15);
    let begun = line.now();
    let mut asked: Option<Duration> = None;
    loop {
        line.turn();
        let now = line.now();
        if asked.is_none_or(|at| now.saturating_sub(at) > Duration::from_secs(2)) {
            asked = Some(now);
            let target_system = line.aircraft.system.map_or(0, |system| system.0);
            for param1 in WANTED {
                line.say(
                    CommandLong {
                        command: REQUEST_MESSAGE,
                        param1,
                        target_system,
                        target_component: 1,
                        ..CommandLong::default()
                    }
                    .into(),
                );
            }
        }
        let checks = preflight(&line.aircraft, mission, pictures);
        let waited = now.saturating_sub(begun);
        let all = checks.iter().all(|check| check.passed == Some(true));
        let fix = line.aircraft.has_fix == Some(true);
        if all || waited > wait || (fix && waited > PATIENCE) {
            return Ok(checks);
        }
    }
}

fn worded(check: &Check) -> String {
    let mark = match check.passed {
        Some(true) => "ok     ",
        Some(false) => "FAILED ",
        None => "unknown",
    };
    format!("{mark} {}: {}", check.name, check.detail)
}

/// A typed "fly" on a terminal; nothing else is a yes.
fn said_yes() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        output::message("not started: no terminal to ask on, and no --yes-start");
        return Ok(false);
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "type fly to start, anything else to leave it: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "fly")
}

/// Waits until somebody else has armed it.
pub(super) fn armed(line: &mut Line, wait: Duration) -> anyhow::Result<bool> {
    let begun = line.now();
    if !line.aircraft.armed {
        output::message("arm it at the transmitter; this program never arms");
    }
    while !line.aircraft.armed {
        line.turn();
        if line.now().saturating_sub(begun) > wait {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first order is to fly; more come from the keyboard.
fn orders(from_keyboard: bool) -> Receiver<Order> {
    let (give, orders) = channel();
    let _ = give.send(Order::Fly);
    if from_keyboard {
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                let order = match line.trim() {
                    "p" => Order::Hold,
                    "r" => Order::Fly,
                    "h" => Order::Return,
                    _ => continue,
                };
                if give.send(order).is_err() {
                    return;
                }
            }
        });
    }
    orders
}

fn tell(news: &News<'_>, as_json: bool, expected: usize) -> anyhow::Result<()> {
    follow::say(news);
    match news {
        News::Found(new) if as_json => output::json_line(&json!({
            "event": "finding",
            "lat": new.finding.point.lat_deg(),
            "lon": new.finding.point.lon_deg(),
            "polarity": new.finding.polarity,
            "delta_k": new.finding.delta,
            "frames_inspected": new.frames_inspected,
        })),
        News::State(so_far) => {
            if std::io::stderr().is_terminal() {
                let text = follow::status(so_far, expected);
                let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn ended(
    args: &Args,
    state: &str,
    followed: Option<&Followed>,
    ending: Ending,
) -> anyhow::Result<Ending> {
    let pictures = followed.map_or(0, |followed| followed.pictures);
    let files = followed.map_or(0, |followed| followed.files.len());
    let gaps = followed.map(|followed| followed.missing.clone()).unwrap_or_default();
    let coverage = followed.and_then(|followed| followed.coverage);
    let findings = followed.and_then(|followed| followed.summary.as_ref());
    let findings = findings.map_or(0, |summary| summary.findings.len());
    if args.json {
        output::json_line(&json!({
            "state": state,
            "pictures": pictures,
            "frames": files,
            "gaps": gaps,
            "coverage": coverage,
            "findings": findings,
        }))?;
    } else {
        output::text(&format!(
            "{state}: {pictures} pictures told, {} numbers missing between them, {files} files, \
             {findings} findings{}\n",
            gaps.len(),
            follow::covered(coverage),
        ))?;
    }
    Ok(ending)
}

/// Pictures of a mission: of each line with a distance its length over it, and single ones.
pub(super) fn expected_pictures(mission: &Mission) -> usize {
    let mut spacing_m = 0.0;
    let mut last: Option<nalgebra::Vector3<f64>> = None;
    let mut count = 0.0;
    for step in &mission.steps {
        match step.action {
            Action::TriggerDistance { distance_m, at_once, .. } => {
                spacing_m = f64::from(distance_m);
                count += f64::from(u8::from(at_once && spacing_m > 0.0));
            }
            Action::Digicam { shoot: 1, .. } => count += 1.0,
            Action::Pictures { count: pictures, .. } => count += f64::from(pictures),
            _ => {
                let Some(place) = step.place() else { continue };
                let at = crate::geo::Geodetic::from_degrees(place.lat_deg, place.lon_deg, 0.0);
                let at = at.to_ecef();
                if let Some(last) = last.replace(at).filter(|_| spacing_m > 0.0) {
                    count += ((at - last).norm() / spacing_m).round();
                }
            }
        }
    }
    count as usize
}
