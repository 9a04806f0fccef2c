//! Any bytes as a radiometric TIFF, with and without a scale from the user, and its metadata.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{LinearScale, ReadOptions, read_bytes, read_metadata_bytes};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    if file.len() >= 4 && !file.starts_with(b"II") && !file.starts_with(b"MM") {
        file[..4].copy_from_slice(b"II*\0");
    }
    let told = Some(LinearScale { scale: 0.04, offset_c: -273.15 });
    for tiff_scale in [None, told] {
        let options = ReadOptions { tiff_scale, ..ReadOptions::default() };
        for frame in read_bytes(Path::new("any.tif"), &file, &options).into_iter().flatten() {
            torenvalk_fuzz::look_at(&frame);
        }
    }
    let _ = read_metadata_bytes(Path::new("any.tif"), &file);
});
