//! The demo's flight: a simulated vehicle behind a socket, flown by the same station as a real one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::case::Case;
use crate::collect::{Order, Stream};
use crate::link::driver::Params;
use crate::sim::vehicle::{Autopilot, Film, VehicleParams};
use crate::sim::{Port, Server, ServerParams, Truth};
use crate::{inspect, mission};

use super::fly::Recording;
use super::follow::{Follow, Followed, Inspected, News, follow, say};
use super::line::Line;
use super::progress::Progress;
use super::{files, fly};

/// The vehicle's time over real time while it stands, and while it flies. What a picture takes to
/// be rendered is no part of either.
const STANDING: f64 = 10.0;
const FLYING: f64 = 120.0;
/// How long anything may take that is not flying.
const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody at the sticks arms it so long after the mission came, in its own time.
const ARMED_AFTER: Duration = Duration::from_secs(5);

/// Flies a survey over the film's site and inspects its frames as they are taken.
pub(super) fn demo_flight(
    film: Film,
    frames: &Path,
    flight: &Recording,
    (params, case): (&inspect::Params, &mut Case),
    (progress, quiet): (&Progress, bool),
) -> anyhow::Result<(Followed, Truth)> {
    let mission = film.survey().map_err(anyhow::Error::msg)?;
    files::write(&flight.plan, mission::to_plan(&mission).text.as_bytes())?;
    if flight.tlog.exists() {
        std::fs::remove_file(&flight.tlog)?; // Of an earlier demo.
    }
    let vehicle = VehicleParams {
        armed_after_upload: Some(ARMED_AFTER),
        ..VehicleParams::at(Autopilot::ArduPilot, film.start())
    };
    let port = Port::open("udpin:127.0.0.1:0")?;
    let address = port.local()?.map_or_else(String::new, |address| address.to_string());
    let server = Server::new(
        ServerParams {
            vehicle,
            speedup: STANDING,
            faults: crate::sim::vehicle::PathFaults::default(),
            frames: Some(frames.to_owned()),
        },
        port,
        Some(film),
    )?;
    let over = AtomicBool::new(false);
    let linked = Params { record: Some(flight.tlog.clone()), ..Params::default() };
    std::thread::scope(|scope| {
        let served = scope.spawn(|| serve(server, &over));
        let line = Line::open(&format!("udpout:{address}"), &linked);
        // It is said before the flight is followed, and heard once it is.
        let (give, orders) = std::sync::mpsc::channel();
        let followed = line.and_then(|mut line| {
            give.send(Order::Fly)?;
            let mut tell = |news: &News<'_>| {
                if !quiet {
                    say(news);
                }
                Ok(())
            };
            let what = Follow {
                fetch: None,
                frames,
                stream: Stream::create(&flight.stream)?,
                until_landed: true,
                most: None,
                tell: &mut tell,
                orders: Some(&orders),
            };
            let inspected = Inspected { case, tlog: &flight.tlog, params, progress };
            let followed = station(&mut line, &mission, what, inspected)?;
            line.close()?;
            Ok(followed)
        });
        over.store(true, Ordering::Relaxed);
        let truth = served.join().map_err(|_| anyhow::anyhow!("the vehicle's thread died"))??;
        let truth = truth.ok_or_else(|| anyhow::anyhow!("the vehicle had no film"))?;
        Ok((followed?, truth))
    })
}

/// What `fly` does, without a person.
fn station(
    line: &mut Line,
    mission: &mission::Mission,
    what: Follow<'_>,
    inspected: Inspected<'_>,
) -> anyhow::Result<Followed> {
    anyhow::ensure!(fly::hears_vehicle(line, PATIENCE)?, "the simulated vehicle is not heard");
    let delivery = fly::deliver(line, mission)?;
    anyhow::ensure!(delivery.verified, "the simulated vehicle has another mission than was sent");
    let pictures = fly::expected_pictures(mission);
    let checks = fly::settle(line, mission, pictures, PATIENCE)?;
    let failed: Vec<_> = checks.iter().filter(|check| check.passed == Some(false)).collect();
    anyhow::ensure!(failed.is_empty(), "checks before the flight failed: {failed:?}");
    anyhow::ensure!(fly::armed(line, PATIENCE)?, "nobody armed the simulated vehicle");
    let followed = follow(line, what, inspected)?;
    anyhow::ensure!(followed.state == "landed", "the flight ended early: {}", followed.state);
    Ok(followed)
}

/// Turns the vehicle until the station has seen it land.
fn serve(mut server: Server, over: &AtomicBool) -> anyhow::Result<Option<Truth>> {
    #[expect(clippy::disallowed_methods, reason = "the vehicle's time follows this clock")]
    let start = std::time::Instant::now();
    while !over.load(Ordering::Relaxed) {
        server.turn(start.elapsed())?;
        server.set_speedup(if server.is_flying() { FLYING } else { STANDING });
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(server.finish()?)
}
