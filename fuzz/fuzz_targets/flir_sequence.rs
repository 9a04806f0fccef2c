//! Any bytes as a FLIR sequence, read frame by frame and past its faults.
#![no_main]
use std::path::Path;
use std::sync::OnceLock;

use tempfile::NamedTempFile;
use torenvalk::thermal::{ReadOptions, open, read_bytes};

static FILE: OnceLock<NamedTempFile> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    if file.len() >= 4 && !torenvalk::thermal::is_sequence(&file) {
        file[..4].copy_from_slice(b"FFF\0");
    }
    let options = ReadOptions::default();
    let _ = read_bytes(Path::new("any.seq"), &file, &options);
    let kept = FILE.get_or_init(|| NamedTempFile::new().expect("a folder for temporary files"));
    std::fs::write(kept.path(), &file).expect("room for temporary files");
    for frame in open(kept.path(), &options).into_iter().flatten().flatten() {
        torenvalk_fuzz::look_at(&frame);
    }
    let _ = torenvalk::thermal::read_metadata(kept.path());
});
