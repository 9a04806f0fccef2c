//! One value of a record: every format character of DataFlash, and its scale.
//!
//! Characters and scales are those of ArduPilot's `libraries/AP_Logger/README.md`.

use std::borrow::Cow;

/// How a value lies in a record, told by one format character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Shorts,
    I8,
    U8,
    F16,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
    Text(u8),
}

/// 32 integers of 16 bits in one value (`a`).
const SHORTS: usize = 32;

impl Layout {
    /// Layout of a format character, and what its raw value is divided by.
    ///
    /// Dividing by 1e2 or 1e7 is nearer to the decimal number that was written than multiplying by
    /// its inverse.
    pub(super) fn of(character: u8) -> Option<(Self, Option<f64>)> {
        let layout = match character {
            b'a' => Self::Shorts,
            b'b' | b'M' => Self::I8,
            b'B' => Self::U8,
            b'g' => Self::F16,
            b'h' | b'c' => Self::I16,
            b'H' | b'C' => Self::U16,
            b'i' | b'e' | b'L' => Self::I32,
            b'I' | b'E' => Self::U32,
            b'f' => Self::F32,
            b'd' => Self::F64,
            b'q' => Self::I64,
            b'Q' => Self::U64,
            b'n' => Self::Text(4),
            b'N' => Self::Text(16),
            b'Z' => Self::Text(64),
            _ => return None,
        };
        let divisor = match character {
            b'c' | b'C' | b'e' | b'E' => Some(1e2),
            b'L' => Some(1e7),
            _ => None,
        };
        Some((layout, divisor))
    }

    /// Bytes in a record.
    pub(super) fn size(self) -> u16 {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::Shorts => 64,
            Self::Text(length) => u16::from(length),
        }
    }
}

/// A value as it lies in the file, before any scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Any integer of at most 64 bits.
    Integer(i128),
    /// A float of 16, 32 or 64 bits.
    Float(f64),
    /// Bytes of a text, up to its first zero.
    Text(&'a [u8]),
    /// 32 integers of 16 bits.
    Shorts([i16; SHORTS]),
}

impl<'a> Value<'a> {
    /// Reads a value at an offset; `None` where the record ends before it.
    pub(super) fn read(layout: Layout, bytes: &'a [u8], offset: usize) -> Option<Self> {
        let rest = bytes.get(offset..)?;
        Some(match layout {
            Layout::I8 => Self::Integer(i8::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::U8 => Self::Integer(u8::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::I16 => Self::Integer(i16::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::U16 => Self::Integer(u16::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::I32 => Self::Integer(i32::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::U32 => Self::Integer(u32::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::I64 => Self::Integer(i64::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::U64 => Self::Integer(u64::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::F16 => Self::Float(half(u16::from_le_bytes(*rest.first_chunk()?))),
            Layout::F32 => Self::Float(f32::from_le_bytes(*rest.first_chunk()?).into()),
            Layout::F64 => Self::Float(f64::from_le_bytes(*rest.first_chunk()?)),
            Layout::Text(length) => {
                let text = rest.get(..usize::from(length))?;
                let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
                Self::Text(text.get(..end)?)
            }
            Layout::Shorts => {
                let raw = rest.get(..2 * SHORTS)?;
                let mut shorts = [0; SHORTS];
                for (short, pair) in shorts.iter_mut().zip(raw.as_chunks().0) {
                    *short = i16::from_le_bytes(*pair);
                }
                Self::Shorts(shorts)
            }
        })
    }

    /// The value as a number; `None` for texts and arrays.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            // Exact up to 2^53: 285 years in microseconds.
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(_) | Self::Shorts(_) => None,
        }
    }

    /// The value as an integer; `None` for all else.
    #[must_use]
    pub fn integer(&self) -> Option<i128> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The value as a text: UTF-8, or Latin-1 where it is not that. `None` for numbers.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(bytes) => Some(text(bytes)),
            _ => None,
        }
    }
}

/// UTF-8, or Latin-1 where it is not that.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), Cow::Borrowed)
}

/// A float of 16 bits (IEEE 754-2008, binary16).
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x03FF) / 1024.0;
    match (bits >> 10) & 0x1F {
        0 => sign * fraction * 2_f64.powi(-14),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        exponent => sign * (1.0 + fraction) * 2_f64.powi(i32::from(exponent) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats_of_the_standard() {
        // IEEE 754-2008: largest and smallest numbers, one, a third, infinity.
        for (bits, value) in [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65_504.0),
            (0x0400, 6.103_515_625e-5),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x3555, 0.333_251_953_125),
            (0x7C00, f64::INFINITY),
            (0x8000, -0.0),
        ] {
            assert_eq!(half(bits), value, "{bits:04X}");
        }
        assert!(half(0x7E00).is_nan());
    }

    #[test]
    fn texts_end_at_a_zero_and_need_no_zero() {
        let read = |bytes| Value::read(Layout::Text(4), bytes, 0).and_then(|value| value.text());
        assert_eq!(read(b"ab\0d").unwrap(), "ab");
        assert_eq!(read(b"abcd").unwrap(), "abcd");
        assert_eq!(read(b"\xB0C\0\0").unwrap(), "\u{B0}C");
        assert!(read(b"abc").is_none());
    }
}
