//! Where the camera was: which of a file's positions and heights is taken.

use crate::geo::{Geodetic, LocalFrame, Terrain, egm96_undulation_m};
use crate::thermal::{FilePosition, Metadata, RtkFix};

use super::{Ground, NoPose, PoseNote, PosedFrame, Twin};

/// Positions of one file further apart than this are not two readings of one receiver.
const CONFLICT_M: f64 = 50.0;
/// Positions nearer than this count as equal: the seventh decimal of a degree is 1 cm.
const EQUAL_M: f64 = 0.3;
/// Heights further apart than this are worth a note.
const HEIGHTS_DIFFER_M: f64 = 5.0;
/// `RtkFlag` of a fixed solution.
const RTK_FIXED: u16 = 50;

/// One sigma, split into what a frame alone and what the whole flight may be off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) own_m: f64,
    pub(super) common_m: f64,
}

/// GNSS without corrections: 1.5 m and 3 m. Its errors change over minutes, so most is common.
pub(super) const GNSS: (Split, Split) =
    (Split { own_m: 0.5, common_m: 1.41 }, Split { own_m: 0.5, common_m: 2.96 });
/// RTK that floats: decimetres to a metre (DJI manuals).
pub(super) const FLOAT: (Split, Split) =
    (Split { own_m: 0.3, common_m: 0.4 }, Split { own_m: 0.5, common_m: 0.85 });
/// RTK that is fixed and does not tell its own sigma.
pub(super) const FIXED: (f64, f64) = (0.02, 0.03);
/// A barometer above the take-off ground: noise, and drift over a flight.
pub(super) const BAROMETER: Split = Split { own_m: 0.5, common_m: 1.0 };
/// The same above the ground under the camera, which is not quite the take-off ground.
pub(super) const GROUND_BELOW_M: f64 = 3.0;

/// A place and how sure it is.
pub(super) struct Place {
    pub(super) position: Geodetic,
    pub(super) own_enu_m: [f64; 3],
    pub(super) common_enu_m: [f64; 3],
    pub(super) rtk_fixed: bool,
}

/// The place of a frame.
pub(super) fn place_of_frame(
    metadata: &Metadata,
    twin: Option<Twin<'_>>,
    ground: &Ground<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<Place, NoPose> {
    let twin = twin.map(|twin| twin.metadata).filter(|twin| is_better(twin, metadata));
    let source = twin.unwrap_or(metadata);
    if twin.is_some() {
        notes.push(PoseNote::RtkPoseOfTwin);
    }
    let rtk_fixed = is_fixed(source);
    let expected = source.rtk.is_some_and(|rtk| rtk.flag != 0);
    if expected && !rtk_fixed {
        notes.push(PoseNote::NoRtkPose);
    }
    let horizontal = Horizontal::of(source, rtk_fixed, notes)?;
    let up = Vertical::of(source, &horizontal.position, ground, notes)?;
    let FilePosition { lat_deg, lon_deg } = horizontal.position;
    let [east, north] = horizontal.sigma;
    Ok(Place {
        position: Geodetic::from_degrees(lat_deg, lon_deg, up.height_m),
        own_enu_m: [east.own_m, north.own_m, up.sigma.own_m],
        common_enu_m: [east.common_m, north.common_m, up.sigma.common_m],
        rtk_fixed,
    })
}

/// The level of take-off that a pose implies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Takeoff {
    /// Metres above the ellipsoid.
    pub height_m: f64,
    /// One sigma of that height; how sure the camera is *above* it stands in the pose.
    pub sigma_m: f64,
}

/// The level of take-off that a pose implies: its height less the height above take-off in the file
/// that the height came from; `None` where that file has none.
///
/// Flat ground at this height fits the pose, whatever datum the absolute altitude really has.
#[must_use]
pub fn implied_takeoff(
    pose: &PosedFrame,
    metadata: &Metadata,
    twin: Option<Twin<'_>>,
) -> Option<Takeoff> {
    let twin = twin.filter(|_| pose.notes.contains(&PoseNote::RtkPoseOfTwin));
    let source = twin.map_or(metadata, |twin| twin.metadata);
    let relative_m = source.relative_altitude_m.filter(|metres| metres.is_finite())?;
    let sigma = if is_rtk_height(source) {
        rtk_up(source)
    } else {
        sound(source.vertical_sigma_m).map_or(GNSS.1, mostly_common)
    };
    Some(Takeoff {
        height_m: pose.position.height_m - relative_m,
        sigma_m: sigma.own_m.hypot(sigma.common_m),
    })
}

fn is_fixed(metadata: &Metadata) -> bool {
    match metadata.rtk {
        Some(RtkFix { flag, .. }) => flag == RTK_FIXED,
        None => is_rtk_height(metadata),
    }
}

fn is_rtk_height(metadata: &Metadata) -> bool {
    match metadata.altitude_type.as_deref() {
        Some(kind) => kind.trim().eq_ignore_ascii_case("RtkAlt"),
        None => metadata.rtk.is_some_and(|rtk| rtk.flag == RTK_FIXED),
    }
}

/// Whether the visible twin knows its place by RTK, the frame does not, and both were in one place.
fn is_better(twin: &Metadata, frame: &Metadata) -> bool {
    let Ok(there) = position(twin) else { return false };
    let near = position(frame).map_or(true, |here| gap_m(&here, &there).0 <= CONFLICT_M);
    is_fixed(twin) && is_rtk_height(twin) && !(is_fixed(frame) && is_rtk_height(frame)) && near
}

struct Horizontal {
    position: FilePosition,
    sigma: [Split; 2],
}

impl Horizontal {
    /// XMP before EXIF. A gap of metres is the same through a flight, so that it counts as common.
    /// Beyond 50 m one of the two was copied or is stale: in the one published case XMP agrees
    /// with the rangefinder; without an RTK fix to vouch for it the sigma becomes 50 m.
    fn of(metadata: &Metadata, rtk_fixed: bool, notes: &mut Vec<PoseNote>) -> Result<Self, NoPose> {
        let position = position(metadata)?;
        let mut sigma = match (rtk_fixed, metadata.rtk, metadata.horizontal_sigma_m) {
            (true, rtk, _) => {
                let stated = |std: Option<f64>| sound(std).unwrap_or(FIXED.0);
                let (east, north) = rtk.map_or((None, None), |rtk| (rtk.std_lon_m, rtk.std_lat_m));
                [east, north].map(|std| Split { own_m: stated(std), common_m: 0.0 })
            }
            (false, Some(RtkFix { flag: 32..=49, .. }), _) => [FLOAT.0; 2],
            (false, _, stated) => [sound(stated).map_or(GNSS.0, mostly_common); 2],
        };
        if let (Some(exif), Some(xmp)) = (metadata.exif_position, metadata.xmp_position)
            && is_place(&exif)
            && is_place(&xmp)
        {
            let (gap_m, [east_m, north_m]) = gap_m(&exif, &xmp);
            if gap_m > CONFLICT_M {
                notes.push(PoseNote::PositionConflict);
                if !rtk_fixed {
                    sigma = sigma.map(|split| Split { common_m: CONFLICT_M, ..split });
                }
            } else if gap_m > EQUAL_M {
                notes.push(PoseNote::PositionsDiffer);
                if !rtk_fixed {
                    sigma[0].common_m = sigma[0].common_m.hypot(east_m);
                    sigma[1].common_m = sigma[1].common_m.hypot(north_m);
                }
            }
        }
        Ok(Self { position, sigma })
    }
}

struct Vertical {
    height_m: f64,
    sigma: Split,
}

impl Vertical {
    /// In this order: the RTK height; the take-off ground (told, flat, or else the terrain under
    /// the camera) plus the height above take-off; the absolute altitude.
    ///
    /// Where nothing tells the ground, it will be the level of take-off that the pose implies. Then
    /// what counts is how sure the camera is above that level, and this is the barometer's.
    fn of(
        metadata: &Metadata,
        position: &FilePosition,
        ground: &Ground<'_>,
        notes: &mut Vec<PoseNote>,
    ) -> Result<Self, NoPose> {
        let absolute = absolute(metadata, position)?;
        let relative_m = in_range(metadata.relative_altitude_m, "the relative altitude")?;
        let takeoff = takeoff(position, ground)?;
        let above_takeoff = match (takeoff, relative_m) {
            (Some((takeoff_m, sigma)), Some(relative_m)) => Some((takeoff_m + relative_m, sigma)),
            _ => None,
        };
        let apart_m = match (absolute, above_takeoff) {
            (Some((absolute_m, _)), Some((other_m, _))) => (absolute_m - other_m).abs(),
            _ => 0.0,
        };
        if apart_m > HEIGHTS_DIFFER_M {
            notes.push(PoseNote::HeightsDiffer);
        }
        match (absolute, above_takeoff) {
            (Some((height_m, Datum::Rtk)), Some(_)) => {
                Ok(Self { height_m, sigma: rtk_up(metadata) })
            }
            (Some((height_m, Datum::Rtk)), None) => {
                let sigma = relative_m.map_or_else(|| rtk_up(metadata), |_| BAROMETER);
                Ok(Self { height_m, sigma })
            }
            (_, Some((height_m, sigma))) => {
                notes.push(PoseNote::HeightAboveTakeoff);
                Ok(Self { height_m, sigma })
            }
            (Some((height_m, datum)), None) => {
                if datum == Datum::Assumed {
                    notes.push(PoseNote::HeightDatumAssumed);
                }
                let stated = || sound(metadata.vertical_sigma_m).map_or(GNSS.1, mostly_common);
                let sigma = relative_m.map_or_else(stated, |_| BAROMETER);
                Ok(Self { height_m, sigma })
            }
            (None, None) => Err(NoPose::NoHeight),
        }
    }
}

/// How the datum of an absolute altitude is known.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Datum {
    /// An RTK height is above the ellipsoid.
    Rtk,
    /// The maker says mean sea level (Skydio).
    Told,
    /// EGM96 is assumed.
    Assumed,
}

/// The absolute altitude as a height above the ellipsoid.
///
/// A zero beside a height above take-off is a field that was never filled in.
fn absolute(metadata: &Metadata, position: &FilePosition) -> Result<Option<(f64, Datum)>, NoPose> {
    let filled = |metres: &f64| {
        *metres != 0.0 || metadata.relative_altitude_m.is_none_or(|above| above == 0.0)
    };
    let told = metadata.absolute_altitude_m.filter(filled);
    let from_exif = told.is_none();
    let told = told.or_else(|| metadata.exif_altitude_m.filter(filled));
    let Some(metres) = in_range(told, "the absolute altitude")? else {
        return Ok(None);
    };
    if is_rtk_height(metadata) && !from_exif {
        return Ok(Some((metres, Datum::Rtk)));
    }
    let make = metadata.camera.make.as_deref().unwrap_or_default();
    let datum = if make.eq_ignore_ascii_case("Skydio") { Datum::Told } else { Datum::Assumed };
    Ok(Some((metres + egm96_undulation_m(position.lat_deg, position.lon_deg), datum)))
}

/// Height of the take-off ground above the ellipsoid, and how sure a height above it is.
fn takeoff(position: &FilePosition, ground: &Ground<'_>) -> Result<Option<(f64, Split)>, NoPose> {
    if let Some(told_m) = in_range(ground.takeoff_height_m, "the take-off height")? {
        return Ok(Some((told_m, BAROMETER)));
    }
    let Some(terrain) = ground.terrain else { return Ok(None) };
    let (lat, lon) = (position.lat_deg.to_radians(), position.lon_deg.to_radians());
    let sigma = match terrain {
        Terrain::Flat { .. } => BAROMETER,
        Terrain::Model(_) => Split { common_m: GROUND_BELOW_M, ..BAROMETER },
    };
    let height_m = in_range(terrain.height_m(lat, lon), "the terrain's height")?;
    Ok(height_m.map(|height_m| (height_m, sigma)))
}

fn rtk_up(metadata: &Metadata) -> Split {
    let stated = metadata.rtk.and_then(|rtk| sound(rtk.std_height_m));
    match metadata.rtk {
        Some(RtkFix { flag, .. }) if flag != RTK_FIXED => FLOAT.1,
        _ => Split { own_m: stated.unwrap_or(FIXED.1), common_m: 0.0 },
    }
}

/// A stated sigma of GNSS, a third of it in the frame alone.
pub(super) fn mostly_common(sigma_m: f64) -> Split {
    Split { own_m: sigma_m / 3.0, common_m: sigma_m * (8.0_f64 / 9.0).sqrt() }
}

/// XMP before EXIF, whichever is a place. Where both agree and XMP is rounded to a millionth of a
/// degree, which is 0.1 m, EXIF says the same more finely (Skydio).
fn position(metadata: &Metadata) -> Result<FilePosition, NoPose> {
    if let (Some(exif), Some(xmp)) = (metadata.exif_position, metadata.xmp_position) {
        let rounded = |deg: f64| (deg * 1e6 - (deg * 1e6).round()).abs() < 1e-3;
        let coarse = rounded(xmp.lat_deg) && rounded(xmp.lon_deg);
        if coarse && is_place(&exif) && is_place(&xmp) && gap_m(&exif, &xmp).0 <= EQUAL_M {
            return Ok(exif);
        }
    }
    let told = [metadata.xmp_position, metadata.exif_position];
    let mut told = told.iter().flatten();
    let first = told.clone().next().ok_or(NoPose::NoPosition)?;
    let FilePosition { lat_deg, lon_deg } = *first;
    told.find(|position| is_place(position))
        .copied()
        .ok_or(NoPose::BadPosition { lat_deg, lon_deg })
}

/// 0/0 is what files have that know nothing.
fn is_place(position: &FilePosition) -> bool {
    let FilePosition { lat_deg, lon_deg } = *position;
    let zero = lat_deg.abs() < 1e-6 && lon_deg.abs() < 1e-6;
    (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg) && !zero
}

/// Distance, and how far the second lies east and north of the first.
fn gap_m(first: &FilePosition, second: &FilePosition) -> (f64, [f64; 2]) {
    let [first, second] =
        [first, second].map(|p| Geodetic::from_degrees(p.lat_deg, p.lon_deg, 0.0));
    let enu = LocalFrame::at(&first).enu(&second);
    (enu.norm(), [enu.x, enu.y])
}

pub(super) fn sound(sigma_m: Option<f64>) -> Option<f64> {
    sigma_m.filter(|sigma_m| sigma_m.is_finite() && *sigma_m > 0.0)
}

/// Heights that an aircraft near the earth may have, in metres.
pub(super) fn in_range(metres: Option<f64>, name: &'static str) -> Result<Option<f64>, NoPose> {
    match metres {
        Some(metres) if !(-2_000.0..=20_000.0).contains(&metres) => Err(NoPose::BadNumber(name)),
        metres => Ok(metres),
    }
}
