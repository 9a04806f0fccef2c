//! Any bytes as the segments of a DJI JPEG.
//!
//! A segment is its marker's low half, two bytes of length, and its bytes. Marker 15 stands for
//! APP3 of so many bytes times 16, all pairs alike, so that small inputs hold whole frames.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{ReadOptions, read_bytes};
use torenvalk_fuzz::{Draw, jpeg, look_at};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let overrides = if draw.flag() { draw.overrides() } else { Default::default() };
    let mut segments: Vec<(u8, Vec<u8>)> = Vec::new();
    while !draw.0.is_empty() && segments.len() < 64 {
        let (marker, length) = (draw.u8() & 15, usize::from(draw.u16()));
        segments.push(match marker {
            15 => (0xE3, draw.bytes::<2>().repeat(length * 8)),
            _ => (0xE0 | marker, draw.take(length).to_vec()),
        });
    }
    let parts: Vec<(u8, &[u8])> = segments.iter().map(|(m, part)| (*m, &part[..])).collect();
    let options = ReadOptions { overrides, ..ReadOptions::default() };
    for frame in read_bytes(Path::new("any.jpg"), &jpeg(&parts), &options).into_iter().flatten() {
        look_at(&frame);
    }
});
