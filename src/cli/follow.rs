//! Follows a flight: the vehicle's state, pictures and files, and what is found in them meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::Context as _;

use crate::case::Case;
use crate::collect::{
    Arrivals, Coverage, Event, Fetch, Fetched, Live, NewFinding, Order, Outcome, Pictures, Start,
    Stream,
};
use crate::inspect::{self, Summary, Watch};
use crate::link::Received;

use super::line::Line;
use super::progress::Progress;
use super::{files, output};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A flight whose vehicle is silent for so long has to be ended by a person.
const SILENT_AFTER: Duration = Duration::from_secs(5);
/// So long after the landing files may still come.
const FILES_MAY_COME: Duration = Duration::from_secs(2);

/// Frames on the vehicle itself.
#[derive(Debug, clap::Args)]
pub(super) struct CardArgs {
    /// Fetch frames from this folder of the vehicle's card (MAVLink FTP) while it flies
    #[arg(long, value_name = "FOLDER")]
    fetch: Option<String>,
    /// Which part of the vehicle has the card: 1 the autopilot, 100 the first camera
    #[arg(long, value_name = "N", default_value_t = 1, requires = "fetch",
          value_parser = clap::value_parser!(u8).range(1..))]
    fetch_component: u8,
}

impl CardArgs {
    pub(super) fn fetch(&self) -> Option<Fetch> {
        self.fetch.as_ref().map(|folder| Fetch::from(folder, self.fetch_component))
    }
}

/// What is followed.
pub(super) struct Follow<'a> {
    /// Where frames arrive.
    pub(super) frames: &'a Path,
    /// Where the flight goes for maps.
    pub(super) stream: Stream,
    /// Brings frames from the vehicle's card there.
    pub(super) fetch: Option<Fetch>,
    /// Whether it is over when the vehicle has landed.
    pub(super) until_landed: bool,
    /// Longest time.
    pub(super) most: Option<Duration>,
    /// Says what is new to whoever asked.
    pub(super) tell: &'a mut dyn FnMut(&News<'_>) -> anyhow::Result<()>,
    /// What a person says meanwhile.
    pub(super) orders: Option<&'a Receiver<Order>>,
}

/// Where findings go, and how they are made.
pub(super) struct Inspected<'a> {
    /// The case.
    pub(super) case: &'a mut Case,
    /// The recording, for frames that have no place of their own.
    pub(super) tlog: &'a Path,
    /// How they are inspected.
    pub(super) params: &'a inspect::Params,
    /// Where a person stops it.
    pub(super) progress: &'a Progress,
}

/// What is new.
pub(super) enum News<'a> {
    /// The vehicle, at an instant.
    State(&'a Progressed<'a>),
    /// Something has changed.
    Event(&'a Event),
    /// Something was found.
    Found(&'a NewFinding),
    /// What became of an order.
    Order(Order, Outcome),
}

/// How far a flight is.
pub(super) struct Progressed<'a> {
    /// The vehicle.
    pub(super) aircraft: &'a crate::collect::Aircraft,
    /// Pictures that it told of so far.
    pub(super) pictures: usize,
    /// Files that came so far.
    pub(super) files: usize,
    /// The share of the site's area that inspected frames have seen, where there is an area.
    pub(super) coverage: Option<f64>,
}

/// How a flight ended.
pub(super) struct Followed {
    /// `landed`, `stopped`, `time is over` or `vehicle lost`.
    pub(super) state: &'static str,
    /// Pictures that the vehicle told of.
    pub(super) pictures: usize,
    /// Numbers between two pictures that never came.
    pub(super) missing: Vec<u32>,
    /// Files that came.
    pub(super) files: Vec<PathBuf>,
    /// The share of the site's area that was seen, 0 to 1; `None` without a site.
    pub(super) coverage: Option<f64>,
    /// The last run over all of them, if there was anything.
    pub(super) summary: Option<Summary>,
}

/// What the one who inspects says.
enum Report {
    Found(Vec<NewFinding>),
    Covered(f64),
    Done(Option<Box<Summary>>),
    Failed(crate::collect::Error),
}

/// Follows until the end. Inspection runs beside it and never holds the link up.
pub(super) fn follow(
    line: &mut Line,
    mut what: Follow<'_>,
    mut inspected: Inspected<'_>,
) -> anyhow::Result<Followed> {
    let progress = inspected.progress;
    let (files, incoming) = channel();
    let (reports, outgoing) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Err(error) = inspect_arrivals(&incoming, &reports, &mut inspected) {
                let _ = reports.send(Report::Failed(error));
            }
        });
        let mut flight = Flight::default();
        let state = watch(line, &mut what, &mut flight, &files, &outgoing, progress)?;
        drop(files);
        let mut summary = None;
        while let Ok(report) = outgoing.recv() {
            match report {
                Report::Found(new) => tell_found(&mut what, &new)?,
                Report::Covered(share) => flight.coverage = Some(share),
                Report::Done(done) => summary = done.map(|done| *done),
                Report::Failed(error) => return Err(error.into()),
            }
        }
        Ok(Followed {
            state,
            pictures: line.pictures_told(),
            missing: line.pictures.iter().flat_map(Pictures::missing).collect(),
            files: flight.files,
            coverage: flight.coverage,
            summary,
        })
    })
}

#[derive(Default)]
struct Flight {
    files: Vec<PathBuf>,
    armed: bool,
    landed_at: Option<Duration>,
    coverage: Option<f64>,
}

impl Flight {
    /// Long enough ago for the last files to have come.
    fn has_landed(&self, now: Duration) -> bool {
        self.landed_at.is_some_and(|at| now.saturating_sub(at) > FILES_MAY_COME)
    }

    fn event(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Armed => self.armed = true,
            Event::Disarmed if self.armed => self.landed_at = Some(now),
            _ => {}
        }
    }
}

fn watch(
    line: &mut Line,
    what: &mut Follow<'_>,
    flight: &mut Flight,
    files: &Sender<Vec<PathBuf>>,
    reports: &Receiver<Report>,
    progress: &Progress,
) -> anyhow::Result<&'static str> {
    let begun = line.now();
    let mut arrivals = Arrivals::of(what.frames);
    let mut looked: Option<Duration> = None;
    let mut order: Option<(Order, Start)> = None;
    flight.armed = line.aircraft.armed;
    loop {
        let heard = line.turn();
        let now = line.now();
        for event in line.events() {
            flight.event(&event, now);
            if let Event::Picture(picture) = &event {
                what.stream.picture(picture)?;
            }
            (what.tell)(&News::Event(&event))?;
        }
        what.stream.place(&line.aircraft, line.pictures_told(), now)?;
        if looked.is_none_or(|at| now.saturating_sub(at) >= LOOK_EVERY) {
            looked = Some(now);
            let arrived = arrivals.look(now)?;
            flight.files.extend(arrived.iter().cloned());
            if !arrived.is_empty() {
                let _ = files.send(arrived); // It has failed, and says why below.
            }
            let (aircraft, files) = (&line.aircraft, flight.files.len());
            let (pictures, coverage) = (line.pictures_told(), flight.coverage);
            let so_far = Progressed { aircraft, pictures, files, coverage };
            (what.tell)(&News::State(&so_far))?;
        }
        while let Ok(report) = reports.try_recv() {
            match report {
                Report::Found(new) => tell_found(what, &new)?,
                Report::Covered(share) => flight.coverage = Some(share),
                Report::Failed(error) => return Err(error.into()),
                Report::Done(_) => {}
            }
        }
        obey(what, line, &heard, &mut order)?;
        if let Some(fetch) = &mut what.fetch {
            bring(fetch, what.frames, line, &heard)?;
        }
        if let Some(state) = ended_by_us(what, progress, now.saturating_sub(begun)) {
            return Ok(state);
        }
        let heard_at = line.aircraft.heard_at;
        let silent = heard_at.is_some_and(|at| now.saturating_sub(at) > SILENT_AFTER);
        if what.until_landed && silent {
            return Ok("vehicle lost");
        }
        if what.until_landed && flight.has_landed(now) && arrivals.waiting() == 0 {
            let landed_at = flight.landed_at.unwrap_or_default();
            if what.fetch.as_ref().is_none_or(|fetch| fetch.is_over_since(landed_at)) {
                return Ok("landed");
            }
        }
    }
}

/// Passes on what a person says, and tells what became of it.
fn obey(
    what: &mut Follow<'_>,
    line: &Line,
    heard: &[Arc<Received>],
    order: &mut Option<(Order, Start)>,
) -> anyhow::Result<()> {
    if let Some(wish) = what.orders.and_then(|orders| orders.try_recv().ok()) {
        *order = Some((wish, Start::new(wish, &line.aircraft)));
    }
    if let Some((wish, start)) = order
        && let Some(outcome) = line.step(start, heard)
    {
        (what.tell)(&News::Order(*wish, outcome))?;
        *order = None;
    }
    Ok(())
}

/// Brings a frame from the vehicle's card, one block after the other. It has its name once it is
/// whole: what was begun when the power went is no frame.
fn bring(
    fetch: &mut Fetch,
    frames: &Path,
    line: &Line,
    heard: &[Arc<Received>],
) -> anyhow::Result<()> {
    let now = line.now();
    heard.iter().for_each(|message| fetch.handle(message, now));
    let Some(system) = line.aircraft.system else { return Ok(()) };
    for fetched in fetch.advance(system.0, now) {
        match fetched {
            Fetched::Send(packet) => line.say(*packet),
            Fetched::Trouble(words) => output::message(&format!("frames on the vehicle: {words}")),
            Fetched::File { name, bytes } => {
                let path = frames.join(name);
                // What is there already stays: it came another way, or is of another flight.
                if path.exists() {
                    if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
                        let name = path.display();
                        output::message(&format!(
                            "{name}: the vehicle has another file of this name, not taken; \
                             give an empty folder with --frames"
                        ));
                    }
                } else {
                    let part = path.with_extension("part");
                    files::write(&part, &bytes)?;
                    std::fs::rename(&part, &path)
                        .with_context(|| format!("{}: not written", path.display()))?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a person or the clock ends it.
fn ended_by_us(what: &Follow<'_>, progress: &Progress, since: Duration) -> Option<&'static str> {
    if progress.stop().load(Ordering::Relaxed) {
        return Some("stopped");
    }
    what.most.is_some_and(|most| since > most).then_some("time is over")
}

fn tell_found(what: &mut Follow<'_>, new: &[NewFinding]) -> anyhow::Result<()> {
    new.iter().try_for_each(|new| (what.tell)(&News::Found(new)))
}

/// Inspects what arrives on a thread of its own. What was found so far is in the case at any time;
/// at the end all of it is inspected together, and stands in the place of that.
fn inspect_arrivals(
    incoming: &Receiver<Vec<PathBuf>>,
    reports: &Sender<Report>,
    what: &mut Inspected<'_>,
) -> Result<(), crate::collect::Error> {
    let mut live = Live::default();
    let mut lacks_places = false;
    let areas = what.params.site.as_ref().map_or(&[][..], |site| &site.areas);
    let told = |new: Vec<NewFinding>, summary: &Summary| {
        let coverage = Coverage::of(areas).map(|mut coverage| {
            summary.frames.iter().for_each(|frame| coverage.see(&frame.footprint));
            Report::Covered(coverage.share())
        });
        for report in coverage.into_iter().chain([Report::Found(new)]) {
            let _ = reports.send(report); // Whoever listens has gone, with a reason.
        }
    };
    loop {
        let more = match incoming.recv_timeout(LOOK_EVERY) {
            Ok(files) => {
                live.arrived(files);
                incoming.try_iter().for_each(|files| live.arrived(files));
                true
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        };
        let first = live.waiting() == live.frames() && live.frames() > 0;
        if live.is_due() || (!more && first) {
            let (new, summary) = live.inspect(what.params, what.case, what.progress, true)?;
            lacks_places = summary.frames.iter().any(|frame| frame.no_pose.is_some());
            told(new, &summary);
        }
        if !more {
            break;
        }
    }
    let mut summary = None;
    if live.frames() > 0 {
        if lacks_places {
            live.arrived(vec![what.tlog.to_owned()]);
        }
        let (new, last) = live.inspect(what.params, what.case, what.progress, false)?;
        told(new, &last);
        summary = Some(Box::new(last));
    }
    let _ = reports.send(Report::Done(summary));
    Ok(())
}

/// What a person sees of an order.
pub(super) fn told(order: Order, outcome: Outcome) -> String {
    let order = match order {
        Order::Fly => "fly",
        Order::Hold => "hold",
        Order::Return => "return",
    };
    match outcome {
        Outcome::Done => format!("{order}: the vehicle does so"),
        Outcome::Refused(result) => format!("{order}: {result}"),
        Outcome::Silent => format!("{order}: no answer"),
        Outcome::NotArmed => format!("{order}: it is not armed, and this program never arms"),
        Outcome::UnknownAutopilot => format!("{order}: the autopilot's modes are not known"),
    }
}

/// How much was seen, to go behind other words.
pub(super) fn covered(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!(", {:.0} % of the area seen", share * 100.0))
}

/// One line about the flight, over the last one on a terminal.
pub(super) fn status(so_far: &Progressed<'_>, expected: usize) -> String {
    let Progressed { aircraft, pictures, files, coverage } = so_far;
    let covered = covered(*coverage);
    let height_m = aircraft.spot.map_or(f64::NAN, |spot| spot.above_home_m);
    format!(
        "{} step {}, {height_m:.0} m, battery {} %, {pictures} of {expected} pictures, \
         {files} files{covered}",
        if aircraft.armed { "flying" } else { "on the ground" },
        aircraft.current.map_or_else(|| "-".to_owned(), |step| step.to_string()),
        aircraft.battery_percent.map_or_else(|| "?".to_owned(), |percent| percent.to_string()),
    )
}

/// Says what is worth a line on stderr.
pub(super) fn say(news: &News<'_>) {
    match news {
        News::Event(Event::Text(text)) => output::message(&format!("vehicle: {text}")),
        News::Event(Event::Armed) => output::message("armed"),
        News::Event(Event::Disarmed) => output::message("motors stopped"),
        News::Order(order, outcome) => output::message(&told(*order, *outcome)),
        News::Found(new) => {
            let finding = &new.finding;
            let (lat, lon) = (finding.point.lat_deg(), finding.point.lon_deg());
            output::message(&format!(
                "found in {} frames: {:+.1} K at {lat:.6}, {lon:.6}",
                new.frames_inspected, finding.delta
            ));
        }
        News::State(..) | News::Event(_) => {}
    }
}
