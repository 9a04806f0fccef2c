//! Any text as a camera table, and every camera of it for odd pictures.
#![no_main]
use torenvalk::capture::CameraTable;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut table = CameraTable::default();
    if table.extend_from_text(text).is_err() {
        return;
    }
    for camera in table.cameras() {
        for (size, focal_mm) in
            [((640, 512), None), ((1, 65_535), Some(13.5)), ((u32::MAX, 1), Some(f64::NAN))]
        {
            let model = camera.model(size, focal_mm);
            let _ = model.ray_with_slopes(0.0, 0.0);
        }
    }
});
