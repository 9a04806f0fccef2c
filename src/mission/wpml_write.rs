//! DJI's route files, written: `template.kml`, which its programs edit, and `waylines.wpml`, which
//! is flown.

use std::fmt::Write as _;

use crate::geo::egm96_undulation_m;

use super::wpml::{Act, DjiAircraft, Every, Finish, Point, Route, route_of};
use super::xml::escape;
use super::{Above, Error, Mission, archive};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <kml xmlns=\"http://www.opengis.net/kml/2.2\" \
                    xmlns:wpml=\"http://www.dji.com/wpmz/1.0.2\">\n<Document>\n";
const TAIL: &str = "</Folder>\n</Document>\n</kml>\n";
/// The lens whose pictures are kept.
const INFRARED: &str = "ir";

/// A file's bytes, and in words what the format could not take.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What is not in it.
    pub lost: Vec<String>,
    /// What a person should know before it is flown.
    pub notes: Vec<String>,
}

/// Writes a mission as a route for an aircraft of DJI, pictures by the infrared lens. The route's
/// name is the name that the file is given.
///
/// # Errors
/// [`Error::Items`] where the aircraft could not fly it.
pub fn to_wpml(mission: &Mission, aircraft: &DjiAircraft) -> Result<Packed, Error> {
    let (route, lost) = route_of(mission, aircraft)?;
    let template = template(&route, aircraft);
    let waylines = waylines(&route, aircraft);
    let files = [("wpmz/template.kml", &*template), ("wpmz/waylines.wpml", &*waylines)];
    Ok(Packed { bytes: archive::pack(&files), lost, notes: route.notes() })
}

/// An element of DJI's namespace with a value.
fn put(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "<wpml:{name}>{}</wpml:{name}>", escape(&value.to_string()));
}

/// An element of DJI's namespace with others in it.
fn within(text: &mut String, name: &str, inner: impl FnOnce(&mut String)) {
    let _ = writeln!(text, "<wpml:{name}>");
    inner(text);
    let _ = writeln!(text, "</wpml:{name}>");
}

fn config(text: &mut String, route: &Route, aircraft: &DjiAircraft) {
    within(text, "missionConfig", |text| {
        put(text, "flyToWaylineMode", "safely");
        let finish = match route.finish {
            Finish::Home => "goHome",
            Finish::Land => "autoLand",
            Finish::Nothing => "noAction",
        };
        put(text, "finishAction", finish);
        put(text, "exitOnRCLost", "executeLostAction");
        put(text, "executeRCLostAction", "goBack");
        put(text, "takeOffSecurityHeight", route.take_off_m);
        put(text, "globalTransitionalSpeed", route.speed_m_s);
        within(text, "droneInfo", |text| {
            put(text, "droneEnumValue", aircraft.drone);
            put(text, "droneSubEnumValue", aircraft.drone_sub);
        });
        within(text, "payloadInfo", |text| {
            put(text, "payloadEnumValue", aircraft.payload);
            put(text, "payloadPositionIndex", 0);
        });
    });
}

fn template(route: &Route, aircraft: &DjiAircraft) -> String {
    let mut text = HEAD.to_owned();
    config(&mut text, route, aircraft);
    text.push_str("<Folder>\n");
    put(&mut text, "templateType", "waypoint");
    put(&mut text, "templateId", 0);
    within(&mut text, "waylineCoordinateSysParam", |text| {
        put(text, "coordinateMode", "WGS84");
        let mode = match route.above {
            Above::Home => "relativeToStartPoint",
            Above::SeaLevel => "EGM96",
            Above::Terrain => "realTimeFollowSurface",
        };
        put(text, "heightMode", mode);
    });
    put(&mut text, "autoFlightSpeed", route.speed_m_s);
    put(&mut text, "globalHeight", route.points.first().map_or(0.0, |point| point.height_m));
    put(&mut text, "gimbalPitchMode", "manual");
    within(&mut text, "globalWaypointHeadingParam", |text| heading(text, None));
    put(&mut text, "globalWaypointTurnMode", "toPointAndStopWithDiscontinuityCurvature");
    put(&mut text, "globalUseStraightLine", 1);
    within(&mut text, "payloadParam", |text| {
        put(text, "payloadPositionIndex", 0);
        put(text, "imageFormat", INFRARED);
    });
    let mut group = 0;
    for (number, point) in route.points.iter().enumerate() {
        placemark(&mut text, point, number, |text| {
            put(text, "ellipsoidHeight", ellipsoidal(route.above, point));
            put(text, "height", point.height_m);
            put(text, "useGlobalHeight", 0);
            put(text, "useGlobalSpeed", u8::from(speed_at(route, number) == route.speed_m_s));
            put(text, "useGlobalHeadingParam", u8::from(point.yaw_deg.is_none()));
            put(text, "useGlobalTurnParam", 1);
            put(text, "waypointSpeed", speed_at(route, number));
            leg(text, point);
            groups(text, route, number, &mut group);
        });
    }
    text.push_str(TAIL);
    text
}

fn waylines(route: &Route, aircraft: &DjiAircraft) -> String {
    let mut text = HEAD.to_owned();
    config(&mut text, route, aircraft);
    text.push_str("<Folder>\n");
    put(&mut text, "templateId", 0);
    let mode = match route.above {
        Above::Home => "relativeToStartPoint",
        Above::SeaLevel => "WGS84",
        Above::Terrain => "realTimeFollowSurface",
    };
    put(&mut text, "executeHeightMode", mode);
    put(&mut text, "waylineId", 0);
    put(&mut text, "autoFlightSpeed", route.speed_m_s);
    let mut group = 0;
    for (number, point) in route.points.iter().enumerate() {
        placemark(&mut text, point, number, |text| {
            put(text, "executeHeight", ellipsoidal(route.above, point));
            put(text, "waypointSpeed", speed_at(route, number));
            leg(text, point);
            groups(text, route, number, &mut group);
        });
    }
    text.push_str(TAIL);
    text
}

fn placemark(text: &mut String, point: &Point, number: usize, inner: impl FnOnce(&mut String)) {
    let (lon, lat) = (point.lon_deg, point.lat_deg);
    let _ = writeln!(text, "<Placemark>\n<Point><coordinates>{lon},{lat}</coordinates></Point>");
    put(text, "index", number);
    inner(text);
    text.push_str("</Placemark>\n");
}

/// What is flown is above the ellipsoid where the mission counts from sea level.
fn ellipsoidal(above: Above, point: &Point) -> f64 {
    match above {
        Above::SeaLevel => point.height_m + egm96_undulation_m(point.lat_deg, point.lon_deg),
        Above::Home | Above::Terrain => point.height_m,
    }
}

/// A speed holds until another one is told.
fn speed_at(route: &Route, number: usize) -> f64 {
    let told = route.points.get(..=number).unwrap_or_default();
    told.iter().rev().find_map(|point| point.speed_m_s).unwrap_or(route.speed_m_s)
}

fn heading(text: &mut String, yaw_deg: Option<f64>) {
    match yaw_deg {
        Some(yaw_deg) => {
            put(text, "waypointHeadingMode", "smoothTransition");
            put(text, "waypointHeadingAngle", half_turn(yaw_deg));
        }
        None => put(text, "waypointHeadingMode", "followWayline"),
    }
    put(text, "waypointHeadingPathMode", "followBadArc");
}

/// Within ±180.
fn half_turn(deg: f64) -> f64 {
    (deg + 180.0).rem_euclid(360.0) - 180.0
}

fn leg(text: &mut String, point: &Point) {
    within(text, "waypointHeadingParam", |text| heading(text, point.yaw_deg));
    within(text, "waypointTurnParam", |text| {
        put(text, "waypointTurnMode", "toPointAndStopWithDiscontinuityCurvature");
        put(text, "waypointTurnDampingDist", 0);
    });
    put(text, "useStraightLine", 1);
}

/// What is done at a waypoint, and the pictures that begin there.
fn groups(text: &mut String, route: &Route, number: usize, id: &mut usize) {
    let acts = route.points.get(number).map_or(&[][..], |point| &point.acts);
    if !acts.is_empty() {
        group(text, id, (number, number), ("reachPoint", None), acts);
    }
    for pictures in route.pictures.iter().filter(|pictures| pictures.first == number) {
        let trigger = match pictures.every {
            Every::Metres(metres) => ("multipleDistance", Some(metres)),
            Every::Seconds(seconds) => ("multipleTiming", Some(seconds)),
        };
        group(text, id, (pictures.first, pictures.last), trigger, &[Act::Photo]);
    }
}

fn group(
    text: &mut String,
    id: &mut usize,
    (first, last): (usize, usize),
    (kind, every): (&str, Option<f64>),
    acts: &[Act],
) {
    within(text, "actionGroup", |text| {
        put(text, "actionGroupId", *id);
        put(text, "actionGroupStartIndex", first);
        put(text, "actionGroupEndIndex", last);
        put(text, "actionGroupMode", "sequence");
        within(text, "actionTrigger", |text| {
            put(text, "actionTriggerType", kind);
            if let Some(every) = every {
                put(text, "actionTriggerParam", every);
            }
        });
        for (number, act) in acts.iter().enumerate() {
            within(text, "action", |text| {
                put(text, "actionId", number);
                action(text, act);
            });
        }
    });
    *id += 1;
}

fn action(text: &mut String, act: &Act) {
    let (name, inner): (&str, &dyn Fn(&mut String)) = match act {
        Act::Photo => ("takePhoto", &|text| {
            put(text, "payloadPositionIndex", 0);
            put(text, "fileSuffix", "");
            put(text, "payloadLensIndex", INFRARED);
            put(text, "useGlobalPayloadLensIndex", 0);
        }),
        Act::PitchDeg(pitch_deg) => ("gimbalRotate", &move |text| {
            put(text, "payloadPositionIndex", 0);
            put(text, "gimbalHeadingYawBase", "north");
            put(text, "gimbalRotateMode", "absoluteAngle");
            put(text, "gimbalPitchRotateEnable", 1);
            put(text, "gimbalPitchRotateAngle", pitch_deg);
            for axis in ["Roll", "Yaw"] {
                put(text, &format!("gimbal{axis}RotateEnable"), 0);
                put(text, &format!("gimbal{axis}RotateAngle"), 0);
            }
            put(text, "gimbalRotateTimeEnable", 0);
            put(text, "gimbalRotateTime", 0);
        }),
        Act::YawDeg(yaw_deg) => ("rotateYaw", &move |text| {
            put(text, "aircraftHeading", half_turn(*yaw_deg));
            put(text, "aircraftPathMode", "counterClockwise");
        }),
        Act::HoverS(time_s) => ("hover", &move |text| put(text, "hoverTime", time_s)),
    };
    put(text, "actionActuatorFunc", name);
    within(text, "actionActuatorFuncParam", inner);
}
