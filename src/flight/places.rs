//! The places of a track against each other: jumps, and none at all.

use std::collections::BTreeSet;

use super::{Fix, LogTime, Oddity, Position, Timed, Track, Warning, Warnings};

/// Nothing that carries a camera is faster, in m/s: the speed of sound.
const FASTEST_M_S: f64 = 340.0;
/// Steps of less, in metres, are what receivers do when their satellites change.
const SLACK_M: f64 = 50.0;
/// Mean radius of the earth in metres (IUGG).
const EARTH_M: f64 = 6_371_008.8;

/// Leaves out single places that are far from those on either side, counts jumps that last, and
/// says so where a track has no place at all. DataFlash and ULog have no checksums, so one flipped
/// bit moves a place by any distance.
pub(super) fn checked(mut track: Track) -> Track {
    let mut warnings = Warnings::default();
    let places: Vec<_> = track.position.iter().map(|sample| (sample.at, sample.value)).collect();
    let keep = judged(&places, "position", &mut warnings);
    let mut keep = keep.into_iter();
    let kept: Vec<_> =
        track.position.iter().filter(|_| keep.next() == Some(true)).copied().collect();
    track.position = kept.into();
    track.fixes = fixes(&track.fixes, &mut warnings).into();
    if track.position.is_empty() {
        let what = "no position: neither the estimator nor a receiver had one".to_owned();
        warnings.note(Oddity::Other(what), None);
    }
    let told: Vec<Warning> = warnings.into_sorted();
    track.warnings.extend(told);
    track.warnings.sort_by(|a, b| a.oddity.cmp(&b.oddity));
    track
}

/// The same for each receiver; a fix that jumps stays, without its place.
fn fixes(fixes: &[Timed<Fix>], warnings: &mut Warnings) -> Vec<Timed<Fix>> {
    let mut checked = fixes.to_vec();
    let receivers: BTreeSet<u8> = fixes.iter().map(|fix| fix.value.receiver).collect();
    for receiver in receivers {
        let of_it = |fix: &Timed<Fix>| fix.value.receiver == receiver && fix.value.place.is_some();
        let places: Vec<_> = fixes
            .iter()
            .filter(|fix| of_it(fix))
            .filter_map(|fix| Some((fix.at, fix.value.place?)))
            .collect();
        let keep = judged(&places, "fix", warnings);
        for (fix, keep) in checked.iter_mut().filter(|fix| of_it(fix)).zip(keep) {
            fix.value.place = fix.value.place.filter(|_| keep);
        }
    }
    checked
}

/// Which places stay.
fn judged(places: &[(LogTime, Position)], what: &str, warnings: &mut Warnings) -> Vec<bool> {
    let mut keep = Vec::with_capacity(places.len());
    let mut before: Option<&(LogTime, Position)> = None;
    for (index, place) in places.iter().enumerate() {
        let following = places.get(index + 1..).unwrap_or_default();
        let stray = match (before, following) {
            (Some(before), _) if reachable(before, place) => false,
            // Far from what was; what follows tells which of the two is wrong.
            (Some(before), [next, ..]) => reachable(before, next) && !reachable(place, next),
            (Some(_), []) => true,
            (None, [next, after, ..]) => !reachable(place, next) && reachable(next, after),
            (None, _) => false,
        };
        if stray {
            let oddity = Oddity::Other(format!("{what}: far from those around it, left out"));
            warnings.note(oddity, Some(place.0));
        } else {
            if before.is_some_and(|before| !reachable(before, place)) {
                let oddity = Oddity::Other(format!("{what}: jumps"));
                warnings.note(oddity, Some(place.0));
            }
            before = Some(place);
        }
        keep.push(!stray);
    }
    keep
}

/// Whether one can get from one place to the other in the time between them.
fn reachable((from_at, from): &(LogTime, Position), (to_at, to): &(LogTime, Position)) -> bool {
    let turn = (to.lon_rad - from.lon_rad).sin().atan2((to.lon_rad - from.lon_rad).cos());
    let east_m = turn * EARTH_M * ((to.lat_rad + from.lat_rad) / 2.0).cos();
    let north_m = (to.lat_rad - from.lat_rad) * EARTH_M;
    north_m.hypot(east_m) <= SLACK_M + FASTEST_M_S * (*to_at - *from_at).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flight::Heights;

    /// Ten places a second, so many metres north of the first, and which of them stay.
    fn kept(north_m: &[f64]) -> (Vec<bool>, Vec<String>) {
        let places: Vec<_> = (0..)
            .zip(north_m)
            .map(|(index, north_m)| {
                let lat_deg = 52.0 + (north_m / EARTH_M).to_degrees();
                let place = Position::from_degrees(lat_deg, 5.0, Heights::default());
                (LogTime(f64::from(index) * 0.1), place)
            })
            .collect();
        let mut warnings = Warnings::default();
        let keep = judged(&places, "place", &mut warnings);
        (keep, warnings.into_sorted().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn one_place_far_from_the_rest_goes_and_a_jump_that_lasts_stays() {
        for at in 0..6 {
            let mut places = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0];
            places[at] = 5_000.0;
            let (keep, said) = kept(&places);
            assert_eq!(keep.iter().filter(|keep| !**keep).count(), 1, "{at}");
            assert!(!keep[at] && said.len() == 1, "{at}: {said:?}");
        }
        let (keep, said) = kept(&[0.0, 2.0, 500.0, 502.0, 504.0]);
        assert_eq!(keep, [true; 5]);
        assert_eq!(said, ["place: jumps (1 times, first at 0.200 s)"]);
        assert_eq!(kept(&[0.0, 3.0, 6.0, 9.0]), (vec![true; 4], Vec::new()));
    }

    #[test]
    fn the_date_line_is_no_jump() {
        let place = |lon_deg| Position::from_degrees(-17.0, lon_deg, Heights::default());
        let [west, east] = [(LogTime(0.0), place(179.9999)), (LogTime(1.0), place(-179.9999))];
        assert!(reachable(&west, &east));
    }
}
