//! What an outline on a frame encloses.

use crate::thermal::Thermogram;

/// How far the surroundings of an outline reach, in pixels.
const SURROUNDINGS_PX: u32 = 5;

/// A closed outline within a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    /// Corners, clipped to the frame.
    corners: Vec<(f64, f64)>,
    /// Left, top, width, height of the pixels that it touches.
    bounds: [u32; 4],
    /// Twice the enclosed area, positive.
    twice_area: f64,
}

impl Outline {
    /// `None` where it encloses less than half a pixel of the frame.
    pub(super) fn new(polygon: &[(f64, f64)], width: u32, height: u32) -> Option<Self> {
        if !polygon.iter().all(|corner| corner.0.is_finite() && corner.1.is_finite()) {
            return None;
        }
        let clip = |v: f64, size: u32| v.clamp(0.0, f64::from(size));
        let corners: Vec<_> =
            polygon.iter().map(|&(x, y)| (clip(x, width), clip(y, height))).collect();
        let next = corners.iter().cycle().skip(1);
        let twice_area =
            corners.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs();
        if corners.len() < 3 || twice_area < 1.0 {
            return None;
        }
        let edge = |pick: fn(&(f64, f64)) -> f64| {
            let values = corners.iter().map(pick);
            let low = values.clone().fold(f64::INFINITY, f64::min).floor();
            (low as u32, values.fold(0.0, f64::max).ceil() as u32)
        };
        let ((left, right), (top, bottom)) = (edge(|c| c.0), edge(|c| c.1));
        Some(Self { corners, bounds: [left, top, right - left, bottom - top], twice_area })
    }

    pub(super) fn bounds_px(&self) -> [u32; 4] {
        self.bounds
    }

    pub(super) fn area_px(&self) -> u32 {
        (self.twice_area / 2.0).round() as u32
    }

    /// The middle of its bounds: inside for what people draw round a spot, and within the frame.
    pub(super) fn middle_px(&self) -> (f64, f64) {
        let [left, top, width, height] = self.bounds.map(f64::from);
        (left + width / 2.0, top + height / 2.0)
    }

    /// Whether a place lies inside: an odd number of edges lies to its right.
    fn holds(&self, x: f64, y: f64) -> bool {
        let next = self.corners.iter().cycle().skip(1);
        let crosses = |(a, b): &(&(f64, f64), &(f64, f64))| {
            (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0
        };
        self.corners.iter().zip(next).filter(crosses).count() % 2 == 1
    }
}

/// Temperatures of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// The pixel furthest from the surroundings.
    pub(super) peak_c: Option<f64>,
    /// Median of what surrounds it.
    pub(super) background_c: Option<f64>,
    /// Whether it is colder than what surrounds it.
    pub(super) is_cold: bool,
}

/// The peak inside against the median of what surrounds it.
pub(super) fn measure(frame: &Thermogram, outline: &Outline) -> Measured {
    let celsius = frame.celsius();
    let [left, top, width, height] = outline.bounds;
    let xs =
        left.saturating_sub(SURROUNDINGS_PX)..frame.width().min(left + width + SURROUNDINGS_PX);
    let ys =
        top.saturating_sub(SURROUNDINGS_PX)..frame.height().min(top + height + SURROUNDINGS_PX);
    let (mut inside, mut around) = (Vec::new(), Vec::new());
    for y in ys {
        for x in xs.clone() {
            let value = celsius[(y * frame.width() + x) as usize];
            if value.is_nan() {
                continue;
            }
            let within = outline.holds(f64::from(x) + 0.5, f64::from(y) + 0.5);
            if within { &mut inside } else { &mut around }.push(value);
        }
    }
    around.sort_by(f32::total_cmp);
    let background = around.get(around.len() / 2).copied();
    let (low, high) = inside
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let is_cold = background.is_some_and(|middle| middle - low > high - middle);
    let peak = Some(if is_cold { low } else { high }).filter(|peak| peak.is_finite());
    Measured { peak_c: peak.map(f64::from), background_c: background.map(f64::from), is_cold }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::Samples;

    #[test]
    fn an_outline_needs_an_inside_within_the_frame() {
        for (polygon, area) in [
            (&[(1.0, 1.0), (4.0, 1.0), (4.0, 3.0), (1.0, 3.0)][..], Some(6)),
            (&[(-9.0, -9.0), (99.0, -9.0), (99.0, 99.0), (-9.0, 99.0)], Some(80)),
            (&[(1.0, 1.0), (4.0, 1.0)], None),
            (&[(1.0, 1.0), (4.0, 1.0), (7.0, 1.0)], None),
            (&[(f64::NAN, 1.0), (4.0, 1.0), (7.0, 5.0)], None),
            (&[(50.0, 50.0), (60.0, 50.0), (60.0, 60.0)], None),
        ] {
            assert_eq!(Outline::new(polygon, 10, 8).map(|o| o.area_px()), area, "{polygon:?}");
        }
    }

    #[test]
    fn a_spot_is_measured_against_what_surrounds_it() {
        let mut celsius = vec![10.0; 400];
        celsius[8 * 20 + 9] = 30.0;
        for (peak, is_cold) in [(30.0_f32, false), (-5.0, true)] {
            celsius[8 * 20 + 9] = peak;
            let frame = Thermogram::new(20, 20, Samples::Celsius(celsius.clone()), None).unwrap();
            let square = [(8.0, 7.0), (11.0, 7.0), (11.0, 10.0), (8.0, 10.0)];
            let measured = measure(&frame, &Outline::new(&square, 20, 20).unwrap());
            assert_eq!(measured.peak_c, Some(f64::from(peak)));
            assert_eq!((measured.background_c, measured.is_cold), (Some(10.0), is_cold));
        }
    }
}
