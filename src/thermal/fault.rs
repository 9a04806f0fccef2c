//! Why bytes gave no temperatures, before the file's name is known.

/// What a family's decoder answers when it cannot decode; `reader` adds the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Reason and remedy in one sentence.
    Refused(String),
    /// Something is wrong with the bytes from an offset on.
    Damaged {
        /// In bytes from the start of the file.
        offset: u64,
        /// What is wrong.
        what: String,
    },
}

impl Fault {
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    pub(super) fn damaged(offset: usize, what: impl Into<String>) -> Self {
        Self::Damaged { offset: offset as u64, what: what.into() }
    }
}

/// Most pixels of a frame that are allocated for: more than any thermal sensor or mosaic tile has.
pub(super) const MOST_PIXELS: u64 = 64 << 20;

/// Number of pixels of a frame, if it is neither empty nor beyond [`MOST_PIXELS`].
pub(super) fn pixels(width: u32, height: u32, offset: usize) -> Result<usize, Fault> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err(Fault::damaged(offset, format!("a frame of {width} x {height} pixels")));
    }
    Ok(pixels as usize)
}
