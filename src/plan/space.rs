//! Where a plan may fly: around what is inspected, and from the take-off to there, outside of
//! zones.

use crate::site::Limit;

use super::field::Field;
use super::plane::Point;
use super::region::Region;
use super::way::Ways;
use super::{Error, Params};

/// Half the width of the way from a take-off to an area.
const ACCESS_M: f64 = 6.0;
/// How far outside of everything a way round a zone may lead.
const ROUND_M: f64 = 300.0;

/// What may be flown, and ways in it.
#[derive(Debug)]
pub(super) struct Space {
    /// Every leg stays in here.
    pub(super) allowed: Region,
    pub(super) ways: Ways,
    /// The take-offs that are of use.
    pub(super) takeoffs: Vec<Point>,
}

/// Around a workspace, `margin_m` wide; `round` are things that are flown round.
///
/// # Errors
/// [`Error::TakeoffInZone`], and [`Error::Unreachable`] where no part can be reached.
pub(super) fn space(
    field: &mut Field<'_>,
    params: &Params,
    workspace: &Region,
    margin_m: f64,
    round: &Region,
) -> Result<Space, Error> {
    let mut closed = round.clone();
    for barrier in &field.barriers {
        if !is_above(field, params, barrier.floor, &barrier.region)? {
            closed = closed.and(&barrier.region.grown(params.zone_margin_m));
        }
    }
    let work = workspace.grown(margin_m).without(&closed);
    let takeoffs = takeoffs(field, params, &work, &closed)?;
    let [west, south, east, north] = takeoffs
        .iter()
        .fold(work.and(&closed.within(&work.grown(ROUND_M))).bounds_m(), |all, at| {
            [all[0].min(at[0]), all[1].min(at[1]), all[2].max(at[0]), all[3].max(at[1])]
        });
    let [west, south] = [west - ROUND_M, south - ROUND_M];
    let [east, north] = [east + ROUND_M, north + ROUND_M];
    let world =
        Region::of_rings(&[vec![[west, south], [east, south], [east, north], [west, north]]]);
    let free = Ways::new(&world.without(&closed));
    let (mut allowed, mut lost) = (Region::default(), 0);
    for part in work.parts() {
        let access = takeoffs.iter().filter_map(|&at| access(&part, at, &free)).collect::<Vec<_>>();
        if access.is_empty() {
            lost += 1;
            continue;
        }
        allowed = access.iter().fold(allowed.and(&part), |all, way| all.and(way));
    }
    if allowed.is_empty() {
        let what = format!("site {}", field.name);
        return Err(Error::Unreachable { what });
    }
    if lost > 0 {
        field.notes.push(format!("{lost} parts lie behind zones and are not flown"));
    }
    let allowed = allowed.without(&closed);
    let ways = Ways::new(&allowed);
    Ok(Space { allowed, ways, takeoffs })
}

/// Whether a zone begins above everything that is flown.
fn is_above(
    field: &Field<'_>,
    params: &Params,
    floor: Limit,
    region: &Region,
) -> Result<bool, Error> {
    if floor == Limit::Open {
        return Ok(false);
    }
    let corners = region.shapes().iter().flatten().flatten();
    for &corner in corners {
        // Where the model has no ground nothing can be said, which counts towards more restriction.
        let Ok(ground_m) = field.ground_m(corner) else { return Ok(false) };
        if field.limit_m(floor, corner, f64::NEG_INFINITY)? < ground_m + params.most_height_m {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The site's take-offs outside of zones; where it tells none, the nearest corner of the work to
/// its south-west that is free.
fn takeoffs(
    field: &mut Field<'_>,
    params: &Params,
    work: &Region,
    closed: &Region,
) -> Result<Vec<Point>, Error> {
    if field.takeoffs.is_empty() {
        let inner = work.grown(-1.0);
        let corners = inner.shapes().iter().filter_map(|rings| rings.first()).flatten().copied();
        let south_west = |at: &Point| at[0] + at[1];
        let chosen = corners.min_by(|a, b| south_west(a).total_cmp(&south_west(b)));
        let Some(at) = chosen else {
            let what = format!("site {}", field.name);
            return Err(Error::Unreachable { what });
        };
        let (lon, lat) = field.plane.degrees(at);
        field.notes.push(format!("the site tells no take-off: {lat:.6}, {lon:.6} is taken"));
        return Ok(vec![at]);
    }
    let free: Vec<Point> = field.takeoffs.iter().copied().filter(|&at| !closed.holds(at)).collect();
    if free.is_empty() {
        let at = field.takeoffs[0];
        let held =
            |barrier: &&super::field::Barrier| barrier.region.grown(params.zone_margin_m).holds(at);
        let zone = field.barriers.iter().find(held);
        let zone = zone.map_or_else(
            || "a thing that is flown round".to_owned(),
            |zone| format!("zone {}, or nearer to it than {} m", zone.name, params.zone_margin_m),
        );
        let (lon_deg, lat_deg) = field.plane.degrees(at);
        return Err(Error::TakeoffInZone { lat_deg, lon_deg, zone });
    }
    Ok(free)
}

/// The strip that leads from a take-off into a part; nothing where it stands in it.
fn access(part: &Region, takeoff: Point, free: &Ways) -> Option<Region> {
    if part.holds(takeoff) {
        return Some(Region::around_point(takeoff, ACCESS_M));
    }
    let shrunk = part.grown(-1.0);
    let inner = if shrunk.is_empty() { part } else { &shrunk };
    let mut corners: Vec<Point> = inner.shapes().iter().flatten().flatten().copied().collect();
    corners.extend(inner.nearest(takeoff));
    let nearest = corners
        .into_iter()
        .map(|corner| (free.length_m(takeoff, corner), corner))
        .filter(|(length_m, _)| length_m.is_finite())
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let mut way = vec![takeoff];
    way.extend(free.bends(takeoff, nearest.1)?);
    way.push(nearest.1);
    Some(Region::around_line(&way, ACCESS_M))
}
