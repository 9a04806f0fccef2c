//! The clock of each camera against each track.

use std::collections::{BTreeMap, BTreeSet};

use crate::flight::{
    CameraEventKind, ClockEvidence, ClockFit, ClockParams, EventStamp, FrameMotion, FramePlace,
    FrameStamp, LogMotion, LogPlace, Method, Reason, Track, Verdict, fit_clock, fit_clock_given,
};
use crate::geo::{Geodetic, LocalFrame};

use super::clocks::Stamped;
use super::logs::{LogFile, LogParams};
use super::motion;

/// The clock of some frames of one camera on one track.
#[derive(Debug)]
pub(super) struct Fit {
    /// Which of the logs.
    pub(super) log: usize,
    /// Which track in it.
    pub(super) track: usize,
    pub(super) camera: String,
    pub(super) folder: String,
    pub(super) clock: ClockFit,
    /// The frames by name, and the event in the track that each is paired with.
    pub(super) frames: BTreeMap<String, Option<usize>>,
    /// The kind of the events, if there were any.
    pub(super) kind: Option<CameraEventKind>,
    pub(super) warnings: Vec<String>,
}

/// Frames of one camera further apart than this, in seconds, are of two flights: batteries last
/// less than an hour and are changed in minutes.
const FLIGHTS_APART_S: f64 = 600.0;
/// One sigma of an offset that the user gives or that follows from UTC in both, in seconds.
const GIVEN_SIGMA_S: f64 = 0.5;
/// UTC of frames and log further apart than this, in seconds, are worth a warning: leap seconds
/// that one of them does not know are 18 s.
const UTC_APART_S: f64 = 3.0;

impl Fit {
    /// Why the clock is not certain.
    pub(super) fn reason(&self) -> Option<String> {
        match &self.clock.verdict {
            Verdict::Certain => None,
            Verdict::CannotTell { reason, .. } => Some(reason.to_string()),
        }
    }

    pub(super) fn alternatives_s(&self) -> Vec<f64> {
        match &self.clock.verdict {
            Verdict::Certain => Vec::new(),
            Verdict::CannotTell { alternatives, .. } => {
                alternatives.iter().map(|other| other.offset_s).collect()
            }
        }
    }
}

/// Each camera in each folder against each track; where no track has the whole certainly, each
/// flight of it alone.
///
/// `motion_of` looks at the frames themselves, which is dear: only those are that neither events
/// nor places nor UTC put on any log.
pub(super) fn fits(
    logs: &[LogFile],
    stamped: &[Stamped],
    params: &LogParams,
    motion_of: &dyn Fn(&[&Stamped]) -> Vec<FrameMotion>,
) -> Vec<Fit> {
    let mut groups: BTreeMap<(&str, &str, bool), Vec<&Stamped>> = BTreeMap::new();
    for frame in stamped {
        let key = (frame.camera.as_str(), frame.folder.as_str(), frame.is_utc);
        groups.entry(key).or_default().push(frame);
    }
    let mut all = Vec::new();
    for mut frames in groups.into_values() {
        frames.sort_by(|a, b| a.camera_s.total_cmp(&b.camera_s).then(a.name.cmp(&b.name)));
        let mut whole = on_all(logs, &frames, params, &[]);
        let flights: Vec<_> =
            frames.chunk_by(|a, b| b.camera_s - a.camera_s <= FLIGHTS_APART_S).collect();
        let found = |fits: &[Fit]| fits.iter().any(|fit| fit.clock.is_certain());
        let parted = flights.len() > 1 && !found(&whole);
        if parted {
            let parts = flights.iter().flat_map(|flight| on_all(logs, flight, params, &[]));
            whole = parts.collect();
        }
        if !found(&whole) && frames.len() > FEWEST_PAIRS {
            let flights = if parted { flights } else { vec![&frames[..]] };
            let of_flight = |flight: &[&Stamped]| on_all(logs, flight, params, &motion_of(flight));
            whole = flights.into_iter().flat_map(of_flight).collect();
        }
        all.extend(whole);
    }
    all
}

/// Frames fewer than this tell no clock by their motion.
const FEWEST_PAIRS: usize = 12;

fn on_all(
    logs: &[LogFile],
    frames: &[&Stamped],
    params: &LogParams,
    motion: &[FrameMotion],
) -> Vec<Fit> {
    let tracks = logs.iter().enumerate().flat_map(|(log, file)| {
        file.log.tracks.iter().enumerate().map(move |(number, track)| (log, number, track))
    });
    let on_track = |(log, number, track)| on_one((log, number), track, frames, params, motion);
    tracks.filter_map(on_track).collect()
}

/// The events of each kind and camera, what tells most first: a report of the camera, the feedback
/// of a pin, a request.
fn event_series(track: &Track) -> Vec<(Option<CameraEventKind>, Vec<usize>)> {
    let rank = |kind| match kind {
        CameraEventKind::Captured => 0,
        CameraEventKind::Feedback => 1,
        CameraEventKind::Trigger => 2,
    };
    let taken = || {
        let events = track.camera.iter().enumerate();
        events.filter(|(_, event)| event.value.success != Some(false))
    };
    let keys: BTreeSet<(u8, u8)> =
        taken().map(|(_, event)| (rank(event.value.kind), event.value.camera)).collect();
    let mut series: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let of_key = |event: &crate::flight::CameraEvent| (rank(event.kind), event.camera);
            let mut events = taken().filter(|(_, event)| of_key(&event.value) == key).peekable();
            let kind = events.peek().map(|(_, event)| event.value.kind);
            (kind, events.map(|(index, _)| index).collect())
        })
        .collect();
    if series.is_empty() {
        series.push((None, Vec::new()));
    }
    series
}

fn on_one(
    (log, number): (usize, usize),
    track: &Track,
    frames: &[&Stamped],
    params: &LogParams,
    motion: &[FrameMotion],
) -> Option<Fit> {
    let mut best: Option<Fit> = None;
    for (kind, events) in event_series(track) {
        let (clock, warnings) = clock_of(track, frames, &events, params, motion);
        let mut paired: BTreeMap<String, Option<usize>> =
            frames.iter().map(|frame| (frame.name.clone(), None)).collect();
        for pair in &clock.pairs {
            if let (Some(frame), Some(event)) = (frames.get(pair.frame), events.get(pair.event)) {
                paired.insert(frame.name.clone(), Some(*event));
            }
        }
        let (camera, folder) = frames
            .first()
            .map_or_else(Default::default, |frame| (frame.camera.clone(), frame.folder.clone()));
        let fit = Fit { log, track: number, camera, folder, clock, frames: paired, kind, warnings };
        let certain = fit.clock.is_certain();
        let better = best.as_ref().is_none_or(|best| {
            (certain, fit.clock.pairs.len()) > (best.clock.is_certain(), best.clock.pairs.len())
        });
        if better {
            best = Some(fit);
        }
    }
    best
}

/// The fit, and doubts about it.
fn clock_of(
    track: &Track,
    frames: &[&Stamped],
    events: &[usize],
    params: &LogParams,
    motion: &[FrameMotion],
) -> (ClockFit, Vec<String>) {
    let stamps: Vec<FrameStamp> = frames
        .iter()
        .map(|frame| FrameStamp { camera_s: frame.camera_s, number: frame.number })
        .collect();
    let events: Vec<EventStamp> = events
        .iter()
        .filter_map(|&event| track.camera.get(event))
        .map(|event| EventStamp { log_s: event.at.0, number: event.value.image_index })
        .collect();
    let clock_params = ClockParams::default();
    let zero_s = track.utc_s_at_zero.map(|zero| zero.seconds);
    if let Some(told_s) = params.clock_offset_s {
        let offset_s = told_s - zero_s.unwrap_or(0.0);
        let fit = fit_clock_given(&stamps, &events, offset_s, GIVEN_SIGMA_S, &clock_params);
        return (fit, Vec::new());
    }
    let (places, walked) = places(track, frames);
    let (motion, log_motion) = moving(track, motion);
    let evidence = ClockEvidence {
        frames: &stamps,
        events: &events,
        places: &places,
        track: &walked,
        motion: &motion,
        log_motion: &log_motion,
        given_s: None,
    };
    let fit = fit_clock(&evidence, &clock_params);
    let is_utc = frames.iter().all(|frame| frame.is_utc);
    let Some(by_utc_s) = zero_s.filter(|_| is_utc).map(|zero_s| -zero_s) else {
        return (fit, Vec::new());
    };
    if fit.is_certain() {
        let apart_s = (fit.offset_s - by_utc_s).abs();
        let apart = apart_s > UTC_APART_S + 5.0 * fit.sigma_s;
        let warning = format!(
            "frames and log both tell UTC, and differ by {apart_s:.1} s from what events or \
             places tell; these are taken"
        );
        return (fit, if apart { vec![warning] } else { Vec::new() });
    }
    by_utc(fit, &stamps, &events, by_utc_s, track)
}

/// UTC of both decides where nothing speaks against it and frames lie within the log.
fn by_utc(
    fit: ClockFit,
    stamps: &[FrameStamp],
    events: &[EventStamp],
    offset_s: f64,
    track: &Track,
) -> (ClockFit, Vec<String>) {
    let open = match &fit.verdict {
        Verdict::Certain => false,
        Verdict::CannotTell { reason, .. } => matches!(
            reason,
            Reason::Nothing { .. }
                | Reason::TooFew { .. }
                | Reason::Even { .. }
                | Reason::Several { .. }
                | Reason::Coarse { .. }
                | Reason::Still
        ),
    };
    let within = track.position.span().is_some_and(|(first, last)| {
        let at = |stamp: &FrameStamp| stamp.camera_s + offset_s;
        stamps.iter().any(|stamp| (first.0..=last.0).contains(&at(stamp)))
    });
    if !(open && within) {
        return (fit, Vec::new());
    }
    let given = fit_clock_given(stamps, events, offset_s, GIVEN_SIGMA_S, &ClockParams::default());
    let warning = match given.method {
        Method::Given { refined: true } => "found near the UTC that frames and log both tell",
        _ => "by the UTC that frames and log both tell; nothing else tells it",
    };
    (given, vec![warning.to_owned()])
}

/// Motion of frames and track, as far as both tell it.
fn moving(track: &Track, motion: &[FrameMotion]) -> (Vec<FrameMotion>, Vec<LogMotion>) {
    if motion.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (of_track, has_yaw) = motion::of_track(track);
    let turn_rad = |pair: &FrameMotion| pair.turn_rad.filter(|_| has_yaw);
    let seen = motion.iter().map(|pair| FrameMotion { turn_rad: turn_rad(pair), ..*pair });
    (seen.collect(), of_track)
}

/// The frames' own places and the track's, in metres of one plane.
fn places(track: &Track, frames: &[&Stamped]) -> (Vec<FramePlace>, Vec<LogPlace>) {
    let Some(first) = track.position.first() else { return (Vec::new(), Vec::new()) };
    let level = |lat_rad, lon_rad| Geodetic { lat_rad, lon_rad, height_m: 0.0 };
    let plane = LocalFrame::at(&level(first.value.lat_rad, first.value.lon_rad));
    let east_north_m = |place: &Geodetic| {
        let enu = plane.enu(&level(place.lat_rad, place.lon_rad));
        [enu.x, enu.y]
    };
    let of_frame = |frame: &&Stamped| {
        let (place, sigma_m) = frame.place?;
        let east_north_m = east_north_m(&place);
        Some(FramePlace { camera_s: frame.camera_s, east_north_m, sigma_m })
    };
    let walked = track.position.iter().map(|sample| LogPlace {
        log_s: sample.at.0,
        east_north_m: east_north_m(&level(sample.value.lat_rad, sample.value.lon_rad)),
    });
    (frames.iter().filter_map(of_frame).collect(), walked.collect())
}
