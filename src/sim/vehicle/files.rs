//! MAVLink FTP and log download, read only.

use std::collections::BTreeMap;

use crate::wire::Packet;
use crate::wire::packet::{
    FileTransferProtocol, LogData, LogEntry, LogRequestData, LogRequestList,
};

use super::lists::{Party, Says};
use super::manners::Manners;

/// Files that somebody else keeps for the vehicle: its card.
pub trait Card: std::fmt::Debug + Send {
    /// Names and sizes, in order.
    fn list(&self) -> Vec<(String, u64)>;
    /// At most so many bytes of a file; `None` where there is no such file.
    fn read(&self, name: &str, offset: u64, most: usize) -> Option<Vec<u8>>;
}

/// A card with nothing on it.
#[derive(Debug, Clone, Copy)]
pub struct NoCard;

impl Card for NoCard {
    fn list(&self) -> Vec<(String, u64)> {
        Vec::new()
    }

    fn read(&self, _: &str, _: u64, _: usize) -> Option<Vec<u8>> {
        None
    }
}

// Opcodes and errors of the file transfer protocol (mavlink.io, "File Transfer Protocol").
const TERMINATE: u8 = 1;
const RESET: u8 = 2;
const LIST: u8 = 3;
const OPEN: u8 = 4;
const READ: u8 = 5;
const BURST: u8 = 15;
const ACK: u8 = 128;
const NAK: u8 = 129;
const NOT_FOUND: u8 = 10;
const NO_SESSION: u8 = 4;
const NO_SESSIONS_LEFT: u8 = 5;
const END_OF_FILE: u8 = 6;
const UNKNOWN_COMMAND: u8 = 7;
const HEADER: usize = 12;
const MOST_BYTES: usize = 239;
/// ArduPilot has five, PX4 two.
const SESSIONS: u8 = 2;
/// Bytes of a log in one message.
const LOG_CHUNK: usize = 90;
/// Blocks that go out in one step of time.
const BLOCKS_A_STEP: usize = 8;
/// Folders of a listing.
const LOG_FOLDER: &str = "/APM/LOGS";
const CARD_FOLDER: &str = "/frames";
const PARAMETERS: &str = "@PARAM/param.pck";

#[derive(Debug)]
pub(super) struct Files {
    manners: &'static Manners,
    card: Box<dyn Card>,
    /// Finished logs, the first is number 1.
    pub(super) logs: Vec<Vec<u8>>,
    sessions: BTreeMap<u8, String>,
    burst: Option<Burst>,
    download: Option<(u16, u32, u32)>,
    /// The last answer but to a burst: it is said again to who asks under the same number again.
    last: Option<(Party, u16, u8, FileTransferProtocol)>,
}

#[derive(Debug)]
struct Burst {
    to: Party,
    name: String,
    request: Request,
    size: usize,
}

/// The fields of a request that matter.
#[derive(Debug, Clone, Copy)]
struct Request {
    seq: u16,
    session: u8,
    opcode: u8,
    offset: u32,
}

impl Files {
    pub(super) fn new(manners: &'static Manners, card: Box<dyn Card>) -> Self {
        let sessions = BTreeMap::new();
        Self { manners, card, logs: Vec::new(), sessions, burst: None, download: None, last: None }
    }

    /// Whether a file is being sent.
    pub(super) fn is_busy(&self) -> bool {
        self.burst.is_some()
    }

    /// After a restart nothing is open.
    pub(super) fn restart(&mut self) {
        self.sessions.clear();
        (self.burst, self.download, self.last) = (None, None, None);
    }

    fn answer(&mut self, to: Party, request: Request, answer: Result<&[u8], u8>, says: &mut Says) {
        let said = reply(to, request, answer, false);
        self.last = Some((to, request.seq, request.opcode, said));
        says.say(said);
    }

    fn read(&self, name: &str, offset: u64, most: usize, packed: &[u8]) -> Option<Vec<u8>> {
        if name == PARAMETERS && self.manners.has_ardupilot_files {
            return Some(part(packed, offset, most));
        }
        if let Some(log) = self.log(name) {
            return Some(part(log, offset, most));
        }
        self.card.read(name.strip_prefix(CARD_FOLDER)?.trim_start_matches('/'), offset, most)
    }

    fn log(&self, name: &str) -> Option<&[u8]> {
        let number = name.strip_prefix(LOG_FOLDER)?.trim_start_matches('/').strip_suffix(".BIN")?;
        let index = number.parse::<usize>().ok()?.checked_sub(1)?;
        self.logs.get(index).map(Vec::as_slice)
    }

    fn size(&self, name: &str, packed: &[u8]) -> Option<u32> {
        if name == PARAMETERS && self.manners.has_ardupilot_files {
            return u32::try_from(packed.len()).ok();
        }
        if let Some(log) = self.log(name) {
            return u32::try_from(log.len()).ok();
        }
        let name = name.strip_prefix(CARD_FOLDER)?.trim_start_matches('/');
        let list = self.card.list();
        list.iter().find(|(other, _)| other == name).and_then(|(_, size)| u32::try_from(*size).ok())
    }

    /// Names of a folder as the protocol lists them, from an entry on.
    fn listing(&self, folder: &str, from: usize) -> Option<Vec<u8>> {
        let entries: Vec<String> = match folder.trim_end_matches('/') {
            "" => vec!["DAPM".to_owned(), "Dframes".to_owned()],
            "/APM" => vec!["DLOGS".to_owned()],
            LOG_FOLDER => (1..)
                .zip(&self.logs)
                .map(|(number, log)| format!("F{number:08}.BIN\t{}", log.len()))
                .collect(),
            CARD_FOLDER => {
                let list = self.card.list();
                list.iter().map(|(name, size)| format!("F{name}\t{size}")).collect()
            }
            _ => return None,
        };
        let mut out = Vec::new();
        for entry in entries.iter().skip(from) {
            if out.len() + entry.len() + 1 > MOST_BYTES {
                break;
            }
            out.extend(entry.as_bytes());
            out.push(0);
        }
        Some(out)
    }

    /// A request for a file.
    pub(super) fn file(
        &mut self,
        from: Party,
        message: &FileTransferProtocol,
        packed: &[u8],
        says: &mut Says,
    ) {
        let [s0, s1, session, opcode, size, _, _, _, o0, o1, o2, o3] =
            *message.payload.first_chunk::<HEADER>().unwrap_or(&[0; HEADER]);
        let request = Request {
            seq: u16::from_le_bytes([s0, s1]),
            session,
            opcode,
            offset: u32::from_le_bytes([o0, o1, o2, o3]),
        };
        if let Some((to, seq, asked, said)) = &self.last
            && (*to, *seq, *asked) == (from, request.seq, opcode)
        {
            says.say(*said);
            return;
        }
        let text = message.payload.get(HEADER..HEADER + usize::from(size)).unwrap_or_default();
        let name = String::from_utf8_lossy(text);
        let name = name.trim_end_matches('\0');
        let answer = match opcode {
            TERMINATE => self.sessions.remove(&session).map(|_| Vec::new()).ok_or(NO_SESSION),
            RESET => {
                self.restart();
                Ok(Vec::new())
            }
            LIST => match self.listing(name, request.offset as usize) {
                Some(list) if list.is_empty() => Err(END_OF_FILE),
                other => other.ok_or(NOT_FOUND),
            },
            OPEN => return self.open(from, request, name, packed, says),
            READ => match self.sessions.get(&session) {
                Some(name) => {
                    let most = usize::from(size).min(MOST_BYTES);
                    let bytes = self.read(name, request.offset.into(), most, packed);
                    bytes.filter(|bytes| !bytes.is_empty()).ok_or(END_OF_FILE)
                }
                None => Err(NO_SESSION),
            },
            BURST => match self.sessions.get(&session) {
                Some(name) => {
                    let name = name.clone();
                    let wish = usize::from(size).clamp(1, MOST_BYTES);
                    let size = if self.manners.honours_burst_size { wish } else { MOST_BYTES };
                    self.burst = Some(Burst { to: from, name, request, size });
                    return;
                }
                None => Err(NO_SESSION),
            },
            _ => Err(UNKNOWN_COMMAND),
        };
        self.answer(from, request, answer.as_deref().map_err(|&error| error), says);
    }

    fn open(&mut self, from: Party, request: Request, name: &str, packed: &[u8], says: &mut Says) {
        let free = (0..SESSIONS).find(|session| !self.sessions.contains_key(session));
        let answer = match (self.size(name, packed), free) {
            (None, _) => Err(NOT_FOUND),
            (_, None) => Err(NO_SESSIONS_LEFT),
            (Some(size), Some(session)) => {
                self.sessions.insert(session, name.to_owned());
                Ok((session, size.to_le_bytes()))
            }
        };
        match answer {
            Ok((session, size)) => {
                self.answer(from, Request { session, ..request }, Ok(&size), says);
            }
            Err(error) => self.answer(from, request, Err(error), says),
        }
    }

    /// Sends some more of a burst and of a log.
    pub(super) fn advance(&mut self, packed: &[u8], says: &mut Says) {
        for _ in 0..BLOCKS_A_STEP {
            let Some(mut burst) = self.burst.take() else { break };
            let bytes = self.read(&burst.name, burst.request.offset.into(), burst.size, packed);
            let bytes = bytes.unwrap_or_default();
            if bytes.is_empty() {
                says.say(reply(burst.to, burst.request, Err(END_OF_FILE), true));
                break;
            }
            says.say(reply(burst.to, burst.request, Ok(&bytes), false));
            burst.request.seq = burst.request.seq.wrapping_add(1);
            burst.request.offset += bytes.len() as u32;
            self.burst = Some(burst);
        }
        for _ in 0..BLOCKS_A_STEP {
            let Some((id, offset, left)) = self.download.take() else { break };
            let Some(log) = usize::from(id).checked_sub(1).and_then(|at| self.logs.get(at)) else {
                break;
            };
            let bytes = part(log, offset.into(), LOG_CHUNK.min(left as usize));
            let mut data = [0; LOG_CHUNK];
            data[..bytes.len()].copy_from_slice(&bytes);
            let count = bytes.len() as u8;
            says.say(LogData { ofs: offset, id, count, data });
            let left = left.saturating_sub(LOG_CHUNK as u32);
            if bytes.len() == LOG_CHUNK && left > 0 {
                self.download = Some((id, offset + LOG_CHUNK as u32, left));
            }
        }
    }

    /// Logs are asked for; refused while it is armed, as ArduPilot does.
    pub(super) fn logs(&mut self, packet: &Packet, armed: bool, utc_s: u32, says: &mut Says) {
        if armed {
            return;
        }
        match packet {
            Packet::LogRequestList(LogRequestList { start, end, .. }) => {
                let count = self.logs.len() as u16;
                if count == 0 {
                    says.say(LogEntry::default());
                }
                for (id, log) in (1_u16..).zip(&self.logs) {
                    if (*start..=*end).contains(&id) {
                        says.say(LogEntry {
                            time_utc_s: utc_s,
                            size: log.len() as u32,
                            id,
                            num_logs: count,
                            last_log_num: count,
                        });
                    }
                }
            }
            Packet::LogRequestData(LogRequestData { ofs, count, id, .. }) => {
                self.download = Some((*id, *ofs, *count));
            }
            Packet::LogRequestEnd(_) => self.download = None,
            Packet::LogErase(_) => self.logs.clear(),
            _ => {}
        }
    }
}

fn part(bytes: &[u8], offset: u64, most: usize) -> Vec<u8> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
    let end = start.saturating_add(most).min(bytes.len());
    bytes.get(start..end).unwrap_or_default().to_vec()
}

fn reply(
    to: Party,
    request: Request,
    answer: Result<&[u8], u8>,
    complete: bool,
) -> FileTransferProtocol {
    let mut payload = [0; 251];
    let error;
    let (opcode, bytes) = match answer {
        Ok(bytes) => (ACK, bytes),
        Err(code) => {
            error = [code];
            (NAK, &error[..])
        }
    };
    let [s0, s1] = request.seq.wrapping_add(1).to_le_bytes();
    let [o0, o1, o2, o3] = request.offset.to_le_bytes();
    let size = bytes.len().min(MOST_BYTES);
    payload[..HEADER].copy_from_slice(&[
        s0,
        s1,
        request.session,
        opcode,
        size as u8,
        request.opcode,
        u8::from(complete),
        0,
        o0,
        o1,
        o2,
        o3,
    ]);
    payload[HEADER..HEADER + size].copy_from_slice(&bytes[..size]);
    FileTransferProtocol {
        target_network: 0,
        target_system: to.0.0,
        target_component: to.1.0,
        payload,
    }
}
