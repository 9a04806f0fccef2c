//! Any bytes as the pixels of a FLIR frame of any size, with overrides; plain, PNG or JPEG-LS.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{ReadOptions, read_bytes};
use torenvalk_fuzz::{Draw, flir_blob, flir_camera, flir_jpeg, flir_raw, look_at};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let (width, height) = (draw.u16(), draw.u16());
    let overrides = if draw.flag() { draw.overrides() } else { Default::default() };
    let options = ReadOptions { overrides, ..ReadOptions::default() };
    let raw = flir_raw(width, height, draw.0);
    let file = flir_jpeg(&flir_blob(&[(0x20, &flir_camera()), (1, &raw)]), 65_000);
    for frame in read_bytes(Path::new("any.jpg"), &file, &options).into_iter().flatten() {
        look_at(&frame);
    }
});
