//! All findings of a case on one map.

use std::fmt::Write as _;

use crate::geo::{Geodetic, LocalFrame};
use crate::site::Site;

use super::map::{Plane, SIZE, View, edge, ground, label, north, scale_bar};

/// A place in degrees, (longitude, latitude).
type Place = (f64, f64);

/// A finding on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its place.
    pub at: Place,
    /// Whether it is colder than around.
    pub cold: bool,
}

/// With more than so many findings their names would hide each other and the map.
const MOST_NAMES: usize = 60;
/// What is shown beyond the outermost point, as a share.
const MARGIN: f64 = 1.08;
/// Least metres to each side.
const LEAST_M: f64 = 20.0;

/// The drawing as SVG, up is north; `None` without findings. The site and the findings are in it
/// whole; flights as far as they lie there.
#[must_use]
pub fn overview_svg(
    spots: &[Spot<'_>],
    tracks: &[Vec<Place>],
    site: Option<&Site>,
) -> Option<String> {
    let mut places: Vec<Place> = spots.iter().map(|spot| spot.at).collect();
    let first = *places.first()?;
    places.extend(site.iter().flat_map(|site| site.areas.iter()).flat_map(|area| &area.outer));
    let low = places.iter().fold(first, |low, at| (low.0.min(at.0), low.1.min(at.1)));
    let high = places.iter().fold(first, |high, at| (high.0.max(at.0), high.1.max(at.1)));
    let middle = Geodetic::from_degrees((low.1 + high.1) / 2.0, (low.0 + high.0) / 2.0, 0.0);
    let plane = Plane { local: LocalFrame::at(&middle), height_m: 0.0 };
    let furthest_m = plane
        .all_m(&places)
        .iter()
        .map(|(east, north)| east.abs().max(north.abs()))
        .fold(LEAST_M, f64::max);
    let view = View { corner: (0.0, 0.0), size: SIZE, reach_m: furthest_m * MARGIN };
    let mut svg = ground(&view, site, tracks, &plane);
    for spot in spots {
        let (x, y) = view.at(plane.to_m(&spot.at));
        let colour = if spot.cold { "#1d5fb0" } else { "#c0182b" };
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{colour}\" stroke=\"#fff\"/>"
        );
    }
    svg += "</g>\n";
    if spots.len() <= MOST_NAMES {
        for spot in spots {
            let (x, y) = view.at(plane.to_m(&spot.at));
            // Zeros at the front tell nothing on a map.
            let name = spot.id.trim_start_matches('F').trim_start_matches('0');
            label(&mut svg, (x + 6.0, y - 4.0), 14.0, if name.is_empty() { spot.id } else { name });
        }
    }
    scale_bar(&mut svg, &view, (16.0, SIZE - 18.0), 150.0);
    north(&mut svg);
    Some(svg + &edge())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_lies_inside_and_many_go_without_names() {
        assert_eq!(overview_svg(&[], &[], None), None);
        let names: Vec<String> = (1..=61).map(|number| format!("F{number:04}")).collect();
        let spots: Vec<_> = names
            .iter()
            .zip(0..)
            .map(|(id, at)| {
                let at = (5.0 + f64::from(at) * 1e-5, 52.0 - f64::from(at) * 2e-5);
                Spot { id, at, cold: id.ends_with('1') }
            })
            .collect();
        for (count, names) in [(60, 61), (61, 1), (1, 2)] {
            let svg = overview_svg(&spots[..count], &[], None).unwrap();
            let read = roxmltree::Document::parse(&svg).unwrap();
            let all =
                |tag: &str| read.descendants().filter(|n| n.has_tag_name(tag)).collect::<Vec<_>>();
            assert_eq!(all("circle").len(), count);
            for circle in all("circle") {
                for side in ["cx", "cy"] {
                    let at: f64 = circle.attribute(side).unwrap().parse().unwrap();
                    assert!((0.0..=SIZE).contains(&at), "{at}");
                }
            }
            // Each text has a rim; besides names there are the scale and the N.
            assert_eq!(all("text").len(), 2 * (names + 1), "{count}");
        }
    }
}
