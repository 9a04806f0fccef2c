//! `sim vehicle`: a vehicle to try a station, a mission or a link on.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::sim::vehicle::{Autopilot, Film, Misdeeds, PathFaults, Start, VehicleParams};
use crate::sim::{self, Port, Served, Server, ServerParams};
use crate::site;

use super::ending::UsageError;
use super::{Ending, files, output};

/// Simulated vehicles
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Vehicle(VehicleArgs),
}

/// A multirotor that speaks MAVLink as ArduPilot or PX4 does
///
/// It flies a mission that is sent to it and writes a frame of its scene whenever its camera is
/// triggered. Nobody is served but who sends something to its address.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct VehicleArgs {
    /// Whose manners it has
    #[arg(long, value_enum, default_value_t = AutopilotArg::Ardupilot)]
    autopilot: AutopilotArg,
    /// Where it is reached: udpin, udpout, tcpin or tcpout, then :HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "udpin:127.0.0.1:14550")]
    listen: String,
    /// Where it stands, in degrees and metres above mean sea level; else at the site's take-off
    #[arg(long, value_name = "LAT,LON,ALT", allow_hyphen_values = true)]
    home: Option<String>,
    /// Its time over real time
    #[arg(long, default_value_t = 1.0)]
    speedup: f64,
    /// Faults, divided by commas: loss=, duplicate=, reorder= (shares), delay= (seconds),
    /// silence=FROM+FOR (seconds), reboot=ITEMS, refuse=ITEM, early-ack, asks-for-ever
    #[arg(long, value_name = "LIST", default_value = "")]
    faults: String,
    /// Same seed, same wind, errors and faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Its system id
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    system: u8,
    /// Wind towards east and north in m/s
    #[arg(long, value_name = "E,N", default_value = "0,0", allow_hyphen_values = true)]
    wind: String,
    /// One sigma of gusts in m/s
    #[arg(long, default_value_t = 0.0)]
    gusts: f64,
    /// A receiver without RTK: metres of error instead of centimetres
    #[arg(long)]
    no_rtk: bool,
    /// Share of the battery's charge at the start
    #[arg(long, default_value_t = 1.0)]
    charge: f64,
    /// Seconds from its start to a position fix
    #[arg(long, default_value_t = 8.0)]
    fix_after: f64,
    /// Somebody at the sticks arms it so many seconds after a mission came
    #[arg(long, value_name = "SECONDS")]
    armed_after_upload: Option<f64>,
    /// Write a frame into this folder at each trigger, and the truth at the end
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,
    /// The site that its frames show; a small works of our own making unless told
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Write a mission over the site to this file, and end
    #[arg(long, value_name = "FILE")]
    survey: Option<PathBuf>,
    /// End when it has landed after a flight
    #[arg(long)]
    until_landed: bool,
    /// Print one JSON object a picture
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk sim vehicle --autopilot px4 --listen udpin:127.0.0.1:14550
  torenvalk sim vehicle --survey survey.plan
  torenvalk sim vehicle --frames card --speedup 10 --faults loss=0.3,duplicate=0.1,reorder=0.1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum AutopilotArg {
    Ardupilot,
    Px4,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let What::Vehicle(args) = &args.what;
    let site = match &args.site {
        Some(file) => site::read(file)?,
        None => site::example()?,
    };
    let film = Film::new(&site, &sim::Params::demo(args.seed))?;
    if let Some(file) = &args.survey {
        let mission = film.survey().map_err(UsageError)?;
        let written = super::convert::format_of(file)?(&mission);
        files::write(file, written.text.as_bytes())?;
        return Ok(Ending::Done);
    }
    let params = server_params(args, film.start())?;
    let port = Port::open(&args.listen).with_context(|| args.listen.clone())?;
    let address = port.local()?.map_or_else(String::new, |address| address.to_string());
    output::message(&format!("SIMULATED vehicle {} at {} ({address})", args.system, args.listen));
    let film = args.frames.is_some().then_some(film);
    serve(args, Server::new(params, port, film)?)
}

fn serve(args: &VehicleArgs, mut server: Server) -> anyhow::Result<Ending> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    // A second handler in one process is refused; there is one verb in each.
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed))?;
    #[expect(clippy::disallowed_methods, reason = "the vehicle's time follows this clock")]
    let start = Instant::now();
    while !(stop.load(Ordering::Relaxed) || args.until_landed && server.has_landed()) {
        for Served { shot, file } in server.turn(start.elapsed())? {
            let name = file.map(|file| file.display().to_string());
            if args.json {
                output::json_line(&serde_json::json!({
                    "picture": shot.number,
                    "vehicle_s": shot.at.as_secs_f64(),
                    "file": name,
                    "lat": shot.true_pose.lat,
                    "lon": shot.true_pose.lon,
                    "above_home_m": shot.above_home_m,
                }))?;
            } else if let Some(name) = name {
                output::message(&name);
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    server.finish()?;
    Ok(Ending::Done)
}

fn server_params(args: &VehicleArgs, at_site: Start) -> Result<ServerParams, UsageError> {
    let start = match args.home.as_deref() {
        None => at_site,
        Some(home) => {
            let [lat_deg, lon_deg, amsl_m] = numbers("home", home)?;
            if lat_deg.abs() > 90.0 || lon_deg.abs() > 180.0 {
                return Err(UsageError(format!("--home {home} is no place on earth")));
            }
            Start { lat_deg, lon_deg, amsl_m }
        }
    };
    let seconds = |flag: &str, value: f64| {
        let fits = (0.0..=1e6).contains(&value);
        let duration = fits.then(|| Duration::from_secs_f64(value));
        duration.ok_or_else(|| UsageError(format!("--{flag} {value} is not within 0 to 1000000")))
    };
    if !(0.01..=1000.0).contains(&args.speedup) {
        let told = args.speedup;
        return Err(UsageError(format!("--speedup {told} is not within 0.01 to 1000")));
    }
    if !(0.0..=1.0).contains(&args.charge) {
        return Err(UsageError(format!("--charge {} is not within 0 to 1", args.charge)));
    }
    let (faults, misdeeds) = faults(&args.faults)?;
    let autopilot = match args.autopilot {
        AutopilotArg::Ardupilot => Autopilot::ArduPilot,
        AutopilotArg::Px4 => Autopilot::Px4,
    };
    let armed = args.armed_after_upload.map(|after| seconds("armed-after-upload", after));
    let vehicle = VehicleParams {
        system: args.system,
        seed: args.seed,
        wind_m_s: numbers("wind", &args.wind)?,
        gust_m_s: args.gusts.abs(),
        rtk: !args.no_rtk,
        charge: args.charge,
        fix_after: seconds("fix-after", args.fix_after)?,
        armed_after_upload: armed.transpose()?,
        misdeeds,
        ..VehicleParams::at(autopilot, start)
    };
    Ok(ServerParams { vehicle, speedup: args.speedup, faults, frames: args.frames.clone() })
}

/// Numbers divided by commas.
fn numbers<const N: usize>(flag: &str, text: &str) -> Result<[f64; N], UsageError> {
    let all: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    <[f64; N]>::try_from(all)
        .ok()
        .filter(|all| all.iter().all(|number| number.is_finite()))
        .ok_or_else(|| UsageError(format!("--{flag} {text}: {N} numbers divided by commas")))
}

fn faults(list: &str) -> Result<(PathFaults, Misdeeds), UsageError> {
    let (mut path, mut misdeeds) = (PathFaults::default(), Misdeeds::default());
    for fault in list.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
        let (name, value) = fault.split_once('=').unwrap_or((fault, ""));
        let wrong = || UsageError(format!("--faults {fault}: not understood (see --help)"));
        let number = || value.parse::<f64>().ok().filter(|n| (0.0..=1e6).contains(n));
        let share = || number().filter(|share| *share <= 1.0).ok_or_else(wrong);
        let item = || value.parse::<u16>().map_err(|_| wrong());
        match name {
            "loss" => path.loss = share()?,
            "duplicate" => path.duplicate = share()?,
            "reorder" => path.reorder = share()?,
            "delay" => path.delay = Duration::from_secs_f64(number().ok_or_else(wrong)?),
            "silence" => {
                let (from, length) = value.split_once('+').ok_or_else(wrong)?;
                let part = |text: &str| {
                    text.parse::<f64>().ok().filter(|n| (0.0..=1e6).contains(n)).ok_or_else(wrong)
                };
                let from = Duration::from_secs_f64(part(from)?);
                misdeeds.silent = Some((from, from + Duration::from_secs_f64(part(length)?)));
            }
            "reboot" => misdeeds.reboot_after_items = Some(item()?),
            "refuse" => misdeeds.refuses_item = Some(item()?),
            "early-ack" => misdeeds.early_ack = true,
            "asks-for-ever" => misdeeds.asks_for_ever = true,
            _ => return Err(wrong()),
        }
    }
    Ok((path, misdeeds))
}
