//! Any bytes as a file whose metadata is wanted.
#![no_main]
use std::path::Path;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(metadata) = torenvalk::thermal::read_metadata_bytes(Path::new("any.jpg"), bytes) {
        for position in [metadata.exif_position, metadata.xmp_position].iter().flatten() {
            assert!(position.lat_deg.abs() <= 90.0 && position.lon_deg.abs() <= 180.0);
        }
        let _ = (metadata.position_json(), metadata.gimbal_json());
    }
});
