//! What a link costs; run on demand with `cargo bench --bench link`.
//!
//! First the loss matrix: 700 items, a fence and rally points sent, read back and compared, on a clock
//! that jumps, at 50 ms each way, against the time that the protocol's own round trips need without
//! loss (one for each count and each item, sent and read). Then the cost of recording ten vehicles at
//! 500 messages a second each over a socket, by the processor time of the threads that do it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

#[path = "../tests/it/channel.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod channel;
#[path = "../tests/it/stub.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod stub;

use std::fs;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use channel::{Channel, Weather};
use stub::{Kind, Stub, VEHICLE};
use torenvalk::link::driver::{Address, Link, Params};
use torenvalk::link::{ARDUPILOT, Deliver, Lists, PX4, Peer, Quirks, Route};
use torenvalk::mission::Item;
use torenvalk::wire::packet::Attitude;
use torenvalk::wire::{ComponentId, Packet, SystemId, Version};

/// Runs of each row, unless a number is given: `cargo bench --bench link -- 20`.
const RUNS: u64 = 100;

fn main() {
    let runs = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    println!("autopilot  loss  complete  mean  most  messages of ours");
    for (kind, autopilot) in [(Kind::ArduPilot, ARDUPILOT), (Kind::Px4, PX4)] {
        for loss in [0.0, 0.05, 0.1, 0.2, 0.3, 0.4] {
            matrix_row(kind, Quirks::of(autopilot), loss, runs);
        }
    }
    println!("recording 10 vehicles at 500/s: {:.1} % of one core", recording_cost());
}

fn lists() -> Lists {
    let item = |command: u16, n: i32| Item {
        frame: 3,
        command,
        params: [f32::from(u8::from(command == 5001)) * 5.0, 0.0, 0.0, 0.0],
        x: 520_000_000 + n,
        y: 45_000_000 - n,
        z: 50.0,
        autocontinue: true,
    };
    Lists {
        mission: Some((0..700).map(|n| item(16, n)).collect()),
        home: None,
        fence: Some((0..5).map(|n| item(5001, n)).collect()),
        rally: Some((0..2).map(|n| item(5100, n)).collect()),
    }
}

fn matrix_row(kind: Kind, quirks: &'static Quirks, loss: f64, runs: u64) {
    let bad = if loss > 0.0 { 0.1 } else { 0.0 };
    let weather = Weather { loss, doubled: bad, late: bad, ..Weather::FINE };
    let home = u32::from(quirks.home_is_item_0);
    let needed = weather.delay * 2 * 2 * (700 + home + 5 + 2 + 3);
    let (mut complete, mut sum, mut most, mut ours) = (0, 0.0, 0.0_f64, 0);
    for seed in 0..runs {
        let mut vehicle = Stub::new(kind);
        let mut channel = Channel::new(weather, seed);
        let route = Route { us: Peer::STATION, them: VEHICLE };
        let mut engine = Deliver::new(route, &lists(), quirks, Duration::ZERO).unwrap();
        let hour = Duration::from_secs(3600);
        let done = channel.run(&mut engine, &mut vehicle, VEHICLE, hour);
        complete += u64::from(done.is_ok_and(|done| done.verified));
        let times = channel.now.as_secs_f64() / needed.as_secs_f64();
        (sum, most, ours) = (sum + times, most.max(times), ours + channel.ours);
    }
    let (mean, ours) = (sum / runs as f64, ours / runs as usize);
    let percent = loss * 100.0;
    println!("{kind:9?}  {percent:3.0}%  {complete:3}/{runs}  {mean:5.2} {most:5.2}  {ours}");
}

/// Ten vehicles at 500 messages a second each for five seconds.
fn recording_cost() -> f64 {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("link.tlog");
    let record = Some(file.clone());
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let linked = std::thread::Builder::new().name("link".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let address: Address = format!("udpin:127.0.0.1:{port}").parse().unwrap();
            let params = Params { record, ..Params::default() };
            let (link, running) = Link::open(&address, &params).await.unwrap();
            while stopped.try_recv().is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let seconds: f64 = ["link", "recorder"].iter().map(|name| cpu_s(name)).sum();
            let received = link.traffic().received;
            drop(link);
            running.ended().await.unwrap();
            (seconds, received)
        })
    });
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    for round in 0..2500_u32 {
        for vehicle in 1..=10 {
            let mut frame = Vec::new();
            let from = (round.to_le_bytes()[0], SystemId(vehicle), ComponentId(1));
            let packet =
                Packet::from(Attitude { boot_ms: round, yaw_rad: 1.0, ..Attitude::default() });
            assert!(packet.write_frame(&mut frame, Version::V2, from));
            socket.send_to(&frame, ("127.0.0.1", port)).unwrap();
        }
        let next = Duration::from_millis(2) * (round + 1);
        std::thread::sleep(next.saturating_sub(started.elapsed()));
    }
    let took_s = started.elapsed().as_secs_f64();
    stop.send(()).unwrap();
    let (seconds, received) = linked.unwrap().join().unwrap();
    println!("{received} messages, {} bytes", fs::metadata(file).unwrap().len());
    seconds / took_s * 100.0
}

/// Processor time of the threads of this name, user's and system's, in seconds (Linux).
fn cpu_s(name: &str) -> f64 {
    let mut ticks = 0.0;
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let stat = fs::read_to_string(task.unwrap().path().join("stat")).unwrap();
        let (head, rest) = stat.rsplit_once(')').unwrap();
        if head.ends_with(&format!("({name}")) {
            let fields: Vec<&str> = rest.split_whitespace().collect();
            ticks += fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        }
    }
    ticks / 100.0 // USER_HZ
}
