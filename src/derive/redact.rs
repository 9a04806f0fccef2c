//! Spots that may be people, so that derived pictures do not show them.
//!
//! The rule is blunt on purpose: whatever is as warm and as large as a person is masked, whoever or
//! whatever it is. It does not find people on ground that is as warm as they are, nor those under
//! thick clothes; nothing that looks at temperatures alone does.

use serde::Serialize;

use crate::thermal::Thermogram;

/// As warm as skin and light clothes look from the air, in °C.
const WARM_C: std::ops::RangeInclusive<f32> = 28.0..=38.0;
/// As long as what is seen of a person from above or from aside, in metres.
const LENGTH_M: std::ops::RangeInclusive<f64> = 0.3..=2.0;
/// Where the scale is not known, spots up to this many pixels may be people.
const UNSCALED_PX: std::ops::RangeInclusive<usize> = 2..=100;
/// Dots around a spot that are masked too, since a spot's edge is colder than its middle.
const MARGIN_PX: usize = 2;

/// A spot that is masked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spot {
    /// Left, top, width, height, with a margin.
    pub bounds_px: [usize; 4],
    /// The warmest pixel.
    pub peak_c: f32,
    /// The longer side without the margin; `None` where the scale is not known.
    pub length_m: Option<f64>,
}

/// Spots of a person's warmth and size. `metre_a_px` is the ground's scale, if it is known.
#[must_use]
pub fn warm_spots(frame: &Thermogram, metre_a_px: Option<f64>) -> Vec<Spot> {
    if !frame.is_radiometric() {
        return Vec::new();
    }
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let celsius = frame.celsius();
    let mut open: Vec<bool> = celsius.iter().map(|value| WARM_C.contains(value)).collect();
    let mut spots = Vec::new();
    let mut stack = Vec::new();
    for first in 0..open.len() {
        if !std::mem::take(&mut open[first]) {
            continue;
        }
        let mut peak_c = f32::MIN;
        let (mut left, mut top, mut right, mut bottom) = (width, height, 0, 0);
        stack.push(first);
        while let Some(at) = stack.pop() {
            let (x, y) = (at % width, at / width);
            (left, right) = (left.min(x), right.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
            peak_c = peak_c.max(celsius[at]);
            for near_y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for near_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let near = near_y * width + near_x;
                    if std::mem::take(&mut open[near]) {
                        stack.push(near);
                    }
                }
            }
        }
        let length_px = (right - left + 1).max(bottom - top + 1);
        let length_m = metre_a_px.map(|scale| length_px as f64 * scale);
        let like_a_person = length_m
            .map_or_else(|| UNSCALED_PX.contains(&length_px), |length| LENGTH_M.contains(&length));
        if like_a_person {
            let (x, y) = (left.saturating_sub(MARGIN_PX), top.saturating_sub(MARGIN_PX));
            let (x_end, y_end) =
                ((right + 1 + MARGIN_PX).min(width), (bottom + 1 + MARGIN_PX).min(height));
            spots.push(Spot { bounds_px: [x, y, x_end - x, y_end - y], peak_c, length_m });
        }
    }
    spots
}

/// Whether two boxes have a pixel in common.
#[must_use]
pub fn overlap(one: [usize; 4], other: [usize; 4]) -> bool {
    (0..2).all(|axis| {
        one[axis] < other[axis] + other[axis + 2] && other[axis] < one[axis] + one[axis + 2]
    })
}

/// Evens out the spots of a picture, three bytes a pixel: each becomes at most two by two blocks.
pub fn pixelate(rgb: &mut [u8], width: usize, spots: &[Spot]) {
    for spot in spots {
        let [left, top, wide, high] = spot.bounds_px;
        let (block_x, block_y) = (wide.div_ceil(2).max(1), high.div_ceil(2).max(1));
        for y in (top..top + high).step_by(block_y) {
            for x in (left..left + wide).step_by(block_x) {
                let [x_end, y_end] =
                    [(x + block_x).min(left + wide), (y + block_y).min(top + high)];
                even_out(rgb, width, [x, y, x_end, y_end]);
            }
        }
    }
}

/// Gives all pixels of a block their mean; the block ends before `x_end` and `y_end`.
fn even_out(rgb: &mut [u8], width: usize, [x, y, x_end, y_end]: [usize; 4]) {
    let places =
        || (y..y_end).flat_map(move |row| (x..x_end).map(move |at| 3 * (row * width + at)));
    let (mut sums, mut count) = ([0_u32; 3], 0_u32);
    for at in places().filter(|at| at + 3 <= rgb.len()) {
        count += 1;
        sums.iter_mut().zip(&rgb[at..at + 3]).for_each(|(sum, &value)| *sum += u32::from(value));
    }
    for at in places() {
        if let Some(pixel) = rgb.get_mut(at..at + 3) {
            // A mean of bytes is a byte.
            pixel.iter_mut().zip(sums).for_each(|(value, sum)| *value = (sum / count) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::{CountTable, Samples};

    /// A field of 10 °C with a warm box.
    fn scene(bounds: [usize; 4], warm_c: f32) -> Thermogram {
        let mut counts = vec![0; 60 * 40];
        for y in bounds[1]..bounds[1] + bounds[3] {
            counts[y * 60 + bounds[0]..][..bounds[2]].fill(1);
        }
        let table = CountTable::new(0, vec![10.0, warm_c]);
        Thermogram::new(60, 40, Samples::Counts { counts, table }, None).unwrap()
    }

    #[test]
    fn only_what_is_as_warm_and_large_as_a_person_is_masked() {
        let bounds = [20, 10, 6, 15];
        for (warm_c, metre_a_px, masked) in [
            (34.0, Some(0.1), true),
            (27.9, Some(0.1), false),
            (38.1, Some(0.1), false),
            (34.0, Some(0.2), false),
            (34.0, Some(0.01), false),
            (34.0, None, true),
        ] {
            let spots = warm_spots(&scene(bounds, warm_c), metre_a_px);
            assert_eq!(!spots.is_empty(), masked, "{warm_c} {metre_a_px:?}");
            if let [spot] = &spots[..] {
                assert_eq!(spot.bounds_px, [18, 8, 10, 19]);
            }
        }
        let at_the_corner = warm_spots(&scene([0, 0, 3, 3], 30.0), Some(0.2));
        assert_eq!(at_the_corner[0].bounds_px, [0, 0, 5, 5]);
    }

    #[test]
    fn a_masked_spot_keeps_no_shape() {
        let frame = scene([20, 10, 6, 15], 34.0);
        let spots = warm_spots(&frame, Some(0.1));
        let mut rgb: Vec<u8> =
            frame.celsius().iter().flat_map(|celsius| [*celsius as u8 * 5; 3]).collect();
        let before = rgb.clone();
        pixelate(&mut rgb, 60, &spots);
        let mut inside = std::collections::BTreeSet::new();
        for (at, (new, old)) in rgb.chunks(3).zip(before.chunks(3)).enumerate() {
            if overlap([at % 60, at / 60, 1, 1], spots[0].bounds_px) {
                inside.insert(new[0]);
            } else {
                assert_eq!(new, old);
            }
        }
        assert!(inside.len() <= 4, "{inside:?}");
    }
}
