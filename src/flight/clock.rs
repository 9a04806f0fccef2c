//! The camera's clock against the log's clock.
//!
//! A camera's clock is hours off and often tells whole seconds only; frames and events are missing
//! on either side, so counting them off one by one is no method. Three kinds of evidence, each a
//! pure function over slices:
//!
//! | evidence | verb | usual 1 σ |
//! |---|---|---|
//! | triggers or shots in the log | [`fit_clock_by_events`] | 0.01 to 0.03 s |
//! | the frames' own GPS positions | [`fit_clock_by_positions`] | 0.02 to 0.2 s |
//! | shift and turn from frame to frame | [`fit_clock_by_motion`] | 0.05 to 0.3 s |
//!
//! [`fit_clock_given`] takes an operator's word, and [`fit_clock`] takes all there is.
//!
//! # What is modelled
//!
//! `log = camera + offset + drift · (camera − reference)`. One offset and one drift for all frames;
//! no jump (two offsets are told as such, and refused), no curve in the drift, no scale far from 1.
//! A constant delay between trigger and exposure cannot be told from an offset, and is within it.
//!
//! # What the offset refers to
//!
//! The camera's clock is the one of which the stamp is what remains when it is cut off to its step.
//! So a frame with stamp s was taken from `s` to `s + step`, and its log time is best put at the
//! middle of that ([`ClockFit::log_s`]) unless it is paired with an event. A camera that rounds is
//! here a camera that cuts off and is ahead by half a step: nobody can tell the two apart, and no
//! frame's log time depends on it.
//!
//! # When it cannot tell
//!
//! A wrong offset puts each finding in a wrong place with a small ellipse, so an answer is
//! [`Verdict::Certain`] only if it stands out of all others and of what chance would give.
//! Triggers at an exactly even pace fit as well one interval later but for a frame at the ends:
//! then it is [`Verdict::CannotTell`] unless pauses, a shared counter or other evidence decide.
//!
//! Two things can hardly be seen in the times:
//!
//! - A clock changed by some seconds for the last few frames, which find the next events about as
//!   well. The frames' numbers show it if the clock went back, so hand them in; frames that stay
//!   unmatched where the log has events deserve no trust.
//! - The log of another flight of the same mission that kept the same pace to a second. Thirds of
//!   the flight are fitted on their own to see it; where the clock is known to some hours,
//!   [`ClockParams::search_s`] rules it out.

mod events;
mod fft;
mod judge;
mod jump;
mod likelihood;
mod motion;
mod pairing;
mod positions;
mod series;
mod signal;

pub use events::{fit_clock_by_events, fit_clock_given};
pub use motion::{FrameMotion, LogMotion, fit_clock_by_motion};
pub use positions::{FramePlace, LogPlace, fit_clock_by_positions};

/// When a frame was taken, by the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameStamp {
    /// Seconds on the camera's clock, from any zero. Not finite: it has no stamp.
    pub camera_s: f64,
    /// The number of the frame on the card, if it has one; it tells of a clock that was set back.
    pub number: Option<u32>,
}

/// When the log says that a frame was triggered or taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventStamp {
    /// Seconds on the log's clock, from any zero.
    pub log_s: f64,
    /// The index of the image, if the log has one.
    pub number: Option<u32>,
}

/// What to expect of the two clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockParams {
    /// The step of the camera's stamps, seconds; `None` finds it: the coarsest of 1, 0.1, 0.01 and
    /// 0.001 s of which all stamps are multiples.
    pub step_s: Option<f64>,
    /// The lowest and highest offset looked for, seconds; `None` looks wherever the two overlap.
    pub search_s: Option<[f64; 2]>,
    /// Standard deviation of the delay between event and exposure, seconds. The fit looks from a
    /// fifth to four times of it.
    pub jitter_s: f64,
    /// Standard deviation of the drift, e.g. 20e-6. A quartz keeps 20 ppm at room temperature and
    /// loses up to 0.035 ppm/K² away from it.
    pub drift_sigma: f64,
    /// The camera and the log count on one counter with this many values, e.g. 65536 for
    /// `CAMERA_FEEDBACK.img_idx`: frames and events of unequal number (after wrapping) then hardly
    /// belong together. `None` where the counters are not known to be one.
    pub shared_counter: Option<u32>,
    /// An offset by events is certain only up to this standard deviation, seconds. A third of the
    /// error that may be told as certain.
    pub max_sigma_s: f64,
    /// The same for an offset by positions or motion.
    pub max_sigma_motion_s: f64,
}

impl Default for ClockParams {
    fn default() -> Self {
        Self {
            step_s: None,
            search_s: None,
            jitter_s: 0.05,
            drift_sigma: 20e-6,
            shared_counter: None,
            max_sigma_s: 1.0 / 30.0,
            max_sigma_motion_s: 0.3,
        }
    }
}

/// The camera's clock on the log's, and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockFit {
    /// `log = camera + offset + drift · (camera − reference)`, seconds. The best there is where the
    /// verdict is "cannot tell", 0 with an infinite `sigma_s` where there is none.
    pub offset_s: f64,
    /// How much faster the log's clock runs, e.g. 1e-6. 0 where it is not modelled.
    pub drift: f64,
    /// Where on the camera's clock `drift` starts from.
    pub reference_camera_s: f64,
    /// Step of the stamps, given or found, seconds.
    pub step_s: f64,
    /// Standard deviation of `offset_s`, given that the right one of the alternatives was taken.
    pub sigma_s: f64,
    /// Root mean square of what is left: by events, of event minus middle of the stamp's step,
    /// seconds (0.29 steps by the step alone); by positions, of metres; by motion, of the share of
    /// the frames' motion that the log does not explain.
    pub residual: f64,
    /// Frames and events that belong together, by their places in the slices handed in. The time of
    /// the event is good to the jitter; that of the stamp to half a step.
    pub pairs: Vec<FramePair>,
    /// Frames whose event is one of several in reach.
    pub ambiguous_frames: Vec<usize>,
    /// Frames without an event. `pairs`, `ambiguous_frames` and these are all frames.
    pub unmatched_frames: Vec<usize>,
    /// Events without a frame, or of an ambiguous one. `pairs` and these are all events.
    pub unmatched_events: Vec<usize>,
    /// Whether to trust it.
    pub verdict: Verdict,
    /// What it rests on.
    pub method: Method,
}

impl ClockFit {
    /// Log time of the middle of a stamp's step, seconds, whatever the verdict.
    #[must_use]
    pub fn log_s(&self, camera_s: f64) -> f64 {
        let middle_s = camera_s + self.step_s / 2.0;
        middle_s + self.offset_s + self.drift * (middle_s - self.reference_camera_s)
    }

    /// The verdict is "certain".
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.verdict == Verdict::Certain
    }

    /// Nothing to go by.
    fn none(method: Method, reason: Reason, frames: usize, events: usize) -> Self {
        Self {
            offset_s: 0.0,
            drift: 0.0,
            reference_camera_s: 0.0,
            step_s: 0.0,
            sigma_s: f64::INFINITY,
            residual: 0.0,
            pairs: Vec::new(),
            ambiguous_frames: Vec::new(),
            unmatched_frames: (0..frames).collect(),
            unmatched_events: (0..events).collect(),
            verdict: Verdict::CannotTell { reason, alternatives: Vec::new() },
            method,
        }
    }
}

/// A frame and its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePair {
    /// Place of the frame in the slice of stamps.
    pub frame: usize,
    /// Place of the event in the slice of events.
    pub event: usize,
}

/// What a fit rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Times of triggers or shots in the log.
    Events,
    /// The frames' own positions on the log's track.
    Positions,
    /// The frames' shift and turn against ground speed and yaw rate.
    Motion,
    /// An operator's word; `refined` by events within a second of it.
    Given {
        /// Whether the events bore it out, and made it finer.
        refined: bool,
    },
}

/// Whether to trust a fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No other offset is plausible, and `sigma_s` holds.
    Certain,
    /// The fit holds its best guess, and these are the other guesses.
    CannotTell {
        /// Why not.
        reason: Reason,
        /// Other offsets that fit nearly as well, best first, at most eight.
        alternatives: Vec<Alternative>,
    },
}

/// Another offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternative {
    /// As [`ClockFit::offset_s`].
    pub offset_s: f64,
    /// Logarithm of its likelihood over that of the best.
    pub log_odds: f64,
}

/// Why an offset is not certain.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Reason {
    /// There are no frames with a stamp, or nothing in the log to hold against them.
    #[error("there is nothing to compare: {frames} frames, {log} of the log")]
    Nothing {
        /// Frames with a time.
        frames: usize,
        /// Events or samples of the log.
        log: usize,
    },
    /// Too few frames have something in the log.
    #[error("only {matched} frames agree with the log; give the offset by hand")]
    TooFew {
        /// Frames that agree.
        matched: usize,
    },
    /// Triggers at an even pace: it fits as well whole intervals away.
    #[error("triggers come evenly each {interval_s:.1} s, so it fits as well some intervals away")]
    Even {
        /// The interval.
        interval_s: f64,
    },
    /// Several offsets fit nearly as well.
    #[error("{count} offsets fit about as well")]
    Several {
        /// How many, with the best.
        count: usize,
    },
    /// It fits no better than an unrelated log would.
    #[error("the log may be of another flight: it fits no better than chance would")]
    Chance,
    /// Many frames of the log's time have no event.
    #[error("{unmatched} of {frames} frames within the log have no event")]
    Unmatched {
        /// Frames without.
        unmatched: usize,
        /// Frames within the log's time.
        frames: usize,
    },
    /// Some frames fit at one offset and others at another.
    #[error("the camera's clock was changed: {first} frames fit one offset, {second} another")]
    Jump {
        /// Frames at the offset of the fit.
        first: usize,
        /// Frames at the first alternative, or behind the step back in their numbers.
        second: usize,
    },
    /// Many frames of one stretch have no event where the log has some: the clock may have been
    /// changed for these.
    #[error("a stretch of {frames} frames does not fit like the others; was the clock changed?")]
    Stretch {
        /// Length of the stretch.
        frames: usize,
    },
    /// Parts of the flight have offsets of their own: a log of another flight of the same mission,
    /// or a clock that does not run steadily.
    #[error("parts of the flight differ by {apart_s:.2} s from the whole; is it another's log?")]
    Wanders {
        /// The farthest a part is off.
        apart_s: f64,
    },
    /// There is one answer only, but it is a wide one. Pairs, if any, hold.
    #[error("the offset is known to {sigma_s:.2} s (1 sigma) only")]
    Coarse {
        /// Standard deviation.
        sigma_s: f64,
    },
    /// The vehicle hardly moved.
    #[error("the vehicle hardly moved, so its places and motion tell no time")]
    Still,
    /// Two kinds of evidence are both certain, of different offsets.
    #[error("two kinds of evidence differ by {apart_s:.2} s")]
    Disagree {
        /// How far they are apart.
        apart_s: f64,
    },
}

/// All that may tell the offset; empty where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClockEvidence<'a> {
    /// Frames, in any order.
    pub frames: &'a [FrameStamp],
    /// Camera events of the log, in any order.
    pub events: &'a [EventStamp],
    /// The frames' own positions.
    pub places: &'a [FramePlace],
    /// The log's track.
    pub track: &'a [LogPlace],
    /// Motion from frame to frame.
    pub motion: &'a [FrameMotion],
    /// Motion of the log.
    pub log_motion: &'a [LogMotion],
    /// An operator's offset and its standard deviation, seconds.
    pub given_s: Option<(f64, f64)>,
}

/// The best that all evidence together gives.
///
/// An operator's word comes first. Else events decide, and where they leave several offsets, the
/// positions or the motion choose among these. Without events positions come before motion. Where
/// events and another kind are both certain and differ by more than five standard deviations and a
/// second, the verdict is "cannot tell".
///
/// A word of caution: positions and events of one camera may differ by a constant, since a GPS fix
/// written to a file can be a second old.
#[must_use]
pub fn fit_clock(evidence: &ClockEvidence<'_>, params: &ClockParams) -> ClockFit {
    let (frames, events) = (evidence.frames, evidence.events);
    if let Some((offset_s, sigma_s)) = evidence.given_s {
        return fit_clock_given(frames, events, offset_s, sigma_s, params);
    }
    let by_events = fit_clock_by_events(frames, events, params);
    let by_places = fit_clock_by_positions(evidence.places, evidence.track, params);
    let other = if by_places.is_certain() {
        by_places
    } else {
        let by_motion = fit_clock_by_motion(evidence.motion, evidence.log_motion, params);
        if by_motion.is_certain() || evidence.places.is_empty() { by_motion } else { by_places }
    };
    if !other.is_certain() {
        let nothing =
            matches!(by_events.verdict, Verdict::CannotTell { reason: Reason::Nothing { .. }, .. });
        return if nothing { keep_counts(other, frames, events) } else { by_events };
    }
    let at_s = |fit: &ClockFit| fit.log_s(other.reference_camera_s) - fit.step_s / 2.0;
    if by_events.is_certain() {
        let apart_s = (at_s(&by_events) - at_s(&other)).abs();
        if apart_s > 1.0 + 5.0 * by_events.sigma_s.hypot(other.sigma_s) {
            let alternatives = vec![Alternative { offset_s: other.offset_s, log_odds: 0.0 }];
            let reason = Reason::Disagree { apart_s };
            return ClockFit { verdict: Verdict::CannotTell { reason, alternatives }, ..by_events };
        }
        return by_events;
    }
    let chosen = fit_clock_given(frames, events, other.offset_s, other.sigma_s, params);
    if chosen.method == (Method::Given { refined: true }) {
        return ClockFit { method: Method::Events, ..chosen };
    }
    keep_counts(other, frames, events)
}

/// A fit without events says so of each frame and event.
fn keep_counts(fit: ClockFit, frames: &[FrameStamp], events: &[EventStamp]) -> ClockFit {
    ClockFit {
        unmatched_frames: (0..frames.len()).collect(),
        unmatched_events: (0..events.len()).collect(),
        ..fit
    }
}
