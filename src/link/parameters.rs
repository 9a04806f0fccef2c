//! Parameters: all of them, one, and one set.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::wire::Packet;
use crate::wire::packet::{
    ParamRequestList, ParamRequestRead, ParamSet, ParamValue, fixed_text, text_of,
};

use super::quirks::Quirks;
use super::{Engine, Error, Received, Route, Step};

/// A stream of values that has paused for so long has gaps.
const PAUSED: Duration = Duration::from_millis(500);
/// Gaps that are asked for at once: 5 to 10 by what stations found to work.
const AT_ONCE: usize = 8;
/// Quiet for so long, it is over.
const SILENT: Duration = Duration::from_secs(10);
/// An index that stands for none: unasked, after a change.
const NO_INDEX: u16 = 65_535;
/// Most parameters that any autopilot could have; ArduPilot has 1,400.
const MOST: u16 = 20_000;
/// `MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE` and `_C_CAST`.
const BYTEWISE: u64 = 16;
const C_CAST: u64 = 131_072;

/// How integers stand in the float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Their bits are its bits.
    Bytewise,
    /// It is their value.
    Cast,
}

impl Encoding {
    /// By what a vehicle says of itself, else by its kind.
    #[must_use]
    pub fn of(capabilities: Option<u64>, quirks: &Quirks) -> Self {
        let said = capabilities.unwrap_or(0) & (BYTEWISE | C_CAST);
        match said {
            BYTEWISE => Self::Bytewise,
            C_CAST => Self::Cast,
            _ if quirks.bytewise_parameters => Self::Bytewise,
            _ => Self::Cast,
        }
    }
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A whole number of 8, 16 or 32 bits.
    Whole(i64),
    /// A number in single precision.
    Real(f32),
}

/// `MAV_PARAM_TYPE`: 1 to 6 are whole numbers of 8, 16 and 32 bits, without sign first.
fn decode(number: f32, kind: u8, encoding: Encoding) -> Value {
    let bits = number.to_bits();
    let [low, second, _, _] = bits.to_le_bytes();
    let two = u16::from_le_bytes([low, second]);
    match (kind, encoding) {
        (1..=6, Encoding::Cast) => Value::Whole(f64::from(number).round() as i64),
        (1, Encoding::Bytewise) => Value::Whole(i64::from(low)),
        (2, Encoding::Bytewise) => Value::Whole(i64::from(low.cast_signed())),
        (3, Encoding::Bytewise) => Value::Whole(i64::from(two)),
        (4, Encoding::Bytewise) => Value::Whole(i64::from(two.cast_signed())),
        (5, Encoding::Bytewise) => Value::Whole(i64::from(bits)),
        (6, Encoding::Bytewise) => Value::Whole(i64::from(bits.cast_signed())),
        _ => Value::Real(number),
    }
}

fn encode(value: Value, encoding: Encoding) -> f32 {
    match (value, encoding) {
        (Value::Real(number), _) => number,
        (Value::Whole(number), Encoding::Cast) => number as f32,
        (Value::Whole(number), Encoding::Bytewise) => {
            let [a, b, c, d, ..] = number.to_le_bytes();
            f32::from_le_bytes([a, b, c, d])
        }
    }
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, up to 16 characters.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// `MAV_PARAM_TYPE`.
    pub kind: u8,
}

fn parameter(message: &ParamValue, encoding: Encoding) -> Parameter {
    Parameter {
        name: text_of(&message.param_id),
        value: decode(message.param_value, message.param_type, encoding),
        kind: message.param_type,
    }
}

/// Reads all of them.
#[derive(Debug)]
pub struct ReadParameters {
    route: Route,
    encoding: Encoding,
    count: Option<u16>,
    found: BTreeMap<u16, Parameter>,
    /// Indices that ever came. Only a new one is progress: a vehicle may say one value for ever, or
    /// change its count so that others are read again.
    seen: BTreeSet<u16>,
    /// Where the search for gaps goes on.
    next_gap: u16,
    due: Duration,
    heard: Duration,
    out: VecDeque<Packet>,
    tell_progress: bool,
    outcome: Option<Result<Vec<Parameter>, Error>>,
}

impl ReadParameters {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, encoding: Encoding, now: Duration) -> Self {
        Self {
            route,
            encoding,
            count: None,
            found: BTreeMap::new(),
            seen: BTreeSet::new(),
            next_gap: 0,
            due: now,
            heard: now,
            out: VecDeque::new(),
            tell_progress: false,
            outcome: None,
        }
    }

    fn ask_for_gaps(&mut self, count: u16) {
        let gaps = (self.next_gap..count).chain(0..self.next_gap.min(count));
        let missing = gaps.filter(|index| !self.found.contains_key(index));
        let wanted: Vec<u16> = missing.take(AT_ONCE).collect();
        self.next_gap = wanted.last().map_or(0, |last| last + 1);
        for index in wanted {
            let request = ParamRequestRead {
                param_index: i16::try_from(index).unwrap_or(i16::MAX),
                target_system: self.route.them.system.0,
                target_component: self.route.them.component.0,
                ..ParamRequestRead::default()
            };
            self.out.push_back(request.into());
        }
    }
}

impl Engine for ReadParameters {
    type Outcome = Result<Vec<Parameter>, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::ParamValue(value) = &message.packet else { return };
        let index = value.param_index;
        let fits = index != NO_INDEX && index < value.param_count && value.param_count <= MOST;
        if message.from != self.route.them || self.outcome.is_some() || !fits {
            return;
        }
        // The number may change while they are read: switching one on brings others.
        self.count = Some(value.param_count);
        self.found.retain(|known, _| *known < value.param_count);
        self.found.insert(index, parameter(value, self.encoding));
        if self.seen.insert(index) {
            (self.heard, self.due) = (now, now + PAUSED);
            self.tell_progress = true;
        }
        if self.found.len() == usize::from(value.param_count) {
            let all = std::mem::take(&mut self.found);
            self.outcome = Some(Ok(all.into_values().collect()));
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        if now < self.due || self.outcome.is_some() {
            return;
        }
        let silent = now.saturating_sub(self.heard);
        if silent > SILENT {
            let count = self.count.map_or("?".to_owned(), |count| count.to_string());
            let doing = format!("reading parameters ({} of {count})", self.found.len());
            self.outcome = Some(Err(Error::Silent { doing, waited_s: silent.as_secs_f64() }));
            return;
        }
        match self.count {
            Some(count) => self.ask_for_gaps(count),
            None => {
                let request = ParamRequestList {
                    target_system: self.route.them.system.0,
                    target_component: self.route.them.component.0,
                };
                self.out.push_back(request.into());
            }
        }
        self.due = now + PAUSED;
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if let Some(packet) = self.out.pop_front() {
            return Step::Send(packet);
        }
        if std::mem::take(&mut self.tell_progress) {
            let total = usize::from(self.count.unwrap_or(0)).max(self.found.len());
            return Step::Progress { done: self.found.len(), total };
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}

/// Sets one, and waits until the vehicle says the same.
#[derive(Debug)]
pub struct SetParameter {
    route: Route,
    encoding: Encoding,
    wanted: Parameter,
    begun: Duration,
    due: Duration,
    to_send: bool,
    /// What the vehicle says instead.
    other: Option<Value>,
    outcome: Option<Result<Parameter, Error>>,
}

impl SetParameter {
    /// Begins at once. `kind` is as it was read: it decides how a whole number is sent.
    #[must_use]
    pub fn new(route: Route, encoding: Encoding, wanted: Parameter, now: Duration) -> Self {
        Self {
            route,
            encoding,
            wanted,
            begun: now,
            due: now,
            to_send: false,
            other: None,
            outcome: None,
        }
    }
}

impl Engine for SetParameter {
    type Outcome = Result<Parameter, Error>;

    fn handle(&mut self, message: &Received, _now: Duration) {
        let Packet::ParamValue(value) = &message.packet else { return };
        let told = parameter(value, self.encoding);
        if message.from != self.route.them || told.name != self.wanted.name {
            return;
        }
        if told.value == self.wanted.value {
            self.outcome = Some(Ok(told));
        } else {
            self.other = Some(told.value);
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        let waited = now.saturating_sub(self.begun);
        if now < self.due || self.outcome.is_some() {
            return;
        }
        if waited > SILENT / 2 {
            let doing = match self.other {
                Some(other) => format!("setting {}, which stays {other:?}", self.wanted.name),
                None => format!("setting {}", self.wanted.name),
            };
            self.outcome = Some(Err(Error::Silent { doing, waited_s: waited.as_secs_f64() }));
            return;
        }
        self.to_send = true;
        self.due = now + PAUSED;
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        if std::mem::take(&mut self.to_send) {
            let set = ParamSet {
                param_value: encode(self.wanted.value, self.encoding),
                param_id: fixed_text(&self.wanted.name),
                param_type: self.wanted.kind,
                target_system: self.route.them.system.0,
                target_component: self.route.them.component.0,
            };
            return Step::Send(set.into());
        }
        self.outcome.take().map_or(Step::Wait(self.due), Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_come_through_both_encodings() {
        for (value, kind) in [(255, 1), (-7, 2), (65_000, 3), (-300, 4), (70_000, 5), (-70_000, 6)]
        {
            for encoding in [Encoding::Bytewise, Encoding::Cast] {
                let sent = encode(Value::Whole(value), encoding);
                assert_eq!(decode(sent, kind, encoding), Value::Whole(value), "{encoding:?}");
            }
        }
        // As PX4 sends 1: 1.4e-45.
        assert_eq!(decode(f32::from_bits(1), 6, Encoding::Bytewise), Value::Whole(1));
        assert_eq!(decode(2.5, 9, Encoding::Bytewise), Value::Real(2.5));
        let px4 = Quirks::of(super::super::PX4);
        assert_eq!(Encoding::of(None, px4), Encoding::Bytewise);
        assert_eq!(Encoding::of(Some(0xFBEF), Quirks::of(3)), Encoding::Cast, "as ArduPilot says");
    }
}
