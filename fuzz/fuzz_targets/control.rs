//! Any text as a table of surveyed places.
#![no_main]
use torenvalk::site::control_from_text;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for point in control_from_text(text).unwrap_or_default() {
        assert!(point.point.height_m.is_finite() && point.sigma_m > 0.0 && !point.name.is_empty());
    }
});
