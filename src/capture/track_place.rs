//! Where the vehicle was, by its log: which height is taken, and how sure the place is.

use crate::flight::{Fix, FixKind, Heights, Position, PositionSource, Timed};
use crate::geo::{Geodetic, egm96_undulation_m};

use super::place::{
    BAROMETER, FIXED, FLOAT, GNSS, GROUND_BELOW_M, Place, Split, in_range, mostly_common, sound,
};
use super::{Ground, NoPose, PoseNote, PosedFrame, Takeoff, TrackMoment};
use crate::geo::Terrain;

/// A receiver's word holds this long, in seconds: recordings over radio have one or two a second
/// and lose some.
const FIX_NEAR_S: f64 = 5.0;
/// A receiver's own geoid is a coarse grid; ours is EGM96. One sigma of their difference in metres
/// (our convention).
const GEOID_M: f64 = 1.0;
/// A receiver whose geoid lies further from EGM96, in metres, has mixed something up.
const GEOID_APART_M: f64 = 10.0;
/// One sigma of a height that the receiver assumes, in metres.
const FLAT_M: f64 = 20.0;

/// The vehicle's reference point at the moment.
///
/// # Errors
/// [`NoPose::Gap`] where the log has no place around the moment and the paired event has none,
/// [`NoPose::NoFix`] where the receivers had no solution, [`NoPose::NoLogHeight`].
pub(super) fn place_on_track(
    moment: &TrackMoment<'_>,
    ground: &Ground<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<Place, NoPose> {
    let (position, error_m) = position(moment, notes)?;
    let fix = fix_near(moment)?;
    let kind = fix.map(|fix| fix.value.kind);
    let horizontal = horizontal(fix.map(|fix| &fix.value));
    let (height_m, mut up) = height(moment, &position, fix, ground, notes)?;
    up.own_m = up.own_m.hypot(error_m);
    let own_m = horizontal.own_m.hypot(error_m);
    let height_m = in_range(Some(height_m), "the log's height")?.ok_or(NoPose::NoLogHeight)?;
    Ok(Place {
        position: Geodetic { lat_rad: position.lat_rad, lon_rad: position.lon_rad, height_m },
        own_enu_m: [own_m, own_m, up.own_m],
        common_enu_m: [horizontal.common_m, horizontal.common_m, up.common_m],
        rtk_fixed: kind == Some(FixKind::RtkFixed),
    })
}

/// The level of the vehicle's home that a pose from its log implies: the pose's height less the
/// log's height above home, else the height that home itself has; `None` where it has neither.
#[must_use]
pub fn implied_takeoff_on_track(pose: &PosedFrame, moment: &TrackMoment<'_>) -> Option<Takeoff> {
    let [own_m, common_m] = [pose.own.position_enu_m[2], pose.common.position_enu_m[2]];
    let sigma_m = own_m.hypot(common_m);
    let told = moment.track.position_at(moment.at).ok().map(|found| found.position);
    let above_m = told
        .or_else(|| event_place(moment))
        .and_then(|position| position.heights.above_home_m)
        .filter(|metres| metres.is_finite());
    let height_m = match above_m {
        Some(above_m) => pose.position.height_m - above_m,
        None => home_m(moment)?,
    };
    Some(Takeoff { height_m, sigma_m })
}

/// The log's place, else the paired event's own.
fn position(
    moment: &TrackMoment<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<(Position, f64), NoPose> {
    let (position, error_m) = match moment.track.position_at(moment.at) {
        Ok(found) => (found.position, found.error_m),
        Err(gap) => {
            let place = event_place(moment).ok_or(NoPose::Gap(gap))?;
            notes.push(PoseNote::PoseOfEvent);
            (place, 0.0)
        }
    };
    let (lat_deg, lon_deg) = (position.lat_rad.to_degrees(), position.lon_rad.to_degrees());
    let zero = lat_deg.abs() < 1e-6 && lon_deg.abs() < 1e-6;
    if zero || !(lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0) || !error_m.is_finite() {
        return Err(NoPose::BadPosition { lat_deg, lon_deg });
    }
    Ok((position, error_m))
}

fn event_place(moment: &TrackMoment<'_>) -> Option<Position> {
    moment.event?.place
}

/// The best receiver's word around the moment; `None` where the log has no receiver at all.
fn fix_near<'a>(moment: &TrackMoment<'a>) -> Result<Option<&'a Timed<Fix>>, NoPose> {
    let fixes = &moment.track.fixes;
    if fixes.is_empty() {
        return Ok(None);
    }
    let from = fixes.partition_point(|fix| moment.at - fix.at > FIX_NEAR_S);
    let near = fixes.get(from..).unwrap_or_default().iter();
    let near: Vec<_> = near.take_while(|fix| fix.at - moment.at <= FIX_NEAR_S).collect();
    let apart_s = |fix: &Timed<Fix>| (fix.at - moment.at).abs();
    // Each receiver's word nearest in time, and of these the best one.
    let mut receivers: Vec<&Timed<Fix>> = Vec::new();
    for fix in near {
        match receivers.iter_mut().find(|known| known.value.receiver == fix.value.receiver) {
            Some(known) if apart_s(fix) < apart_s(known) => *known = fix,
            Some(_) => {}
            None => receivers.push(fix),
        }
    }
    let best = receivers.into_iter().max_by_key(|fix| fix.value.kind);
    match best {
        Some(fix) if fix.value.kind > FixKind::None => Ok(Some(fix)),
        _ => Err(NoPose::NoFix),
    }
}

/// Stated accuracies before those of the kind of solution.
fn horizontal(fix: Option<&Fix>) -> Split {
    let Some(fix) = fix else { return GNSS.0 };
    let stated = sound(fix.horizontal_sigma_m);
    match fix.kind {
        FixKind::RtkFixed => Split { own_m: stated.unwrap_or(FIXED.0), common_m: 0.0 },
        FixKind::RtkFloat => stated.map_or(FLOAT.0, mostly_common),
        _ => stated.map_or(GNSS.0, mostly_common),
    }
}

fn vertical(fix: Option<&Fix>) -> Split {
    let Some(fix) = fix else { return GNSS.1 };
    let stated = sound(fix.vertical_sigma_m);
    match fix.kind {
        FixKind::Flat => Split { own_m: 0.0, common_m: FLAT_M },
        FixKind::RtkFixed => Split { own_m: stated.unwrap_or(FIXED.1), common_m: 0.0 },
        FixKind::RtkFloat => stated.map_or(FLOAT.1, mostly_common),
        _ => stated.map_or(GNSS.1, mostly_common),
    }
}

/// The height above the ellipsoid: as the log has it; with an RTK fix, or where nobody knows the
/// level of home, above sea level; else above home.
fn height(
    moment: &TrackMoment<'_>,
    position: &Position,
    fix: Option<&Timed<Fix>>,
    ground: &Ground<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<(f64, Split), NoPose> {
    let heights = &position.heights;
    let sigma = vertical(fix.map(|fix| &fix.value));
    if let Some(metres) = heights.ellipsoid_m {
        return Ok((metres, sigma));
    }
    let rtk = fix.is_some_and(|fix| fix.value.kind >= FixKind::RtkFloat);
    let level = level_of_home(moment, position, ground)?;
    if let (false, Some(above_m), Some((level_m, sigma))) = (rtk, heights.above_home_m, level) {
        notes.push(PoseNote::HeightAboveTakeoff);
        return Ok((level_m + above_m, sigma));
    }
    if let Some(amsl_m) = heights.amsl_m {
        let mut sigma = sigma;
        let geoid_m = match fix.and_then(|fix| geoid_of_receiver_m(&fix.value)) {
            Some(metres) => metres,
            None => {
                notes.push(PoseNote::HeightDatumAssumed);
                sigma.common_m = sigma.common_m.hypot(GEOID_M);
                undulation_m(position)
            }
        };
        let apart_m = fix.and_then(|fix| from_receiver_m(moment, fix)).unwrap_or(0.0);
        sigma.common_m = sigma.common_m.hypot(apart_m);
        return Ok((amsl_m + geoid_m, sigma));
    }
    if let Some(above_m) = heights.above_home_m {
        let own_level = home_m(moment).map(|metres| (metres, BAROMETER));
        let (level_m, sigma) = level.or(own_level).ok_or(NoPose::NoLogHeight)?;
        notes.push(PoseNote::HeightAboveTakeoff);
        return Ok((level_m + above_m, sigma));
    }
    Err(NoPose::NoLogHeight)
}

/// The level of home as the user told it, else the terrain's at home, else the terrain's below.
fn level_of_home(
    moment: &TrackMoment<'_>,
    position: &Position,
    ground: &Ground<'_>,
) -> Result<Option<(f64, Split)>, NoPose> {
    if let Some(told_m) = in_range(ground.takeoff_height_m, "the take-off height")? {
        return Ok(Some((told_m, BAROMETER)));
    }
    let Some(terrain) = ground.terrain else { return Ok(None) };
    let home = home(moment);
    let place = home.as_ref().unwrap_or(position);
    let exact = home.is_some() || matches!(terrain, Terrain::Flat { .. });
    let sigma = if exact { BAROMETER } else { Split { common_m: GROUND_BELOW_M, ..BAROMETER } };
    let metres = in_range(terrain.height_m(place.lat_rad, place.lon_rad), "the terrain's height")?;
    Ok(metres.map(|metres| (metres, sigma)))
}

/// Home as it last was before the moment, else as it first was.
fn home(moment: &TrackMoment<'_>) -> Option<Position> {
    let homes = &moment.track.home;
    let before = homes.partition_point(|home| home.at <= moment.at);
    homes.get(before.saturating_sub(1)).map(|home| home.value)
}

/// Height of home above the ellipsoid, where the log has one.
fn home_m(moment: &TrackMoment<'_>) -> Option<f64> {
    let home = home(moment)?;
    let Heights { ellipsoid_m, amsl_m, .. } = home.heights;
    ellipsoid_m.or_else(|| Some(amsl_m? + undulation_m(&home)))
}

/// What the receiver itself takes off: its ellipsoidal height less the one above sea level.
fn geoid_of_receiver_m(fix: &Fix) -> Option<f64> {
    let place = fix.place?;
    let metres = place.heights.ellipsoid_m? - place.heights.amsl_m?;
    ((metres - undulation_m(&place)).abs() <= GEOID_APART_M).then_some(metres)
}

/// How far the estimator's height is off that of a receiver with an RTK fix. Which of the two is
/// right depends on how the vehicle is set up, so it counts as an error that lasts.
fn from_receiver_m(moment: &TrackMoment<'_>, fix: &Timed<Fix>) -> Option<f64> {
    let rtk = fix.value.kind >= FixKind::RtkFloat;
    if !rtk || moment.track.position_source != PositionSource::Estimator {
        return None;
    }
    let theirs_m = fix.value.place?.heights.amsl_m?;
    let ours_m = moment.track.position_at(fix.at).ok()?.position.heights.amsl_m?;
    Some((theirs_m - ours_m).abs())
}

fn undulation_m(position: &Position) -> f64 {
    egm96_undulation_m(position.lat_rad.to_degrees(), position.lon_rad.to_degrees())
}
