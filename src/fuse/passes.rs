//! What one pass over a place saw surely, and another pass did not see at all: it came or went.

use std::collections::HashSet;

use crate::detect::{Detection, Polarity};
use crate::locate::Observation;
use crate::time::FrameTime;

use super::Kind;
use super::estimate::{Run, times};
use super::possible::Missed;

/// Every view that saw it did so surely, when what misses it says something.
const SURE_SCORE: f32 = 0.9;

/// Seen from above a lorry's warm parts take no more, in m²: our convention.
const LARGEST_LIVING_M2: f64 = 15.0;

/// Engines and exhausts are not hotter outside, in °C: our convention.
const HOTTEST_LIVING_C: f32 = 120.0;

/// Views of a place that lie further apart are of different passes over it. On one pass a place
/// stays in the picture for a few seconds, and a turn to the next leg takes some more: our
/// convention.
const PASS_S: f64 = 20.0;

/// So many frames of other passes must have missed it.
const LEAST_MISSED: usize = 2;

/// Whether all views of it are of one pass over its place, and another pass of the same flight
/// missed it. What another flight misses was mended or broke meanwhile, and is no passer-by.
pub(super) fn came_or_went(run: &Run<'_>, seen: &[&Observation], missed: &[Missed]) -> bool {
    let frames: Vec<u32> = seen.iter().map(|one| one.frame).collect();
    let flight = |frame: u32| run.flight_of.get(&frame);
    let Some(own) = frames.first().and_then(|&frame| flight(frame)) else { return false };
    let missed: Vec<u32> = missed
        .iter()
        .filter(|one| one.well_inside && flight(one.frame) == Some(own))
        .map(|one| one.frame)
        .collect();
    let (seen_at, missed_at) = (times(run, &frames), times(run, &missed));
    let clocks = seen_at.iter().chain(&missed_at).map(std::mem::discriminant);
    let seconds = |times: &[FrameTime]| times.iter().map(FrameTime::seconds).collect::<Vec<_>>();
    seen.iter().all(|one| one.detection.score >= SURE_SCORE)
        && seen_at.len() == seen.len()
        && clocks.collect::<HashSet<_>>().len() == 1
        && is_of_one_pass(&seconds(&seen_at), &seconds(&missed_at))
}

/// Whether what came or went may be a living thing or a vehicle. Plants switch on and off, and gas
/// flickers, so what is looked for on their assets stays what it is.
pub(super) fn may_live(best: &Detection, area_m2: f64, by_asset: Kind) -> bool {
    let elsewhere = matches!(by_asset, Kind::Unknown | Kind::HotLeak | Kind::InsulationDefect);
    let warm = best.polarity == Polarity::Hot && best.peak <= HOTTEST_LIVING_C;
    elsewhere && warm && area_m2 <= LARGEST_LIVING_M2
}

/// Whether a thing was there during one pass only. `seen_s` are the times of the frames that saw
/// it, in order, `missed_s` those of the frames that held its place and did not, in seconds.
///
/// One frame may see what is none, so it takes two, and half of those of their pass.
fn is_of_one_pass(seen_s: &[f64], missed_s: &[f64]) -> bool {
    let (&[first, .., last], one_pass) =
        (seen_s, seen_s.windows(2).all(|pair| pair[1] - pair[0] <= PASS_S))
    else {
        return false;
    };
    let of_pass = |time: f64| (first - PASS_S..=last + PASS_S).contains(&time);
    let missed_then = missed_s.iter().filter(|&&time| of_pass(time)).count();
    one_pass && missed_then <= seen_s.len() && missed_s.len() - missed_then >= LEAST_MISSED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_pass_misses_was_there_for_one_only() {
        for (seen, missed, of_one_pass) in [
            (&[10.0, 12.0, 14.0][..], &[60.0, 62.0][..], true),
            (&[60.0, 62.0], &[10.0, 12.0, 14.0], true),
            (&[10.0, 12.0, 14.0], &[60.0], false),
            (&[10.0], &[60.0, 62.0], false),
            (&[10.0, 12.0, 60.0], &[62.0, 120.0, 122.0], false),
            // More of its own pass missed it than saw it.
            (&[10.0, 12.0], &[8.0, 14.0, 16.0, 60.0, 62.0], false),
            (&[10.0, 12.0], &[8.0, 14.0, 60.0, 62.0], true),
            (&[10.0, 12.0], &[14.0, 16.0], false),
            (&[], &[14.0, 16.0], false),
        ] {
            assert_eq!(is_of_one_pass(seen, missed), of_one_pass, "{seen:?} {missed:?}");
        }
    }
}
