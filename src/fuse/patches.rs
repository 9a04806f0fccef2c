//! The frames of a flight that tell what it is off: a few dozen that overlap.

use nalgebra::Vector3;

use crate::geo::Geodetic;

use super::View;

/// Most frames that are solved together: the work grows with their cube.
const MOST_FRAMES: usize = 48;

/// Frames of one patch: some four lines of six, so that headings differ.
const OF_PATCH: usize = 24;

/// Numbers of the chosen views, in order: all of a short flight; else the nearest ones around each
/// of `near`, then around the middle of the flight, then around the frame furthest from those.
pub(super) fn patches(views: &[&View], near: &[Geodetic]) -> Vec<usize> {
    let places: Vec<(usize, Vector3<f64>)> = (0..)
        .zip(views.iter().map(|view| view.pose.position.to_ecef()))
        .filter(|(_, place)| place.iter().all(|v| v.is_finite()))
        .collect();
    if places.len() <= MOST_FRAMES {
        return places.into_iter().map(|(number, _)| number).collect();
    }
    let middle = places.iter().map(|(_, place)| place).sum::<Vector3<f64>>() / places.len() as f64;
    let size = if near.len() < 2 { OF_PATCH } else { (MOST_FRAMES / near.len()).max(8) };
    let mut chosen = Vec::with_capacity(MOST_FRAMES);
    let mut wanted = near.iter().map(Geodetic::to_ecef).collect::<Vec<_>>().into_iter();
    let mut at_middle = Some(middle);
    while chosen.len() < MOST_FRAMES {
        let far = || {
            let away = |place: &Vector3<f64>| {
                let gaps = chosen
                    .iter()
                    .map(|&(_, known): &(usize, Vector3<f64>)| (known - place).norm_squared());
                gaps.fold(f64::INFINITY, f64::min)
            };
            let places = places.iter().map(|(_, place)| *place);
            places.max_by(|a, b| away(a).total_cmp(&away(b)))
        };
        let Some(about) = wanted.next().or_else(|| at_middle.take()).or_else(far) else { break };
        let mut order: Vec<(f64, usize, Vector3<f64>)> = places
            .iter()
            .filter(|(number, _)| chosen.iter().all(|(known, _)| known != number))
            .map(|&(number, place)| ((place - about).norm_squared(), number, place))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let room = size.min(MOST_FRAMES - chosen.len());
        chosen.extend(order.into_iter().take(room).map(|(_, number, place)| (number, place)));
    }
    let mut numbers: Vec<usize> = chosen.into_iter().map(|(number, _)| number).collect();
    numbers.sort_unstable();
    numbers
}
