//! Engines before vehicles that say anything at all, at any time: each ends within the times that
//! it states, and what it holds is bounded.

use std::time::Duration;

use torenvalk::link::{
    Cameras, Command, Download, Encoding, Engine, ListFolder, ListLogs, Log, PX4, Parameter, Peer,
    Quirks, ReadFile, ReadLog, ReadParameters, Received, Route, SetParameter, Upload, Value,
    Wanted,
};
use torenvalk::mission::{Item, List};
use torenvalk::wire::packet::{
    CameraImageCaptured, CameraInformation, CommandAck, FileTransferProtocol, LogData, LogEntry,
    MissionAck, MissionCount, MissionItemInt, MissionRequest, MissionRequestInt, ParamValue,
    fixed_text,
};
use torenvalk::wire::{CommandResult, MissionResult, Packet};

use crate::channel::{Channel, Draws, Side, Weather};

const THEM: Peer = Peer::new(1, 1);
const ROUTE: Route = Route { us: Peer::STATION, them: THEM };
/// It speaks unasked each tenth of a second.
const UNASKED: Duration = Duration::from_millis(100);

/// What a vehicle is about when it lies.
#[derive(Debug, Clone, Copy)]
enum About {
    Parameters,
    Logs,
    Files,
    Commands,
    Items,
}

struct Liar {
    about: About,
    draws: Draws,
    /// The number of the last question about a file: a guess would hit one in 65,536.
    asked: u16,
    due: Duration,
    /// Says these in turn for ever, once it has found them.
    stuck_on: Vec<Packet>,
    turn: usize,
    before: Vec<Packet>,
}

impl Liar {
    fn new(about: About, seed: u64) -> Self {
        Self {
            about,
            draws: Draws(seed),
            asked: 0,
            due: Duration::ZERO,
            stuck_on: Vec::new(),
            turn: 0,
            before: Vec::new(),
        }
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.draws.next() % (most + 1)
    }

    fn says(&mut self) -> Packet {
        if !self.stuck_on.is_empty() {
            self.turn += 1;
            return self.stuck_on[self.turn % self.stuck_on.len()].clone();
        }
        let first = self.up_to(1) == 0;
        let packet = match self.about {
            About::Parameters => ParamValue {
                param_value: self.draws.unit() as f32,
                param_count: self.up_to(12) as u16,
                param_index: self.up_to(12) as u16,
                param_id: fixed_text("P"),
                param_type: self.up_to(10) as u8,
            }
            .into(),
            About::Logs if first => LogEntry {
                time_utc_s: 1,
                size: self.up_to(2000) as u32,
                id: self.up_to(5) as u16,
                num_logs: self.up_to(5) as u16,
                last_log_num: self.up_to(5) as u16,
            }
            .into(),
            About::Logs => LogData {
                ofs: 90 * self.up_to(200) as u32,
                id: 1,
                count: self.up_to(255) as u8,
                data: [7; 90],
            }
            .into(),
            About::Files => self.block(),
            About::Commands => CommandAck {
                command: [512, 300][self.up_to(1) as usize],
                result: CommandResult(self.up_to(9) as u8),
                progress: self.up_to(255) as u8,
                ..CommandAck::default()
            }
            .into(),
            About::Items => self.item(),
        };
        // Most come to say the same few things for ever.
        self.before.push(packet.clone());
        if self.up_to(40) == 0 {
            let few = 1 + self.up_to(7) as usize;
            self.stuck_on = self.before.iter().rev().take(few).cloned().collect();
        }
        packet
    }

    fn block(&mut self) -> Packet {
        let mut payload = [0; 251];
        let seq = self.asked.wrapping_add(1);
        payload[..2].copy_from_slice(&seq.to_le_bytes());
        payload[3] = [128, 128, 128, 129][self.up_to(3) as usize];
        payload[4] = self.up_to(239) as u8;
        payload[5] = [1, 3, 4, 5, 15][self.up_to(4) as usize];
        payload[6] = self.up_to(1) as u8;
        payload[8..12].copy_from_slice(&(self.up_to(4000) as u32).to_le_bytes());
        let text = b"Fa.jpg\t12\0Dx\0S\0F\t\0";
        for (at, byte) in payload[12..].iter_mut().enumerate() {
            *byte = text[at % text.len()];
        }
        FileTransferProtocol { target_network: 0, target_system: 0, target_component: 0, payload }
            .into()
    }

    fn item(&mut self) -> Packet {
        let seq = self.up_to(21) as u16;
        match self.up_to(4) {
            0 => MissionCount { count: self.up_to(25) as u16, ..MissionCount::default() }.into(),
            1 => MissionRequest { seq, ..MissionRequest::default() }.into(),
            2 => MissionRequestInt { seq, ..MissionRequestInt::default() }.into(),
            3 => MissionItemInt { seq, ..MissionItemInt::default() }.into(),
            _ => MissionAck { kind: MissionResult(self.up_to(15) as u8), ..MissionAck::default() }
                .into(),
        }
    }
}

impl Side for Liar {
    fn handle(&mut self, message: &Packet, _: Duration, out: &mut Vec<Packet>) {
        if let Packet::FileTransferProtocol(told) = message {
            self.asked = u16::from_le_bytes([told.payload[0], told.payload[1]]);
        }
        for _ in 0..self.up_to(2) {
            out.push(self.says());
        }
    }

    fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Packet>) {
        if now >= self.due {
            self.due = now + UNASKED;
            out.push(self.says());
        }
    }

    fn due(&self) -> Option<Duration> {
        Some(self.due)
    }
}

/// Seeds of each engine.
const SEEDS: u64 = 400;

/// Lets an engine speak with so many liars; each must end within so long.
fn ends<E: Engine>(about: About, within: Duration, engine: impl Fn() -> E) {
    for seed in 0..SEEDS {
        let mut channel = Channel::new(Weather::FINE, seed);
        channel.run(&mut engine(), &mut Liar::new(about, seed), THEM, within);
    }
}

const ZERO: Duration = Duration::ZERO;
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn reading_parameters_ends_whatever_is_said() {
    // 12 indices at most, 10 s each without a new one.
    ends(About::Parameters, 2 * MINUTE, || ReadParameters::new(ROUTE, Encoding::Cast, ZERO));
    let wanted = Parameter { name: "P".to_owned(), value: Value::Whole(7), kind: 6 };
    ends(About::Parameters, MINUTE, || {
        SetParameter::new(ROUTE, Encoding::Bytewise, wanted.clone(), ZERO)
    });
}

#[test]
fn listing_and_reading_logs_ends_whatever_is_said() {
    ends(About::Logs, MINUTE, || ListLogs::new(ROUTE, ZERO));
    let log = Log { id: 1, unix_s: 0, size_bytes: 9000 };
    // 100 blocks at most.
    ends(About::Logs, 17 * MINUTE, || ReadLog::new(ROUTE, log, ZERO));
}

#[test]
fn listing_and_reading_files_ends_whatever_is_said() {
    // A folder that never ends is given up after 100,000 entries, at 20 ms a piece of them.
    ends(About::Files, 30 * MINUTE, || ListFolder::new(ROUTE, "/x", ZERO));
    ends(About::Files, 30 * MINUTE, || ReadFile::new(ROUTE, "/x", ZERO));
}

#[test]
fn a_command_ends_whatever_is_said() {
    ends(About::Commands, 11 * MINUTE, || Command::new(ROUTE, Wanted::message(1, 0.0), ZERO));
}

#[test]
fn a_list_ends_whatever_is_said() {
    let item = |n| Item { x: n, ..Item::empty(3, 16) };
    let items: Vec<Item> = (0..20).map(item).collect();
    let quirks = Quirks::of(PX4);
    ends(About::Items, 20 * MINUTE, || {
        Upload::new(ROUTE, List::Mission, items.clone(), quirks, ZERO).unwrap()
    });
    ends(About::Items, 20 * MINUTE, || Download::new(ROUTE, List::Mission, quirks, ZERO));
}

#[test]
fn cameras_that_count_as_they_like_fill_no_memory() {
    let mut draws = Draws(1);
    let mut cameras = Cameras::new(ROUTE);
    let mut most_asked = 0;
    for tick in 0..20_000_u64 {
        let now = Duration::from_millis(tick);
        let from = Peer::new(1, (draws.next() % 256) as u8);
        let wild = [i32::MIN, i32::MAX, -1, 0, tick as i32 * 400, draws.next() as i32];
        let told: Packet = match draws.next() % 4 {
            0 => CameraInformation {
                camera_device_id: draws.next() as u8,
                ..CameraInformation::default()
            }
            .into(),
            _ => CameraImageCaptured {
                image_index: wild[(draws.next() % 6) as usize],
                camera_id: (draws.next() % 3) as u8,
                capture_result: 1,
                ..CameraImageCaptured::default()
            }
            .into(),
        };
        cameras.handle(&Received { from, packet: told }, now);
        cameras.handle_timeout(now);
        while cameras.next_picture().is_some() {}
        let asked = std::iter::from_fn(|| cameras.next_command()).count();
        most_asked = most_asked.max(asked);
    }
    assert!(cameras.cameras().len() <= 64, "{}", cameras.cameras().len());
    // Each missing picture of each camera at once, were all of them to fall due together.
    assert!(most_asked <= 64 * 2000, "{most_asked}");
}
