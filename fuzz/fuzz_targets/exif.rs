//! Any bytes as the EXIF block of a JPEG.
#![no_main]
use std::path::Path;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let block = [b"Exif\0\0", bytes].concat();
    let file = torenvalk_fuzz::jpeg(&[(0xE1, &block)]);
    let _ = torenvalk::thermal::read_metadata_bytes(Path::new("any.jpg"), &file);
});
