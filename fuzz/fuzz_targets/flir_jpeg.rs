//! Any bytes as the FLIR blob in the APP1 chunks of a JPEG; the first two give the chunks' size.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{PathConvention, ReadOptions, read_bytes};
use torenvalk_fuzz::{Draw, flir_jpeg, look_at};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let chunk = usize::from(draw.u16());
    let file = flir_jpeg(draw.0, chunk);
    for path_convention in [PathConvention::Half, PathConvention::Full] {
        let options = ReadOptions { path_convention, ..ReadOptions::default() };
        for frame in read_bytes(Path::new("any.jpg"), &file, &options).into_iter().flatten() {
            look_at(&frame);
        }
    }
});
