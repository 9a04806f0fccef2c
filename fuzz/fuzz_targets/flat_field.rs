//! Any bytes as the file of a sensor's pattern.
#![no_main]
use torenvalk::detect::FlatField;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    if file.len() >= 4 && !file.starts_with(b"II") && !file.starts_with(b"MM") {
        file[..4].copy_from_slice(b"II*\0");
    }
    if let Ok(field) = FlatField::of_tiff(&file, 0.01) {
        let again = FlatField::of_tiff(&field.to_tiff(0.01), 0.01);
        assert_eq!(again, Ok(field));
    }
});
