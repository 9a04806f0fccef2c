//! Any bytes as a thermal file: with default options, then with options out of the file's end.
#![no_main]
use std::path::Path;

use torenvalk::thermal::{LinearScale, PathConvention, ReadOptions, read_bytes};
use torenvalk_fuzz::{Draw, look_at};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let end: Vec<u8> = bytes.iter().rev().take(64).copied().collect();
    let mut draw = Draw(&end);
    let bits = draw.u8();
    let given = ReadOptions {
        uncalibrated: bits & 1 != 0,
        path_convention: if bits & 2 == 0 { PathConvention::Full } else { PathConvention::Half },
        tiff_scale: (bits & 4 != 0)
            .then(|| LinearScale { scale: draw.number(), offset_c: draw.number() }),
        overrides: draw.overrides(),
        vendor_sdk: None,
    };
    for options in [ReadOptions::default(), given] {
        for frame in read_bytes(Path::new("any.jpg"), bytes, &options).into_iter().flatten() {
            look_at(&frame);
        }
    }
});
