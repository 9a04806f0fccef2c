//! What the log tells of its own records: FMT, and units and multipliers of FMTU and MULT.

use super::kind::Kind;
use super::value::{Layout, Value, text};

/// Bytes before a record's fields: two of magic, one of type.
pub(super) const HEADER: usize = 3;
/// Type of the record that describes types.
pub(super) const FMT: u8 = 128;
/// Length of a FMT record: type, length, name of 4, characters of 16, labels of 64.
const FMT_LENGTH: u8 = 89;
/// Most fields that a FMT can name, one a character.
const MOST_FIELDS: usize = 16;
/// Unit that marks the field which tells instances apart.
const INSTANCE: u8 = b'#';

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// As the log labels it, such as `TimeUS`.
    pub name: &'a str,
    /// The format character.
    pub character: u8,
    /// The unit's letter of FMTU, if the log has one.
    pub unit: Option<u8>,
    layout: Layout,
    offset: u16,
    divisor: Option<f64>,
    multiplier: Option<u8>,
}

/// A type of message, as its FMT describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Format<'a> {
    /// Type byte of its records.
    pub id: u8,
    /// Such as `GPS`.
    pub name: &'a str,
    /// Length of a record that the FMT claims, header included.
    pub length: u8,
    /// Its fields in file order, at most 16. A record may end before some of them.
    pub fields: Vec<Field<'a>>,
    /// Where the FMT lies.
    pub offset: u64,
    /// What it is for.
    pub(super) kind: Kind,
    /// Length of the fields together and the header.
    pub(super) fields_length: u16,
    /// The FMT's own fields, to know it again.
    declared: &'a [u8],
}

impl<'a> Format<'a> {
    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that tells instances of a sensor apart: the one FMTU marks with `#`, or `I`.
    #[must_use]
    pub fn instance(&self) -> Option<&Field<'a>> {
        let marked = self.fields.iter().find(|field| field.unit == Some(INSTANCE));
        marked.or_else(|| self.field("I"))
    }

    /// Whether the claimed length is that of its fields; else the FMT is damaged or wrong.
    #[must_use]
    pub fn fits(&self) -> bool {
        u16::from(self.length) == self.fields_length
    }
}

/// All types that a log has described so far.
#[derive(Debug)]
pub(super) struct Formats<'a> {
    table: Vec<Option<Format<'a>>>,
    multipliers: Vec<Option<f64>>,
    units: Vec<Option<(&'a [u8], &'a [u8])>>,
    pub(super) remarks: Vec<(u64, String)>,
}

/// Remarks kept; a log with more wrong descriptions is no better known by more of them.
const MOST_REMARKS: usize = 64;

impl<'a> Formats<'a> {
    pub(super) fn new() -> Self {
        let mut formats = Self {
            table: (0..256).map(|_| None).collect(),
            multipliers: vec![None; 256],
            units: vec![None; 256],
            remarks: Vec::new(),
        };
        let fmt = parse(FMT, "FMT", FMT_LENGTH, b"BBnNZ", b"Type,Length,Name,Format,Columns", 0);
        if let (Ok(fmt), Some(place)) = (fmt, formats.table.get_mut(usize::from(FMT))) {
            *place = Some(fmt);
        }
        formats
    }

    pub(super) fn get(&self, id: u8) -> Option<&Format<'a>> {
        self.table.get(usize::from(id))?.as_ref()
    }

    /// Length of a record of a type, as claimed.
    pub(super) fn length(&self, id: u8) -> Option<usize> {
        self.get(id).map(|format| usize::from(format.length))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Format<'a>> {
        self.table.iter().flatten()
    }

    /// Takes in what a record says of other records. Whether it says such.
    pub(super) fn learn(&mut self, id: u8, payload: &'a [u8], offset: u64) -> bool {
        if id == FMT {
            self.learn_format(payload, offset);
            return true;
        }
        let Some(format) = self.get(id) else { return false };
        let value = |name: &str| format.field(name).and_then(|field| field.value(payload));
        match format.name {
            "FMTU" => {
                let of = value("FmtType").and_then(|value| value.integer());
                let (Some(Value::Text(units)), Some(Value::Text(multipliers)), Some(of)) =
                    (value("UnitIds"), value("MultIds"), of)
                else {
                    return true;
                };
                let Ok(of) = u8::try_from(of) else { return true };
                if let Some(known) = self.units.get_mut(usize::from(of)) {
                    *known = Some((units, multipliers));
                }
                self.give_units(of);
            }
            "MULT" => {
                let letter = value("Id").and_then(|value| value.integer());
                let multiplier = value("Mult").and_then(|value| value.number());
                let place = letter.and_then(|letter| usize::try_from(letter).ok());
                if let Some(known) = place.and_then(|place| self.multipliers.get_mut(place)) {
                    // Written as a double, but it was a single: seven digits of it are meant.
                    *known = multiplier.and_then(|number| format!("{number:.6e}").parse().ok());
                }
            }
            "UNIT" => {}
            _ => return false,
        }
        true
    }

    fn learn_format(&mut self, payload: &'a [u8], offset: u64) {
        let known = payload.first().and_then(|&id| self.get(id));
        if known.is_some_and(|known| known.declared == payload) {
            return;
        }
        let format = match declared(payload, offset) {
            Ok(format) => format,
            Err(why) => return self.remark(offset, why),
        };
        let id = format.id;
        if id == FMT {
            // Its layout is fixed, and everything else hangs on it.
            if format.length != FMT_LENGTH || format.fields_length != u16::from(FMT_LENGTH) {
                self.remark(offset, "FMT describes itself otherwise than it is".to_owned());
            }
            return;
        }
        if known.is_some() {
            self.remark(offset, format!("type {id} ({}) is described anew", format.name));
        }
        if !format.fits() {
            let (name, says, are) = (format.name, format.length, format.fields_length);
            self.remark(offset, format!("FMT of {name} says {says} bytes, its fields are {are}"));
        }
        if let Some(place) = self.table.get_mut(usize::from(id)) {
            *place = Some(format);
        }
        self.give_units(id);
    }

    fn give_units(&mut self, id: u8) {
        let Some(Some((units, multipliers))) = self.units.get(usize::from(id)).copied() else {
            return;
        };
        let Some(Some(format)) = self.table.get_mut(usize::from(id)) else { return };
        for (index, field) in format.fields.iter_mut().enumerate() {
            field.unit = units.get(index).copied().filter(|&letter| letter != b'-');
            field.multiplier = multipliers.get(index).copied();
        }
    }

    fn remark(&mut self, offset: u64, what: String) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push((offset, what));
        }
    }

    fn multiplier(&self, letter: u8) -> Option<f64> {
        // '-' and '?' say that there is none.
        let multiplier = self.multipliers.get(usize::from(letter)).copied().flatten()?;
        (letter != b'-' && letter != b'?' && multiplier.is_normal()).then_some(multiplier)
    }

    /// A field's value in the unit that FMTU names: scaled by the format character if that has a
    /// scale, else by FMTU's multiplier. Never by both: they say the same thing.
    pub(super) fn in_unit(&self, field: &Field<'a>, payload: &[u8]) -> Option<f64> {
        let number = field.scaled(payload)?;
        let multiplier = field.multiplier.filter(|_| field.divisor.is_none());
        Some(number * multiplier.and_then(|letter| self.multiplier(letter)).unwrap_or(1.0))
    }
}

impl<'a> Field<'a> {
    /// The raw value; `None` where the record ends before it.
    #[must_use]
    pub fn value<'p>(&self, payload: &'p [u8]) -> Option<Value<'p>> {
        Value::read(self.layout, payload, usize::from(self.offset))
    }

    /// The number, scaled by its format character as pymavlink does; `None` for texts and arrays.
    #[must_use]
    pub fn scaled(&self, payload: &[u8]) -> Option<f64> {
        let number = self.value(payload)?.number()?;
        Some(self.divisor.map_or(number, |divisor| number / divisor))
    }
}

/// Reads the fields of a FMT record.
fn declared(payload: &[u8], offset: u64) -> Result<Format<'_>, String> {
    let part = |from: usize, to: usize| {
        let part = payload.get(from..to).unwrap_or_default();
        part.split(|&byte| byte == 0).next().unwrap_or_default()
    };
    let &[id, length, ..] = payload else { return Err("FMT is empty".to_owned()) };
    let name = std::str::from_utf8(part(2, 6))
        .map_err(|_| format!("FMT of type {id} has no readable name"))?;
    let mut format = parse(id, name, length, part(6, 22), part(22, 86), offset)?;
    format.declared = payload;
    Ok(format)
}

fn parse<'a>(
    id: u8,
    name: &'a str,
    length: u8,
    characters: &[u8],
    labels: &'a [u8],
    offset: u64,
) -> Result<Format<'a>, String> {
    if usize::from(length) < HEADER {
        return Err(format!("FMT of {name} says {length} bytes, less than a header"));
    }
    let mut labels = labels.split(|&byte| byte == b',');
    let mut fields = Vec::with_capacity(characters.len().min(MOST_FIELDS));
    let mut at = 0;
    for &character in characters.iter().take(MOST_FIELDS) {
        let Some((layout, divisor)) = Layout::of(character) else {
            let character = text(std::slice::from_ref(&character)).into_owned();
            return Err(format!("FMT of {name} has an unknown format character `{character}`"));
        };
        let label = labels.next().map(|label| std::str::from_utf8(label).unwrap_or_default());
        if let Some(name) = label {
            let (unit, multiplier) = (None, None);
            fields.push(Field { name, character, unit, layout, offset: at, divisor, multiplier });
        }
        at += layout.size();
    }
    let fields_length = at + HEADER as u16;
    let kind = Kind::of(name);
    Ok(Format { id, name, length, fields, offset, kind, fields_length, declared: &[] })
}
