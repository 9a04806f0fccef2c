//! Records of a `.tlog`, from a receive stamp and the bytes of a frame.

/// Writes one record to the end of `out`: what [`TlogReader`](super::TlogReader) reads.
pub fn write_record(out: &mut Vec<u8>, stamp_us: u64, frame: &[u8]) {
    out.reserve(8 + frame.len());
    out.extend(stamp_us.to_be_bytes());
    out.extend(frame);
}
