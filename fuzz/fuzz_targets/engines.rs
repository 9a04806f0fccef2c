//! Engines of a link that are told anything by the other side: each ends within its stated time, and
//! asks for no more memory than comes in.
#![no_main]
use std::time::Duration;

use torenvalk::link::{
    Cameras, Clear, Clocks, Command, Deliver, Download, Encoding, Engine, Lists, ListLogs, Log,
    Peer, Quirks, ListFolder, ReadFile, ReadLog, ReadParameters, Received, Route, Step, Upload, Wanted,
};
use torenvalk::mission::{Item, List};
use torenvalk::wire::Packet;

const THEM: Peer = Peer::new(1, 1);
const ROUTE: Route = Route { us: Peer::STATION, them: THEM };
/// What the other side says: messages of lists, commands, parameters, files, logs.
const MESSAGES: [u32; 13] = [40, 51, 47, 44, 73, 39, 77, 22, 110, 118, 120, 42, 0];

/// Messages of: which, how long after the last, payload length, payload.
fn told(mut rest: &[u8]) -> Vec<(Duration, Received)> {
    let (mut all, mut now) = (Vec::new(), Duration::ZERO);
    while let Some((&[which, ms, length], after)) = rest.split_first_chunk::<3>() {
        let payload = &after[..after.len().min(usize::from(length))];
        rest = &after[payload.len()..];
        now += Duration::from_millis(u64::from(ms) * 4);
        let id = MESSAGES[usize::from(which) % MESSAGES.len()];
        all.push((now, Received { from: THEM, packet: Packet::read(id, payload) }));
    }
    all
}

fn drive<E: Engine>(mut engine: E, messages: &[(Duration, Received)]) {
    let mut messages = messages.iter().peekable();
    let mut now = Duration::ZERO;
    for _ in 0..200_000 {
        match engine.poll() {
            Step::Send(_) => {}
            Step::Progress { done, total } => assert!(done <= total),
            Step::Done(_) => return,
            Step::Wait(until) => match messages.next_if(|(at, _)| *at <= until) {
                Some((at, message)) => {
                    now = now.max(*at);
                    engine.handle(message, now);
                }
                None => {
                    now = now.max(until);
                    engine.handle_timeout(now);
                }
            },
        }
    }
    panic!("no end");
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&which, rest)) = bytes.split_first() else { return };
    let messages = told(rest);
    let start = Duration::ZERO;
    let quirks = Quirks::of([3, 12, 0][usize::from(which >> 4) % 3]);
    let item = Item {
        frame: 3,
        command: 16,
        params: [0.0; 4],
        x: 1,
        y: 2,
        z: 3.0,
        autocontinue: true,
    };
    let items = vec![item; 3];
    match which % 11 {
        0 => {
            if let Ok(upload) = Upload::new(ROUTE, List::Mission, items, quirks, start) {
                drive(upload, &messages);
            }
        }
        1 => drive(Download::new(ROUTE, List::Mission, quirks, start), &messages),
        2 => {
            let lists = Lists { mission: Some(items), rally: Some(Vec::new()), ..Lists::default() };
            if let Ok(deliver) = Deliver::new(ROUTE, &lists, quirks, start) {
                drive(deliver, &messages);
            }
        }
        3 => drive(Clear::new(ROUTE, List::Fence, start), &messages),
        4 => drive(Command::new(ROUTE, Wanted::message(148, 0.0), start), &messages),
        5 => drive(ReadParameters::new(ROUTE, Encoding::of(None, quirks), start), &messages),
        6 => drive(ReadFile::new(ROUTE, "@PARAM/param.pck", start), &messages),
        7 => drive(ListFolder::new(ROUTE, "/frames", start), &messages),
        8 => drive(ListLogs::new(ROUTE, start), &messages),
        9 => {
            let log = Log { id: 1, unix_s: 0, size_bytes: u32::from(which) * 97 };
            drive(ReadLog::new(ROUTE, log, start), &messages);
        }
        _ => {
            let (mut cameras, mut clocks) = (Cameras::new(ROUTE), Clocks::new(ROUTE, start));
            for (at, message) in &messages {
                cameras.handle(message, *at);
                clocks.handle(message, *at);
                cameras.handle_timeout(*at);
                clocks.handle_timeout(*at);
            }
        }
    }
});
