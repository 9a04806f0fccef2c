//! Message formats: what the log tells of its own rows.

use std::collections::HashMap;
use std::rc::Rc;

use super::topic::Kind;

/// Types nest in each other at most so deep; PX4's nest once.
const DEEPEST: u8 = 8;
/// A row is in one record, whose length is a `uint16`, behind an id of two bytes.
const LONGEST_ROW: usize = u16::MAX as usize - 2;

/// How one number lies in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Scalar {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "int8_t" => Self::I8,
            "uint8_t" | "bool" | "char" => Self::U8,
            "int16_t" => Self::I16,
            "uint16_t" => Self::U16,
            "int32_t" => Self::I32,
            "uint32_t" => Self::U32,
            "int64_t" => Self::I64,
            "uint64_t" => Self::U64,
            "float" => Self::F32,
            "double" => Self::F64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    fn integer(self, bytes: &[u8]) -> Option<i128> {
        Some(match self {
            Self::I8 => i8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U8 => u8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I16 => i16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U16 => u16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I32 => i32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U32 => u32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I64 => i64::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U64 => u64::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::F32 | Self::F64 => return None,
        })
    }

    fn number(self, bytes: &[u8]) -> Option<f64> {
        match self {
            Self::F32 => Some(f32::from_le_bytes(*bytes.first_chunk()?).into()),
            Self::F64 => Some(f64::from_le_bytes(*bytes.first_chunk()?)),
            // Exact up to 2^53.
            _ => self.integer(bytes).map(|value| value as f64),
        }
    }
}

/// One field of a topic's row, as its format lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// Such as `q`.
    pub name: &'a str,
    /// Such as `float`, or the name of another format.
    pub type_name: &'a str,
    /// Elements of an array; `None` where it is none.
    pub count: Option<u16>,
}

impl Field<'_> {
    fn elements(&self) -> usize {
        usize::from(self.count.unwrap_or(1))
    }
}

/// A format with every type in it worked out.
#[derive(Debug, PartialEq)]
pub struct Topic<'a> {
    /// Such as `vehicle_attitude`.
    pub name: &'a str,
    /// Where each field begins in a row, and how it lies there.
    fields: Vec<(Field<'a>, usize, Element<'a>)>,
    /// What it is for; `None` where it is not read.
    pub(super) kind: Option<Kind>,
    size: usize,
    /// Without the padding at the end, which the logger leaves out.
    least: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Element<'a> {
    Number(Scalar),
    Nested(Rc<Topic<'a>>),
}

impl Element<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Number(scalar) => scalar.size(),
            Self::Nested(topic) => topic.size,
        }
    }
}

impl<'a> Topic<'a> {
    /// Its fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().map(|(field, ..)| field)
    }

    /// Whether a row can have so many bytes.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        (self.least..=self.size).contains(&bytes)
    }

    /// Finds a number by its path, such as `timestamp`, `q[2]` or `esc[1].rpm`.
    fn find(&self, path: &str) -> Option<(usize, Scalar)> {
        let (mut topic, mut base, mut rest) = (self, 0, path);
        loop {
            let (step, behind) = rest.split_once('.').map_or((rest, None), |(a, b)| (a, Some(b)));
            let (name, index) = match step.split_once('[') {
                Some((name, index)) => (name, index.strip_suffix(']')?.parse().ok()?),
                None => (step, 0),
            };
            let (field, at, element) =
                topic.fields.iter().find(|(field, ..)| field.name == name)?;
            if index >= field.elements() {
                return None;
            }
            base += at + index * element.size();
            match (element, behind) {
                (Element::Number(scalar), None) => return Some((base, *scalar)),
                (Element::Nested(nested), Some(behind)) => (topic, rest) = (nested, behind),
                _ => return None,
            }
        }
    }

    /// A number of a row; `None` where there is none of that path, or the row ends before it.
    #[must_use]
    pub fn number(&self, row: &[u8], path: &str) -> Option<f64> {
        let (at, scalar) = self.find(path)?;
        scalar.number(row.get(at..)?)
    }

    /// An integer of a row.
    #[must_use]
    pub fn integer(&self, row: &[u8], path: &str) -> Option<i128> {
        let (at, scalar) = self.find(path)?;
        scalar.integer(row.get(at..)?)
    }

    /// The first numbers of an array of a row.
    #[must_use]
    pub fn numbers<const N: usize>(&self, row: &[u8], name: &str) -> Option<[f64; N]> {
        let (field, at, element) = self.fields.iter().find(|(field, ..)| field.name == name)?;
        let Element::Number(scalar) = element else { return None };
        if field.elements() < N {
            return None;
        }
        let mut numbers = [0.0; N];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = scalar.number(row.get(at + index * scalar.size()..)?)?;
        }
        Some(numbers)
    }
}

/// Every format that a log has defined so far.
#[derive(Debug, Default)]
pub(super) struct Definitions<'a> {
    texts: HashMap<&'a str, &'a str>,
    /// Worked out, or why that failed.
    topics: HashMap<&'a str, Result<Rc<Topic<'a>>, String>>,
}

/// What a definition brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defined {
    New,
    /// It was known, word for word.
    Known,
    /// It was known otherwise: rows of later subscriptions are as it says now.
    Anew,
    /// No `name:fields` in it.
    Unreadable,
}

impl<'a> Definitions<'a> {
    pub(super) fn define(&mut self, text: &'a [u8]) -> Defined {
        let split = std::str::from_utf8(text).ok().and_then(|text| text.split_once(':'));
        let Some((name, fields)) = split else { return Defined::Unreadable };
        match self.texts.insert(name, fields) {
            Some(known) if known == fields => Defined::Known,
            Some(_) => {
                self.topics.remove(name);
                Defined::Anew
            }
            None => Defined::New,
        }
    }

    /// The topic of a name, or what is wrong with its format.
    pub(super) fn topic(&mut self, name: &'a str) -> Result<Rc<Topic<'a>>, String> {
        self.resolve(name, 0)
    }

    /// Each format is worked out once, so that nesting cannot cost more than the file has.
    fn resolve(&mut self, name: &'a str, depth: u8) -> Result<Rc<Topic<'a>>, String> {
        if let Some(known) = self.topics.get(name) {
            return known.clone();
        }
        if depth > DEEPEST {
            return Err(format!("formats nest deeper than {DEEPEST} at `{name}`"));
        }
        let topic = self.work_out(name, depth);
        self.topics.insert(name, topic.clone());
        topic
    }

    fn work_out(&mut self, name: &'a str, depth: u8) -> Result<Rc<Topic<'a>>, String> {
        let text = *self.texts.get(name).ok_or_else(|| format!("no format of `{name}`"))?;
        let kind = Kind::of(name);
        let mut topic = Topic { name, fields: Vec::new(), kind, size: 0, least: 0 };
        for field in text.split(';').filter(|field| !field.is_empty()) {
            let field = parse(field).ok_or_else(|| format!("`{name}` has a field `{field}`"))?;
            let element = match Scalar::of(field.type_name) {
                Some(scalar) => Element::Number(scalar),
                None => Element::Nested(self.resolve(field.type_name, depth + 1)?),
            };
            let at = topic.size;
            topic.size += field.elements() * element.size();
            if topic.size > LONGEST_ROW {
                return Err(format!("a row of `{name}` is longer than a record can be"));
            }
            if !field.name.starts_with("_padding") {
                topic.least = topic.size;
            }
            topic.fields.push((field, at, element));
        }
        Ok(Rc::new(topic))
    }
}

/// `type name` or `type[count] name`.
fn parse(field: &str) -> Option<Field<'_>> {
    let (type_name, name) = field.trim().split_once(' ')?;
    let (type_name, count) = match type_name.split_once('[') {
        Some((type_name, count)) => (type_name, Some(count.strip_suffix(']')?.parse().ok()?)),
        None => (type_name, None),
    };
    Some(Field { name, type_name, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_types_and_arrays_lie_one_behind_the_other() {
        let mut definitions = Definitions::default();
        for text in [
            "esc:uint32_t rpm;float[2] volts;uint8_t state;uint8_t[3] _padding0;",
            "status:uint64_t timestamp;esc[2] esc;int16_t last;uint8_t[6] _padding0;",
        ] {
            assert_eq!(definitions.define(text.as_bytes()), Defined::New);
        }
        let topic = definitions.topic("status").unwrap();
        // Padding stays inside a nested type; only that at the end of the row may be missing.
        assert_eq!((topic.least, topic.size), (8 + 2 * 16 + 2, 8 + 2 * 16 + 8));
        let row: Vec<u8> = (0..42).collect();
        assert_eq!(topic.integer(&row, "timestamp"), Some(0x0706_0504_0302_0100));
        assert_eq!(topic.integer(&row, "esc[1].rpm"), Some(0x1B1A_1918));
        assert_eq!(topic.integer(&row, "esc[0].state"), Some(20));
        assert_eq!(topic.integer(&row, "last"), Some(0x2928));
        let volts = f32::from_le_bytes([0x20, 0x21, 0x22, 0x23]);
        assert_eq!(topic.number(&row, "esc[1].volts[1]"), Some(volts.into()));
        for nothing in ["esc[2].rpm", "esc", "last.rpm", "esc[1]", "esc[1].rpm.x", "", "q[1"] {
            assert_eq!(topic.number(&row, nothing), None, "{nothing}");
        }
        assert_eq!(topic.numbers::<3>(&row, "esc"), None);
    }

    #[test]
    fn formats_that_cannot_be_are_errors() {
        let mut definitions = Definitions::default();
        for text in
            ["a:a me;", "b:c it;", "c:b it;", "d:nothing x;", "e:float", "f:float[9999999] x"]
        {
            definitions.define(text.as_bytes());
        }
        definitions.define(b"g0:uint64_t[65000] x;");
        definitions.define(b"h0:uint8_t x;");
        for name in ["a", "b", "c", "d", "e", "f", "g0", "unknown"] {
            assert!(definitions.topic(name).is_err(), "{name}");
        }
        assert!(definitions.topic("h0").is_ok());
        assert_eq!(definitions.define(b"no colon"), Defined::Unreadable);
        assert_eq!(definitions.define(b"h0:uint8_t x;"), Defined::Known);
        assert_eq!(definitions.define(b"h0:uint16_t x;"), Defined::Anew);
        assert_eq!(definitions.topic("h0").unwrap().size, 2);
    }
}
