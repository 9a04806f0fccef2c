//! Bits of a JPEG-LS scan: a byte behind FF carries seven (ITU-T T.87, 9.1), and a marker ends
//! them.

/// Reads bits from the highest on. Behind the end it gives zeros and counts them, so that the
/// decoder has to ask only once a line.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to be taken.
    at: usize,
    /// The byte before it was FF.
    behind_ff: bool,
    /// The next bits, from the highest on; below them zeros.
    held: u64,
    /// How many of them are held.
    count: u32,
    /// How many of the bits handed out lay behind the end.
    missing: u64,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, behind_ff: false, held: 0, count: 0, missing: 0 }
    }

    /// Makes sure of at least 56 bits.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.count >= 56 {
            return;
        }
        let next = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk());
        if let (Some(&next), false) = (next, self.behind_ff) {
            let next = u64::from_be_bytes(next);
            // The usual case: none of the next eight bytes is FF, so all bits count.
            if !has_ff(next) {
                self.held |= next >> self.count;
                let taken = (64 - self.count) / 8;
                self.at += taken as usize;
                self.count += taken * 8;
                // Bits of a byte that did not fit whole are cleared, and come again next time.
                self.held &= u64::MAX << (64 - self.count);
                return;
            }
        }
        self.fill_by_byte();
    }

    #[cold]
    #[inline(never)]
    fn fill_by_byte(&mut self) {
        while self.count < 56 {
            let byte = self.bytes.get(self.at).copied();
            let next = self.bytes.get(self.at + 1).copied();
            let (Some(byte), false) = (byte, byte == Some(0xFF) && next.is_none_or(is_marker))
            else {
                self.missing += u64::from(64 - self.count);
                self.count = 64;
                return;
            };
            let width = if self.behind_ff { 7 } else { 8 };
            self.held |= u64::from(byte) << (64 - self.count - width);
            self.count += width;
            self.behind_ff = byte == 0xFF;
            self.at += 1;
        }
    }

    /// A limited Golomb code (T.87, A.5.3): zeros up to a one, then `k` bits; `escape` zeros stand
    /// for a number of `whole` bits less one. `None` if the zeros are more. `escape` is at most
    /// 55, `k` and `whole` at most 32.
    #[inline]
    pub(super) fn golomb(&mut self, k: u32, escape: u32, whole: u32) -> Option<u64> {
        if self.count < 32 {
            self.fill();
        }
        let zeros = self.held.leading_zeros();
        let length = zeros + 1 + k;
        if zeros >= escape || length >= self.count {
            return self.long_golomb(k, escape, whole);
        }
        let low = self.held << zeros << 1 >> 1 >> (63 - k);
        self.drop(length);
        Some(u64::from(zeros) << k | low)
    }

    #[cold]
    #[inline(never)]
    fn long_golomb(&mut self, k: u32, escape: u32, whole: u32) -> Option<u64> {
        self.fill();
        let zeros = self.held.leading_zeros();
        if zeros > escape {
            return None;
        }
        self.drop(zeros + 1);
        self.fill();
        if zeros < escape {
            return Some(u64::from(zeros) << k | u64::from(self.take(k)));
        }
        Some(u64::from(self.take(whole)) + 1)
    }

    /// The next `count` bits, 0 to 32, which must be there.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        // Two shifts, since a shift by 64 is none.
        let value = (self.held >> 1 >> (63 - count)) as u32;
        self.drop(count);
        value
    }

    #[inline]
    fn drop(&mut self, count: u32) {
        self.held <<= count;
        self.count = self.count.saturating_sub(count);
    }

    /// Whether bits were handed out that lie behind the end.
    pub(super) fn is_overrun(&self) -> bool {
        self.missing > u64::from(self.count)
    }

    /// The next marker, and where it stands.
    pub(super) fn marker(&self) -> Option<(usize, u8)> {
        let rest = self.bytes.get(self.at..)?;
        let at = rest.windows(2).position(|pair| pair[0] == 0xFF && is_marker(pair[1]))?;
        Some((self.at + at, rest[at + 1]))
    }
}

/// Whether a byte behind FF makes a marker of the two.
fn is_marker(byte: u8) -> bool {
    byte >= 0x80
}

/// Whether one of eight bytes is FF: the test for a zero byte, on the complement.
#[inline]
fn has_ff(bytes: u64) -> bool {
    let complement = !bytes;
    complement.wrapping_sub(0x0101_0101_0101_0101) & bytes & 0x8080_8080_8080_8080 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut behind_ff = false;
        for &byte in bytes {
            if behind_ff && byte >= 0x80 {
                break;
            }
            let bits = format!("{byte:08b}");
            text.push_str(&bits[usize::from(behind_ff)..]);
            behind_ff = byte == 0xFF;
        }
        text
    }

    #[test]
    fn stuffed_bits_are_left_out_and_the_end_is_noticed() {
        let bytes: Vec<u8> = (0..200u32)
            .map(|i| if i % 13 == 5 { 0xFF } else { (i * 37 % 127) as u8 })
            .chain([0xFF, 0xD9])
            .collect();
        let truth = slowly(&bytes);
        for width in 1..=32 {
            let mut bits = Bits::new(&bytes, 0);
            for start in (0..truth.len() - 40).step_by(width) {
                bits.fill();
                let expected = u32::from_str_radix(&truth[start..start + width], 2).unwrap();
                assert_eq!(bits.take(width as u32), expected, "{width} bits at {start}");
                assert!(!bits.is_overrun());
            }
            for _ in 0..80 {
                bits.fill();
                bits.take(width as u32);
            }
            assert!(bits.is_overrun());
        }
    }
}
