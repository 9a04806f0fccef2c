//! The simulated vehicle, without a socket: bytes and time in, bytes and pictures out.

use std::time::Duration;

use torenvalk::geo::Geodetic;
use torenvalk::mission::{Action, Item, List, Mission};
use torenvalk::sim::Params;
use torenvalk::sim::vehicle::{
    Autopilot, Film, Misdeeds, NoCard, Output, Path, PathFaults, Shot, Vehicle, VehicleParams,
};
use torenvalk::site;
use torenvalk::wire::packet::{
    CommandLong, MissionClearAll, MissionCount, MissionRequestInt, MissionRequestList,
};
use torenvalk::wire::{
    CommandResult, ComponentId, Frame, MissionResult, Packet, SystemId, Version, mission_item_int,
};

const US: (u8, SystemId, ComponentId) = (0, SystemId(255), ComponentId(190));
const BOTH: [Autopilot; 2] = [Autopilot::ArduPilot, Autopilot::Px4];

/// A vehicle, a station beside it, and what has happened.
struct Air {
    vehicle: Vehicle,
    now: Duration,
    said: Vec<Packet>,
    shots: Vec<Shot>,
    frames: Vec<Vec<u8>>,
}

impl Air {
    fn of(params: VehicleParams) -> Self {
        let vehicle = Vehicle::new(params, Box::new(NoCard));
        Self {
            vehicle,
            now: Duration::ZERO,
            said: Vec::new(),
            shots: Vec::new(),
            frames: Vec::new(),
        }
    }

    fn new(autopilot: Autopilot) -> Self {
        let mut air = Self::of(VehicleParams::at(autopilot, film().start()));
        air.pass(10.0);
        air
    }

    fn pass(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
        self.vehicle.advance(self.now);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(output) = self.vehicle.poll() {
            match output {
                Output::Frame(bytes) => {
                    self.said.push(Packet::of(&Frame::parse(&bytes).unwrap()));
                    self.frames.push(bytes);
                }
                Output::Shot(shot) => self.shots.push(shot),
            }
        }
    }

    fn tell(&mut self, packet: impl Into<Packet>) {
        let mut bytes = Vec::new();
        assert!(packet.into().write_frame(&mut bytes, Version::V2, US));
        self.vehicle.handle(&bytes);
        self.listen();
    }

    /// What was said since, and forgets it.
    fn heard(&mut self) -> Vec<Packet> {
        std::mem::take(&mut self.said)
    }

    fn command(&mut self, command: u16, [param1, param2]: [f32; 2]) -> CommandResult {
        self.heard();
        self.tell(CommandLong { command, param1, param2, ..CommandLong::default() });
        let mut acks = self.heard().into_iter().filter_map(|packet| match packet {
            Packet::CommandAck(ack) if ack.command == command => Some(ack.result),
            _ => None,
        });
        acks.next().unwrap()
    }

    /// Sends a list without loss; the result, and how the items were asked for.
    fn upload(&mut self, list: u8, items: &[Item]) -> (MissionResult, Vec<&'static str>) {
        self.heard();
        let count = items.len() as u16;
        self.tell(MissionCount { count, mission_type: list, ..MissionCount::default() });
        let mut asked = Vec::new();
        for _ in 0..2 * items.len() + 2 {
            for packet in self.heard() {
                let seq = match packet {
                    Packet::MissionAck(ack) => return (ack.kind, asked),
                    Packet::MissionRequest(request) => {
                        asked.push("float");
                        request.seq
                    }
                    Packet::MissionRequestInt(request) => {
                        asked.push("int");
                        request.seq
                    }
                    _ => continue,
                };
                let kind = [List::Mission, List::Fence, List::Rally][usize::from(list)];
                self.tell(mission_item_int(&items[usize::from(seq)], kind, seq));
            }
        }
        panic!("no end of an upload");
    }

    fn download(&mut self, list: u8) -> Vec<Item> {
        self.heard();
        self.tell(MissionRequestList { mission_type: list, ..MissionRequestList::default() });
        let count = self.heard().iter().find_map(|packet| match packet {
            Packet::MissionCount(count) => Some(count.count),
            _ => None,
        });
        let mut items = Vec::new();
        for seq in 0..count.unwrap() {
            self.tell(MissionRequestInt {
                seq,
                mission_type: list,
                ..MissionRequestInt::default()
            });
            items.extend(self.heard().iter().find_map(|packet| match packet {
                Packet::MissionItemInt(item) if item.seq == seq => Some(Item::from(item)),
                _ => None,
            }));
        }
        assert_eq!(items.len(), usize::from(count.unwrap()));
        items
    }
}

fn film() -> Film {
    Film::new(&site::example().unwrap(), &Params::demo(1)).unwrap()
}

/// The items of a mission as an autopilot wants them.
fn items(mission: &Mission, autopilot: Autopilot) -> Vec<Item> {
    let mut items = mission.items(List::Mission);
    if autopilot == Autopilot::ArduPilot {
        items.insert(0, Item::empty(0, 16));
        for item in &mut items {
            item.params = item.params.map(|param| if param.is_nan() { 0.0 } else { param });
        }
    }
    items
}

/// Pictures of a survey: of each line its length over the spacing, and the one at its start.
fn pictures(mission: &Mission) -> usize {
    let mut last = None;
    let mut count = 0.0;
    let mut spacing_m = 0.0;
    for step in &mission.steps {
        if let Action::TriggerDistance { distance_m, .. } = step.action {
            spacing_m = f64::from(distance_m);
        } else if let Some(place) = step.place() {
            let place = Geodetic::from_degrees(place.lat_deg, place.lon_deg, 0.0).to_ecef();
            if let Some(last) = last.replace(place).filter(|_| spacing_m > 0.0) {
                count += ((place - last).norm() / spacing_m).round() + 1.0;
            }
        }
    }
    count as usize
}

#[test]
fn a_survey_is_flown_to_its_end_with_a_picture_at_each_spacing() {
    let mission = film().survey().unwrap();
    for autopilot in BOTH {
        let mut air = Air::new(autopilot);
        let items = items(&mission, autopilot);
        let (result, asked) = air.upload(0, &items);
        assert_eq!(result, MissionResult::ACCEPTED);
        let ints = asked.iter().filter(|how| **how == "int").count();
        let expected = if autopilot == Autopilot::ArduPilot { 0 } else { items.len() - 1 };
        assert_eq!(ints, expected);
        if autopilot == Autopilot::Px4 {
            assert_eq!(air.command(300, [0.0; 2]), CommandResult::DENIED, "too soon");
        } else {
            assert_eq!(air.command(176, [1.0, 4.0]), CommandResult::ACCEPTED);
            assert_eq!(air.command(400, [1.0, 0.0]), CommandResult::ACCEPTED);
        }
        air.pass(5.0);
        assert_eq!(air.command(300, [0.0; 2]), CommandResult::ACCEPTED);
        air.pass(1.0);
        assert!(air.vehicle.is_armed());
        let mut flown_s = 0;
        while air.vehicle.is_armed() && flown_s < 3600 {
            air.pass(10.0);
            flown_s += 10;
        }
        assert!(!air.vehicle.is_armed(), "down after {flown_s} s");
        // Each line has a picture at its start and one at each spacing behind it.
        let planned = pictures(&mission);
        let taken = air.shots.len();
        assert!(taken.abs_diff(planned) <= planned / 10, "{taken} of {planned}");
        for shot in &air.shots {
            assert!((shot.above_home_m - 110.0).abs() < 1.5, "{shot:?}");
            assert!((shot.true_pose.pitch_deg + 90.0).abs() < 1e-6);
        }
        let told = air
            .heard()
            .iter()
            .filter(|packet| {
                matches!(packet, Packet::CameraFeedback(_) | Packet::CameraImageCaptured(_))
            })
            .count();
        assert_eq!(told, taken);
    }
}

#[test]
fn the_same_seed_says_the_same_bytes() {
    let flight = || {
        let start = film().start();
        let mut params = VehicleParams::at(Autopilot::Px4, start);
        (params.gust_m_s, params.rtk, params.wind_m_s) = (1.5, false, [4.0, -2.0]);
        let mut air = Air::of(params);
        air.pass(12.0);
        air.upload(0, &items(&film().survey().unwrap(), Autopilot::Px4));
        air.pass(5.0);
        air.command(300, [0.0; 2]);
        air.pass(120.0);
        (air.frames, air.shots)
    };
    let (frames, shots) = flight();
    assert!(!shots.is_empty());
    assert!((frames, shots) == flight());
}

#[test]
fn lists_are_refused_as_each_autopilot_does() {
    let place = (520_000_000, 50_000_000);
    let waypoint = |frame: u8| Item { x: place.0, y: place.1, z: 20.004, ..Item::empty(frame, 16) };
    let with = |mut item: Item, params: [f32; 4]| {
        item.params = params;
        item
    };
    let (nan, ok) = (f32::NAN, MissionResult::ACCEPTED);
    let cases = [
        ("terrain", waypoint(10), ok, MissionResult::UNSUPPORTED_FRAME),
        ("do", with(Item::empty(3, 206), [5.0, 0.0, 0.0, 0.0]), ok, MissionResult::UNSUPPORTED),
        ("nan", with(waypoint(3), [nan, 0.0, 0.0, 0.0]), MissionResult::INVALID_PARAM1, ok),
        ("yaw", with(waypoint(3), [0.0, 0.0, 0.0, nan]), ok, ok),
        ("command", Item::empty(2, 4242), MissionResult::UNSUPPORTED, MissionResult::UNSUPPORTED),
        ("local", waypoint(1), MissionResult::UNSUPPORTED_FRAME, MissionResult::UNSUPPORTED_FRAME),
    ];
    for (name, item, ardupilot, px4) in cases {
        for (autopilot, expected) in BOTH.into_iter().zip([ardupilot, px4]) {
            let mut air = Air::new(autopilot);
            let old = [waypoint(3), waypoint(3), waypoint(3)];
            assert_eq!(air.upload(0, &old).0, ok);
            let new = [waypoint(3), item];
            assert_eq!(air.upload(0, &new).0, expected, "{name}, {autopilot:?}");
            let there = air.download(0);
            if expected == ok {
                assert_eq!(there.len(), 2);
            } else {
                // ArduPilot has the new length and what came first, PX4 what it had.
                let kept = if autopilot == Autopilot::ArduPilot { 2 } else { 3 };
                assert_eq!(there.len(), kept, "{name}");
            }
        }
    }
}

#[test]
fn what_is_read_back_is_rounded_as_each_autopilot_does() {
    let mut item = Item { x: 520_000_000, y: 50_000_000, z: 20.004, ..Item::empty(6, 16) };
    item.params = [0.0, 2.4, 0.0, f32::NAN];
    for autopilot in BOTH {
        let mut air = Air::new(autopilot);
        air.upload(0, &[item, item]);
        let there = air.download(0);
        if autopilot == Autopilot::Px4 {
            assert!(there[1].same(&item));
        } else {
            let mut expected = Item { frame: 3, z: 20.0, ..item };
            expected.params = [0.0, 2.0, 0.0, 0.0];
            assert!(there[1].same(&expected), "{:?}", there[1]);
            // Item 0 is the live home.
            let start = film().start();
            assert!((f64::from(there[0].x) / 1e7 - start.lat_deg).abs() < 1e-6);
        }
    }
}

#[test]
fn repeated_items_and_clearing_everything_are_answered_as_each_autopilot_does() {
    for autopilot in BOTH {
        let ardupilot = autopilot == Autopilot::ArduPilot;
        let mut air = Air::new(autopilot);
        let item = Item::empty(2, 20);
        air.tell(MissionCount { count: 3, ..MissionCount::default() });
        for seq in [0, 0, 1, 2] {
            air.tell(mission_item_int(&item, List::Mission, seq));
        }
        let acks: Vec<_> = air
            .heard()
            .iter()
            .filter_map(|packet| match packet {
                Packet::MissionAck(ack) => Some(ack.kind),
                _ => None,
            })
            .collect();
        let (complaint, done) = (MissionResult::INVALID_SEQUENCE, MissionResult::ACCEPTED);
        assert_eq!(acks, if ardupilot { vec![complaint, done] } else { vec![done] });
        air.tell(MissionClearAll { mission_type: 255, ..MissionClearAll::default() });
        let left = air.download(0).len();
        assert_eq!(left, if ardupilot { 3 } else { 0 });
    }
}

#[test]
fn a_silent_sender_is_given_up_as_each_autopilot_does() {
    for autopilot in BOTH {
        let mut air = Air::new(autopilot);
        air.tell(MissionCount { count: 3, ..MissionCount::default() });
        air.heard();
        air.pass(9.0);
        let heard = air.heard();
        let cancelled = heard.iter().any(|packet| {
            matches!(packet,
            Packet::MissionAck(ack) if ack.kind == MissionResult::OPERATION_CANCELLED)
        });
        assert_eq!(cancelled, autopilot == Autopilot::ArduPilot);
        let requests = heard
            .iter()
            .filter(|packet| {
                matches!(packet, Packet::MissionRequest(_) | Packet::MissionRequestInt(_))
            })
            .count();
        let expected = if autopilot == Autopilot::ArduPilot { 5..=8 } else { 17..=20 };
        assert!(expected.contains(&requests), "{requests}");
    }
}

#[test]
fn nothing_is_taken_while_it_boots_and_nobody_arms_without_a_fix() {
    for autopilot in BOTH {
        let mut air = Air::of(VehicleParams::at(autopilot, film().start()));
        air.pass(1.0);
        assert_eq!(air.upload(0, &[Item::empty(2, 20)]).0, MissionResult::NO_SPACE);
        air.pass(3.0);
        assert_ne!(air.command(400, [1.0, 0.0]), CommandResult::ACCEPTED);
        assert!(!air.vehicle.is_armed());
    }
}

#[test]
fn misdeeds_are_done() {
    let start = film().start();
    let with = |misdeeds| {
        let mut air =
            Air::of(VehicleParams { misdeeds, ..VehicleParams::at(Autopilot::Px4, start) });
        air.pass(10.0);
        air
    };
    let items = [Item::empty(2, 20); 5];
    let mut early = with(Misdeeds { early_ack: true, ..Misdeeds::default() });
    assert_eq!(early.upload(0, &items).0, MissionResult::ACCEPTED);
    assert_eq!(early.download(0).len(), 1);
    let mut refuses = with(Misdeeds { refuses_item: Some(3), ..Misdeeds::default() });
    assert_eq!(refuses.upload(0, &items).0, MissionResult::INVALID);
    let mut reboots = with(Misdeeds { reboot_after_items: Some(2), ..Misdeeds::default() });
    reboots.tell(MissionCount { count: 5, ..MissionCount::default() });
    for seq in 0..2 {
        reboots.tell(mission_item_int(&items[0], List::Mission, seq));
    }
    reboots.pass(1.5);
    let boot_ms = reboots.heard().iter().rev().find_map(|packet| match packet {
        Packet::SystemTime(time) => Some(time.boot_ms),
        _ => None,
    });
    assert!(boot_ms.unwrap() < 2000, "its boot clock begins anew");
    let silence = Some((Duration::from_secs(12), Duration::from_secs(20)));
    let mut silent = with(Misdeeds { silent: silence, ..Misdeeds::default() });
    silent.pass(3.0);
    silent.heard();
    silent.pass(6.0);
    assert!(silent.heard().is_empty());
    silent.pass(3.0);
    assert!(!silent.heard().is_empty());
}

#[test]
fn a_bad_link_loses_doubles_and_swaps_what_it_is_told_to() {
    let faults =
        PathFaults { loss: 0.3, duplicate: 0.2, reorder: 0.2, delay: Duration::from_millis(100) };
    let travel = || {
        let mut path = Path::new(faults, 7, 0);
        let mut arrived = Vec::new();
        for number in 0..2000_u32 {
            let now = Duration::from_millis(u64::from(number) * 10);
            path.send(&number.to_le_bytes(), now);
            while let Some(bytes) = path.arrived(now) {
                arrived.push(u32::from_le_bytes(bytes.try_into().unwrap()));
            }
        }
        arrived
    };
    let arrived = travel();
    assert_eq!(arrived, travel());
    let mut kinds = arrived.clone();
    kinds.sort_unstable();
    kinds.dedup();
    assert!((1300..1500).contains(&kinds.len()), "{} of 2000", kinds.len());
    assert!((200..360).contains(&(arrived.len() - kinds.len())));
    assert!(arrived.windows(2).filter(|pair| pair[1] < pair[0]).count() > 100);
}

#[test]
fn any_bytes_at_all_are_borne() {
    let mut air = Air::new(Autopilot::ArduPilot);
    let mut state = 1_u64;
    for _ in 0..2000 {
        let mut bytes = [0; 40];
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        bytes[0] = 0xFD;
        air.vehicle.handle(&bytes);
    }
    // Well-formed frames of any message, with any fields.
    for id in 0..450_u32 {
        for fill in [0_u8, 1, 0x7F, 0xFF] {
            let mut bytes = Vec::new();
            let packet = Packet::Other { id, payload: vec![fill; 255] };
            if packet.write_frame(&mut bytes, Version::V2, US) {
                air.vehicle.handle(&bytes);
                air.pass(0.1);
            }
        }
    }
}
