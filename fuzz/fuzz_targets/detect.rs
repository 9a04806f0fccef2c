//! Any plane: sizes, values and unit out of bytes, two frames after each other.
#![no_main]
use torenvalk::detect::{Detector, Params, Plane, Profile, overlay};
use torenvalk::thermal::PlaneUnit;
use torenvalk_fuzz::Draw;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let profile = if draw.flag() { Profile::All } else { Profile::Electrical };
    let least_score = if draw.flag() { 1.0 } else { draw.number() as f32 };
    let mut detector = Detector::new(Params { profile, least_score, wide: draw.flag() });
    for _ in 0..2 {
        let unit = match draw.u8() % 4 {
            0 => PlaneUnit::Grey { step: draw.number() },
            1 => PlaneUnit::Kelvin { step_k: draw.number(), origin_c: draw.number() },
            _ => PlaneUnit::Kelvin { step_k: 0.01, origin_c: -100.0 },
        };
        let saturated_from = draw.flag().then(|| draw.u16());
        // Small planes mostly: they are quick.
        let side = if draw.u8() < 16 { 255 } else { 95 };
        let (width, height) = (draw.u8().min(side), draw.u8().min(side));
        let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
        let pixels = (width * height) as usize;
        let base = draw.u16();
        let texture = u16::from(draw.u8());
        // Some noise everywhere, then blocks at drawn places.
        let noise = |at: usize| (at.wrapping_mul(2_654_435_761) >> 16) as u16 % (texture + 1);
        let mut values: Vec<u16> = (0..pixels).map(|at| base.wrapping_add(noise(at))).collect();
        for _ in 0..draw.u8() % 16 {
            let (left, top) = (usize::from(draw.u8()), usize::from(draw.u8()));
            let (wide, high, value) = (draw.u8() % 64, draw.u8() % 64, draw.u16());
            for row in values.chunks_mut(width as usize).skip(top).take(usize::from(high)) {
                row.iter_mut().skip(left).take(usize::from(wide)).for_each(|v| *v = value);
            }
        }
        let claimed = if draw.u8() == 255 { draw.u32() } else { width };
        let plane =
            Plane { width_px: claimed, height_px: height, values: &values, unit, saturated_from };
        let found = detector.detect(&plane);
        for detection in &found {
            let [x, y, w, h] = detection.bbox_px.map(u32::from);
            assert!(x + w <= width && y + h <= height);
            assert!(detection.score.is_finite());
        }
        if claimed == width && draw.u8() == 0 {
            let _ = overlay(&plane, &found);
        }
    }
});
