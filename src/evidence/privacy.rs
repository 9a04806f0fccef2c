//! Which frames' originals stay behind, and which files are due for removal.

use std::fmt::Write as _;

use crate::case::FrameRow;
use crate::site::{Outline, Polygon, Role, Site};

/// Why a frame's original is left out; `None` if it is not.
pub(super) fn left_out(site: &Site, frame: &FrameRow) -> Option<String> {
    if frame.footprint.is_empty() {
        return None;
    }
    let ring = &frame.footprint;
    let zone = site.zones.iter().find(|zone| {
        zone.role == Role::NoCapture
            && matches!(&zone.outline, Outline::Polygon(zone) if meet(&zone.outer, ring))
    });
    if let Some(zone) = zone {
        return Some(format!("its footprint meets the no-capture zone `{}`", zone.name));
    }
    let outside = |area: &Polygon| !meet(&area.outer, ring);
    let areas = &site.areas;
    (!areas.is_empty() && areas.iter().all(outside))
        .then(|| "its footprint lies outside every inspected area".to_owned())
}

type Ring = [(f64, f64)];

/// Whether two rings share a point; degrees serve, since a site is small.
fn meet(one: &Ring, other: &Ring) -> bool {
    let within = |ring: &Ring, points: &Ring| points.iter().any(|&point| holds(ring, point));
    within(one, other) || within(other, one) || cross(one, other)
}

/// Even-odd rule.
fn holds(ring: &Ring, (x, y): (f64, f64)) -> bool {
    edges(ring)
        .filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0)
        .count()
        % 2
        == 1
}

fn cross(one: &Ring, other: &Ring) -> bool {
    let side = |a: (f64, f64), b: (f64, f64), c: (f64, f64)| {
        (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
    };
    edges(one).any(|(a, b)| {
        edges(other).any(|(c, d)| {
            side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
        })
    })
}

fn edges(ring: &Ring) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// `masked_frames.csv`: which frames' originals stayed behind, and by which rule.
pub(super) fn masked_csv(left_out: &[(String, String, String)]) -> String {
    let mut text = String::from("id,sha256,rule\r\n");
    for (id, sha256, rule) in left_out {
        let _ = write!(text, "{id},{sha256},\"{}\"\r\n", rule.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_meet_by_corner_edge_or_inside() {
        let square = |x: f64, y: f64, size: f64| {
            vec![(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
        };
        let one = square(0.0, 0.0, 10.0);
        for (other, expected) in [
            (square(5.0, 5.0, 10.0), true),
            (square(2.0, 2.0, 1.0), true),
            (square(-5.0, -5.0, 30.0), true),
            (vec![(-5.0, 4.0), (15.0, 4.0), (15.0, 5.0), (-5.0, 5.0)], true),
            (square(11.0, 0.0, 3.0), false),
        ] {
            assert_eq!(meet(&one, &other), expected, "{other:?}");
        }
    }
}
