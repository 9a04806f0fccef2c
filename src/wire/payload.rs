//! Bytes of a payload whose trailing zeros may be cut.

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_is_zero() {
        let payload = Payload(&[1, 2, 3]);
        assert_eq!(payload.array(0), [1, 2, 3, 0]);
        assert_eq!((payload.array(2), payload.array(3)), ([3, 0], [0]));
        assert_eq!(payload.array(900), [0; 8]);
    }
}
