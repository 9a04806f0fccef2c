//! Any text as a table of a flight, also below a header that is one.
#![no_main]
use std::path::Path;

use torenvalk::flight::read_bytes;

const HEADER: &[u8] =
    b"time,utc,lat,lon,alt,yaw,pitch,roll,gimbal_yaw,gimbal_pitch,vn,ve,vd,photo\n";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = read_bytes(Path::new("any.csv"), bytes);
    let log = read_bytes(Path::new("any.csv"), &[HEADER, bytes].concat()).expect("it has a header");
    let lost: u64 = log.losses.iter().map(|loss| loss.bytes).sum();
    assert!(lost <= bytes.len() as u64);
});
