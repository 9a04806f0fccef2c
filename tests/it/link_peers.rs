//! `upload` and `download` over sockets: to the simulated vehicle, and to other people's programs.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use torenvalk::mission::{self, List};
use torenvalk::wire::{TlogItem, TlogReader};

use crate::peers;
use crate::program::{json_lines, run, small_flight, stderr, torenvalk};

/// A program that ends with the test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// A port of loopback that nobody has now.
pub(crate) fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn vehicle(autopilot: &str, port: u16, faults: &str) -> Running {
    let listen = format!("udpin:127.0.0.1:{port}");
    start(&mut torenvalk([
        "sim",
        "vehicle",
        "--autopilot",
        autopilot,
        "--listen",
        &listen,
        "--faults",
        faults,
        "--fix-after",
        "0",
    ]))
}

/// A mission, a fence and a rally point, in a folder of their own.
fn survey(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    let mut text = String::from("QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\t52.0\t4.5\t3\t1\n");
    text.push_str("1\t0\t3\t22\t0\t0\t0\t0\t52.0\t4.5\t30\t1\n");
    for number in 2..22 {
        let lat = 52.0 + f64::from(number) * 1e-4;
        text.push_str(&format!("{number}\t0\t3\t16\t0\t0\t0\t0\t{lat:.7}\t4.5\t30\t1\n"));
    }
    fs::write(&file, text).unwrap();
    (folder, file)
}

fn link(port: u16) -> String {
    format!("udpout:127.0.0.1:{port}")
}

fn count(file: &Path) -> usize {
    mission::read(file).unwrap().items(List::Mission).len()
}

/// Sends and reads back what was sent; the vehicle is there, or comes within the wait.
pub(crate) fn there_and_back(link: &str) {
    let (folder, file) = survey("m.waypoints");
    let record = folder.path().join("link.tlog");
    let sent = torenvalk(["upload", "--json", "--wait", "20", "--link", link])
        .arg(&file)
        .arg("--record")
        .arg(&record)
        .output()
        .unwrap();
    assert_eq!(sent.status.code(), Some(0), "{}", stderr(&sent));
    assert!(stderr(&sent).contains("not signed"));
    let told = &json_lines(&sent)[0];
    assert_eq!((&told["items"], &told["verified"]), (&21.into(), &true.into()), "{told}");
    let back = folder.path().join("back.plan");
    let read = torenvalk(["download", "--json", "--link", link]).arg(&back).output().unwrap();
    assert_eq!(read.status.code(), Some(0), "{}", stderr(&read));
    assert_eq!((&json_lines(&read)[0]["items"], count(&back)), (&21.into(), 21));
    // The recording has both sides, whole.
    let bytes = fs::read(&record).unwrap();
    let mut systems = std::collections::BTreeSet::new();
    for item in TlogReader::new(&bytes) {
        let TlogItem::Record(record) = item else { panic!("{item:?}") };
        systems.insert(record.frame.system.0);
    }
    assert!(systems.contains(&255) && systems.len() == 2, "{systems:?}");
}

#[test]
fn missions_reach_simulated_vehicles_over_a_bad_link() {
    for autopilot in ["ardupilot", "px4"] {
        let port = free_port();
        let _vehicle = vehicle(autopilot, port, "loss=0.2,duplicate=0.1,reorder=0.1,delay=0.01");
        there_and_back(&link(port));
    }
}

#[test]
fn a_vehicle_that_lies_or_is_not_there_ends_in_a_clear_error() {
    let (_folder, file) = survey("m.waypoints");
    let file = file.to_str().unwrap();
    let port = free_port();
    let nobody = run(["upload", file, "--wait", "1", "--link", &link(port)]);
    assert_eq!(nobody.status.code(), Some(5), "{}", stderr(&nobody));
    assert!(stderr(&nobody).contains("no vehicle was heard within 1 s"));
    let no_address = run(["upload", file, "--link", "somewhere"]);
    assert_eq!(no_address.status.code(), Some(2), "{}", stderr(&no_address));
    let _vehicle = vehicle("ardupilot", port, "refuse=5");
    let refused = run(["upload", file, "--link", &link(port)]);
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("refused at item 5"), "{}", stderr(&refused));
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, file) = survey("m.waypoints");
    let key = folder.path().join("key");
    fs::write(&key, "00".repeat(32)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let file = file.to_str().unwrap();
    let key_name = key.to_str().unwrap();
    let port = free_port();
    let arguments = ["upload", file, "--wait", "3", "--link", &link(port), "--key", key_name];
    let open = run(arguments);
    assert_eq!(open.status.code(), Some(3));
    assert!(stderr(&open).contains("others may read it (mode 644)"), "{}", stderr(&open));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    // A vehicle that does not sign is not heard.
    let _vehicle = vehicle("ardupilot", port, "");
    let unsigned = run(arguments);
    assert_eq!(unsigned.status.code(), Some(5), "{}", stderr(&unsigned));
    assert!(stderr(&unsigned).contains("had no right signature"), "{}", stderr(&unsigned));
}

/// The number that a station of other people's making prints.
fn station(module: &str, script: &str) -> Option<()> {
    served(module, script, &[("ardupilot", &[]), ("px4", &[])])
}

/// The same of these autopilots, the script told more for each.
fn served(module: &str, script: &str, autopilots: &[(&str, &[&str])]) -> Option<()> {
    let python = peers::python(module)?;
    for (autopilot, more) in autopilots {
        let port = free_port();
        let _vehicle = vehicle(autopilot, port, "");
        // They send at once, and a vehicle that starts takes nothing.
        std::thread::sleep(Duration::from_secs(5));
        let output = Command::new(&python)
            .arg(peers::script(script))
            .args([&port.to_string(), "20"])
            .args(*more)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script} {autopilot}: {said} {error}");
        assert!(said.lines().any(|line| line.trim() == "20"), "{script} {autopilot}: {said}");
    }
    Some(())
}

#[test]
fn pymavlink_is_served_as_a_station_and_serves_as_a_vehicle() {
    if station("pymavlink", "pymavlink_station.py").is_none() {
        return;
    }
    let Some(python) = peers::python("pymavlink") else { return };
    let port = free_port();
    let script = peers::script("pymavlink_vehicle.py");
    let _vehicle = start(Command::new(python).arg(script).args([&port.to_string(), "60"]));
    there_and_back(&link(port));
}

#[test]
fn mavsdk_is_served_as_a_station_and_serves_as_a_vehicle() {
    if station("mavsdk", "mavsdk_station.py").is_none() {
        return;
    }
    let Some(python) = peers::python("mavsdk") else { return };
    let port = free_port();
    let script = peers::script("mavsdk_vehicle.py");
    let _vehicle = start(Command::new(python).arg(script).args([&port.to_string(), "60"]));
    there_and_back(&link(port));
}

#[test]
fn the_plugins_of_mavsdk_are_served() {
    // As on a real one, PX4 has no packed parameters here (it has since PX4 #28435).
    let plugins: &[(&str, &[&str])] = &[
        ("ardupilot", &["parameters,files,camera,flight"]),
        ("px4", &["parameters,camera,flight"]),
    ];
    let _ = served("mavsdk", "mavsdk_plugins.py", plugins);
}

#[test]
fn frames_are_fetched_from_a_vehicle_of_mavsdk() {
    let Some(python) = peers::python("mavsdk") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (flight, _) = small_flight();
    let mut frames: Vec<_> = fs::read_dir(flight).unwrap().map(|one| one.unwrap().path()).collect();
    frames.retain(|path| path.extension().is_some_and(|end| end == "jpg"));
    frames.sort();
    let card = folder.path().join("card");
    fs::create_dir(&card).unwrap();
    for frame in frames.iter().take(2) {
        fs::copy(frame, card.join(frame.file_name().unwrap())).unwrap();
    }
    let port = free_port();
    let script = peers::script("mavsdk_vehicle.py");
    let _vehicle =
        start(Command::new(python).arg(script).args([&port.to_string(), "60"]).arg(&card));
    let here = folder.path().join("frames");
    let collected = torenvalk(["collect", "--fetch", "/", "--most", "12", "--link", &link(port)])
        .arg("--frames")
        .arg(&here)
        .arg("--case")
        .arg(folder.path().join("x.case"))
        .output()
        .unwrap();
    assert_eq!(collected.status.code(), Some(0), "{}", stderr(&collected));
    for frame in fs::read_dir(&card).unwrap().map(|one| one.unwrap()) {
        let came = fs::read(here.join(frame.file_name())).unwrap();
        assert!(came == fs::read(frame.path()).unwrap(), "{:?}", frame.file_name());
    }
}

#[test]
fn another_station_on_the_vehicle_does_not_disturb() {
    let Some(python) = peers::python("MAVProxy") else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _vehicle = vehicle("ardupilot", port, "");
    let proxy = python.parent().unwrap().join("mavproxy.py");
    let _station = start(
        Command::new(python)
            .arg(proxy)
            .args(["--daemon", "--non-interactive", "--source-system", "250"])
            .arg(format!("--master=udpout:127.0.0.1:{port}"))
            .arg(format!("--state-basedir={}", folder.path().display()))
            .current_dir(folder.path()),
    );
    std::thread::sleep(Duration::from_secs(3));
    there_and_back(&link(port));
}
