//! A frame as 16-bit steps of temperature.

use crate::thermal::{Samples, Thermogram};

/// Stands for a pixel without a value.
pub(super) const NOTHING: u16 = u16::MAX;
/// Values that a pixel can have beside [`NOTHING`], less one.
const STEPS: f64 = 65_534.0;
/// Finest step in kelvin: below the noise of any sensor, and what 65,534 of span 65 K.
const FINEST_K: f64 = 0.001;

/// A frame in 16 bits: `celsius = value · scale + offset`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raster {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) scale: f64,
    pub(super) offset: f64,
    /// Whether values are °C; else grey levels.
    pub(super) is_celsius: bool,
    /// Row by row, little-endian.
    pub(super) bytes: Vec<u8>,
}

/// Spreads the frame's own span over the steps, so that no pixel is off by more than half a step:
/// 0.0005 K over a span up to 65 K, 0.008 K over one of 1,000 K.
pub(super) fn raster(frame: &Thermogram) -> Raster {
    let (width, height) = (frame.width(), frame.height());
    if let Samples::Grey(grey) = frame.samples() {
        let bytes = grey.iter().flat_map(|&level| u16::from(level).to_le_bytes()).collect();
        return Raster { width, height, scale: 1.0, offset: 0.0, is_celsius: false, bytes };
    }
    let celsius = frame.celsius();
    let known = celsius.iter().copied().filter(|value| value.is_finite()).map(f64::from);
    let (low, high) =
        known.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let offset = if low.is_finite() { low } else { 0.0 };
    let scale = ((high - offset) / STEPS).max(FINEST_K);
    let step = |value: f32| {
        let steps = ((f64::from(value) - offset) / scale).round();
        if value.is_finite() { steps.clamp(0.0, STEPS) as u16 } else { NOTHING }
    };
    let bytes = celsius.iter().flat_map(|&value| step(value).to_le_bytes()).collect();
    Raster { width, height, scale, offset, is_celsius: true, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_give_temperatures_back() {
        for span in [0.0, 1.0, 60.0, 600.0, 1300.0] {
            let celsius: Vec<f32> = (0..1000).map(|n| -40.0 + span * n as f32 / 999.0).collect();
            let mut with_gaps = celsius.clone();
            with_gaps[17] = f32::NAN;
            let frame = Thermogram::new(1000, 1, Samples::Celsius(with_gaps), None).unwrap();
            let raster = raster(&frame);
            for (at, two) in raster.bytes.chunks_exact(2).enumerate() {
                let value = u16::from_le_bytes([two[0], two[1]]);
                if at == 17 {
                    assert_eq!(value, NOTHING);
                    continue;
                }
                let back = f64::from(value) * raster.scale + raster.offset;
                assert!((back - f64::from(celsius[at])).abs() < 0.01, "{span} {at} {back}");
            }
        }
    }

    #[test]
    fn grey_levels_stay_as_they_are_and_nothing_known_is_nothing() {
        let grey = Thermogram::new(2, 1, Samples::Grey(vec![0, 255]), None).unwrap();
        assert_eq!(raster(&grey).bytes, [0, 0, 255, 0]);
        let none = Thermogram::new(1, 1, Samples::Celsius(vec![f32::NAN]), None).unwrap();
        assert_eq!(raster(&none).bytes, [255, 255]);
    }
}
