//! Any bytes as an InfiRay IRG.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{ReadOptions, read_bytes};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    let marks = [[0xCA, 0xAC], [0xBA, 0xAB], [0x04, 0xA0]];
    if file.len() >= 2 && !marks.iter().any(|mark| file.starts_with(mark)) {
        let mark = marks[usize::from(file[0]) % 3];
        file[..2].copy_from_slice(&mark);
    }
    let options = ReadOptions::default();
    for frame in read_bytes(Path::new("any.irg"), &file, &options).into_iter().flatten() {
        torenvalk_fuzz::look_at(&frame);
    }
});
