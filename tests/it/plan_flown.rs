//! The worked sites of `missions/`, planned, flown by the simulated vehicle, and what its pictures
//! then show.

use std::path::Path;
use std::time::Duration;

use torenvalk::geo::Terrain;
use torenvalk::mission::{Item, List, Mission};
use torenvalk::plan::{Params, Pattern, Photo, Plan, coverage, plan};
use torenvalk::sim::vehicle::{Autopilot, NoCard, Output, Shot, Start, Vehicle, VehicleParams};
use torenvalk::site::{self, Site};
use torenvalk::wire::packet::{CommandLong, MissionCount};
use torenvalk::wire::{
    ComponentId, Frame, MissionResult, Packet, SystemId, Version, mission_item_int,
};

use crate::plan::m3t;

const GROUND: Terrain = Terrain::Flat { height_m: 42.0, sigma_m: 0.1 };
const US: (u8, SystemId, ComponentId) = (0, SystemId(255), ComponentId(190));

fn worked(name: &str) -> Site {
    site::read(&Path::new("missions").join(name).join("site.toml")).unwrap()
}

/// A vehicle that flies one mission to its end.
struct Air {
    vehicle: Vehicle,
    now: Duration,
    shots: Vec<Shot>,
}

impl Air {
    fn fly(mission: &Mission) -> Vec<Shot> {
        let home = mission.home.unwrap();
        let start = Start { lat_deg: home.lat_deg, lon_deg: home.lon_deg, amsl_m: home.amsl_m };
        // A battery of its own would end the flight where the plan's has enough.
        let params = VehicleParams::at(Autopilot::Px4, start);
        let vehicle = Vehicle::new(params, Box::new(NoCard));
        let mut air = Self { vehicle, now: Duration::ZERO, shots: Vec::new() };
        air.pass(60.0);
        air.upload(&mission.items(List::Mission));
        air.pass(10.0);
        air.tell(CommandLong { command: 300, ..CommandLong::default() });
        air.pass(1.0);
        assert!(air.vehicle.is_armed());
        for _ in 0..600 {
            air.pass(10.0);
            if !air.vehicle.is_armed() {
                return air.shots;
            }
        }
        panic!("still flying after {:?}", air.now);
    }

    fn pass(&mut self, seconds: f64) -> Vec<Packet> {
        self.now += Duration::from_secs_f64(seconds);
        self.vehicle.advance(self.now);
        let mut heard = Vec::new();
        while let Some(output) = self.vehicle.poll() {
            match output {
                Output::Frame(bytes) => heard.push(Packet::of(&Frame::parse(&bytes).unwrap())),
                Output::Shot(shot) => self.shots.push(shot),
            }
        }
        heard
    }

    fn tell(&mut self, packet: impl Into<Packet>) {
        let mut bytes = Vec::new();
        assert!(packet.into().write_frame(&mut bytes, Version::V2, US));
        self.vehicle.handle(&bytes);
    }

    fn upload(&mut self, items: &[Item]) {
        let count = items.len() as u16;
        self.tell(MissionCount { count, ..MissionCount::default() });
        for _ in 0..10 * items.len() {
            for packet in self.pass(0.02) {
                let seq = match packet {
                    Packet::MissionAck(ack) => {
                        assert_eq!(ack.kind, MissionResult::ACCEPTED);
                        return;
                    }
                    Packet::MissionRequestInt(request) => request.seq,
                    Packet::MissionRequest(request) => request.seq,
                    _ => continue,
                };
                self.tell(mission_item_int(&items[usize::from(seq)], List::Mission, seq));
            }
        }
        panic!("no end of an upload");
    }
}

/// What the vehicle's pictures show, by their true poses.
fn flown(plan: &Plan<'_>) -> Vec<Photo> {
    let shots = plan.flown.iter().flat_map(|flown| Air::fly(&flown.mission));
    shots
        .map(|shot| {
            let pose = shot.true_pose;
            Photo {
                at: plan.field.plane.point((pose.lon, pose.lat)),
                height_m: pose.height_ellipsoidal_m,
                yaw_rad: pose.yaw_deg.to_radians(),
                pitch_rad: pose.pitch_deg.to_radians(),
            }
        })
        .collect()
}

fn comes_back_with_what_was_promised(name: &str, pattern: Pattern, distance_m: f64) {
    let params = Params { distance_m: Some(distance_m), ..Params::new(m3t(), pattern) };
    let site = worked(name);
    let plan = plan(&site, &GROUND, &params).unwrap();
    assert!(plan.violations.is_empty(), "{name}: {:?}", plan.violations);
    let photos = flown(&plan);
    let planned = plan.photos().len();
    let missing = planned.abs_diff(photos.len());
    assert!(missing * 100 <= planned * 3, "{name}: {planned} planned, {} taken", photos.len());
    if let Some(promised) = &plan.coverage {
        let seen = coverage(&plan.field, &params.camera, &plan.target, &photos).unwrap();
        assert!(promised.share >= 0.999, "{name}: {}", promised.share);
        assert!(seen.share >= promised.share - 0.001, "{name}: {} {}", seen.share, promised.share);
    }
}

#[test]
fn the_heat_network_comes_back_covered() {
    comes_back_with_what_was_promised("heat-network", Pattern::Corridor, 60.0);
}

#[test]
fn the_roof_estate_comes_back_covered() {
    let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
    comes_back_with_what_was_promised("roof-estate", pattern, 40.0);
}

#[test]
fn the_tank_farm_comes_back_covered_and_its_tanks_seen_round() {
    let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
    comes_back_with_what_was_promised("tank-farm", pattern, 45.0);
    comes_back_with_what_was_promised("tank-farm", Pattern::Orbit(vec![]), 12.0);
}
