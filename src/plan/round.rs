//! Rounds about a thing at a distance: façades, tanks, stacks, and places that are looked at again.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, TAU};

use super::camera::{Camera, Pace};
use super::plane::{Point, between, distance_m};
use super::region::Region;
use super::run::{Run, Shots, Stand};
use super::way::Ways;

/// Emissivity of common surfaces falls beyond 60° from their normal (EN 13187 practice asks for
/// less), so that no wall is looked at flatter.
pub(super) const FLATTEST_VIEW_RAD: f64 = 60.0 * std::f64::consts::PI / 180.0;

/// A wall that is looked at.
pub(super) struct Wall<'a> {
    pub(super) name: &'a str,
    /// The thing's outline.
    pub(super) region: &'a Region,
    /// Its foot and its top above the ellipsoid.
    pub(super) foot_m: f64,
    pub(super) top_m: f64,
    /// The lowest that may be flown.
    pub(super) floor_m: f64,
}

/// The place, heading and tilt that see one level of a wall.
struct Level {
    height_m: f64,
    pitch_rad: f64,
}

/// Levels from the lowest to the highest, each tilted so that its middle is seen.
fn levels(wall: &Wall<'_>, camera: &Camera, pace: &Pace, overlap: f64) -> Vec<Level> {
    let seen_m = 2.0 * camera.half_tangents()[1] * pace.distance_m;
    let tall_m = (wall.top_m - wall.foot_m).max(0.1);
    let step_m = seen_m * (1.0 - overlap);
    let count = ((tall_m - seen_m) / step_m - 1e-9).ceil().max(0.0) as u32 + 1;
    let first_m = wall.foot_m + tall_m / 2.0 - f64::from(count - 1) / 2.0 * step_m;
    (0..count)
        .map(|number| {
            let looked_m = first_m + f64::from(number) * step_m;
            let height_m = looked_m.max(wall.floor_m);
            let pitch_rad = -((height_m - looked_m) / pace.distance_m).atan();
            Level { height_m, pitch_rad: pitch_rad.max(-FLATTEST_VIEW_RAD) }
        })
        .collect()
}

/// Runs at a distance from every wall of a thing, level by level, looking at it squarely. At
/// corners the way bends round them, so that the distance is kept there too.
pub(super) fn facade(
    wall: &Wall<'_>,
    camera: &Camera,
    (pace, overlaps): (&Pace, [f64; 2]),
    allowed: &Region,
    pass: &mut u32,
) -> Vec<Run> {
    let ways = Ways::new(allowed);
    let path = wall.region.filled().grown(pace.distance_m);
    // The picture's long side lies level, along the wall.
    let across_m = 2.0 * camera.half_tangents()[0] * pace.distance_m;
    let spacing_m = across_m * (1.0 - overlaps[0]);
    let mut runs = Vec::new();
    for (number, level) in (1..).zip(levels(wall, camera, pace, overlaps[1])) {
        for ring in path.shapes().iter().filter_map(|rings| rings.first()) {
            *pass += 1;
            for at in 0..ring.len() {
                // Outer rings run counter-clockwise: the thing lies to the left.
                let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
                if !(allowed.holds(a) && allowed.holds(b) && ways.is_clear(a, b)) {
                    continue;
                }
                let left = [-(b[1] - a[1]), b[0] - a[0]];
                let yaw_rad = left[0].atan2(left[1]).rem_euclid(TAU);
                let stand = |at| Stand {
                    at,
                    height_m: level.height_m,
                    yaw_rad: Some(yaw_rad),
                    pitch_rad: level.pitch_rad,
                };
                let short = distance_m(a, b) < spacing_m;
                let (stands, shots) = if short {
                    (vec![stand(between(a, b, 0.5))], Shots::AtEach)
                } else {
                    (vec![stand(a), stand(b)], Shots::Every(spacing_m))
                };
                let name = format!("{}, level {number}", wall.name);
                runs.push(Run { name, stands, shots, line: None });
            }
        }
    }
    runs
}

/// Rounds about a tank or a stack, looking at its middle.
pub(super) fn orbit(
    wall: &Wall<'_>,
    camera: &Camera,
    (pace, overlaps): (&Pace, [f64; 2]),
    allowed: &Region,
) -> Vec<Run> {
    let [west, south, east, north] = wall.region.bounds_m();
    let middle = [(west + east) / 2.0, (south + north) / 2.0];
    let radius_m = (east - west).max(north - south) / 2.0;
    let away_m = radius_m + pace.distance_m;
    let across_m = 2.0 * camera.half_tangents()[0] * pace.distance_m;
    // On a thin stack the picture is wider than the thing: 45° from view to view shows it round.
    let step_rad = (across_m * (1.0 - overlaps[0]) / radius_m.max(0.1)).min(FRAC_PI_4);
    let count = (TAU / step_rad).ceil().max(8.0) as u32;
    let ways = Ways::new(allowed);
    let mut runs = Vec::new();
    for (number, level) in (1..).zip(levels(wall, camera, pace, overlaps[1])) {
        let stand = |view: u32| {
            let angle = f64::from(view) / f64::from(count) * TAU;
            let (sin, cos) = angle.sin_cos();
            let at = [middle[0] + away_m * sin, middle[1] + away_m * cos];
            Stand {
                at,
                height_m: level.height_m,
                yaw_rad: Some((angle + TAU / 2.0).rem_euclid(TAU)),
                pitch_rad: level.pitch_rad,
            }
        };
        let stands: Vec<Stand> = (0..count).map(stand).collect();
        let name = format!("{}, round {number}", wall.name);
        for stands in free(&stands, allowed, &ways) {
            runs.push(Run { name: name.clone(), stands, shots: Shots::AtEach, line: None });
        }
    }
    runs
}

/// Rows of neighbouring stands that are allowed and see each other.
fn free(stands: &[Stand], allowed: &Region, ways: &Ways) -> Vec<Vec<Stand>> {
    let mut rows: Vec<Vec<Stand>> = vec![Vec::new()];
    for stand in stands {
        let held = allowed.holds(stand.at);
        let row = rows
            .last_mut()
            .filter(|row| row.last().is_none_or(|last| held && ways.is_clear(last.at, stand.at)));
        match row {
            Some(row) if held => row.push(*stand),
            _ if held => rows.push(vec![*stand]),
            _ => rows.push(Vec::new()),
        }
    }
    rows.retain(|row| !row.is_empty());
    rows
}

/// Views of one place from four sides at 45° and from above: what is no mirror image stays where it
/// is in all of them.
pub(super) fn revisit(
    name: &str,
    place: Point,
    height_m: f64,
    distance_m: f64,
    allowed: &Region,
) -> Vec<Run> {
    let ways = Ways::new(allowed);
    let away_m = distance_m * FRAC_PI_4.cos();
    let side = |quarter: u32| {
        let angle = f64::from(quarter) * FRAC_PI_2;
        let (sin, cos) = angle.sin_cos();
        Stand {
            at: [place[0] + away_m * sin, place[1] + away_m * cos],
            height_m: height_m + away_m,
            yaw_rad: Some((angle + TAU / 2.0).rem_euclid(TAU)),
            pitch_rad: -FRAC_PI_4,
        }
    };
    let above = Stand {
        at: place,
        height_m: height_m + distance_m,
        yaw_rad: Some(0.0),
        pitch_rad: -FRAC_PI_2,
    };
    let stands: Vec<Stand> = (0..4).map(side).collect();
    let mut runs: Vec<Run> = free(&stands, allowed, &ways)
        .into_iter()
        .map(|stands| Run {
            name: format!("{name}, sides"),
            stands,
            shots: Shots::AtEach,
            line: None,
        })
        .collect();
    if allowed.holds(above.at) {
        let name = format!("{name}, from above");
        runs.push(Run { name, stands: vec![above], shots: Shots::AtEach, line: None });
    }
    runs
}
