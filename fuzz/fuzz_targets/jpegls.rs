//! Any bytes as a JPEG-LS picture in a FLIR frame whose size agrees with the picture's.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{ReadOptions, read_bytes};
use torenvalk_fuzz::{flir_blob, flir_camera, flir_raw, look_at};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let header = bytes.windows(9).find(|window| window.starts_with(&[0xFF, 0xF7]));
    let Some(&[_, _, _, _, _, h1, h0, w1, w0]) = header else { return };
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    let raw = flir_raw(width, height, bytes);
    let file = flir_blob(&[(0x20, &flir_camera()), (1, &raw)]);
    let options = ReadOptions::default();
    for frame in read_bytes(Path::new("any.csq"), &file, &options).into_iter().flatten() {
        look_at(&frame);
    }
});
