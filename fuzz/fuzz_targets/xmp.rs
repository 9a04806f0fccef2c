//! Any bytes as the XMP packet of a JPEG, in one piece or in the parts of a long one.
#![no_main]
use std::path::Path;

use torenvalk::thermal::read_metadata_bytes;
use torenvalk_fuzz::jpeg;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let packet = [b"http://ns.adobe.com/xap/1.0/\0", bytes].concat();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0F\x01\x02\0\x04\0\0\0DJI\0\0\0\0\0";
    let _ = read_metadata_bytes(Path::new("one.jpg"), &jpeg(&[(0xE1, exif), (0xE1, &packet)]));
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let part = |offset: usize, part: &[u8]| {
        let start = b"http://ns.adobe.com/xmp/extension/\0";
        let total = (bytes.len() as u32).to_be_bytes();
        let offset = (offset as u32).to_be_bytes();
        [&start[..], &[b'0'; 32], &total, &offset, part].concat()
    };
    let (first, second) = (part(0, first), part(first.len(), second));
    let _ = read_metadata_bytes(Path::new("long.jpg"), &jpeg(&[(0xE1, &first), (0xE1, &second)]));
});
