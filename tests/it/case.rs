//! Behaviour of `case`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use torenvalk::capture::{PoseSigmas, PosedFrame};
use torenvalk::case::{
    Case, Error, FindingRow, FrameRecord, Outcome, Review, Run, RunId, ShardResult, Skipped,
    findings_geojson,
};
use torenvalk::detect::{Detection, Polarity, Reason, Reasons};
use torenvalk::fuse::{Finding, Kind, Severity, Status};
use torenvalk::geo::{Attitude, CameraModel, Ellipse95, Geodetic};
use torenvalk::locate::Observation;
use torenvalk::site::{Asset, AssetKind, Outline, Polygon, Role, Site, Zone};

/// Made-up results of a flight in lines over a field; equal numbers give equal results.
struct Made {
    run: Run,
    shards: Vec<ShardResult>,
    findings: Vec<Finding>,
    site: Site,
}

const FRAMES_IN_SHARD: u32 = 50;

fn place(frame: u32, index: u32) -> Geodetic {
    let east = f64::from(frame % 100) * 1e-4 + f64::from(index) * 1.7e-6;
    let north = f64::from(frame / 100) * 2e-4 + f64::from(index % 7) * 2.3e-6;
    Geodetic::from_degrees(52.1 + north, 5.3 + east, 45.0 + f64::from(index) * 0.01)
}

pub(crate) fn frame_record(run: &str, frame: u32, detections: u32) -> FrameRecord {
    let sigmas = PoseSigmas { position_enu_m: [1.5, 1.5, 3.0], attitude_rad: [0.02; 3] };
    let camera = place(frame, 0);
    FrameRecord {
        frame,
        file: format!("{run}/DJI_{frame:04}, T.jpg"),
        index: 0,
        sha256: format!("{frame:064x}"),
        bytes: 1_000_000 + u64::from(frame),
        format: "dji".to_owned(),
        camera: "m2ea".to_owned(),
        width_px: 640,
        height_px: 512,
        taken_at: format!("2025-01-17T11:{:02}:{:02}", frame / 60 % 60, frame % 60).parse().ok(),
        range_c: (frame % 10 != 9).then_some([1.0, 30.5, 12.25]),
        pose: (frame % 17 != 3).then(|| PosedFrame {
            frame,
            camera: CameraModel::pinhole(640, 512, 1100.0),
            position: Geodetic { height_m: 90.0, ..camera },
            attitude: Attitude::from_degrees(90.0, -90.0, 0.0),
            tilt_rad: 0.0,
            own: sigmas,
            common: sigmas,
            velocity_enu_m_s: [0.0; 3],
            clock_sigma_s: 0.0,
            notes: Vec::new(),
        }),
        no_pose: (frame % 17 == 3).then(|| "the file has no position".to_owned()),
        footprint: if frame.is_multiple_of(5) {
            Vec::new()
        } else {
            [(-1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (1.0, -1.0)]
                .map(|(e, n)| (camera.lon_deg() + e * 3e-4, camera.lat_deg() + n * 2e-4))
                .to_vec()
        },
        detections,
        unplaced: vec![("above the horizon".to_owned(), 1)],
        warnings: Vec::new(),
        parameters: "{\"emissivity\":0.95}".to_owned(),
    }
}

pub(crate) fn observation(frame: u32, index: u32) -> Observation {
    let mut reasons = Reasons::default();
    reasons.insert(Reason::Border);
    Observation {
        frame,
        index: u16::try_from(index).unwrap(),
        detection: Detection {
            polarity: if index.is_multiple_of(3) { Polarity::Cold } else { Polarity::Hot },
            x_px: 320.5,
            y_px: 100.25,
            bbox_px: [300, 90, 40, 20],
            area_px: 310,
            peak: 31.5,
            background: 12.0,
            delta: 19.5,
            snr: 40.0,
            prominence: 9.5,
            score: 0.75,
            reasons,
        },
        point: place(frame, index),
        range_m: 45.0,
        incidence_rad: 0.1,
        area_m2: 0.8,
        own_enu_m2: [1.0, 0.2, 0.0, 2.0, 0.0, 4.0],
        common_enu_m2: [0.5, 0.0, 0.0, 0.5, 0.0, 1.0],
    }
}

pub(crate) fn finding(number: u32, frame: u32, observation: u32) -> Finding {
    Finding {
        id: format!("F{number:05}"),
        kind: Kind::HotLeak,
        polarity: if number.is_multiple_of(3) { Polarity::Cold } else { Polarity::Hot },
        severity: [Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
            [number as usize % 4],
        confidence: 0.876_54,
        status: Status::Open,
        point: place(frame, number % 30),
        ellipse95: Ellipse95 { major_m: 4.0, minor_m: 2.0, azimuth_deg: 30.0 },
        height_sigma_m: 2.0,
        peak: 31.504_99,
        background: 12.0,
        delta: 19.504_99,
        delta_sigma: 0.25,
        grey_levels: number % 10 == 9,
        area_m2: 0.8,
        views: 2,
        views_possible: 3,
        first_seen: "2025-01-17T11:14:15".parse().ok(),
        last_seen: "2025-01-17T11:14:17".parse().ok(),
        asset: Some("pipe \"A\", north".to_owned()),
        reasons: Reasons::default(),
        notes: vec!["single_view".to_owned()],
        observations: vec![observation],
        frames: vec![frame],
    }
}

fn square(lon: f64, lat: f64, half: f64) -> Polygon {
    let corners = [(-half, -half), (-half, half), (half, half), (half, -half)];
    Polygon { outer: corners.map(|(e, n)| (lon + e, lat + n)).to_vec(), holes: Vec::new() }
}

fn made(name: &str, shards: u32, observations_in_frame: u32) -> Made {
    let mut results = Vec::new();
    let mut findings = Vec::new();
    for shard in 0..shards {
        let mut result = ShardResult { frames_seen: FRAMES_IN_SHARD + 1, ..Default::default() };
        let skipped = format!("{name}/notes {shard}.txt");
        result.skipped.push(Skipped { file: skipped, reason: "not a thermal file".to_owned() });
        for frame in shard * FRAMES_IN_SHARD..(shard + 1) * FRAMES_IN_SHARD {
            result.frames.push(frame_record(name, frame, observations_in_frame));
            let number = frame * observations_in_frame;
            findings.push(finding(frame, frame, number));
            result
                .observations
                .extend((0..observations_in_frame).map(|index| observation(frame, index)));
        }
        results.push(result);
    }
    let area = square(5.305, 52.105, 0.005);
    let site = Site {
        name: "field".to_owned(),
        areas: vec![area.clone()],
        assets: vec![Asset {
            name: "pipe".to_owned(),
            kind: AssetKind::Pipe,
            outline: Outline::Line { vertices: vec![(5.3, 52.1), (5.31, 52.1)], half_width_m: 1.0 },
            height_m: 0.5,
            base: None,
        }],
        zones: vec![Zone::always("house".to_owned(), Role::Resident, Outline::Polygon(area))],
        takeoffs: vec![(5.3, 52.1)],
        ground_height_m: Some(45.0),
        ..Site::default()
    };
    let id = RunId(format!("run-{name}"));
    let run = Run { id, version: "0.1.0".to_owned(), parameters: "{}".to_owned() };
    Made { run, shards: results, findings, site }
}

/// What `inspect` does with a case: takes up kept shards, makes the others, commits.
fn inspect(folder: &Path, made: &Made) -> Result<(), Error> {
    let mut case = Case::open_or_create(folder)?;
    if case.has_run(&made.run.id)? {
        return Ok(());
    }
    let mut results = Vec::new();
    for (number, shard) in (0..).zip(&made.shards) {
        results.push(match case.shard(&made.run.id, number)? {
            Some(kept) => kept,
            None => {
                case.keep_thumb(&format!("{number}.png"), b"a small picture")?;
                case.keep_shard(&made.run.id, number, shard)?;
                shard.clone()
            }
        });
    }
    let frames: Vec<_> = results.iter().flat_map(|shard| shard.frames.clone()).collect();
    let skipped: Vec<_> = results.iter().flat_map(|shard| shard.skipped.clone()).collect();
    let observations: Vec<_> =
        results.iter().flat_map(|shard| shard.observations.clone()).collect();
    case.commit(&Outcome {
        more_to_come: false,
        logs: &[],
        calibrations: &[],
        run: &made.run,
        frames: &frames,
        skipped: &skipped,
        observations: &observations,
        findings: &made.findings,
        site: Some(&made.site),
    })
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                found.insert(format!("{name}/"), Vec::new());
                folders.push(path);
            } else {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, when: &str) {
    assert!(left.keys().eq(right.keys()), "{when}: {:?} {:?}", left.keys(), right.keys());
    for (name, bytes) in left {
        let differs = bytes.iter().zip(&right[name]).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{when}: {name} differs");
        assert_eq!(bytes.len(), right[name].len(), "{when}: {name} differs in length");
    }
}

fn case_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("a.case")
}

/// The answer of an outside program, or `None` where it is not installed.
fn outside(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

const CHILD: &str = "TORENVALK_TEST_CASE";

/// Not a test of its own: the process that `a_killed_run_ends_as_an_undisturbed_one` kills.
#[test]
fn child_that_is_killed() {
    if let Some(folder) = std::env::var_os(CHILD) {
        inspect(Path::new(&folder), &made("first", 2, 10)).unwrap();
        inspect(Path::new(&folder), &made("second", 1, 10)).unwrap();
    }
}

fn child(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["case::child_that_is_killed", "--exact"]).env(CHILD, folder);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How long it takes where nobody kills it.
#[expect(clippy::disallowed_methods, reason = "when to kill depends on the machine")]
fn undisturbed_run() -> Duration {
    let started = Instant::now();
    assert!(child(&case_in(&tempfile::tempdir().unwrap())).status().unwrap().success());
    started.elapsed()
}

#[test]
fn a_killed_run_ends_as_an_undisturbed_one() {
    let undisturbed = tempfile::tempdir().unwrap();
    assert!(child(&case_in(&undisturbed)).status().unwrap().success());
    let wanted = files(&case_in(&undisturbed));
    let names: Vec<_> = wanted.keys().map(String::as_str).collect();
    assert!(names.starts_with(&["case.gpkg", "findings.csv", "findings.geojson", "lock"]));
    assert!(!names.iter().any(|name| name.contains("-wal") || name.contains("work")), "{names:?}");

    // Each round kills one process later than the round before, the first while it still starts,
    // until one is through before it is killed. Machines differ: the steps are part of what a
    // process takes that is left alone.
    let fastest = (0..3).map(|_| undisturbed_run()).min().unwrap();
    let step = (fastest / 60).max(Duration::from_micros(100));
    let mut killed = 0_u32;
    for round in 0_u32.. {
        let folder = tempfile::tempdir().unwrap();
        let folder = case_in(&folder);
        let mut process = child(&folder).spawn().unwrap();
        std::thread::sleep(step * round);
        let through = process.try_wait().unwrap().is_some();
        process.kill().unwrap();
        process.wait().unwrap();
        // Killed again early in its second life, then left alone.
        let mut process = child(&folder).spawn().unwrap();
        std::thread::sleep(step * (round * 17 % 47));
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(child(&folder).status().unwrap().success(), "round {round}");
        assert_same(&wanted, &files(&folder), &format!("round {round}"));
        if through {
            break;
        }
        killed += 1;
    }
    println!("{killed} processes were killed at work, all ended alike");
    assert!(killed > 10, "only {killed} processes were killed at work");
}

/// What a kill between any two steps after the commit leaves behind is cleared up.
#[test]
fn leftovers_of_a_committed_run_are_cleared_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    let first = made("a", 1, 2);
    inspect(&path, &first).unwrap();
    let wanted = files(&path);
    let leftovers: [fn(&Path); 4] = [
        |path| fs::create_dir(path.join("work")).unwrap(),
        |path| {
            fs::create_dir_all(path.join("work/run-a")).unwrap();
            fs::write(path.join("work/run-a/shard-00000"), "half").unwrap();
            fs::write(path.join("findings.geojson"), "of the run before").unwrap();
        },
        |path| fs::remove_file(path.join("findings.csv")).unwrap(),
        |path| {
            for name in ["findings.geojson.new", "case.gpkg.new-journal", "thumbs/1.png.new"] {
                fs::write(path.join(name), "half").unwrap();
            }
        },
    ];
    for (number, leave) in leftovers.iter().enumerate() {
        leave(&path);
        inspect(&path, &first).unwrap();
        assert_same(&wanted, &files(&path), &format!("leftover {number}"));
    }
}

#[test]
fn the_same_runs_give_the_same_bytes_and_a_run_twice_changes_nothing() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for folder in &folders {
        inspect(&case_in(folder), &made("a", 2, 5)).unwrap();
        inspect(&case_in(folder), &made("b", 1, 5)).unwrap();
    }
    let [first, second] = folders.each_ref().map(|folder| files(&case_in(folder)));
    assert_same(&first, &second, "two folders");
    inspect(&case_in(&folders[0]), &made("a", 2, 5)).unwrap();
    assert_same(&second, &files(&case_in(&folders[0])), "a run again");
}

#[test]
fn gdal_finds_a_valid_geopackage_with_every_layer() {
    let folder = tempfile::tempdir().unwrap();
    let case = case_in(&folder);
    inspect(&case, &made("a", 2, 5)).unwrap();
    inspect(&case, &made("b", 2, 5)).unwrap();
    let database = case.join("case.gpkg");
    let database = database.to_str().unwrap();
    let module = ["-m", "osgeo_utils.samples.validate_gpkg", database];
    let has_gdal = outside("/usr/bin/python3", &["-c", "import osgeo_utils.samples.validate_gpkg"]);
    if has_gdal.is_some_and(|(found, _)| found) {
        let (valid, text) = outside("/usr/bin/python3", &module).unwrap();
        assert!(valid && !text.to_lowercase().contains("warning"), "{text}");
    }
    let Some((_, text)) = outside("ogrinfo", &["-so", "-al", "-ro", database]) else { return };
    for (layer, rows) in
        [("findings", 200), ("observations", 1000), ("frames", 200), ("site", 6), ("zones", 2)]
    {
        let part = text.split(&format!("Layer name: {layer}\n")).nth(1).expect(layer);
        assert!(part.contains(&format!("Feature Count: {rows}\n")), "{layer}: {part}");
    }
    assert!(!text.contains("Warning") && !text.contains("ERROR"), "{text}");
    // The index must find what a scan finds: ogrinfo uses it for -spat.
    let area = ["-so", "-ro", "-spat", "5.3", "52.1", "5.30205", "52.1001", database];
    let (_, text) = outside("ogrinfo", &[&area[..], &["observations"]].concat()).unwrap();
    let within = made("a", 2, 5).shards.iter().flat_map(|shard| &shard.observations).count_within();
    assert!(text.contains(&format!("Feature Count: {}\n", within * 2)), "{within}: {text}");
}

trait CountWithin {
    fn count_within(self) -> usize;
}

impl<'a, I: Iterator<Item = &'a Observation>> CountWithin for I {
    fn count_within(self) -> usize {
        self.filter(|seen| {
            let (lat, lon) = (seen.point.lat_deg(), seen.point.lon_deg());
            (52.1 - 1e-9..=52.1001).contains(&lat) && (5.3 - 1e-9..=5.30205).contains(&lon)
        })
        .count()
    }
}

#[test]
fn geojson_has_the_properties_in_order_and_grey_levels_are_no_degrees() {
    let folder = tempfile::tempdir().unwrap();
    let case = case_in(&folder);
    inspect(&case, &made("a", 1, 2)).unwrap();
    let text = fs::read_to_string(case.join("findings.geojson")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.len(), 50);
    for (number, feature) in features.iter().enumerate() {
        let is_grey = number % 10 == 9;
        let properties = &feature["properties"];
        for name in ["peak_c", "background_c", "delta_k", "delta_k_sigma"] {
            assert_eq!(properties[name].is_null(), is_grey, "{name} of {number}");
        }
        for name in ["peak_grey", "background_grey", "delta_grey"] {
            assert_eq!(properties[name].is_null(), !is_grey, "{name} of {number}");
        }
    }
    let first = &features[0]["properties"];
    assert_eq!(first["frames"], serde_json::json!(["a/DJI_0000, T.jpg"]));
    assert_eq!(first["reasons"], serde_json::json!(["single_view"]));
    assert_eq!((&first["peak_c"], &first["confidence"]), (&31.5.into(), &0.877.into()));
    let table = fs::read_to_string(case.join("findings.csv")).unwrap();
    let mut lines = table.split("\r\n");
    assert_eq!(lines.next(), Some(FindingRow::COLUMNS.join(",").as_str()));
    assert_eq!(lines.filter(|line| !line.is_empty()).count(), 50);
    assert!(table.contains("\"pipe \"\"A\"\", north\""));
    // What is written is what the database says, and looking leaves no trace.
    let before = files(&case);
    let findings = Case::open_read_only(&case).unwrap().findings().unwrap();
    assert_eq!(findings_geojson(&findings), text);
    assert_same(&before, &files(&case), "looked at");
}

#[test]
fn numbers_that_are_none_leave_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    let mut broken = made("a", 1, 2);
    let nowhere = Geodetic { lat_rad: f64::NAN, lon_rad: f64::INFINITY, height_m: f64::NAN };
    broken.findings[0].point = nowhere;
    broken.findings[0].peak = f64::NAN;
    broken.findings[1].ellipse95.major_m = f64::INFINITY;
    broken.findings[1].observations = vec![u32::MAX];
    broken.findings[1].frames = vec![u32::MAX];
    broken.shards[0].observations[0].point = nowhere;
    broken.shards[0].observations[1].own_enu_m2 = [f32::NAN; 6];
    broken.shards[0].frames[0].footprint = vec![(f64::NAN, 0.0); 4];
    broken.shards[0].frames[0].range_c = Some([f32::NAN; 3]);
    broken.site.areas[0].outer.truncate(2);
    inspect(&path, &broken).unwrap();
    let text = fs::read_to_string(path.join("findings.geojson")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(json["features"][0]["geometry"].is_null());
    for name in ["lat", "lon", "height_ellipsoidal_m", "peak_c"] {
        assert!(json["features"][0]["properties"][name].is_null(), "{name}");
    }
    let database = rusqlite::Connection::open(path.join("case.gpkg")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    for (layer, gaps) in [("findings", 1), ("observations", 1), ("finding_ellipses", 2)] {
        let empty = format!("SELECT count(*) FROM {layer} WHERE geom IS NULL");
        assert_eq!(count(&empty), gaps, "{layer}");
        let indexed = format!("SELECT count(*) FROM rtree_{layer}_geom");
        let rows = format!("SELECT count(*) FROM {layer}");
        assert_eq!(count(&indexed), count(&rows) - gaps, "{layer}");
        let check = format!("SELECT rtreecheck('rtree_{layer}_geom') = 'ok'");
        assert_eq!(count(&check), 1, "{layer}");
    }
}

#[test]
fn a_folder_with_another_programs_geopackage_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    fs::create_dir(&path).unwrap();
    let other = rusqlite::Connection::open(path.join("case.gpkg")).unwrap();
    other.pragma_update(None, "application_id", 0x4750_4B47).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    fs::write(path.join("findings.csv.new"), "theirs").unwrap();
    let before = files(&path);
    assert!(matches!(Case::open_or_create(&path), Err(Error::NotACase { .. })));
    assert_same(&before, &files(&path), "refused");
}

#[test]
fn reviews_move_the_status_stay_and_outlive_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    let first = made("a", 1, 2);
    inspect(&path, &first).unwrap();
    let mut case = Case::open_or_create(&path).unwrap();
    let mut review = Review {
        run: first.run.id.clone(),
        finding: "F00001".to_owned(),
        at: "2025-01-18T09:00:00Z".to_owned(),
        person: "inspector".to_owned(),
        role: "inspector".to_owned(),
        decision: Some(Status::Accepted),
        reason: "seen on site".to_owned(),
        view: "{}".to_owned(),
        withdraws: None,
    };
    let status = |case: &Case| case.findings().unwrap()[1].status.clone();
    let accepted = case.append_review(&review).unwrap();
    assert_eq!(status(&case), "accepted");
    review.decision = Some(Status::Rejected);
    let rejected = case.append_review(&review).unwrap();
    assert_eq!(status(&case), "rejected");
    (review.decision, review.withdraws) = (None, Some(rejected));
    case.append_review(&review).unwrap();
    assert_eq!(status(&case), "accepted");
    review.withdraws = Some(accepted);
    case.append_review(&review).unwrap();
    assert_eq!(status(&case), "open");
    review.finding = "F99999".to_owned();
    assert!(matches!(case.append_review(&review), Err(Error::NoSuchFinding { .. })));
    drop(case);

    let database = rusqlite::Connection::open(path.join("case.gpkg")).unwrap();
    assert!(database.execute("DELETE FROM reviews", []).is_err());
    assert!(database.execute("UPDATE reviews SET decision = 'accepted'", []).is_err());
    drop(database);
    inspect(&path, &made("b", 1, 2)).unwrap();
    let runs = Case::open_read_only(&path).unwrap().runs().unwrap();
    assert_eq!(runs.iter().map(|run| run.current).collect::<Vec<_>>(), [false, true]);
    let database = rusqlite::Connection::open(path.join("case.gpkg")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mode: String = database.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    assert_eq!(count("SELECT count(*) FROM layer_styles WHERE useAsDefault = 1"), 4);
    assert_eq!(count("SELECT count(*) FROM reviews"), 4);
    assert_eq!(count("SELECT count(*) FROM findings"), 100);
    assert_eq!(count("SELECT count(*) FROM findings WHERE current = 1"), 50);
}

#[test]
fn what_is_no_case_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(Case::open_or_create(&file), Err(Error::NotACase { .. })));
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("photo.jpg"), "x").unwrap();
    assert!(matches!(Case::open_or_create(&other), Err(Error::NotACase { .. })));
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);
    assert!(matches!(Case::open_read_only(&other), Err(Error::NotACase { .. })));
    let text = folder.path().join("text.case");
    fs::create_dir(&text).unwrap();
    for content in ["", "no database", &"no database ".repeat(1000)] {
        fs::write(text.join("case.gpkg"), content).unwrap();
        assert!(matches!(Case::open_or_create(&text), Err(Error::NotACase { .. })), "{content}");
    }
}

#[test]
fn a_second_process_and_a_newer_format_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    let held = Case::open_or_create(&path).unwrap();
    assert!(matches!(Case::open_or_create(&path), Err(Error::Locked { .. })));
    assert!(Case::open_read_only(&path).unwrap().findings().unwrap().is_empty());
    drop(held);
    drop(Case::open_or_create(&path).unwrap());
    let database = rusqlite::Connection::open(path.join("case.gpkg")).unwrap();
    database.execute("UPDATE case_format SET format_version = 7", []).unwrap();
    drop(database);
    for error in [
        Case::open_or_create(&path).map(drop).unwrap_err(),
        Case::open_read_only(&path).map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Newer { found: 7, known: 2, .. }), "{error}");
    }
}

#[test]
fn a_thumb_cannot_leave_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let case = Case::open_or_create(&case_in(&folder)).unwrap();
    for name in ["", "..", "../x.png", "a/b.png", ".hidden", "x.png.new"] {
        assert!(matches!(case.keep_thumb(name, b"x"), Err(Error::BadName(_))), "{name}");
    }
    case.keep_thumb("DJI_0001_T.png", b"x").unwrap();
}

/// Largest memory of this process so far in kB.
#[cfg(target_os = "linux")]
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Takes seconds and 300 MB of disk; run with `--run-ignored all` and nothing beside it.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "large"]
fn a_large_run_is_committed_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let made = made("large", 400, 30);
    let frames: Vec<_> = made.shards.iter().flat_map(|shard| shard.frames.clone()).collect();
    let observations: Vec<_> =
        made.shards.iter().flat_map(|shard| shard.observations.clone()).collect();
    assert_eq!((frames.len(), observations.len()), (20_000, 600_000));
    let mut case = Case::open_or_create(&case_in(&folder)).unwrap();
    let before = peak_kb();
    case.commit(&Outcome {
        more_to_come: false,
        logs: &[],
        calibrations: &[],
        run: &made.run,
        frames: &frames,
        skipped: &[],
        observations: &observations,
        findings: &made.findings,
        site: None,
    })
    .unwrap();
    let grown = peak_kb() - before;
    println!("memory grew by {grown} kB");
    assert!(grown < 150_000, "{grown} kB");
}

/// Root may write anywhere, so this says something only for an ordinary user.
#[cfg(unix)]
#[test]
fn a_read_only_case_can_be_looked_at_and_is_refused_otherwise() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = case_in(&folder);
    inspect(&path, &made("a", 1, 2)).unwrap();
    let before = files(&path);
    let allow = |folder_mode, file_mode| {
        for name in before.keys().filter(|name| !name.contains('/')) {
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(file_mode)).unwrap();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(folder_mode)).unwrap();
    };
    allow(0o555, 0o444);
    let is_bound = fs::write(path.join("probe"), "").is_err();
    let looked = Case::open_read_only(&path).and_then(|case| case.findings());
    let opened = Case::open_or_create(&path).map(drop);
    allow(0o755, 0o644);
    assert_eq!(looked.unwrap().len(), 50);
    if is_bound {
        let error = opened.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
        assert!(error.to_string().contains("a.case") && error.to_string().contains("--case"));
        assert_same(&before, &files(&path), "refused");
    }
}

/// `ulimit -f` stands for a full disk: files may not grow beyond so many blocks of 512 bytes.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let undisturbed = tempfile::tempdir().unwrap();
    assert!(child(&case_in(&undisturbed)).status().unwrap().success());
    let wanted = files(&case_in(&undisturbed));
    for blocks in [8, 100, 300, 600] {
        let folder = tempfile::tempdir().unwrap();
        let path = case_in(&folder);
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .args(["case::child_that_is_killed", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success(), "{blocks} blocks were enough");
        let said = text.contains("Full {") || text.contains("Unwritten {");
        assert!(said && text.contains("a.case"), "{blocks} blocks: {text}");
        assert!(child(&path).status().unwrap().success());
        assert_same(&wanted, &files(&path), &format!("{blocks} blocks"));
    }
}
