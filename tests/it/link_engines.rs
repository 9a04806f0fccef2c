//! The engines beside those of lists, against the simulated vehicle and against ones that misbehave.

use std::time::Duration;

use torenvalk::geo::{Terrain, egm96_undulation_m};
use torenvalk::link::{
    ARDUPILOT, Cameras, ClockOffset, Clocks, Command, Commands, Deliver, Encoding, Engine, Entry,
    Error, Find, Identity, ListFolder, ListLogs, Lists, Log, PX4, Parameter, Peer, Picture, Place,
    Quirks, ReadFile, ReadLog, ReadParameters, Received, RemoteId, Route, SetParameter, Step,
    TerrainServer, Value, Wanted, message_interval, moves_or_arms,
};
use torenvalk::mission::Item;
use torenvalk::sim::vehicle::{Autopilot, Card, Output, Start, Vehicle, VehicleParams};
use torenvalk::wire::packet::{
    CameraFeedback, CameraImageCaptured, CommandAck, FileTransferProtocol, Heartbeat, LogData,
    LogEntry, SystemTime, TerrainRequest, Timesync,
};
use torenvalk::wire::{CommandResult, Frame, Packet, Version};

use crate::channel::{Channel, Side, Weather};

const THEM: Peer = Peer::new(1, 1);
const ROUTE: Route = Route { us: Peer::STATION, them: THEM };
const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

/// A file that is no repetition of anything.
fn file() -> Vec<u8> {
    (0..60_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[derive(Debug)]
struct OneFile(Vec<u8>);

impl Card for OneFile {
    fn list(&self) -> Vec<(String, u64)> {
        vec![("a.jpg".to_owned(), self.0.len() as u64)]
    }
    fn read(&self, name: &str, offset: u64, most: usize) -> Option<Vec<u8>> {
        let from = usize::try_from(offset).unwrap().min(self.0.len());
        let rest = &self.0[from..];
        (name == "a.jpg").then(|| rest[..rest.len().min(most)].to_vec())
    }
}

/// The simulated vehicle at the other end of a channel.
struct Simulated(Vehicle);

impl Simulated {
    fn new(autopilot: Autopilot) -> Self {
        let start = Start { lat_deg: 52.0, lon_deg: 4.5, amsl_m: 3.0 };
        let mut vehicle =
            Vehicle::new(VehicleParams::at(autopilot, start), Box::new(OneFile(file())));
        // Booted, and with a position.
        vehicle.advance(Duration::from_secs(30));
        while vehicle.poll().is_some() {}
        Self(vehicle)
    }

    fn take(&mut self, out: &mut Vec<Packet>) {
        while let Some(output) = self.0.poll() {
            let Output::Frame(bytes) = output else { continue };
            let frame = Frame::parse(&bytes).unwrap();
            if frame.component == THEM.component {
                out.push(Packet::of(&frame));
            }
        }
    }
}

const BOOTED: Duration = Duration::from_secs(30);

impl Side for Simulated {
    fn handle(&mut self, message: &Packet, now: Duration, out: &mut Vec<Packet>) {
        let mut bytes = Vec::new();
        let from = (0, ROUTE.us.system, ROUTE.us.component);
        assert!(message.write_frame(&mut bytes, Version::V2, from));
        self.0.advance(BOOTED + now);
        self.0.handle(&bytes);
        self.take(out);
    }
    fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Packet>) {
        self.0.advance(BOOTED + now);
        self.take(out);
    }
    fn due(&self) -> Option<Duration> {
        Some(self.0.next_step().saturating_sub(BOOTED))
    }
}

const WEATHERS: [Weather; 2] =
    [Weather::FINE, Weather { loss: 0.2, doubled: 0.1, late: 0.1, ..Weather::FINE }];

#[test]
fn the_simulated_vehicle_takes_a_mission_through_a_storm() {
    for (autopilot, number) in [(Autopilot::ArduPilot, ARDUPILOT), (Autopilot::Px4, PX4)] {
        let waypoint = |n: i32| Item {
            frame: 3,
            command: 16,
            params: [0.0; 4],
            x: 520_000_000 + n * 1000,
            y: 45_000_000,
            z: 40.0,
            autocontinue: true,
        };
        let lists = Lists { mission: Some((0..60).map(waypoint).collect()), ..Lists::default() };
        for seed in 0..4 {
            let mut side = Simulated::new(autopilot);
            let mut channel = Channel::new(Weather::STORM, seed);
            let mut engine =
                Deliver::new(ROUTE, &lists, Quirks::of(number), Duration::ZERO).unwrap();
            let done = channel.run(&mut engine, &mut side, THEM, HOUR).unwrap();
            assert!(done.verified, "{autopilot:?} {seed}: {:?}", done.differences);
        }
    }
}

#[test]
fn all_parameters_are_read_and_one_is_set_in_both_encodings() {
    for (autopilot, number) in [(Autopilot::ArduPilot, ARDUPILOT), (Autopilot::Px4, PX4)] {
        let encoding = Encoding::of(None, Quirks::of(number));
        let mut counts = Vec::new();
        for (seed, weather) in WEATHERS.into_iter().enumerate() {
            let mut side = Simulated::new(autopilot);
            let mut channel = Channel::new(weather, seed as u64);
            let mut read = ReadParameters::new(ROUTE, encoding, channel.now);
            let all = channel.run(&mut read, &mut side, THEM, HOUR).unwrap();
            counts.push(all.len());
            let known = all.iter().find(|one| matches!(one.value, Value::Whole(_))).unwrap();
            let Value::Whole(value) = known.value else { panic!() };
            let wanted = Parameter { value: Value::Whole(value + 1), ..known.clone() };
            let mut set = SetParameter::new(ROUTE, encoding, wanted.clone(), channel.now);
            let told = channel.run(&mut set, &mut side, THEM, HOUR).unwrap();
            assert_eq!(told, wanted, "{autopilot:?}");
        }
        assert!(counts[0] > 5 && counts[0] == counts[1], "{counts:?}");
    }
}

#[test]
fn a_file_comes_whole_whatever_is_lost() {
    for autopilot in [Autopilot::ArduPilot, Autopilot::Px4] {
        for (seed, weather) in [Weather::FINE, Weather::STORM].into_iter().enumerate() {
            let mut side = Simulated::new(autopilot);
            let mut channel = Channel::new(weather, seed as u64);
            // Twice: sessions are closed, and there are few.
            for _ in 0..3 {
                let mut read = ReadFile::new(ROUTE, "/frames/a.jpg", channel.now);
                let bytes = channel.run(&mut read, &mut side, THEM, HOUR).unwrap();
                assert!(bytes == file(), "{autopilot:?} {seed}: {} bytes", bytes.len());
            }
            let mut list = ListFolder::new(ROUTE, "/frames", channel.now);
            let listed = channel.run(&mut list, &mut side, THEM, HOUR).unwrap();
            let expected = Entry { name: "a.jpg".to_owned(), bytes: file().len() as u64 };
            assert_eq!(listed, [expected], "{autopilot:?} {seed}");
            let mut list = ListFolder::new(ROUTE, "/nowhere", channel.now);
            let error = channel.run(&mut list, &mut side, THEM, HOUR).unwrap_err();
            assert!(error.to_string().contains("no such file"), "{error}");
            let mut none = ReadFile::new(ROUTE, "/frames/none.jpg", channel.now);
            let error = channel.run(&mut none, &mut side, THEM, HOUR).unwrap_err();
            assert!(error.to_string().contains("refused"), "{error}");
        }
    }
}

/// Answers each message by a function.
struct Answers<F>(F);

impl<F: FnMut(&Packet, &mut Vec<Packet>)> Side for Answers<F> {
    fn handle(&mut self, message: &Packet, _: Duration, out: &mut Vec<Packet>) {
        (self.0)(message, out);
    }
    fn handle_timeout(&mut self, _: Duration, _: &mut Vec<Packet>) {}
    fn due(&self) -> Option<Duration> {
        None
    }
}

/// A block of a file as a vehicle answers: opcode of the answer and of what is answered, offset.
fn block(seq: u16, opcode: u8, answered: u8, offset: u32, bytes: &[u8]) -> Packet {
    let mut payload = [0; 251];
    payload[..2].copy_from_slice(&seq.wrapping_add(1).to_le_bytes());
    (payload[3], payload[4], payload[5]) = (opcode, bytes.len() as u8, answered);
    payload[8..12].copy_from_slice(&offset.to_le_bytes());
    payload[12..12 + bytes.len()].copy_from_slice(bytes);
    FileTransferProtocol { target_network: 0, target_system: 0, target_component: 0, payload }
        .into()
}

/// Number and opcode of a question.
fn asked(message: &Packet) -> Option<(u16, u8)> {
    let Packet::FileTransferProtocol(told) = message else { return None };
    Some((u16::from_le_bytes([told.payload[0], told.payload[1]]), told.payload[3]))
}

#[test]
fn a_vehicle_that_says_one_block_for_ever_is_given_up_and_its_session_closed() {
    let mut closed = 0;
    let answers = |message: &Packet, out: &mut Vec<Packet>| {
        let Some((seq, opcode)) = asked(message) else { return };
        match opcode {
            4 => out.push(block(seq, 128, 4, 0, &[0; 4])),
            1 => {
                closed += 1;
                out.push(block(seq, 128, 1, 0, &[]));
            }
            _ => out.push(block(seq, 128, opcode, 1000, &[7; 10])),
        }
    };
    let mut channel = Channel::new(Weather::FINE, 1);
    let mut read = ReadFile::new(ROUTE, "/x", channel.now);
    let error = channel.run(&mut read, &mut Answers(answers), THEM, HOUR).unwrap_err();
    assert!(error.to_string().contains("no answer"), "{error}");
    assert!(channel.now < Duration::from_secs(15), "{:?}", channel.now);
    assert_eq!(closed, 1);
}

#[test]
fn whatever_a_vehicle_says_of_a_file_reading_it_ends() {
    for seed in 0..3000_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut roll = |most: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % most
        };
        let answers = |message: &Packet, out: &mut Vec<Packet>| {
            let Some((seq, opcode)) = asked(message) else { return };
            for _ in 0..roll(4) {
                let seq = if roll(4) == 0 { roll(1 << 16) as u16 } else { seq };
                let said = if roll(8) == 0 { 129 } else { 128 };
                let answered = if roll(6) == 0 { [1, 4, 5, 15][roll(4) as usize] } else { opcode };
                let bytes = vec![said; roll(200) as usize];
                out.push(block(seq, said, answered, roll(5000) as u32, &bytes));
            }
        };
        let mut channel = Channel::new(Weather::FINE, seed);
        let mut read = ReadFile::new(ROUTE, "/x", channel.now);
        // A file that is said to be 5,200 bytes long at most comes, or is given up.
        let outcome = channel.run(&mut read, &mut Answers(answers), THEM, HOUR);
        assert!(channel.now < Duration::from_secs(600), "{seed}: {:?} {outcome:?}", channel.now);
        assert!(outcome.is_err() || outcome.is_ok_and(|bytes| bytes.len() <= 5200), "{seed}");
    }
}

#[test]
fn logs_are_listed_and_read() {
    let log = file();
    let serve = |message: &Packet, out: &mut Vec<Packet>| match message {
        Packet::LogRequestList(_) => out.extend((1..=3).map(|id| {
            let size = if id == 2 { log.len() as u32 } else { 0 };
            LogEntry { id, num_logs: 3, last_log_num: 3, time_utc_s: 7, size }.into()
        })),
        Packet::LogRequestData(asked) => {
            let from = (asked.ofs as usize).min(log.len());
            let to = (from + asked.count as usize).min(log.len());
            for (index, part) in log[from..to].chunks(90).enumerate() {
                let mut data = [0; 90];
                data[..part.len()].copy_from_slice(part);
                let ofs = asked.ofs + 90 * index as u32;
                out.push(LogData { ofs, id: asked.id, count: part.len() as u8, data }.into());
            }
        }
        _ => {}
    };
    for (seed, weather) in [Weather::FINE, Weather::STORM].into_iter().enumerate() {
        let mut channel = Channel::new(weather, seed as u64);
        let mut side = Answers(serve);
        let mut list = ListLogs::new(ROUTE, channel.now);
        let all = channel.run(&mut list, &mut side, THEM, HOUR).unwrap();
        let two = Log { id: 2, unix_s: 7, size_bytes: log.len() as u32 };
        assert_eq!((all.len(), all[1]), (3, two));
        let mut read = ReadLog::new(ROUTE, all[1], channel.now);
        assert!(channel.run(&mut read, &mut side, THEM, HOUR).unwrap() == log, "{seed}");
        let mut empty = ReadLog::new(ROUTE, all[0], channel.now);
        assert!(channel.run(&mut empty, &mut side, THEM, HOUR).unwrap().is_empty());
    }
    let mut list = ListLogs::new(ROUTE, Duration::ZERO);
    let mut channel = Channel::new(Weather::FINE, 1);
    let error = channel
        .run(&mut list, &mut Answers(|_: &Packet, _: &mut Vec<Packet>| {}), THEM, HOUR)
        .unwrap_err();
    assert!(matches!(error, Error::Silent { .. }));
}

fn command_to(
    wanted: Wanted,
    answer: impl FnMut(&Packet, &mut Vec<Packet>),
) -> (Result<i32, String>, Duration) {
    let mut channel = Channel::new(Weather::FINE, 1);
    let mut engine = Command::new(ROUTE, wanted, Duration::ZERO);
    let outcome = channel.run(&mut engine, &mut Answers(answer), THEM, HOUR);
    (outcome.map(|done| done.detail).map_err(|error| error.to_string()), channel.now)
}

fn ack(command: u16, result: CommandResult) -> Packet {
    CommandAck { command, result, result_param2: 9, ..Default::default() }.into()
}

#[test]
fn commands_take_the_form_that_is_taken_and_end_in_time() {
    let place = Place::Global { frame: 3, lat_e7: 521_234_567, lon_e7: -1, height_m: 5.0 };
    let wanted = Wanted { place, ..Wanted::new(195, [0.0; 4]) };
    let (mut whole, mut long) = (0, Vec::new());
    let (said, _) = command_to(wanted, |message, out| match message {
        Packet::CommandInt(told) => {
            assert_eq!((told.x, told.y, told.frame), (521_234_567, -1, 3));
            whole += 1;
            out.push(ack(195, CommandResult::COMMAND_LONG_ONLY));
        }
        Packet::CommandLong(told) => {
            long.push(told.confirmation);
            if long.len() == 3 {
                out.push(ack(195, CommandResult::ACCEPTED));
            }
        }
        _ => {}
    });
    assert_eq!((said, whole, long), (Ok(9), 1, vec![0, 1, 2]));
    // Both forms refused: it does not go to and fro.
    let (said, _) = command_to(wanted, |message, out| {
        let whole = matches!(message, Packet::CommandInt(_));
        let only =
            if whole { CommandResult::COMMAND_LONG_ONLY } else { CommandResult::COMMAND_INT_ONLY };
        out.push(ack(195, only));
    });
    assert!(said.unwrap_err().contains("COMMAND_INT only"));
    let mut late = 0;
    let (said, took) = command_to(wanted, |_, out| {
        late += 1;
        let later = late < 4;
        let result =
            if later { CommandResult::TEMPORARILY_REJECTED } else { CommandResult::ACCEPTED };
        out.push(ack(195, result));
    });
    assert!(said.is_ok() && took > 3 * SECOND, "{took:?}");
    let (said, took) =
        command_to(wanted, |_, out| out.push(ack(195, CommandResult::TEMPORARILY_REJECTED)));
    assert!(said.unwrap_err().contains("rejected for now") && took < 15 * SECOND);
    let (said, took) = command_to(wanted, |_, out| out.push(ack(196, CommandResult::ACCEPTED)));
    assert!(said.unwrap_err().contains("no answer") && took < 10 * SECOND, "of another command");
    let (said, took) = command_to(wanted, |_, out| out.push(ack(195, CommandResult::IN_PROGRESS)));
    assert!(said.unwrap_err().contains("no answer") && took < 40 * SECOND, "never comes back");
    let (said, _) = command_to(wanted, |_, out| out.push(ack(195, CommandResult(77))));
    assert!(said.unwrap_err().contains("77"), "an unknown number is told");
}

#[test]
fn one_command_of_a_kind_is_outstanding() {
    let mut commands = Commands::default();
    let (wanted, other) = (Wanted::message(148, 0.0), Wanted::new(2001, [0.0; 4]));
    assert!(commands.begin(ROUTE, wanted, Duration::ZERO).is_some());
    assert!(commands.begin(ROUTE, wanted, Duration::ZERO).is_none());
    assert!(commands.begin(ROUTE, other, Duration::ZERO).is_some());
    commands.end(ROUTE, wanted.command);
    assert!(commands.begin(ROUTE, wanted, Duration::ZERO).is_some());
    assert!([22, 176, 192, 300, 400].into_iter().all(moves_or_arms));
    assert!(![511, 512, 1001, 2000].into_iter().any(moves_or_arms));
    let quirks = Quirks::of(ARDUPILOT);
    assert!(message_interval(180, SECOND, quirks).is_none(), "an event is not streamed");
    assert_eq!(message_interval(33, SECOND / 4, quirks).unwrap().params[1], 250_000.0);
}

fn heartbeat(kind: u8, autopilot: u8) -> Packet {
    Heartbeat { kind, autopilot, ..Default::default() }.into()
}

fn find(system: Option<u8>, heard: &[(Peer, Packet)]) -> Result<Peer, String> {
    let mut find = Find::new(system, 5 * SECOND, Duration::ZERO);
    for (from, packet) in heard {
        find.handle(&Received { from: *from, packet: packet.clone() }, SECOND);
    }
    for now in 1..6 {
        find.handle_timeout(now * SECOND);
        if let Step::Done(outcome) = find.poll() {
            return outcome.map(|vehicle| vehicle.peer).map_err(|error| error.to_string());
        }
    }
    panic!("no end");
}

#[test]
fn only_autopilots_are_vehicles() {
    let others = [
        (Peer::new(254, 190), heartbeat(6, 8)),
        (Peer::new(1, 100), heartbeat(30, 8)),
        (Peer::new(1, 154), heartbeat(26, 8)),
        (Peer::new(1, 156), heartbeat(27, 8)),
        (Peer::new(1, 191), heartbeat(18, 8)),
        // What says nothing of itself but its number.
        (Peer::new(2, 1), SystemTime::default().into()),
    ];
    let nobody = find(None, &others).unwrap_err();
    assert!(nobody.contains("no vehicle") && nobody.contains("254/190"), "{nobody}");
    let copter = (Peer::new(1, 1), heartbeat(2, 3));
    let second = (Peer::new(7, 1), heartbeat(2, 12));
    let one = [others.as_slice(), std::slice::from_ref(&copter)].concat();
    assert_eq!(find(None, &one), Ok(Peer::new(1, 1)));
    let two = [one, vec![second]].concat();
    assert!(find(None, &two).unwrap_err().contains("1, 7"));
    assert_eq!(find(Some(7), &two), Ok(Peer::new(7, 1)));
    assert!(find(Some(9), &two).unwrap_err().contains("no vehicle"));
    // A companion that says that it is a copter counts only where there is no autopilot.
    let companion = (Peer::new(1, 191), heartbeat(2, 3));
    assert_eq!(find(None, &[companion.clone(), copter]), Ok(Peer::new(1, 1)));
    assert_eq!(find(None, &[companion]), Ok(Peer::new(1, 191)));
}

#[test]
fn the_quickest_round_trip_tells_the_clock() {
    let mut clocks = Clocks::new(ROUTE, SECOND);
    let theirs = |now: Duration| now.as_nanos() as i64 + 5_000_000_000;
    let mut now = SECOND;
    for (out_ms, back_ms) in [(3, 40), (2, 2), (60, 1), (90, 90)] {
        clocks.handle_timeout(now);
        let Some(Packet::Timesync(ask)) = clocks.poll() else { panic!() };
        assert_eq!(ask.tc1_ns, 0);
        let there = now + Duration::from_millis(out_ms);
        let answer = Timesync { tc1_ns: theirs(there), ts1_ns: ask.ts1_ns, ..Default::default() };
        let back = there + Duration::from_millis(back_ms);
        clocks.handle(&Received { from: THEM, packet: answer.into() }, back);
        now = clocks.due();
    }
    let round_trip = Duration::from_millis(4);
    assert_eq!(clocks.offset(), Some(ClockOffset { offset_ns: 5_000_000_000, round_trip }));
    // A question is answered; an answer to what we never asked is not believed.
    let ask = Timesync { tc1_ns: 0, ts1_ns: 77, ..Default::default() };
    clocks.handle(&Received { from: THEM, packet: ask.into() }, now);
    assert!(matches!(clocks.poll(), Some(Packet::Timesync(Timesync { ts1_ns: 77, .. }))));
    let stray = Timesync { tc1_ns: 1, ts1_ns: i64::MAX, ..Default::default() };
    clocks.handle(&Received { from: THEM, packet: stray.into() }, now);
    assert_eq!(clocks.offset().unwrap().round_trip, round_trip);
    let no_fix = SystemTime { unix_us: 0, boot_ms: 5 };
    clocks.handle(&Received { from: THEM, packet: no_fix.into() }, now);
    assert_eq!(clocks.utc_at_boot(), None);
}

#[test]
fn heights_are_served_with_the_corner_of_the_request() {
    let terrain = Terrain::Flat { height_m: 60.0, sigma_m: 0.0 };
    let mut server = TerrainServer::new(&terrain, THEM);
    let request = TerrainRequest {
        mask: (1 << 56) - 1,
        lat_e7: 520_000_000,
        lon_e7: 45_000_000,
        grid_spacing_m: 100,
    };
    let ask = |server: &mut TerrainServer<'_>, request: TerrainRequest| {
        server.handle(&Received { from: THEM, packet: request.into() });
        std::iter::from_fn(|| server.poll()).collect::<Vec<_>>()
    };
    let all = ask(&mut server, request);
    assert_eq!((all.len(), server.counts()), (56, (56, 0)));
    let expected = (60.0 - egm96_undulation_m(52.0, 4.5)).round() as i16;
    for (bit, block) in all.iter().enumerate() {
        let Packet::TerrainData(block) = block else { panic!() };
        assert_eq!(
            (block.lat_e7, block.lon_e7, block.gridbit),
            (520_000_000, 45_000_000, bit as u8)
        );
        assert!(block.data_m.iter().all(|height| (height - expected).abs() <= 1), "{block:?}");
    }
    let two = ask(&mut server, TerrainRequest { mask: 0b1001, ..request });
    assert_eq!(two.len(), 2);
    assert_eq!(ask(&mut server, TerrainRequest { grid_spacing_m: 0, ..request }), []);
    let stranger = Received { from: Peer::new(9, 1), packet: request.into() };
    server.handle(&stranger);
    assert_eq!(server.poll(), None);
}

fn captured(index: i32) -> Packet {
    CameraImageCaptured {
        image_index: index,
        capture_result: 1,
        camera_id: 1,
        ..Default::default()
    }
    .into()
}

#[test]
fn pictures_are_counted_once_and_gaps_are_asked_for() {
    let mut cameras = Cameras::new(ROUTE);
    assert_eq!(cameras.next_command(), Some((THEM.component, Wanted::message(259, 0.0))));
    let camera = Peer::new(1, 100);
    cameras.handle(&Received { from: camera, packet: heartbeat(30, 8) }, SECOND);
    assert_eq!(cameras.next_command().unwrap().0, camera.component);
    for index in [0, 1, 1, 4, 4] {
        cameras.handle(&Received { from: THEM, packet: captured(index) }, SECOND);
    }
    let mut indices = Vec::new();
    let mut take = |cameras: &mut Cameras| {
        while let Some((_, picture)) = cameras.next_picture() {
            let Picture::Captured(told) = picture else { panic!() };
            indices.push(told.image_index);
        }
    };
    take(&mut cameras);
    // 3 is late and comes by itself; 2 comes when it is asked for.
    cameras.handle(&Received { from: THEM, packet: captured(3) }, SECOND);
    cameras.handle_timeout(cameras.due().unwrap());
    let (_, ask) = cameras.next_command().unwrap();
    assert_eq!((ask.command, ask.params[0], ask.params[1]), (512, 263.0, 2.0));
    cameras.handle(&Received { from: THEM, packet: captured(2) }, 2 * SECOND);
    take(&mut cameras);
    assert_eq!((indices, cameras.due(), cameras.lost), (vec![0, 1, 4, 3, 2], None, 0));
    // One that never comes is lost, and said to be.
    cameras.handle(&Received { from: THEM, packet: captured(6) }, 2 * SECOND);
    while let Some(due) = cameras.due() {
        cameras.handle_timeout(due);
    }
    assert_eq!(cameras.lost, 1);
    // ArduPilot's: asked again it repeats the last, streamed it is all zeros.
    let mut cameras = Cameras::new(ROUTE);
    for (time_us, img_idx) in [(5, 1), (5, 1), (0, 0), (9, 2)] {
        let told = CameraFeedback { time_us, img_idx, ..Default::default() };
        cameras.handle(&Received { from: THEM, packet: told.into() }, SECOND);
    }
    assert_eq!(std::iter::from_fn(|| cameras.next_picture()).count(), 2);
}

#[test]
fn an_identity_is_told_in_turns() {
    let identity = Identity {
        serial: "1596F0123456789ABCDE".to_owned(),
        operator: "NLD87astrdge12k8".to_owned(),
        purpose: "inspection".to_owned(),
        aircraft: 2,
        place: (520_000_000, 45_000_000, 50.0),
    };
    let mut remote = RemoteId::with_consent(THEM, identity, Duration::ZERO);
    let mut ids = Vec::new();
    let mut now = Duration::ZERO;
    while now < 2 * SECOND {
        ids.extend(remote.poll(now, 1_790_000_000_000_000).map(|packet| packet.id()));
        assert!(remote.poll(now, 0).is_none());
        now = remote.due();
    }
    assert_eq!(ids, [12900, 12905, 12903, 12904, 12900, 12905, 12903, 12904]);
    assert!(!remote.is_ready(now));
}
