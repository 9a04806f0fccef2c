//! A serial line: a pseudo-terminal whose other end is wired to the simulated vehicle, as a
//! telemetry radio on USB would be.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a real line is timed by the real clock")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use torenvalk::wire::{TlogItem, TlogReader};

use crate::link_peers::{free_port, there_and_back, vehicle};
use crate::program::torenvalk;

/// Wires a new pseudo-terminal to a port of UDP, tells its name, and lives until it is killed. A
/// radio packs bytes as they come, so that messages are cut anywhere.
const CABLE: &str = "
import os, select, socket, sys, tty
ours, theirs = os.openpty()
tty.setraw(theirs)
vehicle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
vehicle.connect(('127.0.0.1', int(sys.argv[1])))
print(os.ttyname(theirs), flush=True)
while True:
    for side in select.select([ours, vehicle], [], [])[0]:
        if side is ours:
            vehicle.send(os.read(ours, 97))
        else:
            os.write(ours, vehicle.recv(65536))
";

struct Cable(Child);

impl Cable {
    /// Plugs it in: the device has this name.
    fn plug(port: u16, device: &Path) -> Self {
        let mut child = Command::new("python3")
            .args(["-c", CABLE, &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut name = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut name).unwrap();
        let _ = fs::remove_file(device);
        std::os::unix::fs::symlink(name.trim(), device).unwrap();
        Self(child)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_mission_goes_over_a_serial_line_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("radio");
    for autopilot in ["ardupilot", "px4"] {
        let port = free_port();
        let _vehicle = vehicle(autopilot, port, "");
        let _cable = Cable::plug(port, &device);
        there_and_back(&format!("serial:{}:57600", device.display()));
    }
}

/// Seconds since the epoch, of every record of a recording.
fn stamps(file: &Path) -> Vec<f64> {
    let bytes = fs::read(file).unwrap_or_default();
    let records = TlogReader::new(&bytes).filter_map(|item| match item {
        TlogItem::Record(record) if record.frame.system.0 != 255 => Some(record.stamp_us as f64),
        _ => None,
    });
    records.map(|time_us| time_us / 1e6).collect()
}

#[test]
fn a_radio_that_is_pulled_out_and_put_back_is_heard_again() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("radio");
    let port = free_port();
    let _vehicle = vehicle("px4", port, "");
    let cable = Cable::plug(port, &device);
    let mut collect = torenvalk(["collect", "--most", "60", "--frames"])
        .arg(folder.path().join("frames"))
        .arg("--case")
        .arg(folder.path().join("x.case"))
        .arg("--link")
        .arg(format!("serial:{}:57600", device.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let tlog = folder.path().join("x.flight-1").join("flight.tlog");
    let wait_for_more_than = |count: usize| {
        let begun = Instant::now();
        while stamps(&tlog).len() <= count {
            assert!(begun.elapsed() < Duration::from_secs(40), "only {count} messages came");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    wait_for_more_than(50);
    drop(cable);
    std::thread::sleep(Duration::from_millis(1500));
    let before = stamps(&tlog);
    let _cable = Cable::plug(port, &device);
    wait_for_more_than(before.len() + 50);
    let all = stamps(&tlog);
    let _ = collect.kill();
    let _ = collect.wait();
    let pause = all[before.len()] - all[before.len() - 1];
    assert!(pause > 1.0, "it was pulled out for {pause} s");
}
