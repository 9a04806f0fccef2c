//! Any bytes to a simulated vehicle: well-formed frames of any message, and rubbish between them.
#![no_main]
use std::time::Duration;

use torenvalk::sim::vehicle::{Autopilot, NoCard, Start, Vehicle, VehicleParams};
use torenvalk::wire::{ComponentId, Packet, SystemId, Version};
use torenvalk_fuzz::Draw;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let autopilot = if draw.flag() { Autopilot::ArduPilot } else { Autopilot::Px4 };
    let start = Start { lat_deg: 52.0, lon_deg: 5.0, amsl_m: 3.0 };
    let mut vehicle = Vehicle::new(VehicleParams::at(autopilot, start), Box::new(NoCard));
    let mut now = Duration::from_secs(u64::from(draw.u8() & 15));
    while !draw.0.is_empty() {
        let length = usize::from(draw.u8());
        if draw.flag() {
            let packet = Packet::Other { id: u32::from(draw.u16()), payload: draw.take(length).to_vec() };
            let mut frame = Vec::new();
            let from = (draw.u8(), SystemId(255), ComponentId(190));
            let version = if draw.flag() { Version::V1 } else { Version::V2 };
            if packet.write_frame(&mut frame, version, from) {
                vehicle.handle(&frame);
            }
        } else {
            vehicle.handle(draw.take(length));
        }
        now += Duration::from_millis(u64::from(draw.u8()) * 4);
        vehicle.advance(now);
        while vehicle.poll().is_some() {}
    }
});
