//! Frames on logs: whose clock differs from whose by how much, and the moment of each frame.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use crate::capture::{self, NoPose, PosedFrame, Takeoff, TrackMoment, TrackParams};
use crate::flight::{
    CameraEventKind, ClockFit, LogFormat, LogTime, Method, Reason, Track, Verdict,
};
use crate::geo::{Geodetic, LocalFrame};
use crate::thermal::{self, Metadata};
use crate::time::FrameTime;

use super::Params;
use super::fits::{Fit, fits};
use super::inputs::Input;
use super::logs::{LogAccount, LogFile, LogParams};
use super::motion;

/// What was found of a camera's clock on a log's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClockAccount {
    /// Model and serial number of the camera.
    pub camera: String,
    /// The folder of its frames.
    pub folder: String,
    /// Its frames there that have a time.
    pub frames: usize,
    /// The log.
    pub log: String,
    /// Which start of the vehicle in it, from 0.
    pub boot: u32,
    /// `events`, `positions`, `motion`, `given` or `given_and_events`.
    pub method: &'static str,
    /// Whether it is trusted.
    pub certain: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Whether that is only how coarse the offset is, and nothing speaks against it.
    pub only_coarse: bool,
    /// Log's clock less camera's clock in seconds, at `reference_camera_s` on the camera's.
    pub offset_s: f64,
    /// The same to the log's UTC, where the log knows it.
    pub utc_offset_s: Option<f64>,
    /// How much faster the log's clock runs.
    pub drift: f64,
    /// Seconds since 1970 as if the camera's clock were UTC.
    pub reference_camera_s: f64,
    /// One sigma of the offset in seconds; `None` where nothing is known.
    pub sigma_s: Option<f64>,
    /// Root mean square of what is left: seconds by events, metres by positions.
    pub residual: f64,
    /// Frames with an event of their own.
    pub matched: usize,
    /// Frames without.
    pub unmatched_frames: usize,
    /// Events without a frame.
    pub unmatched_events: usize,
    /// Other offsets that fit nearly as well, in seconds.
    pub alternatives_s: Vec<f64>,
    /// Doubts that do not change the verdict.
    pub warnings: Vec<String>,
}

/// A frame's file before it is read: when and by which camera.
#[derive(Debug, Clone)]
pub(super) struct Stamped {
    pub(super) name: String,
    pub(super) camera: String,
    pub(super) folder: String,
    /// On the camera's clock.
    pub(super) camera_s: f64,
    pub(super) is_utc: bool,
    pub(super) number: Option<u32>,
    /// The file's own place and one sigma in metres.
    pub(super) place: Option<(Geodetic, f64)>,
}

/// Where a frame lies.
#[derive(Debug, Clone)]
enum Assigned {
    /// On the track of a fit, at an event of its track if it is paired with one.
    At {
        fit: usize,
        event: Option<usize>,
    },
    Nowhere(String),
}

/// Logs, and the frames on them.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    logs: Vec<LogFile>,
    fits: Vec<Fit>,
    frames: BTreeMap<String, Assigned>,
    params: LogParams,
}

/// Two logs of one flight put a frame no farther apart than this, in metres: two receivers, or one
/// through two filters.
const SAME_FLIGHT_M: f64 = 25.0;
/// One sigma of the delay from trigger to exposure, which is the same for all frames, in seconds: a
/// core of 9 to 30 frames a second takes the next one.
const TRIGGER_DELAY_S: f64 = 0.1;
/// The same where camera or feedback pin report the picture itself.
const REPORT_DELAY_S: f64 = 0.03;
/// A fix in a file is old by a part of a second, in all frames alike.
const FIX_AGE_S: f64 = 0.3;
/// A time is stated as UTC where one sigma of it is at most this many seconds: cameras write whole
/// seconds. The clock of a ground station's computer, 15 to 20 s off, does not count.
const UTC_SIGMA_S: f64 = 1.0;
/// One sigma of a frame against its own event, in seconds.
const JITTER_S: f64 = 0.02;

impl Clocks {
    /// Reads what the frames' files say of their time, and finds their clocks on the logs. Where
    /// that tells nothing, frames are looked at for how the ground moves from one to the next.
    pub(super) fn find(logs: Vec<LogFile>, inputs: &[Input], asked: &Params) -> Self {
        if logs.is_empty() {
            return Self::default();
        }
        let stamped: Vec<Stamped> = inputs.par_iter().filter_map(stamped).collect::<Vec<_>>();
        let by_name: BTreeMap<&str, &Input> =
            inputs.iter().map(|input| (input.name.as_str(), input)).collect();
        let motion_of = |frames: &[&Stamped]| {
            let input =
                |frame: &&Stamped| Some((*by_name.get(frame.name.as_str())?, frame.camera_s));
            let frames: Vec<(&Input, f64)> = frames.iter().filter_map(input).collect();
            motion::of_frames(&frames, &asked.read)
        };
        let params = asked.logs;
        let fits = fits(&logs, &stamped, &params, &motion_of);
        let mut clocks = Self { logs, fits, frames: BTreeMap::new(), params };
        for frame in &stamped {
            let assigned = clocks.assign(frame);
            clocks.frames.insert(frame.name.clone(), assigned);
        }
        clocks
    }

    pub(super) fn log_accounts(&self) -> Vec<LogAccount> {
        self.logs.iter().map(LogFile::account).collect()
    }

    pub(super) fn accounts(&self) -> Vec<ClockAccount> {
        self.fits.iter().map(|fit| account(fit, &self.logs)).collect()
    }

    fn track(&self, fit: &Fit) -> Option<&Track> {
        self.logs.get(fit.log)?.log.tracks.get(fit.track)
    }

    /// The fit of a frame's group that has the frame within its log; on-board logs go first.
    fn assign(&self, frame: &Stamped) -> Assigned {
        let of_group = || {
            let fits = self.fits.iter().enumerate();
            fits.filter(|(_, fit)| fit.frames.contains_key(&frame.name))
        };
        let mut certain: Vec<(usize, &Fit, LogTime)> = of_group()
            .filter(|(_, fit)| fit.clock.is_certain())
            .map(|(index, fit)| (index, fit, self.instant(fit, &frame.name, frame.camera_s)))
            .collect();
        certain.sort_by_key(|&(index, fit, _)| (self.rank(fit), index));
        let within = |&&(_, fit, at): &&(usize, &Fit, LogTime)| {
            let span = self.track(fit).and_then(|track| track.position.span());
            span.is_some_and(|(first, last)| first <= at && at <= last)
        };
        let inside: Vec<_> = certain.iter().filter(within).collect();
        if let Some(reason) = self.apart(&inside) {
            return Assigned::Nowhere(reason);
        }
        match inside.first().copied().or(certain.first()) {
            Some(&(index, fit, _)) => {
                let event = fit.frames.get(&frame.name).copied().flatten();
                Assigned::At { fit: index, event }
            }
            None => {
                let mut reasons: Vec<String> = of_group()
                    .filter_map(|(_, fit)| {
                        let log = self.logs.get(fit.log)?;
                        Some(format!("{}: {}", log.name, fit.reason()?))
                    })
                    .collect();
                reasons.truncate(3);
                let told = reasons.join("; ");
                Assigned::Nowhere(format!("the camera's clock is not found on the log's ({told})"))
            }
        }
    }

    /// Why logs that all have the frame cannot be of one flight.
    fn apart(&self, inside: &[&(usize, &Fit, LogTime)]) -> Option<String> {
        let place = |&&(_, fit, at): &&(usize, &Fit, LogTime)| {
            let position = self.track(fit)?.position_at(at).ok()?.position;
            let (lat_rad, lon_rad) = (position.lat_rad, position.lon_rad);
            Some((fit.log, Geodetic { lat_rad, lon_rad, height_m: 0.0 }))
        };
        let mut places = inside.iter().filter_map(place);
        let (first, here) = places.next()?;
        let frame = LocalFrame::at(&here);
        let (other, apart_m) = places
            .map(|(log, there)| (log, frame.enu(&there).norm()))
            .find(|(_, apart_m)| *apart_m > SAME_FLIGHT_M)?;
        let name = |log: usize| self.logs.get(log).map_or("", |log| log.name.as_str());
        Some(format!(
            "{} and {} both fit, and put the frame {apart_m:.0} m apart; name one of them only",
            name(first),
            name(other)
        ))
    }

    fn rank(&self, fit: &Fit) -> u8 {
        match self.logs.get(fit.log).map(|log| log.log.format) {
            Some(LogFormat::DataFlash | LogFormat::ULog) => 0,
            Some(LogFormat::Tlog) => 1,
            Some(LogFormat::Csv) => 2,
            Some(LogFormat::Gpx) | None => 3,
        }
    }

    /// The event's time of a paired frame, else that of the middle of its stamp's step.
    fn instant(&self, fit: &Fit, name: &str, camera_s: f64) -> LogTime {
        let event = fit.frames.get(name).copied().flatten();
        let event = event.and_then(|event| self.track(fit)?.camera.get(event));
        event.map_or_else(|| LogTime(fit.clock.log_s(camera_s)), |event| event.at)
    }

    /// The moment of a frame; `index` is that within its file, of which only the first is paired.
    fn moment(
        &self,
        name: &str,
        index: u32,
        metadata: &Metadata,
    ) -> Result<TrackMoment<'_>, NoPose> {
        let (fit, event) = match self.frames.get(name) {
            Some(Assigned::At { fit, event }) => (self.fits.get(*fit), *event),
            Some(Assigned::Nowhere(reason)) => return Err(NoPose::NoClock(reason.clone())),
            None => (None, None),
        };
        let no_time =
            || NoPose::NoClock("the file has no time to find it by in the log".to_owned());
        let fit = fit.ok_or_else(no_time)?;
        let track = self.track(fit).ok_or_else(no_time)?;
        let camera_s = metadata.taken_at.ok_or_else(no_time)?.seconds();
        let delay_s = match (fit.clock.method, fit.kind) {
            (Method::Positions | Method::Motion, _) => FIX_AGE_S,
            (Method::Given { refined: false }, _) => 0.0,
            (_, Some(CameraEventKind::Feedback | CameraEventKind::Captured)) => REPORT_DELAY_S,
            _ => TRIGGER_DELAY_S,
        };
        let clock_sigma_s = fit.clock.sigma_s.hypot(delay_s);
        let event = event.filter(|_| index == 0).and_then(|event| track.camera.get(event));
        let (at, own_sigma_s) = match event {
            Some(event) => (event.at, JITTER_S),
            // Anywhere in the step alike.
            None => (LogTime(fit.clock.log_s(camera_s)), fit.clock.step_s / 12.0_f64.sqrt()),
        };
        let event = event.map(|event| &event.value);
        Ok(TrackMoment { track, at, event, own_sigma_s, clock_sigma_s })
    }

    /// The pose of a frame by the logs, else by its own file; with logs, the reason why there is
    /// none is theirs. A file whose own place is twice as sure as the log's keeps it.
    pub(super) fn pose(
        &self,
        (number, name, index): (u32, &str, u32),
        size_px: (u32, u32),
        metadata: &Metadata,
        params: &capture::Params<'_>,
        own: impl FnOnce() -> Result<PosedFrame, NoPose>,
    ) -> Result<PosedFrame, NoPose> {
        if self.logs.is_empty() {
            return own();
        }
        let params = TrackParams { frame: params, mount_pitch_deg: self.params.mount_pitch_deg };
        let by_log = self.moment(name, index, metadata).and_then(|moment| {
            capture::pose_from_track(number, size_px, metadata, &moment, &params)
        });
        match (by_log, own()) {
            (Ok(by_log), Ok(own)) => Ok(if surer(&own, &by_log) { own } else { by_log }),
            (Ok(by_log), Err(_)) => Ok(by_log),
            (Err(_), Ok(own)) => Ok(own),
            (Err(reason), Err(_)) => Err(reason),
        }
    }

    /// When a frame was taken in UTC: as its file says, else as the log tells it; else its file's
    /// time on the camera's own clock.
    pub(super) fn taken_at(
        &self,
        (name, index): (&str, u32),
        metadata: &Metadata,
    ) -> Option<FrameTime> {
        let stated = metadata.taken_at?;
        let FrameTime::CameraClock(_) = stated else { return Some(stated) };
        let by_log = || {
            let moment = self.moment(name, index, metadata).ok()?;
            let zero = moment.track.utc_s_at_zero?;
            let known = zero.sigma_s.hypot(moment.clock_sigma_s) <= UTC_SIGMA_S;
            // A thousandth of a second is what cameras write, and less than is known.
            let millis = ((zero.seconds + moment.at.0) * 1000.0).round();
            let utc = jiff::Timestamp::from_millisecond(millis as i64).ok()?;
            known.then_some(FrameTime::Utc(utc))
        };
        Some(by_log().unwrap_or(stated))
    }

    /// The level of home that a pose by a log implies.
    pub(super) fn takeoff(
        &self,
        (name, index): (&str, u32),
        metadata: &Metadata,
        pose: &PosedFrame,
    ) -> Option<Takeoff> {
        let moment = self.moment(name, index, metadata).ok()?;
        capture::implied_takeoff_on_track(pose, &moment)
    }
}

/// Whether a file knows its place at least twice as well as the log.
fn surer(own: &PosedFrame, by_log: &PosedFrame) -> bool {
    let sigma_m = |pose: &PosedFrame| {
        let sum: f64 = pose.position_covariance().diagonal().iter().sum();
        let speed_m_s = nalgebra::Vector3::from(pose.velocity_enu_m_s).norm();
        sum + (speed_m_s * pose.clock_sigma_s).powi(2)
    };
    sigma_m(own) * 4.0 < sigma_m(by_log)
}

/// What a file says of its frame's time; `None` for what is no picture.
fn stamped(input: &Input) -> Option<Stamped> {
    let metadata = thermal::read_metadata(&input.path).ok()?;
    let taken_at = metadata.taken_at?;
    let place = metadata.xmp_position.or(metadata.exif_position);
    let sigma_m = metadata.horizontal_sigma_m.filter(|sigma_m| sigma_m.is_finite());
    Some(Stamped {
        name: input.name.clone(),
        camera: metadata.camera.name(),
        folder: input.folder().to_owned(),
        camera_s: taken_at.seconds(),
        is_utc: matches!(taken_at, FrameTime::Utc(_)),
        number: number_of(&input.path),
        place: place
            .map(|at| (Geodetic::from_degrees(at.lat_deg, at.lon_deg, 0.0), sigma_m))
            .map(|(at, sigma_m)| (at, sigma_m.unwrap_or(FILE_PLACE_M).max(1.0))),
    })
}

/// One sigma of a place in a file that does not tell its own, in metres.
const FILE_PLACE_M: f64 = 3.0;

/// The last run of digits in a file's name, which cameras count up.
fn number_of(path: &Path) -> Option<u32> {
    let stem = path.file_stem()?.to_str()?;
    let mut runs = stem.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    runs.next_back()?.parse().ok()
}

fn account(fit: &Fit, logs: &[LogFile]) -> ClockAccount {
    let ClockFit { offset_s, drift, reference_camera_s, sigma_s, residual, .. } = fit.clock;
    let log = logs.get(fit.log);
    let track = log.and_then(|log| log.log.tracks.get(fit.track));
    let zero = track.and_then(|track| track.utc_s_at_zero);
    ClockAccount {
        camera: fit.camera.clone(),
        folder: fit.folder.clone(),
        frames: fit.frames.len(),
        log: log.map_or_else(String::new, |log| log.name.clone()),
        boot: track.map_or(0, |track| track.boot),
        method: match fit.clock.method {
            Method::Events => "events",
            Method::Positions => "positions",
            Method::Motion => "motion",
            Method::Given { refined: false } => "given",
            Method::Given { refined: true } => "given_and_events",
        },
        certain: fit.clock.is_certain(),
        reason: fit.reason(),
        only_coarse: matches!(
            fit.clock.verdict,
            Verdict::CannotTell { reason: Reason::Coarse { .. }, .. }
        ),
        offset_s,
        utc_offset_s: zero.filter(|_| sigma_s.is_finite()).map(|zero| offset_s + zero.seconds),
        drift,
        reference_camera_s,
        sigma_s: Some(sigma_s).filter(|sigma_s| sigma_s.is_finite()),
        residual,
        matched: fit.clock.pairs.len(),
        unmatched_frames: fit.frames.len() - fit.clock.pairs.len().min(fit.frames.len()),
        unmatched_events: fit.clock.unmatched_events.len(),
        alternatives_s: fit.alternatives_s(),
        warnings: fit.warnings.clone(),
    }
}
