//! Fields of a payload whose trailing zeros may be cut.

/// A payload. What lies beyond its end is zero, as version 2 has it: a sender cuts trailing zeros,
/// and an older sender knows no extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a>(pub(super) &'a [u8]);

impl Payload<'_> {
    #[inline]
    pub(super) fn array<const N: usize>(self, offset: usize) -> [u8; N] {
        let mut array = [0; N];
        let there = self.0.get(offset..).unwrap_or_default();
        if let Some(whole) = there.first_chunk() {
            return *whole;
        }
        array[..there.len()].copy_from_slice(there);
        array
    }

    pub(super) fn u8(self, offset: usize) -> u8 {
        self.0.get(offset).copied().unwrap_or(0)
    }

    pub(super) fn i8(self, offset: usize) -> i8 {
        self.u8(offset).cast_signed()
    }

    pub(super) fn u16(self, offset: usize) -> u16 {
        u16::from_le_bytes(self.array(offset))
    }

    pub(super) fn i16(self, offset: usize) -> i16 {
        i16::from_le_bytes(self.array(offset))
    }

    pub(super) fn u32(self, offset: usize) -> u32 {
        u32::from_le_bytes(self.array(offset))
    }

    pub(super) fn i32(self, offset: usize) -> i32 {
        i32::from_le_bytes(self.array(offset))
    }

    pub(super) fn u64(self, offset: usize) -> u64 {
        u64::from_le_bytes(self.array(offset))
    }

    pub(super) fn f32(self, offset: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.array(offset)))
    }

    /// So many numbers in a row.
    pub(super) fn f32s<const N: usize>(self, offset: usize) -> [f64; N] {
        std::array::from_fn(|index| self.f32(offset + 4 * index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_is_zero() {
        let payload = Payload(&[1, 2, 3]);
        assert_eq!((payload.u32(0), payload.u32(2), payload.u32(3)), (0x0003_0201, 3, 0));
        assert_eq!((payload.u8(2), payload.u8(3), payload.u64(900)), (3, 0, 0));
    }
}
