//! The camera's clock by the triggers or shots of the log.

use super::judge::{Landscape, Peak, Posterior, Search};
use super::jump::{unlike_stretch, went_back};
use super::likelihood::{Model, median_interval};
use super::pairing::{Pairing, pair};
use super::series::{sorted, step_of};
use super::{
    Alternative, ClockFit, ClockParams, EventStamp, FramePair, FrameStamp, Method, Reason, Verdict,
};

/// Fewer frames with an event than this are never certain.
const FEWEST: usize = 6;
/// How much better than any other offset the best must be, in natural logarithms: three frames
/// more, and a hundredth of all.
pub(super) const CLEARLY: f64 = 12.0;
const CLEARLY_SHARE: f64 = 0.01;
/// How much better than chance it must be: three frames more, and a tenth of all.
const CHANCE_SHARE: f64 = 0.1;
/// Frames within the log's time that must have an event. Telemetry loses some events.
pub(super) const MATCHED_SHARE: f64 = 0.7;
/// Frames that fit a second offset and make it a jump.
const JUMPED: usize = 8;
/// Events that miss their frames' steps by more than this many times the expected jitter are those
/// of another flight of the same mission.
const WIDEST_JITTER: f64 = 2.5;
/// Parts of a flight that are fitted on their own, and by how many standard deviations these may be
/// off the whole.
pub(super) const PARTS: usize = 3;
pub(super) const PARTS_DIFFER: f64 = 3.5;
/// How far from an operator's offset events are looked for, seconds, at least.
const GIVEN_REACH_S: f64 = 1.0;

/// The offset by which most frames have an event, if one stands out.
///
/// `frames` and `events` come in any order, each on its own clock. Stamps and times that are not
/// finite are unmatched. It takes n log n time in the length of the flight.
#[must_use]
pub fn fit_clock_by_events(
    frames: &[FrameStamp],
    events: &[EventStamp],
    params: &ClockParams,
) -> ClockFit {
    let limits_s = params.search_s.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    match Prepared::new(frames, events, params, limits_s) {
        Ok(prepared) => prepared.fit(params),
        Err(reason) => ClockFit::none(Method::Events, reason, frames.len(), events.len()),
    }
}

/// An operator's offset, made finer by events where these bear it out.
///
/// `offset_s` is as [`ClockFit::offset_s`], `sigma_s` how sure the operator is. Events are looked
/// for within a second, or four `sigma_s` where that is more. They bear it out if one offset there
/// stands out of the others there and most frames have an event; else the operator's word stands,
/// and frames are paired where only one event is in reach of it.
#[must_use]
pub fn fit_clock_given(
    frames: &[FrameStamp],
    events: &[EventStamp],
    offset_s: f64,
    sigma_s: f64,
    params: &ClockParams,
) -> ClockFit {
    let method = Method::Given { refined: false };
    let reach_s = GIVEN_REACH_S.max(4.0 * sigma_s);
    let limits_s = [offset_s - reach_s, offset_s + reach_s];
    let stamps: Vec<f64> = frames.iter().map(|frame| frame.camera_s).collect();
    let word = |fit: ClockFit| ClockFit {
        offset_s,
        sigma_s,
        step_s: params.step_s.unwrap_or_else(|| step_of(&stamps)),
        verdict: Verdict::Certain,
        ..fit
    };
    let prepared = match Prepared::new(frames, events, params, limits_s) {
        Ok(prepared) => prepared,
        Err(reason) => return word(ClockFit::none(method, reason, frames.len(), events.len())),
    };
    let refined = prepared.search.landscape(&prepared.model).and_then(|landscape| {
        let Posterior { peak, sigma_s, .. } =
            prepared.search.posterior(&prepared.model, landscape.best);
        let pairing = prepared.pair(&peak, sigma_s);
        let is_clear = lead(&landscape) > CLEARLY && prepared.few_unmatched(&peak, &pairing);
        let fit = prepared.result(&peak, sigma_s, &pairing, Verdict::Certain);
        let method = Method::Given { refined: true };
        (is_clear && sigma_s <= params.max_sigma_s).then_some(ClockFit { method, ..fit })
    });
    refined.unwrap_or_else(|| {
        let shift_s = offset_s - prepared.zeros_s;
        let peak = Peak { shift_s, drift: 0.0, score: 0.0, middle_s: 0.0 };
        let pairing = prepared.pair(&peak, sigma_s);
        let fit = prepared.result(&peak, sigma_s, &pairing, Verdict::Certain);
        word(ClockFit { method, ..fit })
    })
}

/// Frames and events, cleaned and sorted.
struct Prepared {
    search: Search,
    model: Model,
    /// Middles of the stamps' steps and their places in the input, all of them.
    frames: Vec<(f64, usize)>,
    events: Vec<(f64, usize)>,
    /// The frames' own numbers and stamps, of those that have both.
    numbered: Vec<(u32, f64)>,
    /// Numbers on the shared counter.
    frame_numbers: Vec<Option<u32>>,
    event_numbers: Vec<Option<u32>>,
    /// The log's zero minus the camera's.
    zeros_s: f64,
    camera_zero_s: f64,
    frame_count: usize,
    event_count: usize,
}

impl Prepared {
    fn new(
        frames: &[FrameStamp],
        events: &[EventStamp],
        params: &ClockParams,
        limits_s: [f64; 2],
    ) -> Result<Self, Reason> {
        let mut stamped = sorted(frames.iter().map(|frame| frame.camera_s));
        let mut triggers = sorted(events.iter().map(|event| event.log_s));
        // The same event told twice is one.
        triggers.dedup_by(|next, kept| next.0 - kept.0 < 1e-3);
        let nothing = Reason::Nothing { frames: stamped.len(), log: triggers.len() };
        let (camera_zero_s, log_zero_s) = match (stamped.first(), triggers.first()) {
            (Some(frame), Some(event)) => (frame.0, event.0),
            _ => return Err(nothing),
        };
        let stamps: Vec<f64> = stamped.iter().map(|frame| frame.0).collect();
        let step_s = params.step_s.unwrap_or_else(|| step_of(&stamps)).clamp(1e-3, 3600.0);
        stamped.iter_mut().for_each(|frame| frame.0 += step_s / 2.0 - camera_zero_s);
        triggers.iter_mut().for_each(|event| event.0 -= log_zero_s);
        let zeros_s = log_zero_s - camera_zero_s;
        let number =
            |number: Option<u32>| params.shared_counter.and_then(|wrap| number?.checked_rem(wrap));
        let numbered_frames: Vec<_> =
            stamped.iter().map(|&(time, at)| (time, number(frames[at].number))).collect();
        let numbered_events: Vec<_> =
            triggers.iter().map(|&(time, at)| (time, number(events[at].number))).collect();
        let search = Search {
            step_s,
            jitter_s: params.jitter_s.clamp(1e-3, 10.0),
            drift_sigma: params.drift_sigma.clamp(0.0, 1e-3),
            limits_s: limits_s.map(|limit| limit - zeros_s),
        };
        Ok(Self {
            search,
            model: Model::new(&once_each(&numbered_frames, step_s), &numbered_events),
            numbered: stamped
                .iter()
                .filter_map(|&(time, at)| Some((frames[at].number?, time)))
                .collect(),
            frame_numbers: numbered_frames.iter().map(|frame| frame.1).collect(),
            event_numbers: numbered_events.iter().map(|event| event.1).collect(),
            frames: stamped,
            events: triggers,
            zeros_s,
            camera_zero_s,
            frame_count: frames.len(),
            event_count: events.len(),
        })
    }

    fn fit(&self, params: &ClockParams) -> ClockFit {
        let Some(landscape) = self.search.landscape(&self.model) else {
            let reason = Reason::TooFew { matched: 0 };
            let none = ClockFit::none(Method::Events, reason, self.frame_count, self.event_count);
            return ClockFit { step_s: self.search.step_s, ..none };
        };
        let posterior = self.search.posterior(&self.model, landscape.best);
        let pairing = self.pair(&posterior.peak, posterior.sigma_s);
        let verdict = self.judge(&landscape, &posterior, &pairing, params);
        self.result(&posterior.peak, posterior.sigma_s, &pairing, verdict)
    }

    fn judge(
        &self,
        landscape: &Landscape,
        posterior: &Posterior,
        pairing: &Pairing,
        params: &ClockParams,
    ) -> Verdict {
        let Posterior { peak, sigma_s, jitter } = posterior;
        let others: Vec<&Peak> = landscape
            .others
            .iter()
            .filter(|other| landscape.best.score - other.score <= clearly(landscape.best.score))
            .collect();
        let matched = pairing.pairs.len() + pairing.ambiguous.len();
        let by_chance = landscape.by_chance + CLEARLY + CHANCE_SHARE * landscape.coarse;
        let inside = self.inside(peak).count();
        let (reason, others) = if let Some((second, count)) = self.jump(peak, pairing) {
            (Reason::Jump { first: matched, second: count }, vec![second])
        } else if let Some((first, second)) = went_back(&self.numbered, self.search.step_s) {
            (Reason::Jump { first, second }, Vec::new())
        } else if matched < FEWEST {
            (Reason::TooFew { matched }, others.into_iter().copied().collect())
        } else if !others.is_empty() {
            (self.why_several(&others, peak), others.into_iter().copied().collect())
        } else if (landscape.coarse < by_chance && !self.numbers_agree(pairing))
            || *jitter > WIDEST_JITTER
        {
            (Reason::Chance, Vec::new())
        } else if !self.few_unmatched(peak, pairing) {
            (Reason::Unmatched { unmatched: inside - matched.min(inside), frames: inside }, vec![])
        } else if let Some(frames) = self.unlike(peak, pairing) {
            (Reason::Stretch { frames }, Vec::new())
        } else if let Some(apart_s) = self.wanders(peak) {
            (Reason::Wanders { apart_s }, Vec::new())
        } else if *sigma_s > params.max_sigma_s {
            (Reason::Coarse { sigma_s: *sigma_s }, Vec::new())
        } else {
            return Verdict::Certain;
        };
        let alternatives = others
            .iter()
            .take(8)
            .map(|other| Alternative {
                offset_s: other.shift_s + self.zeros_s,
                log_odds: other.score - landscape.best.score,
            })
            .collect();
        Verdict::CannotTell { reason, alternatives }
    }

    /// Even triggers if the other offsets are whole intervals away.
    fn why_several(&self, others: &[&Peak], peak: &Peak) -> Reason {
        let several = Reason::Several { count: others.len() + 1 };
        let Some(interval_s) = median_interval(&self.model.events_s) else { return several };
        let even = others.iter().all(|other| {
            let intervals = (other.shift_s - peak.shift_s).abs() / interval_s;
            intervals > 0.5 && (intervals - intervals.round()).abs() < 0.3
        });
        if even { Reason::Even { interval_s } } else { several }
    }

    /// Frames within the events' time, as places in `frames`.
    fn inside(&self, peak: &Peak) -> impl Iterator<Item = usize> {
        let reach_s = self.search.kernel().reach_s();
        let first_s = self.events.first().map_or(f64::INFINITY, |event| event.0 - reach_s);
        let last_s = self.events.last().map_or(f64::NEG_INFINITY, |event| event.0 + reach_s);
        let log_s = self.on_log(peak);
        (0..log_s.len()).filter(move |&frame| {
            log_s.get(frame).is_some_and(|&time| time >= first_s && time <= last_s)
        })
    }

    fn few_unmatched(&self, peak: &Peak, pairing: &Pairing) -> bool {
        let matched = pairing.pairs.len() + pairing.ambiguous.len();
        matched >= FEWEST && matched as f64 >= MATCHED_SHARE * self.inside(peak).count() as f64
    }

    /// Frames and events count on one counter, and pairs have one number.
    fn numbers_agree(&self, pairing: &Pairing) -> bool {
        let numbers = pairing.pairs.iter().filter_map(|&(frame, event)| {
            let (frame, event) = (self.frame_numbers.get(frame)?, self.event_numbers.get(event)?);
            Some((*frame)? == (*event)?)
        });
        let (mut equal, mut all) = (0, 0);
        for is_equal in numbers {
            equal += usize::from(is_equal);
            all += 1;
        }
        equal >= FEWEST && equal as f64 >= MATCHED_SHARE * f64::from(all)
    }

    /// How far a third of the flight is off the whole, if that is more than its own error allows.
    fn wanders(&self, peak: &Peak) -> Option<f64> {
        let frames = self.model.frames_s.len();
        let steady = Search { drift_sigma: 0.0, ..self.search };
        (0..PARTS)
            .map(|part| part * frames / PARTS..(part + 1) * frames / PARTS)
            .filter(|part| part.len() >= 2 * FEWEST)
            .filter_map(|part| {
                let own = steady.posterior(&self.model.of_frames(part), *peak);
                let apart_s = (own.peak.shift_s - peak.shift_s).abs();
                (apart_s > PARTS_DIFFER * own.sigma_s + 0.01).then_some(apart_s)
            })
            .max_by(f64::total_cmp)
    }

    /// A second offset at which the frames without an event have one, and how many these are.
    fn jump(&self, peak: &Peak, pairing: &Pairing) -> Option<(Peak, usize)> {
        let mut frame_left = vec![true; self.frames.len()];
        let mut event_left = vec![true; self.events.len()];
        for frame in pairing.ambiguous.iter().chain(pairing.pairs.iter().map(|(frame, _)| frame)) {
            frame_left[*frame] = false;
        }
        for (_, event) in &pairing.pairs {
            event_left[*event] = false;
        }
        let rest = |all: &[(f64, usize)], left: &[bool]| -> Vec<(f64, Option<u32>)> {
            all.iter().zip(left).filter(|(_, left)| **left).map(|(one, _)| (one.0, None)).collect()
        };
        let frames = once_each(&rest(&self.frames, &frame_left), self.search.step_s);
        let events = rest(&self.events, &event_left);
        if frames.len() < JUMPED || events.len() < JUMPED {
            return None;
        }
        let model = Model::new(&frames, &events);
        let landscape = self.search.landscape(&model)?;
        let second = landscape.best;
        let by_chance = landscape.by_chance + CLEARLY + CHANCE_SHARE * landscape.coarse;
        let times: Vec<f64> = frames.iter().map(|frame| frame.0 + second.shift_s).collect();
        let events: Vec<f64> = events.iter().map(|event| event.0).collect();
        let paired = pair(&times, &events, self.search.kernel().reach_s());
        let count = paired.pairs.len() + paired.ambiguous.len();
        let is_apart = (second.shift_s - peak.shift_s).abs() > self.search.apart_s();
        let stands_out = landscape.coarse > by_chance && lead(&landscape) > clearly(second.score);
        (is_apart && stands_out && count >= JUMPED).then_some((second, count))
    }

    /// How many frames of a stretch have no event where the log has some, while the others have
    /// theirs: a jump of the clock, of too few frames for an offset of their own.
    fn unlike(&self, peak: &Peak, pairing: &Pairing) -> Option<usize> {
        let log_s = self.on_log(peak);
        let near_s = 1.5 * median_interval(&self.model.events_s)? + self.search.step_s;
        let mut is_matched = vec![false; log_s.len()];
        for frame in pairing.ambiguous.iter().chain(pairing.pairs.iter().map(|(frame, _)| frame)) {
            is_matched[*frame] = true;
        }
        for frame in &pairing.surplus {
            is_matched[*frame] = false;
        }
        // Frames in a stretch that the log lost say nothing.
        let missed: Vec<bool> = self
            .inside(peak)
            .filter(|&frame| is_matched[frame] || self.has_event(log_s[frame], near_s))
            .map(|frame| !is_matched[frame])
            .collect();
        unlike_stretch(&missed)
    }

    fn has_event(&self, log_s: f64, within_s: f64) -> bool {
        let next = self.events.partition_point(|event| event.0 < log_s - within_s);
        self.events.get(next).is_some_and(|event| event.0 <= log_s + within_s)
    }

    /// The frames on the log's clock.
    fn on_log(&self, peak: &Peak) -> Vec<f64> {
        let drifted = |time: f64| peak.drift * (time - peak.middle_s);
        self.frames.iter().map(|frame| frame.0 + peak.shift_s + drifted(frame.0)).collect()
    }

    fn pair(&self, peak: &Peak, sigma_s: f64) -> Pairing {
        let events: Vec<f64> = self.events.iter().map(|event| event.0).collect();
        let reach_s = self.search.step_s / 2.0 + 3.0 * self.search.jitter_s.hypot(sigma_s);
        pair(&self.on_log(peak), &events, reach_s)
    }

    fn result(&self, peak: &Peak, sigma_s: f64, pairing: &Pairing, verdict: Verdict) -> ClockFit {
        let log_s = self.on_log(peak);
        let squares: f64 = pairing
            .pairs
            .iter()
            .map(|&(frame, event)| (self.events[event].0 - log_s[frame]).powi(2))
            .sum();
        let pairs: Vec<FramePair> = pairing
            .pairs
            .iter()
            .map(|&(frame, event)| FramePair {
                frame: self.frames[frame].1,
                event: self.events[event].1,
            })
            .collect();
        let ambiguous: Vec<usize> =
            pairing.ambiguous.iter().map(|&frame| self.frames[frame].1).collect();
        let paired_events: Vec<usize> = pairs.iter().map(|pair| pair.event).collect();
        let mut known: Vec<usize> = pairs.iter().map(|pair| pair.frame).collect();
        known.extend(&ambiguous);
        ClockFit {
            offset_s: peak.shift_s + self.zeros_s,
            drift: peak.drift,
            reference_camera_s: peak.middle_s + self.camera_zero_s,
            step_s: self.search.step_s,
            sigma_s,
            residual: (squares / pairs.len().max(1) as f64).sqrt(),
            unmatched_frames: all_but(self.frame_count, &known),
            unmatched_events: all_but(self.event_count, &paired_events),
            pairs,
            ambiguous_frames: ambiguous,
            verdict,
            method: Method::Events,
        }
    }
}

/// How much better the best is than the next.
fn lead(landscape: &Landscape) -> f64 {
    landscape.best.score - landscape.others.first().map_or(0.0, |other| other.score)
}

/// How much better it must be.
pub(super) fn clearly(score: f64) -> f64 {
    CLEARLY + CLEARLY_SHARE * score
}

/// Frames of one stamp tell no more than one frame does: there is one event for all of them.
fn once_each(frames: &[(f64, Option<u32>)], step_s: f64) -> Vec<(f64, Option<u32>)> {
    let mut once = frames.to_vec();
    let apart_s = (0.5 * step_s).max(0.1);
    once.dedup_by(|next, kept| next.0 - kept.0 < apart_s && (next.1.is_none() || next.1 == kept.1));
    once
}

/// The numbers from 0 to `count` that are not among `these`.
fn all_but(count: usize, these: &[usize]) -> Vec<usize> {
    let mut left = vec![true; count];
    for &one in these {
        if let Some(one) = left.get_mut(one) {
            *one = false;
        }
    }
    left.iter().enumerate().filter(|(_, left)| **left).map(|(at, _)| at).collect()
}
