//! Frames and flight logs together: the same findings as from frames that state their poses, and
//! what happens where the log cannot help.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use torenvalk::sim::{LogKind, LogPlan, Params, Truth};

use crate::program::{json_lines, run, small_params, stderr, write};

/// How far the silent camera's clock is ahead of UTC.
const AHEAD_S: f64 = 7283.4;

/// A folder of silent frames with the flight's logs, and one of the same frames that state the same
/// poses, made once for all tests.
struct Flights {
    silent: PathBuf,
    stated: PathBuf,
    truth: Truth,
}

fn params() -> Params {
    let log = LogPlan::silent_camera(vec![LogKind::Bin, LogKind::Tlog, LogKind::Csv]);
    Params { log, ..small_params() }
}

fn flights() -> &'static Flights {
    static FLIGHTS: OnceLock<Flights> = OnceLock::new();
    FLIGHTS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("log-flight-{}", std::process::id()));
        let (silent, stated) = (folder.join("silent"), folder.join("stated"));
        let mut params = params();
        let truth = write(&silent, &params);
        params.log.without_poses = false;
        params.log.kinds.clear();
        write(&stated, &params);
        Flights { silent, stated, truth }
    })
}

/// The silent frames with other bytes for the log.
fn with_log(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    for frame in &flights().truth.frames {
        let there = scratch.path().join(&frame.file);
        std::fs::hard_link(flights().silent.join(&frame.file), there).unwrap();
    }
    std::fs::write(scratch.path().join(name), bytes).unwrap();
    scratch
}

fn log_bytes(name: &str) -> Vec<u8> {
    std::fs::read(flights().silent.join(name)).unwrap()
}

struct Ran {
    code: i32,
    report: Value,
    findings: Vec<Value>,
    /// Name and time of each frame in the case.
    frames: Vec<(String, String)>,
    /// Name, SHA-256, bytes and format of each input in the case that has no frame.
    logs: Vec<(String, String, i64, String)>,
}

fn inspect(inputs: &[&Path], more: &[&str]) -> Ran {
    let scratch = tempfile::tempdir().unwrap();
    let case = scratch.path().join("a.case");
    let mut arguments: Vec<&str> = vec!["inspect", "--json", "--case", case.to_str().unwrap()];
    arguments.extend(inputs.iter().map(|input| input.to_str().unwrap()));
    arguments.extend(more);
    let output = run(&arguments);
    let said = stderr(&output);
    let report = json_lines(&output).first().cloned().unwrap_or_else(|| panic!("{said}"));
    let geojson = std::fs::read(case.join("findings.geojson")).unwrap();
    let geojson: Value = serde_json::from_slice(&geojson).unwrap();
    let findings = geojson["features"].as_array().unwrap().iter();
    let findings = findings.map(|finding| finding["properties"].clone()).collect();
    let base = rusqlite::Connection::open(case.join("case.gpkg")).unwrap();
    let mut frames = base.prepare("SELECT file, taken_at FROM frames ORDER BY file").unwrap();
    let frames = frames.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let frames = frames.collect::<Result<_, _>>().unwrap();
    let logs = "SELECT file, sha256, bytes, format FROM inputs WHERE frames = 0 ORDER BY file";
    let mut logs = base.prepare(logs).unwrap();
    let logs =
        logs.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    let logs = logs.collect::<Result<_, _>>().unwrap();
    Ran { code: output.status.code().unwrap(), report, findings, frames, logs }
}

fn number(value: &Value, field: &str) -> f64 {
    value[field].as_f64().unwrap_or_else(|| panic!("{field}: {value}"))
}

/// Metres between two findings, on a sphere: they lie some metres apart at most.
fn apart_m(one: &Value, other: &Value) -> f64 {
    let north = (number(one, "lat") - number(other, "lat")) * 111_200.0;
    let cos = number(one, "lat").to_radians().cos();
    north.hypot((number(one, "lon") - number(other, "lon")) * 111_200.0 * cos)
}

/// Reasons of all frames without a pose.
fn reasons(report: &Value) -> Vec<String> {
    let frames = report["without_position"].as_array().unwrap();
    frames.iter().map(|frame| frame["reason"].as_str().unwrap().to_owned()).collect()
}

/// The logs state each frame's pose as its file would, but for rounding (1e-7 degree is 1.1 cm, and a
/// hundredth of a degree of yaw is 1 cm at the picture's edge) and for what samples five times a
/// second leave open. Their sigmas are others: a log has no RTK heading, and a table no RTK at all.
/// So views weigh otherwise, and places move by a part of the yaw's error, which is half a degree or
/// 0.4 m at the picture's edge. A pixel is 0.16 m on the ground: 1.5 pixels at most and 0.07 m on
/// average are allowed, and no place may leave the ellipse that the log's finding states.
#[test]
fn logs_give_the_findings_of_frames_that_state_their_poses() {
    let flights = flights();
    let stated = inspect(&[&flights.stated], &[]);
    assert!(stated.findings.len() > 10, "{}", stated.report);
    for name in ["flight.bin", "flight.tlog", "flight.csv"] {
        let log = flights.silent.join(name);
        let mut inputs: Vec<PathBuf> =
            flights.truth.frames.iter().map(|frame| flights.silent.join(&frame.file)).collect();
        inputs.push(log);
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        let logged = inspect(&inputs, &[]);
        assert_eq!(logged.code, 0, "{name}: {}", logged.report);
        assert_eq!(logged.report["positioned"], flights.truth.frames.len());
        assert_eq!(logged.findings.len(), stated.findings.len(), "{name}");
        let mut apart = Vec::new();
        for one in &stated.findings {
            let nearest =
                logged.findings.iter().min_by(|a, b| apart_m(one, a).total_cmp(&apart_m(one, b)));
            let other = nearest.unwrap();
            for same in ["id", "polarity", "kind", "views"] {
                assert_eq!(one[same], other[same], "{name}: {same}");
            }
            let metres = apart_m(one, other);
            assert!(metres <= number(other, "ellipse95_major_m"), "{name}: {metres} {other}");
            apart.push(metres);
        }
        let worst = apart.iter().fold(0.0_f64, |worst, metres| worst.max(*metres));
        let mean = apart.iter().sum::<f64>() / apart.len() as f64;
        assert!(worst < 0.25 && mean < 0.07, "{name}: {worst} m at most, {mean} m on average");
    }
}

/// The silent camera is two hours ahead; what the log knows of that is in the times of frames and
/// findings. Without a log they stay the camera's, and no `Z` says otherwise.
#[test]
fn times_are_utc_where_a_log_tells_it() {
    let flights = flights();
    let logged = inspect(&[&flights.silent.join("flight.bin"), &flights.silent], &[]);
    let first_s = |text: &str| {
        let time: torenvalk::time::FrameTime = text.parse().unwrap();
        assert!(matches!(time, torenvalk::time::FrameTime::Utc(_)), "{text}");
        time.seconds()
    };
    let began = flights.truth.params.flight.first_frame_at;
    let began_s = jiff::tz::Offset::UTC.to_timestamp(began).unwrap().as_duration().as_secs_f64();
    let when_s = |file: &str| {
        let of_file = |frame: &&torenvalk::sim::FlownFrame| file.ends_with(&frame.file);
        began_s + flights.truth.frames.iter().find(of_file).unwrap().after_first_s
    };
    assert_eq!(logged.frames.len(), flights.truth.frames.len());
    for (file, taken_at) in &logged.frames {
        let off_s = first_s(taken_at) - when_s(file);
        // A receiver's solution is stamped when it reaches the autopilot.
        assert!(off_s.abs() < 0.3, "{file}: {taken_at} is {off_s} s off");
    }
    for finding in &logged.findings {
        let seen =
            ["first_seen", "last_seen"].map(|field| first_s(finding[field].as_str().unwrap()));
        let frames = finding["frames"].as_array().unwrap().iter();
        let times: Vec<f64> = frames.map(|file| when_s(file.as_str().unwrap())).collect();
        let least = times.iter().fold(f64::INFINITY, |least, time| least.min(*time));
        let most = times.iter().fold(0.0_f64, |most, time| most.max(*time));
        assert!((seen[0] - least).abs() < 0.3 && (seen[1] - most).abs() < 0.3, "{finding}");
    }
    let alone = inspect(&[&flights.stated], &["--no-calibration"]);
    for finding in &alone.findings {
        assert!(!finding["first_seen"].as_str().unwrap().ends_with('Z'), "{finding}");
    }
    assert!(alone.frames.iter().all(|(_, taken_at)| !taken_at.ends_with('Z')));
    assert!(alone.logs.is_empty());
}

/// What findings rest on is in the case by hash, logs as well as frames.
#[test]
fn logs_are_among_the_inputs_of_the_case() {
    let flights = flights();
    let log = flights.silent.join("flight.bin");
    let ran = inspect(&[&log, &flights.silent], &[]);
    let formats: Vec<&str> = ran.logs.iter().map(|log| log.3.as_str()).collect();
    assert_eq!(formats, ["dataflash", "tlog"]);
    let bytes = std::fs::read(&log).unwrap();
    let (file, sha256, length, _) = &ran.logs[0];
    assert!(file.ends_with("flight.bin"), "{file}");
    assert_eq!(*length, bytes.len() as i64);
    assert_eq!(*sha256, torenvalk::inspect::content_hash(&log).unwrap());
}

#[test]
fn the_clock_is_found_and_told() {
    let flights = flights();
    let ran = inspect(&[&flights.silent], &[]);
    let logs = ran.report["logs"].as_array().unwrap();
    let formats: Vec<_> = logs.iter().map(|log| log["format"].as_str().unwrap()).collect();
    // A table in a folder may be anything: it is skipped as no frame.
    assert_eq!(formats, ["dataflash", "tlog"]);
    assert_eq!(ran.code, 6, "{}", ran.report["skipped"]);
    assert_eq!(ran.report["skipped"].as_array().unwrap().len(), 2, "{}", ran.report["skipped"]);
    let clocks = ran.report["clocks"].as_array().unwrap();
    assert_eq!(clocks.len(), 2);
    for clock in clocks {
        assert_eq!((&clock["certain"], &clock["method"]), (&true.into(), &"events".into()));
        let (utc_s, sigma_s) = (number(clock, "utc_offset_s"), number(clock, "sigma_s"));
        // The recording of the ground station knows UTC to the radio's delay only.
        assert!((utc_s + AHEAD_S).abs() < 0.1 + 4.0 * sigma_s, "{clock}");
        assert!(sigma_s > 0.0 && sigma_s < 0.05);
        let frames = flights.truth.frames.len() as f64;
        assert!(number(clock, "matched") >= 0.9 * frames, "{clock}");
    }
}

/// The table without its column for pictures: places, attitude and velocity, and no event.
fn eventless(table: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(table).unwrap().lines();
    let cut = |line: &str| line.rsplit_once(',').unwrap().0.to_owned() + "\n";
    text.map(cut).collect::<String>().into_bytes()
}

/// A table of a vehicle that flies straight and turns evenly from frame to frame, at rest before and
/// after: places and attitude, and no word of pictures.
fn plain_table(truth: &Truth) -> Vec<u8> {
    const REST_S: f64 = 60.0;
    let began = jiff::tz::Offset::UTC.to_timestamp(truth.params.flight.first_frame_at).unwrap();
    let last_s = truth.frames.last().unwrap().after_first_s;
    let mut text = "time_s,utc,lat,lon,height_ellipsoidal_m,yaw_deg,pitch_deg,roll_deg,\
                    gimbal_yaw_deg,gimbal_pitch_deg\n"
        .to_owned();
    for step in 0..((last_s + 2.0 * REST_S) * 10.0) as u32 {
        let time_s = f64::from(step) / 10.0;
        let after_s = time_s - REST_S;
        let next = truth.frames.partition_point(|frame| frame.after_first_s <= after_s);
        let to = &truth.frames[next.min(truth.frames.len() - 1)];
        let from = &truth.frames[next.saturating_sub(1)];
        let span_s = to.after_first_s - from.after_first_s;
        let share = if span_s > 0.0 { (after_s - from.after_first_s) / span_s } else { 0.0 };
        let (a, b) = (&from.stated_pose, &to.stated_pose);
        let mixed = |a: f64, b: f64| a + (b - a) * share;
        let turn = (b.yaw_deg - a.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
        let yaw = a.yaw_deg + turn * share;
        let utc = began + jiff::SignedDuration::from_millis((after_s * 1000.0) as i64);
        let (lat, lon) = (mixed(a.lat, b.lat), mixed(a.lon, b.lon));
        let height = mixed(a.height_ellipsoidal_m, b.height_ellipsoidal_m);
        text +=
            &format!("{time_s:.1},{utc},{lat:.9},{lon:.9},{height:.3},{yaw:.3},0,0,{yaw:.3},-90\n");
    }
    text.into_bytes()
}

/// Frames that know nothing but a clock, and a log that knows nothing of pictures: how the ground
/// moves from frame to frame tells, to a part of a second where stamps have thousandths.
#[test]
fn the_pictures_motion_finds_the_clock_where_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = params();
    params.log.kinds = Vec::new();
    (params.log.camera_step_s, params.log.pace) = (0.0, 0.25);
    let truth = write(folder.path(), &params);
    let log = folder.path().join("flight.csv");
    std::fs::write(&log, plain_table(&truth)).unwrap();
    let ran = inspect(&[folder.path(), &log], &["--threads", "1"]);
    let clock = &ran.report["clocks"][0];
    assert_eq!((&clock["method"], &clock["certain"]), (&"motion".into(), &true.into()), "{clock}");
    let (utc_s, sigma_s) = (number(clock, "utc_offset_s"), number(clock, "sigma_s"));
    assert!((utc_s + AHEAD_S).abs() < 0.1 + 4.0 * sigma_s, "{clock}");
    assert!(sigma_s < 0.31, "{clock}");
    assert_eq!(ran.report["positioned"], truth.frames.len());
    assert!(!ran.findings.is_empty());
    let again = inspect(&[folder.path(), &log], &["--threads", "3"]);
    assert_eq!((&again.findings, &again.report["clocks"]), (&ran.findings, &ran.report["clocks"]));
}

/// A log that flies evenly for a second around each picture tells its clock no better than that:
/// this is the reason then, and the best offset is still the right one.
#[test]
fn what_motion_cannot_tell_is_refused_and_not_wrong() {
    let folder = with_log("flight.csv", &eventless(&log_bytes("flight.csv")));
    let log = folder.path().join("flight.csv");
    let ran = inspect(&[folder.path(), &log], &[]);
    let clock = &ran.report["clocks"][0];
    let (utc_s, sigma_s) = (number(clock, "utc_offset_s"), number(clock, "sigma_s"));
    assert!((utc_s + AHEAD_S).abs() < 0.1 + 3.0 * sigma_s && sigma_s < 2.0, "{clock}");
    if clock["certain"] == false {
        assert!(clock["reason"].as_str().unwrap().contains("known to"), "{clock}");
        assert!(ran.findings.is_empty());
    }
}

/// The log of another flight over the same site: no offset puts the pictures' motion on it.
#[test]
fn the_pictures_motion_is_not_found_in_another_flights_log() {
    let scratch = tempfile::tempdir().unwrap();
    let mut other = params();
    other.seed = 8;
    (other.flight.speed_m_s, other.flight.overlap_front) = (7.0, 0.8);
    write(scratch.path(), &other);
    let table = eventless(&std::fs::read(scratch.path().join("flight.csv")).unwrap());
    let folder = with_log("flight.csv", &table);
    let log = folder.path().join("flight.csv");
    let ran = inspect(&[folder.path(), &log], &[]);
    let clock = &ran.report["clocks"][0];
    assert_eq!(clock["certain"], false, "{clock}");
    assert!(ran.findings.is_empty());
}

#[test]
fn any_number_of_threads_gives_the_same_findings_with_logs() {
    let bin = with_log("flight.bin", &log_bytes("flight.bin"));
    let one = inspect(&[bin.path()], &["--threads", "1"]);
    let three = inspect(&[bin.path()], &["--threads", "3"]);
    assert_eq!(one.findings, three.findings);
    assert!(!one.findings.is_empty());
}

#[test]
fn the_log_of_another_flight_is_not_taken() {
    let scratch = tempfile::tempdir().unwrap();
    let mut other = params();
    other.seed += 1;
    other.flight.first_frame_at = "2026-04-02T09:00:00".parse().unwrap();
    other.flight.speed_m_s = 7.0;
    other.flight.overlap_front = 0.8;
    write(scratch.path(), &other);
    let bytes = std::fs::read(scratch.path().join("flight.bin")).unwrap();
    let ran = inspect(&[with_log("flight.bin", &bytes).path()], &[]);
    assert_eq!(ran.code, 6);
    assert_eq!(ran.report["clocks"][0]["certain"], false, "{}", ran.report["clocks"]);
    assert!(ran.report["clocks"][0]["reason"].as_str().unwrap().len() > 10);
    let frames = flights().truth.frames.len();
    assert_eq!((ran.report["positioned"].as_u64(), reasons(&ran.report).len()), (Some(0), frames));
    assert!(reasons(&ran.report)[0].contains("clock is not found"), "{:?}", reasons(&ran.report));
    assert!(ran.findings.is_empty());
}

#[test]
fn frames_after_a_log_was_cut_have_no_pose_and_are_counted() {
    let whole = log_bytes("flight.bin");
    let cut = with_log("flight.bin", &whole[..whole.len() * 6 / 10]);
    let ran = inspect(&[cut.path()], &[]);
    let positioned = ran.report["positioned"].as_u64().unwrap() as usize;
    let frames = flights().truth.frames.len();
    let reasons = reasons(&ran.report);
    assert_eq!(ran.code, 6);
    assert_eq!(positioned + reasons.len(), frames);
    assert!(positioned > frames / 4 && reasons.len() > frames / 4, "{positioned} of {frames}");
    assert!(reasons.iter().all(|reason| reason.contains("s earlier")), "{reasons:?}");
}

/// Changes bytes of each record of a type.
fn patched(kind: u8, length: usize, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut bytes = log_bytes("flight.bin");
    let mut changed = 0;
    for at in 0..bytes.len() - length {
        if bytes[at..].starts_with(&[0xA3, 0x95, kind]) {
            change(&mut bytes[at + 3..at + length]);
            changed += 1;
        }
    }
    assert!(changed > 100, "{changed}");
    bytes
}

#[test]
fn without_a_fix_there_is_no_pose() {
    // GPS: TimeUS, I, Status.
    let ran = inspect(&[with_log("a.bin", &patched(133, 38, |gps| gps[9] = 1)).path()], &[]);
    assert_eq!((ran.code, &ran.report["positioned"]), (6, &0.into()), "{}", ran.report);
    assert!(reasons(&ran.report).iter().all(|reason| reason.contains("no fix")));
}

#[test]
fn heights_that_are_no_numbers_give_no_pose() {
    // POS: TimeUS, Lat, Lng, Alt, RelHomeAlt.
    let nan = patched(131, 27, |place| {
        for at in [16, 20] {
            place[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        }
    });
    let ran = inspect(&[with_log("a.bin", &nan).path()], &[]);
    assert_eq!(ran.report["positioned"], 0, "{}", ran.report["clocks"]);
    assert_eq!(reasons(&ran.report).len(), flights().truth.frames.len());
    assert!(ran.findings.is_empty());
}

#[test]
fn a_log_that_cannot_be_read_is_skipped_with_the_reason() {
    let noise = with_log("noise.tlog", &[7; 5000]);
    let log = noise.path().join("noise.tlog");
    let ran = inspect(&[noise.path(), &log], &[]);
    let skipped = ran.report["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert!(skipped[0]["file"].as_str().unwrap().ends_with("noise.tlog"));
    assert!(skipped[0]["reason"].as_str().unwrap().len() > 20, "{skipped:?}");
    assert!(reasons(&ran.report).iter().all(|reason| reason.contains("no position")));
}

#[test]
fn an_offset_by_hand_is_taken() {
    let bin = with_log("flight.bin", &log_bytes("flight.bin"));
    let ran = inspect(&[bin.path()], &["--clock-offset", "-7283"]);
    assert_eq!(ran.code, 0, "{}", ran.report);
    assert!(ran.report["clocks"][0]["method"].as_str().unwrap().starts_with("given"));
    // An hour off: no frame was taken during the log.
    let ran = inspect(&[bin.path()], &["--clock-offset", "-3683"]);
    assert_eq!(ran.report["positioned"], 0);
    assert_eq!(
        run(["inspect", "x", "--case", "y", "--clock-offset", "nan"]).status.code(),
        Some(2)
    );
}
