//! Parameters: the few that mean something here, and as many more as a real vehicle has, so that
//! reading them takes as long as it does there.

use std::fmt::Write as _;

use crate::wire::Packet;
use crate::wire::packet::{ParamRequestRead, ParamSet, ParamValue, fixed_text, text_of};

use super::lists::Says;
use super::manners::Manners;

/// `MAV_PARAM_TYPE_INT32` and `MAV_PARAM_TYPE_REAL32`.
const INT32: u8 = 6;
const REAL32: u8 = 9;
/// A parameter that was not asked for by its number.
const NO_INDEX: u16 = u16::MAX;
/// PX4's parameter that is in no list.
const HASH_CHECK: &str = "_HASH_CHECK";
/// First two bytes of ArduPilot's packed parameters (AP_Filesystem_Param.cpp, version 1).
const PACKED_MAGIC: u16 = 0x671B;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Whole(i32),
    Real(f32),
}

#[derive(Debug)]
pub(super) struct Parameters {
    manners: &'static Manners,
    all: Vec<(String, Value)>,
    /// The next one of a whole list that is being sent.
    next: Option<usize>,
}

impl Parameters {
    pub(super) fn new(manners: &'static Manners, system: u8) -> Self {
        let whole = |name: &str, value| (name.to_owned(), Value::Whole(value));
        let real = |name: &str, value| (name.to_owned(), Value::Real(value));
        let mut all = if manners.has_ardupilot_files {
            vec![
                whole("SYSID_THISMAV", i32::from(system)),
                real("WPNAV_SPEED", 1000.0),
                real("WPNAV_RADIUS", 200.0),
                whole("RTL_ALT", 1500),
                whole("FENCE_ENABLE", 0),
                whole("CAM1_TYPE", 1),
                whole("LOG_DISARMED", 0),
                whole("TERRAIN_ENABLE", 1),
            ]
        } else {
            vec![
                whole("MAV_SYS_ID", i32::from(system)),
                real("MPC_XY_CRUISE", 5.0),
                real("NAV_ACC_RAD", 2.0),
                real("RTL_RETURN_ALT", 15.0),
                whole("GF_ACTION", 2),
                whole("TRIG_MODE", 4),
                whole("COM_RC_IN_MODE", 1),
            ]
        };
        let families = ["MIN", "MAX", "TRIM", "REVERSED", "FUNCTION", "OPTION", "DZ", "RATE"];
        let mut number = 0;
        while all.len() < usize::from(manners.parameters) {
            let (at, family) = (number / families.len() + 1, number % families.len());
            let mut name = format!("SERVO{at}_");
            // Writing to a String cannot fail.
            let _ = write!(name, "{}", families[family]);
            let value =
                if family == 7 { Value::Real(0.5 + at as f32) } else { Value::Whole(at as i32) };
            all.push((name, value));
            number += 1;
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Self { manners, all, next: None }
    }

    pub(super) fn handle(&mut self, packet: &Packet, says: &mut Says) {
        match packet {
            Packet::ParamRequestList(_) => self.next = Some(0),
            Packet::ParamRequestRead(wish) => self.read(wish, says),
            Packet::ParamSet(set) => self.set(set, says),
            _ => {}
        }
    }

    /// Sends some more of a list that was asked for.
    pub(super) fn advance(&mut self, most: usize, says: &mut Says) {
        let Some(next) = self.next else { return };
        let end = (next + most).min(self.all.len());
        for index in next..end {
            says.say(self.message(index, index as u16));
        }
        self.next = (end < self.all.len()).then_some(end);
        if self.next.is_none() && self.manners.bytewise_parameters {
            says.say(self.hash());
        }
    }

    fn read(&self, wish: &ParamRequestRead, says: &mut Says) {
        let name = text_of(&wish.param_id);
        if name == HASH_CHECK && wish.param_index < 0 && self.manners.bytewise_parameters {
            return says.say(self.hash());
        }
        let index = if wish.param_index >= 0 {
            Some(usize::from(wish.param_index.cast_unsigned()))
        } else {
            self.place(&name)
        };
        if let Some(index) = index.filter(|&index| index < self.all.len()) {
            says.say(self.message(index, index as u16));
        }
    }

    fn set(&mut self, set: &ParamSet, says: &mut Says) {
        let Some(index) = self.place(&text_of(&set.param_id)) else { return };
        let whole = || {
            if self.manners.bytewise_parameters {
                set.param_value.to_bits().cast_signed()
            } else {
                set.param_value as i32
            }
        };
        let new = match self.all[index].1 {
            Value::Whole(_) => Value::Whole(whole()),
            Value::Real(_) => Value::Real(set.param_value),
        };
        self.all[index].1 = new;
        says.say(self.message(index, NO_INDEX));
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.all.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()
    }

    fn message(&self, index: usize, told: u16) -> ParamValue {
        let (name, value) = &self.all[index];
        let (param_value, param_type) = match *value {
            Value::Whole(whole) if self.manners.bytewise_parameters => {
                (f32::from_bits(whole.cast_unsigned()), INT32)
            }
            Value::Whole(whole) => (whole as f32, INT32),
            Value::Real(real) => (real, REAL32),
        };
        ParamValue {
            param_value,
            param_count: self.all.len() as u16,
            param_index: told,
            param_id: fixed_text(name),
            param_type,
        }
    }

    /// A number that changes when any parameter does.
    fn hash(&self) -> ParamValue {
        let hash = self.all.iter().fold(0x811C_9DC5_u32, |hash, (name, value)| {
            let bits = match *value {
                Value::Whole(whole) => whole.cast_unsigned(),
                Value::Real(real) => real.to_bits(),
            };
            let named = name
                .bytes()
                .fold(hash, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            (named ^ bits).wrapping_mul(0x0100_0193)
        });
        ParamValue {
            param_value: f32::from_bits(hash),
            param_count: self.all.len() as u16,
            param_index: NO_INDEX,
            param_id: fixed_text(HASH_CHECK),
            param_type: 5, // MAV_PARAM_TYPE_UINT32
        }
    }

    /// [`Self::packed`] where it is needed.
    pub(super) fn packed_if(&self, needed: bool) -> Vec<u8> {
        if needed { self.packed() } else { Vec::new() }
    }

    /// All of them as ArduPilot packs them into `@PARAM/param.pck`: a header, then for each its
    /// kind, how much of its name is that of the one before, the rest of the name, and the value.
    pub(super) fn packed(&self) -> Vec<u8> {
        let count = self.all.len() as u16;
        let mut out = Vec::new();
        for word in [PACKED_MAGIC, count, count] {
            out.extend(word.to_le_bytes());
        }
        let mut last = "";
        for (name, value) in &self.all {
            let common = name.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count().min(15);
            let rest = name.get(common..).unwrap_or_default();
            let (kind, bytes) = match *value {
                Value::Whole(whole) => (3_u8, whole.to_le_bytes()),
                Value::Real(real) => (4, real.to_le_bytes()),
            };
            out.push(kind);
            out.push(common as u8 | (rest.len() as u8).saturating_sub(1) << 4);
            out.extend(rest.as_bytes());
            out.extend(bytes);
            last = name;
        }
        out
    }
}
