//! The largest upload that is promised, over real sockets that lose three in ten each way.
//!
//! `TORENVALK_LOSSY_RUNS=50 cargo test --release --test it link_lossy -- --nocapture` makes fifty
//! runs to each autopilot and prints what they took.

#![expect(clippy::disallowed_methods, reason = "real sockets are timed by the real clock")]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::link_peers::{free_port, vehicle};
use crate::lossy::{Loss, Proxy};
use crate::program::{json_lines, stderr, torenvalk};

/// ArduPilot has room for 650, home among them.
fn items_of(autopilot: &str) -> usize {
    if autopilot == "ardupilot" { 649 } else { 700 }
}

/// A survey of so many items, a fence of a pentagon, and two rally points.
fn survey(items: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.plan");
    let items: Vec<_> = (0..items)
        .map(|n| {
            let trigger = n % 4 == 3;
            let lat = 52.0 + n as f64 * 1e-5;
            let params = if trigger {
                serde_json::json!([25, 0, 1, 0, 0, 0, 0])
            } else {
                serde_json::json!([0, 0, 0, 0, lat, 4.5, 50])
            };
            serde_json::json!({
                "type": "SimpleItem", "autoContinue": true, "doJumpId": n + 1,
                "command": if trigger { 206 } else { 16 },
                "frame": if trigger { 2 } else { 3 }, "params": params,
            })
        })
        .collect();
    let corner = |n: i32| [52.0 + f64::from(n % 2) * 0.01, 4.49 + f64::from(n) * 0.01];
    let plan = serde_json::json!({
        "fileType": "Plan", "version": 1, "groundStation": "tests",
        "mission": {
            "version": 2, "firmwareType": 12, "vehicleType": 2, "cruiseSpeed": 5,
            "hoverSpeed": 5, "plannedHomePosition": [52.0, 4.5, 3.0], "items": items,
        },
        "geoFence": {"version": 2, "circles": [], "polygons": [
            {"version": 1, "inclusion": true, "polygon": (0..5).map(corner).collect::<Vec<_>>()},
        ]},
        "rallyPoints": {"version": 2, "points": [[52.0, 4.5, 30.0], [52.001, 4.5, 30.0]]},
    });
    fs::write(&file, plan.to_string()).unwrap();
    (folder, file)
}

/// Uploads through a proxy; how long it took, and the proxy's share of lost datagrams.
fn upload(autopilot: &str, loss: Loss, seed: u64) -> (Duration, f64) {
    let items = items_of(autopilot);
    let (_folder, file) = survey(items);
    let port = free_port();
    let _vehicle = vehicle(autopilot, port, "");
    let proxy = Proxy::to(port, loss, seed);
    // It starts, and has no room for items until it has.
    std::thread::sleep(Duration::from_secs(4));
    let begun = Instant::now();
    let link = format!("udpout:127.0.0.1:{}", proxy.port);
    let sent = torenvalk(["upload", "--json", "--wait", "30", "--link", &link])
        .arg(&file)
        .output()
        .unwrap();
    let took = begun.elapsed();
    let context = || format!("{autopilot}, seed {seed}: {}", stderr(&sent));
    assert_eq!(sent.status.code(), Some(0), "{}", context());
    let told = &json_lines(&sent)[0];
    assert_eq!(told["verified"], true, "{}", context());
    // On ArduPilot home is not among them; nor is it in the file.
    assert_eq!(told["items"], items, "{}", context());
    assert_eq!((&told["fence_items"], &told["rally_items"]), (&5.into(), &2.into()));
    let [passed, lost] = [&proxy.passed, &proxy.lost].map(|n| n.load(Ordering::Relaxed) as f64);
    (took, lost / (passed + lost))
}

/// What the protocol's own round trips take on such a link without loss: one for each count and
/// each item of three lists, there and back, each with the mean delay twice.
fn round_trips_s(autopilot: &str, loss: Loss) -> f64 {
    let pieces = items_of(autopilot) + 5 + 2 + 3;
    2.0 * pieces as f64 * loss.most_delay.as_secs_f64()
}

/// Uploads without loss once, then with it for each seed; what they took, in words.
fn complete_in_time(autopilot: &str) -> String {
    let runs = std::env::var("TORENVALK_LOSSY_RUNS").ok().and_then(|runs| runs.parse().ok());
    let bad = Loss { lost: 0.3, doubled: 0.1, most_delay: Duration::from_millis(20) };
    let good = Loss { lost: 0.0, doubled: 0.0, ..bad };
    let (lossless, share) = upload(autopilot, good, 0);
    assert!(share == 0.0, "nothing is lost");
    let mut all = Vec::new();
    for seed in 1..=runs.unwrap_or(1) {
        let (took, share) = upload(autopilot, bad, seed);
        assert!((0.2..0.4).contains(&share), "{share} of all datagrams were lost");
        all.push(took.as_secs_f64());
    }
    all.sort_by(f64::total_cmp);
    let needed_s = round_trips_s(autopilot, bad);
    let [least, middle, most] = [0, all.len() / 2, all.len() - 1].map(|at| all[at]);
    let slowest = most / needed_s;
    let told = format!(
        "{autopilot}: {} runs complete; without loss {:.1} s, with {least:.1} {middle:.1} {most:.1} \
         s (least, middle, most), {slowest:.2} of the round trips' {needed_s:.1} s",
        all.len(),
        lossless.as_secs_f64(),
    );
    assert!(slowest <= 1.3, "{told}");
    told
}

#[test]
fn ardupilot_takes_650_items_through_a_socket_that_loses_three_in_ten() {
    eprintln!("{}", complete_in_time("ardupilot"));
}

#[test]
fn px4_takes_700_items_through_a_socket_that_loses_three_in_ten() {
    eprintln!("{}", complete_in_time("px4"));
}
