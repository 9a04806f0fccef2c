//! Any bytes as a plain picture, JPEG or PNG, read as grey levels.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{ReadOptions, read_bytes};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let options = ReadOptions { uncalibrated: true, ..ReadOptions::default() };
    let whole = read_bytes(Path::new("any.jpg"), bytes, &options);
    let png = [b"\x89PNG\r\n\x1A\n", bytes].concat();
    let png = read_bytes(Path::new("any.png"), &png, &options);
    for frame in whole.into_iter().chain(png).flatten() {
        torenvalk_fuzz::look_at(&frame);
    }
});
