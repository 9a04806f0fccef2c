//! Missions: files against what others read from them, round trips, damage.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use torenvalk::mission::{
    Action, Fence, FenceArea, FenceShape, Frame, Home, Item, List, Mission, Place, RallyPoint,
    Step, Written, from_text, read, to_geojson, to_plan, to_waypoints,
};

use crate::shared::shared;

fn folder() -> Option<PathBuf> {
    shared("data/missions")
}

/// Every file of the folder and what `reference.json` says of it.
fn references() -> Vec<(PathBuf, Value)> {
    let Some(folder) = folder() else { return Vec::new() };
    let text = fs::read_to_string(folder.join("reference.json")).unwrap();
    let Value::Object(all) = serde_json::from_str(&text).unwrap() else { panic!("no object") };
    all.into_iter().map(|(name, told)| (folder.join(name), told)).collect()
}

/// Files that must be refused, and what must be said: the field, what it holds, what is known.
const REFUSED: [(&str, [&str; 3]); 6] = [
    (
        "with_structured_scan",
        ["mission.items[1].complexItemType", "StructureScan", "survey, CorridorScan"],
    ),
    (
        "survey_missing_items",
        ["mission.items[1].TransectStyleComplexItem: Items", "missing", "must be there"],
    ),
    ("survey_wrong_version", ["mission.items[1].version", "is 9", "2, 3, 4, 5"]),
    ("without_mission", ["mission", "missing", "must be there"]),
    ("wrong_mission_version", ["mission.version", "is 7", "known is 2"]),
    ("wrong_overall_version", ["version", "is 42", "known is 1"]),
];

fn refusal(path: &Path) -> Option<[&'static str; 3]> {
    let name = path.to_string_lossy();
    REFUSED.iter().find(|(part, _)| name.contains(part)).map(|(_, words)| *words)
}

#[test]
fn every_file_reads_to_what_others_read_or_is_refused_with_the_field() {
    let (mut good, mut refused) = (0, 0);
    for (path, told) in references() {
        let name = path.display();
        if let Some(words) = refusal(&path) {
            let message = read(&path).unwrap_err().to_string();
            for word in words.into_iter().chain([name.to_string().as_str()]) {
                assert!(message.contains(word), "{message}: {word}");
            }
            refused += 1;
            continue;
        }
        let mission = read(&path).unwrap();
        let rows = told["items"].as_array().unwrap();
        let is_fence = rows[0]["command"].as_u64().unwrap() > 5000;
        let list = if is_fence { List::Fence } else { List::Mission };
        let items = mission.items(list);
        // Line 0 of a .waypoints mission is home.
        let home = usize::from(told.get("header").is_some() && !is_fence);
        assert_eq!(items.len() + home, rows.len(), "{name}");
        for (number, (item, row)) in items.iter().zip(&rows[home..]).enumerate() {
            agrees(&format!("{name}, item {number}"), item, row, home, is_fence);
        }
        good += 1;
    }
    if folder().is_some() {
        assert_eq!((good, refused), (12, 6));
    }
}

/// Whether an item is what the reference says.
fn agrees(what: &str, item: &Item, row: &Value, home: usize, is_fence: bool) {
    let whole = |key: &str| row[key].as_i64();
    assert_eq!(i64::from(item.command), whole("command").unwrap(), "{what}");
    assert_eq!(i64::from(item.frame), whole("frame").unwrap(), "{what}");
    let params = row["params"].as_array().unwrap();
    for (index, (param, told)) in item.params.iter().zip(params).enumerate() {
        let mut told = told.as_f64().unwrap_or(f64::NAN) as f32;
        if item.command == 177 && index == 0 {
            told -= if home == 1 { 1.0 } else { 0.0 };
        }
        assert!(param.to_bits() == told.to_bits() || (param.is_nan() && told.is_nan()), "{what}");
    }
    // Null where there are no degrees: then the numbers are the command's own, `null` is 0.
    let own = |index: usize| params.get(index).and_then(Value::as_f64).unwrap_or(0.0) as i64;
    let x = whole("x_degE7").unwrap_or_else(|| own(4));
    let y = whole("y_degE7").unwrap_or_else(|| own(5));
    assert_eq!((i64::from(item.x), i64::from(item.y)), (x, y), "{what}");
    let told_z = row["alt"].as_f64().or_else(|| params.get(6).and_then(Value::as_f64));
    let z = told_z.unwrap_or(f64::NAN) as f32;
    assert!(item.z.to_bits() == z.to_bits() || (item.z.is_nan() && z.is_nan()), "{what}: {z}");
    if let Some(told) = row["autocontinue"].as_i64().filter(|_| !is_fence) {
        assert_eq!(item.autocontinue, told == 1, "{what}");
    }
}

#[test]
fn homes_and_jumps_and_oddities_are_what_the_notes_say() {
    let Some(folder) = folder() else { return };
    let mission = |name: &str| read(&folder.join(name)).unwrap();
    let sample = mission("qgroundcontrol_sample.plan");
    let home = Home { lat_deg: 47.397_750_7, lon_deg: 8.545_607_5, amsl_m: 488.931_017_520_017_63 };
    assert_eq!(sample.home, Some(home));
    // Zero, zero, zero is no position.
    let digicam = mission("qgroundcontrol_sample_with_digicam_control.plan");
    assert_eq!(digicam.home, None);
    assert!(matches!(digicam.steps[0].action, Action::Digicam { shoot: 1, number: 0, .. }));
    let copter = mission("copter_mission.waypoints");
    assert!(matches!(copter.steps[9].action, Action::Jump { to: 7, times: 1.0 }));
    assert!((copter.home.unwrap().amsl_m - 582.0).abs() < 1e-9);
    // Line 0 of a fence is a corner.
    let fence = mission("polyfence_5001_5002_5004.waypoints");
    assert!(fence.home.is_none() && fence.steps.is_empty());
    let corners = fence.fence.areas.iter().map(|area| match &area.shape {
        FenceShape::Polygon(vertices) => (area.inclusion, vertices.len(), 0.0),
        FenceShape::Circle { radius_m, .. } => (area.inclusion, 0, *radius_m),
    });
    let corners: Vec<_> = corners.collect();
    assert_eq!(corners, [(true, 19, 0.0), (false, 4, 0.0), (false, 0, 20.0)]);
    let rover = mission("rover-camera-mission.waypoints");
    assert!(rover.oddities()[0].contains("every 5 m and nothing ends it"));
    // QGC WPL 110 without a home row, in frame 5, without a last line end.
    let planner = mission("mission_planner_sample.txt");
    let commands: Vec<_> =
        planner.items(List::Mission).iter().map(|i| (i.frame, i.command)).collect();
    assert_eq!((planner.home, commands), (None, vec![(5, 22), (5, 16), (5, 16), (5, 20)]));
    // Tags are labels: no shift.
    let tags = mission("jump_tags_calibrate_agl.waypoints");
    assert_eq!(tags.steps.iter().filter(|s| matches!(s.action, Action::Tag { .. })).count(), 2);
}

/// Whether two missions say the same to a vehicle, bit by bit.
fn same(a: &Mission, b: &Mission) -> bool {
    a.home == b.home
        && [List::Mission, List::Fence, List::Rally].into_iter().all(|list| {
            let (a, b) = (a.items(list), b.items(list));
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same(b))
        })
}

fn written(mission: &Mission, write: fn(&Mission) -> Written) -> (Mission, Vec<String>) {
    let Written { text, lost } = write(mission);
    (from_text(Path::new("again"), &text).unwrap(), lost)
}

#[test]
fn every_file_survives_a_round_trip() {
    for (path, _) in references().into_iter().filter(|(path, _)| refusal(path).is_none()) {
        let name = path.display();
        let mission = read(&path).unwrap();
        let (again, lost) = written(&mission, to_plan);
        assert!(same(&mission, &again) && lost.is_empty(), "{name}: {lost:?}");
        if mission.fence.is_empty() {
            let (again, lost) = written(&mission, to_waypoints);
            assert!(lost.is_empty(), "{name}: {lost:?}");
            // Eight decimals for home.
            assert!(same(&Mission { home: again.home, ..mission.clone() }, &again), "{name}");
        } else {
            assert!(to_waypoints(&mission).lost[0].contains("fence"));
        }
        let map: Value = serde_json::from_str(&to_geojson(&mission).text).unwrap();
        assert_eq!(map["type"], "FeatureCollection");
    }
}

#[test]
fn a_map_has_the_lines_where_pictures_are_taken() {
    let Some(folder) = folder() else { return };
    let survey = read(&folder.join("qgroundcontrol_sample_with_survey.plan")).unwrap();
    let map: Value = serde_json::from_str(&to_geojson(&survey).text).unwrap();
    let lines: Vec<_> = map["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|feature| feature["geometry"]["type"] == "LineString")
        .map(|f| {
            (
                f["properties"]["role"].as_str().unwrap(),
                f["geometry"]["coordinates"].as_array().unwrap().len(),
            )
        })
        .collect();
    // Triggers begin at item 3 and end at item 13: all eight waypoints are on one line.
    assert_eq!(lines, [("photo_line", 8)]);
}

#[test]
fn a_row_that_is_wrong_is_refused_with_its_line() {
    let row = "0\t1\t3\t22\t0\t0\t0\t0\t47.3\t8.5\t15\t1";
    let cases = [
        ("0\t1\t3\t22\t0\t0\t0\t0\t47.3\t8.5\t15", "line 2 has 11 columns; there must be 12"),
        ("0\t1\t3\t22\t0\t0\t0\t0\t47.3\t8.5\t15\t1\t9", "line 2 has 13 columns"),
        ("1\t1\t3\t22\t0\t0\t0\t0\t47.3\t8.5\t15\t1", "line 2, column 1 is \"1\""),
        (&format!("{row}\n{row}"), "line 3, column 1 is \"0\"; the row's number should be 1"),
        ("0\t1\t3\t22\tx\t0\t0\t0\t47.3\t8.5\t15\t1", "line 2, column 5 is \"x\""),
        ("0\t1\t3\t22.5\t0\t0\t0\t0\t47.3\t8.5\t15\t1", "line 2, column 4 is \"22.5\""),
        ("0\t1\t300\t22\t0\t0\t0\t0\t47.3\t8.5\t15\t1", "line 2, column 3 is \"300\""),
        ("0\t1\t3\t22\t0\t0\t0\t0\t97.3\t8.5\t15\t1", "line 2, column 9 is \"97.3\""),
        ("0\t1\t3\t22\t0\t0\t0\t0\t47.3\tNaN\t15\t1", "line 2, column 10 is \"NaN\""),
        ("0\t1\t3\t22\t0\t0\t0\tinf\t47.3\t8.5\t15\t1", "line 2, column 8 is \"inf\""),
        ("0\t1\t0\t5001\t4\t0\t0\t0\t47.3\t8.5\t0\t1", "polygon of 4 vertices; 1 follow"),
    ];
    for (rows, expected) in cases {
        let text = format!("QGC WPL 110\n{rows}\n");
        let message = from_text(Path::new("x"), &text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let mixed = format!("QGC WPL 110\n{row}\n1\t0\t3\t5100\t0\t0\t0\t0\t47.3\t8.5\t15\t1");
    assert!(from_text(Path::new("x"), &mixed).unwrap_err().to_string().contains("line 3"));
    let first = from_text(Path::new("x"), "QGC WPL 100\n").unwrap_err().to_string();
    assert!(first.contains("line 1 is \"QGC WPL 100\"; known are \"QGC WPL 110\""), "{first}");
}

#[test]
fn a_jump_to_nowhere_is_refused_in_a_plan() {
    let jump = Step::new(Frame::Mission, Action::Jump { to: 0, times: 2.0 });
    let mission = Mission { steps: vec![jump], ..Mission::default() };
    let text = to_plan(&mission).text.replacen("\"doJumpId\": 1", "\"doJumpId\": 9", 1);
    let message = from_text(Path::new("x"), &text).unwrap_err().to_string();
    assert!(message.contains("mission.items[0].params[0] jumps to 1"), "{message}");
}

#[test]
fn a_height_that_was_worked_out_above_terrain_is_taken_from_where_it_stands() {
    let at = Place { lat_deg: 52.0, lon_deg: 5.0, height_m: 61.5 };
    let step = Action::Waypoint { hold_s: 0.0, acceptance_m: 0.0, pass_m: 0.0, yaw_deg: None, at };
    let mission = Mission { steps: vec![Step::new(Frame::Amsl, step)], ..Mission::default() };
    let mut plan: Value = serde_json::from_str(&to_plan(&mission).text).unwrap();
    let item = &mut plan["mission"]["items"][0];
    item["params"][6] = Value::Null;
    item["AltitudeMode"] = 3.into();
    let unknown = from_text(Path::new("x"), &plan.to_string()).unwrap_err().to_string();
    assert!(unknown.contains("mission.items[0].AMSLAltAboveTerrain is null"), "{unknown}");
    plan["mission"]["items"][0]["AMSLAltAboveTerrain"] = 61.5.into();
    assert!(same(&mission, &from_text(Path::new("x"), &plan.to_string()).unwrap()));
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        3 => (-1000_i32..1000).prop_map(|n| n as f32 / 4.0),
        1 => Just(f32::NAN),
        1 => Just(0.0),
        1 => any::<f32>().prop_filter("finite", |n| n.is_finite()),
    ]
}

/// Items of every kind; on earth where they have a place.
fn item() -> impl Strategy<Value = Item> {
    let command = prop_oneof![
        proptest::sample::select(vec![
            16_u16, 17, 18, 19, 20, 21, 22, 82, 93, 112, 114, 115, 178, 189, 195, 197, 201, 203,
            205, 206, 214, 530, 600, 601, 1000, 2000, 2001
        ]),
        0_u16..4000,
    ];
    let frame = prop_oneof![proptest::sample::select(vec![0_u8, 2, 3, 5, 6, 10, 11]), any::<u8>()];
    let params = [number(), number(), number(), number()];
    (
        frame,
        command,
        params,
        -900_000_000..=900_000_000_i32,
        -1_800_000_000..=1_800_000_000_i32,
        number(),
        any::<bool>(),
    )
        .prop_filter("jumps name a step", |(_, command, ..)| *command != 177)
        .prop_map(|(frame, command, params, x, y, z, autocontinue)| Item {
            frame,
            command,
            params,
            x,
            y,
            z,
            autocontinue,
        })
}

fn fence() -> impl Strategy<Value = Fence> {
    let vertex = || (-90.0..=90.0_f64, -180.0..=180.0_f64);
    let polygon = proptest::collection::vec(vertex(), 3..9).prop_map(FenceShape::Polygon);
    let circle =
        (vertex(), 0.5..5000.0_f32).prop_map(|(at, radius_m)| FenceShape::Circle { at, radius_m });
    let area = (any::<bool>(), prop_oneof![polygon, circle])
        .prop_map(|(inclusion, shape)| FenceArea { inclusion, shape });
    proptest::collection::vec(area, 0..5).prop_map(|mut areas| {
        // A .plan keeps polygons and circles apart.
        areas.sort_by_key(|area| matches!(area.shape, FenceShape::Circle { .. }));
        Fence { areas, breach_return: None }
    })
}

proptest! {
    /// The table loses nothing, whatever a vehicle sends.
    #[test]
    fn a_step_has_every_bit_of_its_item(
        mut item in item(), x in any::<i32>(), y in any::<i32>(), jump in any::<bool>(),
        bits in any::<[u32; 5]>()
    ) {
        (item.x, item.y) = (x, y);
        if jump {
            item.command = 177;
        }
        prop_assert!(Step::of_item(&item).item().same(&item));
        item.params = [bits[0], bits[1], bits[2], bits[3]].map(f32::from_bits);
        item.z = f32::from_bits(bits[4]);
        prop_assert!(Step::of_item(&item).item().same(&item));
    }

    #[test]
    fn a_plan_reads_back_to_the_same_mission(
        items in proptest::collection::vec(item(), 0..20), fence in fence(), height_m in number()
    ) {
        let steps = items.iter().map(Step::of_item).collect();
        let at = Place { lat_deg: 52.0, lon_deg: 5.25, height_m };
        let rally = if height_m.is_finite() {
            vec![RallyPoint { frame: Frame::AboveHome, at }]
        } else {
            Vec::new()
        };
        let mission = Mission { steps, fence, rally, ..Mission::default() };
        let (again, lost) = written(&mission, to_plan);
        prop_assert!(lost.is_empty());
        prop_assert!(same(&mission, &again), "{:?}\n{:?}", mission, again);
    }

    #[test]
    fn waypoints_read_back_to_the_same_steps(items in proptest::collection::vec(item(), 0..20)) {
        let steps = items.iter().map(Step::of_item).collect();
        let mission = Mission { steps, ..Mission::default() };
        let (again, lost) = written(&mission, to_waypoints);
        prop_assert!(lost.is_empty());
        prop_assert!(same(&mission, &again), "{:?}\n{:?}", mission, again);
    }

    #[test]
    fn a_fence_reads_back_from_its_items(fence in fence()) {
        let items = fence.items();
        let again = Fence::of_items(&items).unwrap();
        prop_assert_eq!(again.items(), items);
    }
}

#[test]
fn cut_and_damaged_files_are_refused_or_read_and_never_more() {
    for (path, _) in references() {
        let bytes = fs::read(&path).unwrap();
        let step = (bytes.len() / 400).max(1);
        for cut in (0..bytes.len()).step_by(step) {
            look(&bytes[..cut]);
        }
        for at in (0..bytes.len()).step_by(step) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 7);
            look(&damaged);
        }
    }
    // Deep nesting must not take the stack.
    look("[".repeat(1 << 20).as_bytes());
    look(format!("{{\"fileType\":{}", "{\"a\":".repeat(1 << 18)).as_bytes());
}

fn look(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(mission) = from_text(Path::new("damaged"), &text) {
        let (again, _) = written(&mission, to_plan);
        assert_eq!(again.steps.len(), mission.steps.len());
        let _ = (to_waypoints(&mission), to_geojson(&mission), mission.oddities());
    }
}
