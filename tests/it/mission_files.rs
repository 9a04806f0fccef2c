//! Missions in QGroundControl's complex items, KML, GPX and DJI's routes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use torenvalk::mandate::{Mandate, Period};
use torenvalk::mission::{
    Action, CameraCalc, Complex, Corridor, DjiAircraft, Error, Fence, FenceArea, FenceShape, Frame,
    Home, List, Mission, Optics, Pattern, Place, RallyPoint, Step, StructureScan, Transects,
    from_bytes, from_text, read, to_gpx, to_kml, to_plan, to_waypoints, to_wpml,
};

use crate::shared::shared;

fn samples() -> Vec<PathBuf> {
    let Some(folder) = shared("data/missions") else { return Vec::new() };
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| !path.extension().is_some_and(|e| e == "md" || e == "json")).collect();
    files.sort();
    files
}

fn waypoint(lat_deg: f64, lon_deg: f64, height_m: f32) -> Step {
    let at = Place { lat_deg, lon_deg, height_m };
    let (hold_s, acceptance_m, pass_m) = (0.0, 0.0, 0.0);
    Step::new(
        Frame::AboveHome,
        Action::Waypoint { hold_s, acceptance_m, pass_m, yaw_deg: None, at },
    )
}

fn on_the_way(action: Action) -> Step {
    Step::new(Frame::Mission, action)
}

fn every(distance_m: f32) -> Step {
    let (shutter_ms, at_once, camera) = (0.0, false, 0.0);
    on_the_way(Action::TriggerDistance { distance_m, shutter_ms, at_once, camera })
}

fn pitch(pitch_deg: f32) -> Step {
    on_the_way(Action::Gimbal {
        pitch_deg: Some(pitch_deg),
        yaw_deg: None,
        pitch_rate_deg_s: None,
        yaw_rate_deg_s: None,
        flags: 0,
        gimbal: 0.0,
    })
}

fn speed(speed_m_s: f32) -> Step {
    on_the_way(Action::Speed { kind: 1.0, speed_m_s, throttle: -1.0 })
}

/// Two lines over a field, as a planner makes them, with all that a mission can carry.
fn field() -> Mission {
    let at = Place { lat_deg: 0.0, lon_deg: 0.0, height_m: 30.0 };
    let take_off = Action::TakeOff { pitch_deg: 0.0, yaw_deg: None, at };
    let steps = vec![
        Step::new(Frame::AboveHome, take_off),
        speed(4.5),
        waypoint(52.000_000_012_3, 5.0, 40.0),
        pitch(-90.0),
        every(8.25),
        waypoint(52.001, 5.0, 40.0),
        every(0.0),
        waypoint(52.001, 5.000_5, 40.0),
        speed(3.0),
        every(8.25),
        waypoint(52.0, 5.000_5, 45.0),
        every(0.0),
        on_the_way(Action::Return {}),
    ];
    Mission {
        home: Some(Home { lat_deg: 52.0, lon_deg: 5.0, amsl_m: 3.25 }),
        steps,
        name: Some("Field <2> & \"more\"".to_owned()),
        mandate: Mandate {
            purpose: Some("leaks".to_owned()),
            legal_basis: Some("permit & consent".to_owned()),
            case_number: Some("Z-1".to_owned()),
            period: Some(Period {
                from: jiff::civil::date(2026, 11, 1),
                to: jiff::civil::date(2026, 11, 30),
            }),
        },
        ..Mission::default()
    }
}

fn fenced() -> Mission {
    let square = vec![(51.99, 4.99), (51.99, 5.01), (52.01, 5.01)];
    let areas = vec![
        FenceArea { inclusion: true, shape: FenceShape::Polygon(square) },
        FenceArea {
            inclusion: false,
            shape: FenceShape::Circle { at: (52.005, 5.005), radius_m: 20.5 },
        },
    ];
    let at = Place { lat_deg: 52.0, lon_deg: 5.0, height_m: 20.0 };
    let rally = vec![RallyPoint { frame: Frame::AboveHome, at }];
    Mission { fence: Fence { areas, breach_return: Some(at) }, rally, ..field() }
}

/// Whether two missions say the same to a vehicle.
fn same_steps(a: &Mission, b: &Mission) -> bool {
    [List::Mission, List::Fence, List::Rally].into_iter().all(|list| {
        let (a, b) = (a.items(list), b.items(list));
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same(b))
    })
}

fn again(text: &str) -> Mission {
    from_text(Path::new("again"), text).unwrap()
}

fn camera() -> CameraCalc {
    let optics = Optics {
        distance_chosen: true,
        sampling_cm: 0.0,
        overlap_front: 80.0,
        overlap_side: 60.0,
        sensor_mm: (7.68, 6.144),
        picture_px: (640, 512),
        focal_mm: 9.1,
        landscape: true,
        fixed: false,
        least_interval_s: 2.0,
    };
    CameraCalc::of_camera(optics, 40.0, 1)
}

fn transects() -> Transects {
    Transects {
        turn_around_m: 10.0,
        pictures_in_turns: false,
        stops: false,
        crosshatch: false,
        camera: camera(),
        drawn: vec![(52.0, 5.0), (52.001, 5.0)],
        shots: 28,
        terrain: None,
    }
}

/// PLANNING §3: keys that QGroundControl's code wants.
const TRANSECTS: [&str; 9] = [
    "version",
    "TurnAroundDistance",
    "CameraTriggerInTurnAround",
    "HoverAndCapture",
    "Refly90Degrees",
    "CameraCalc",
    "VisualTransectPoints",
    "Items",
    "CameraShots",
];
const CAMERA: [&str; 18] = [
    "version",
    "CameraName",
    "AdjustedFootprintSide",
    "AdjustedFootprintFrontal",
    "DistanceToSurface",
    "DistanceMode",
    "ValueSetIsDistance",
    "ImageDensity",
    "FrontalOverlap",
    "SideOverlap",
    "SensorWidth",
    "SensorHeight",
    "ImageWidth",
    "ImageHeight",
    "FocalLength",
    "Landscape",
    "FixedOrientation",
    "MinTriggerInterval",
];

fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is missing: {value:#}");
    }
}

#[test]
fn a_survey_of_qgroundcontrol_is_known_and_written_so_that_it_can_be_edited() {
    let Some(folder) = shared("data/missions") else { return };
    let survey = read(&folder.join("qgroundcontrol_sample_with_survey.plan")).unwrap();
    let [complex] = &survey.complex[..] else { panic!("one survey") };
    assert_eq!((complex.first, complex.count), (1, 12));
    let Pattern::Survey(told) = &complex.pattern else { panic!("a survey") };
    assert_eq!((told.angle_deg, told.polygon.len(), told.entry), (90.0, 4, 0));
    let transects = &told.transects;
    assert_eq!((transects.turn_around_m, transects.shots, transects.drawn.len()), (10.0, 6, 8));
    assert_eq!((transects.camera.side_m, transects.camera.height_mode), (25.0, 1));
    assert!(transects.camera.optics.is_none());
    let file: Value = serde_json::from_str(&to_plan(&survey).text).unwrap();
    let items = file["mission"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    has(&items[1], &["type", "complexItemType", "entryLocation", "angle", "polygon"]);
    assert_eq!(
        (&items[1]["version"], &items[1]["splitConcavePolygons"]),
        (&json!(5), &json!(false))
    );
    let transects = &items[1]["TransectStyleComplexItem"];
    has(transects, &TRANSECTS);
    has(&transects["CameraCalc"], &CAMERA[..6]);
    assert_eq!(
        (&transects["version"], &transects["CameraCalc"]["version"]),
        (&json!(2), &json!(2))
    );
    assert!(transects.get("FollowTerrain").is_none());
    let again = again(&to_plan(&survey).text);
    assert!(same_steps(&survey, &again));
    assert_eq!(again.complex[0].pattern, complex.pattern);
}

#[test]
fn corridors_structures_and_what_others_add_come_back_as_they_were() {
    let mut mission = field();
    let line = vec![(52.0, 5.0), (52.001, 5.0)];
    let corridor = Corridor { line, width_m: 30.0, entry: 2, transects: transects() };
    let structure = StructureScan {
        polygon: vec![(52.0, 5.0), (52.001, 5.0), (52.001, 5.001)],
        bottom_m: 5.0,
        height_m: 20.0,
        layers: 3,
        entrance_m: 40.0,
        pitch_deg: -10.0,
        from_top: true,
        camera: camera(),
    };
    let kept = json!({"complexItemType": "spiral", "turns": 3, "TransectStyleComplexItem":
        {"Items": [], "mine": [1, 2]}});
    for (first, count, pattern, kept) in [
        (2, 3, Pattern::Corridor(corridor), Value::Null),
        (5, 2, Pattern::Structure(structure), Value::Null),
        (8, 4, Pattern::Other, kept),
    ] {
        mission.complex.push(Complex { first, count, pattern, kept });
    }
    let written = to_plan(&mission);
    assert!(written.lost.is_empty(), "{:?}", written.lost);
    let file: Value = serde_json::from_str(&written.text).unwrap();
    let items = file["mission"]["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["complexItemType"].as_str()).collect();
    let (c, s, o) = (Some("CorridorScan"), Some("StructureScan"), Some("spiral"));
    assert_eq!(kinds, [None, None, c, s, None, o, None]);
    has(&items[2], &["version", "CorridorWidth", "EntryPoint", "polyline"]);
    has(&items[2]["TransectStyleComplexItem"], &TRANSECTS);
    has(&items[2]["TransectStyleComplexItem"]["CameraCalc"], &CAMERA);
    has(&items[3], &["version", "polygon", "ScanBottomAlt", "StructureHeight", "Layers"]);
    has(&items[3], &["CameraCalc", "EntranceAltitude", "GimbalPitch", "StartFromTop"]);
    assert_eq!((&items[2]["version"], &items[3]["version"]), (&json!(2), &json!(3)));
    assert_eq!(
        (&items[5]["turns"], &items[5]["TransectStyleComplexItem"]["mine"]),
        (&json!(3), &json!([1, 2]))
    );
    // 640 pixels of 7.68 mm behind 9.1 mm at 40 m are 5.27 cm each; 60 % overlap leaves 13.5 m.
    let calc = &items[2]["TransectStyleComplexItem"]["CameraCalc"];
    let sampling = calc["ImageDensity"].as_f64().unwrap();
    assert!((sampling - 5.274_725).abs() < 1e-5, "{sampling}");
    assert!((calc["AdjustedFootprintSide"].as_f64().unwrap() - 13.503).abs() < 1e-3);
    let again = again(&written.text);
    assert!(same_steps(&mission, &again));
    let patterns = |m: &Mission| m.complex.iter().map(|c| c.pattern.clone()).collect::<Vec<_>>();
    assert_eq!(patterns(&mission), patterns(&again));
    assert_eq!((&again.name, &again.mandate), (&mission.name, &mission.mandate));
    // Written once more, it is the same file.
    assert_eq!(to_plan(&again).text, written.text);
    // A plan whose steps are gone is told, and the steps that are left are flown.
    mission.steps.truncate(9);
    assert!(to_plan(&mission).lost[0].contains("the plan of step 8"));
}

#[test]
fn kml_keeps_every_sample_whole_and_the_mandate_with_it() {
    let mut missions: Vec<Mission> = samples().iter().filter_map(|path| read(path).ok()).collect();
    missions.push(fenced());
    for mission in missions {
        let written = to_kml(&mission);
        let again = again(&written.text);
        assert!(same_steps(&mission, &again) && written.lost.is_empty());
        assert_eq!((&mission.home, &mission.name), (&again.home, &again.name));
        assert_eq!(mission.mandate, again.mandate);
        assert_eq!(to_kml(&again).text, written.text);
    }
    assert!(to_waypoints(&field()).lost[0].contains("legal basis"));
}

#[test]
fn lines_and_routes_of_others_become_missions_if_they_have_heights() {
    let kml = |mode: &str, coordinates: &str| {
        format!(
            "<kml><Document><Placemark><LineString><altitudeMode>{mode}</altitudeMode>\
             <coordinates>{coordinates}</coordinates></LineString></Placemark></Document></kml>"
        )
    };
    let drawn = again(&kml("absolute", "5,52,30 5.001,52,31\n5.002,52.001,32"));
    assert_eq!(drawn.steps.len(), 3);
    assert_eq!(drawn.steps[1].place().map(|at| (at.lon_deg, at.height_m)), Some((5.001, 31.0)));
    assert!(drawn.steps.iter().all(|step| step.frame == Frame::Amsl));
    for (mode, coordinates, says) in [
        ("clampToGround", "5,52,30 5.001,52,31", "altitudeMode"),
        ("absolute", "5,52 5.001,52", "without height"),
        ("absolute", "5,52,30", "1 vertices"),
        ("absolute", "5,92,30 5,52,30", "longitude,latitude"),
    ] {
        let refused = from_text(Path::new("x.kml"), &kml(mode, coordinates)).unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    let written = to_gpx(&field());
    let route = again(&written.text);
    // 40 m above a home at 3.25 m.
    let heights: Vec<_> =
        route.steps.iter().filter_map(Step::place).map(|at| at.height_m).collect();
    assert_eq!(heights, [43.25, 43.25, 43.25, 48.25]);
    assert_eq!(route.name.as_deref(), Some("Field <2> & \"more\""));
    assert!(written.lost.iter().any(|lost| lost.contains("no places")));
    let track = "<gpx><trk><trkseg><trkpt lat=\"52\" lon=\"5\"/></trkseg></trk></gpx>";
    let refused = from_text(Path::new("x.gpx"), track).unwrap_err().to_string();
    assert!(refused.contains("a track is a flight that was flown"), "{refused}");
}

fn entry(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn a_route_of_dji_flies_the_same_and_takes_infrared_pictures() {
    let aircraft = DjiAircraft::of_camera("M3T").unwrap();
    let mission = field();
    let packed = to_wpml(&mission, &aircraft).unwrap();
    assert_eq!(packed, to_wpml(&mission, &aircraft).unwrap(), "same bytes");
    assert!(packed.lost.iter().all(|lost| lost.contains("purpose")), "{:?}", packed.lost);
    for name in ["wpmz/template.kml", "wpmz/waylines.wpml"] {
        let text = entry(&packed.bytes, name);
        for part in [
            "<wpml:droneEnumValue>77<",
            "<wpml:payloadEnumValue>67<",
            "<wpml:payloadLensIndex>ir<",
            "<wpml:finishAction>goHome<",
            "<wpml:actionTriggerType>multipleDistance<",
            "<wpml:actionTriggerParam>8.25<",
            "<wpml:gimbalPitchRotateAngle>-90<",
            "<wpml:takeOffSecurityHeight>30<",
        ] {
            assert!(text.contains(part), "{name}: {part}");
        }
        let indices: Vec<_> = text.matches("<wpml:index>").collect();
        assert_eq!(indices.len(), 4);
    }
    let back = from_bytes(Path::new("route.kmz"), &packed.bytes).unwrap();
    assert!(back.passed_over.is_empty(), "{:?}", back.passed_over);
    assert!(same_steps(&mission, &back), "{:#?}\n{:#?}", mission.steps, back.steps);
    // From heights above the sea to the ellipsoid and back: 43 m in the Netherlands.
    let mut amsl = mission.clone();
    amsl.steps.iter_mut().filter(|step| step.frame == Frame::AboveHome).skip(1).for_each(|step| {
        step.frame = Frame::Amsl;
    });
    let packed = to_wpml(&amsl, &aircraft).unwrap();
    let flown = entry(&packed.bytes, "wpmz/waylines.wpml");
    assert!(flown.contains("<wpml:executeHeightMode>WGS84<"));
    assert!(flown.contains("<wpml:executeHeight>83."), "{flown:.3000}");
    let back = from_bytes(Path::new("route.kmz"), &packed.bytes).unwrap();
    assert!(same_steps(&amsl, &back));
}

#[test]
fn what_an_aircraft_of_dji_could_not_fly_is_refused() {
    let m30t = DjiAircraft::of_camera("m30t").unwrap();
    let refused = |change: &dyn Fn(&mut Mission)| {
        let mut mission = field();
        change(&mut mission);
        to_wpml(&mission, &m30t).unwrap_err().to_string()
    };
    let set = |step: usize, new: Step| move |mission: &mut Mission| mission.steps[step] = new;
    for (says, message) in [
        ("it is 16", refused(&set(1, speed(16.0)))),
        ("is 2000", refused(&set(2, waypoint(52.0, 5.0, 2000.0)))),
        ("has no height", refused(&set(2, waypoint(52.0, 5.0, f32::NAN)))),
        ("has 1 waypoints", refused(&|mission| mission.steps.truncate(4))),
        ("another kind", refused(&|mission| mission.steps[2].frame = Frame::Amsl)),
        (
            "does not follow the surface",
            refused(&|mission| {
                mission.steps.iter_mut().for_each(|step| step.frame = Frame::AboveTerrain);
            }),
        ),
    ] {
        let says = says.trim_start_matches("it ");
        assert!(message.contains(says), "{says}: {message}");
    }
    assert!(DjiAircraft::of_camera("flir_e40").is_none());
    // An index with a gap may mean a waypoint that is missing.
    let m3t = DjiAircraft::of_camera("m3t").unwrap();
    let flown = entry(&to_wpml(&field(), &m3t).unwrap().bytes, "wpmz/waylines.wpml");
    let read = |text: &str| from_text(Path::new("waylines.wpml"), text);
    assert!(read(&flown).is_ok());
    for (from, to, says) in [
        ("<wpml:index>2<", "<wpml:index>3<", "without gaps"),
        ("<coordinates>5,52", "<coordinates>5,152", "longitude,latitude"),
        ("relativeToStartPoint", "aboveGroundLevel", "known are WGS84"),
        ("<wpml:actionGroupEndIndex>3<", "<wpml:actionGroupEndIndex>9<", "there are 4"),
    ] {
        let refused = read(&flown.replace(from, to)).unwrap_err().to_string();
        assert!(refused.contains(says), "{says}: {refused}");
    }
    let odd =
        flown.replace("<wpml:actionActuatorFunc>gimbalRotate<", "<wpml:actionActuatorFunc>zoom<");
    assert!(read(&odd).unwrap().oddities()[0].contains("the action zoom"));
}

#[test]
fn cut_and_flipped_files_are_refused_or_read_and_never_more() {
    let m3t = DjiAircraft::of_camera("m3t").unwrap();
    let kmz = to_wpml(&field(), &m3t).unwrap().bytes;
    let wpml = entry(&kmz, "wpmz/waylines.wpml");
    let (kml, gpx) = (to_kml(&fenced()).text, to_gpx(&field()).text);
    let look = |bytes: &[u8]| match from_bytes(Path::new("x"), bytes) {
        Ok(mission) => {
            let _ = (to_plan(&mission), to_kml(&mission), to_gpx(&mission), mission.oddities());
            let _ = to_wpml(&mission, &m3t);
        }
        Err(Error::File { .. }) => {}
        Err(other) => panic!("{other}"),
    };
    for whole in [&kmz[..], wpml.as_bytes(), kml.as_bytes(), gpx.as_bytes()] {
        let step = (whole.len() / 250).max(1);
        for at in (0..whole.len()).step_by(step) {
            look(&whole[..at]);
            let mut damaged = whole.to_vec();
            damaged[at] ^= 1 << (at % 7);
            look(&damaged);
        }
    }
    look(format!("<kml>{}", "<Folder>".repeat(200_000)).as_bytes());
    look(b"<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\">]><kml><a>&b;&b;</a></kml>");
}
