//! How one picture lies on the next: shift and turn between two thermograms.

use super::Plane;

/// Longest side of a small picture.
const SIDE: usize = 64;
/// Half the width of the surroundings that are taken off, in small pixels: what changes slowly over
/// a picture is the lens and the sky.
const AROUND: usize = 4;
/// Turns that are tried, in degrees: all round on a quarter of the pixels, then near the best.
const COARSE_DEG: f64 = 15.0;
const FINE_DEG: f64 = 2.5;
/// Shifts that are tried near the best, in small pixels.
const FINE: i32 = 3;
/// Pictures share at least this part of their pixels, or nothing is said of them.
const LEAST_SHARED: f64 = 0.25;
/// Correlation from which on two pictures show one place.
const ALIKE: f64 = 0.4;
/// Correlation of two unturned pictures from which on no turn is tried.
const SURE: f64 = 0.7;
/// The best fit stands out from those elsewhere by this factor.
const CLEARLY: f64 = 1.25;
/// Fits nearer than this are one.
const SAME_PX: i32 = 3;
const SAME_DEG: f64 = 20.0;

/// A picture made small, its surroundings taken off, each value between -1 and 1.
#[derive(Debug, Clone)]
pub struct Small {
    width: usize,
    height: usize,
    /// Pixels of the picture a small one.
    block_px: usize,
    values: Vec<f32>,
}

/// How the next picture lies on the one before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// How far what was in the middle has moved, in pixels.
    pub shift_px: f64,
    /// How far the camera turned about its line of sight, clockwise as it looks: as the heading of
    /// a vehicle turns whose camera looks down.
    pub turn_rad: f64,
    /// A small pixel in pixels: what shifts are good to.
    pub step_px: f64,
}

impl Small {
    /// `None` of a picture without pixels or without any contrast.
    #[must_use]
    pub fn of(plane: &Plane<'_>) -> Option<Self> {
        let (width_px, height_px) = (plane.width_px as usize, plane.height_px as usize);
        if plane.values.len() != width_px * height_px || plane.values.is_empty() {
            return None;
        }
        let block_px = width_px.max(height_px).div_ceil(SIDE);
        let (width, height) = (width_px / block_px, height_px / block_px);
        let mut values = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                let rows = (row * block_px..(row + 1) * block_px).map(|y| y * width_px);
                let block = rows.flat_map(|start| {
                    let from = start + column * block_px;
                    plane.values[from..from + block_px].iter()
                });
                let known = block.filter(|&&value| value > 0);
                let (sum, count) =
                    known.fold((0.0, 0_u32), |(sum, n), &v| (sum + f32::from(v), n + 1));
                values.push(if count > 0 { sum / count as f32 } else { f32::NAN });
            }
        }
        let small = Self { width, height, block_px, values };
        small.flattened()
    }

    /// With the mean of its surroundings taken off each value, and the rest in its own spread.
    fn flattened(&self) -> Option<Self> {
        let around =
            |at: usize, size: usize| at.saturating_sub(AROUND)..(at + AROUND + 1).min(size);
        let mut off = Vec::with_capacity(self.values.len());
        for row in 0..self.height {
            for column in 0..self.width {
                let rows = around(row, self.height);
                let near =
                    rows.flat_map(|y| around(column, self.width).map(move |x| y * self.width + x));
                let known = near.map(|at| self.values[at]).filter(|value| value.is_finite());
                let (sum, count) = known.fold((0.0, 0_u32), |(sum, n), v| (sum + v, n + 1));
                let own = self.values[row * self.width + column];
                let own = if own.is_finite() { own - sum / count as f32 } else { 0.0 };
                off.push(own);
            }
        }
        let mean = off.iter().map(|value| value.abs()).sum::<f32>() / off.len().max(1) as f32;
        // One hot chimney shall not outweigh a whole roof.
        let squashed = |value: &f32| value / (value.abs() + 2.0 * mean);
        (mean > 0.0).then(|| Self { values: off.iter().map(squashed).collect(), ..*self })
    }

    /// A quarter of the pixels.
    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                let at = 2 * row * self.width + 2 * column;
                let below = at + self.width;
                let four = [at, at + 1, below, below + 1].map(|at| self.values[at]);
                values.push(four.iter().sum::<f32>() / 4.0);
            }
        }
        Self { width, height, block_px: 2 * self.block_px, values }
    }

    /// Turned clockwise about its middle, on a square that holds it whole; not a number outside.
    fn turned(&self, degrees: f64) -> Self {
        let side = ((self.width as f64).hypot(self.height as f64)).ceil() as usize | 1;
        let (sin, cos) = degrees.to_radians().sin_cos();
        let half = |size: usize| (size as f64 - 1.0) / 2.0;
        let mut values = Vec::with_capacity(side * side);
        for row in 0..side {
            for column in 0..side {
                let (x, y) = (column as f64 - half(side), row as f64 - half(side));
                let (u, v) = (cos * x + sin * y, cos * y - sin * x);
                values.push(self.at(u + half(self.width), v + half(self.height)));
            }
        }
        Self { width: side, height: side, block_px: self.block_px, values }
    }

    /// Between its pixels' middles.
    fn at(&self, x: f64, y: f64) -> f32 {
        let inside = |v: f64, size: usize| v >= 0.0 && v <= size as f64 - 1.0;
        if !(inside(x, self.width) && inside(y, self.height)) {
            return f32::NAN;
        }
        let (left, upper) = (x as usize, y as usize);
        let (right, lower) = ((left + 1).min(self.width - 1), (upper + 1).min(self.height - 1));
        let (u, v) = ((x - left as f64) as f32, (y - upper as f64) as f32);
        let value = |x: usize, y: usize| self.values[y * self.width + x];
        let above = value(left, upper) * (1.0 - u) + value(right, upper) * u;
        let below = value(left, lower) * (1.0 - u) + value(right, lower) * u;
        above * (1.0 - v) + below * v
    }
}

/// A turn and a shift, and how well they fit.
#[derive(Debug, Clone, Copy)]
struct Fit {
    degrees: f64,
    right: i32,
    down: i32,
    likeness: f64,
    /// Likeness over what chance brings in so many pixels.
    weight: f64,
}

/// How `next` lies on `before`; `None` where that is not clear.
///
/// All turns and shifts are tried on small pictures, and the best is looked at more closely. Two
/// pictures that share less than a quarter, or that fit in two ways, say nothing. Perspective is
/// not modelled: of a camera that looks flat the shift is that of the picture's middle, roughly.
#[must_use]
pub fn moved(before: &Small, next: &Small) -> Option<Moved> {
    if (before.width, before.height) != (next.width, next.height) {
        return None;
    }
    let (coarse_before, coarse_next) = (before.halved(), next.halved());
    let reach = (coarse_next.width.max(coarse_next.height) * 3 / 4) as i32;
    let steps = (360.0 / COARSE_DEG) as i32;
    let mut fits = Vec::new();
    for step in 0..steps {
        // Most frames follow each other on a leg, unturned.
        let degrees = (f64::from(step) * COARSE_DEG + 180.0).rem_euclid(360.0) - 180.0;
        let turned = coarse_before.turned(degrees);
        fits.extend(best(&turned, &coarse_next, degrees, (0, 0), reach, SAME_PX));
        if step == 0 && fits.first().is_some_and(|fit| fit.likeness > SURE) {
            break;
        }
    }
    fits.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let first = *fits.first()?;
    let elsewhere = |fit: &&Fit| {
        let turn = (fit.degrees - first.degrees + 180.0).rem_euclid(360.0) - 180.0;
        turn.abs() > SAME_DEG
            || (fit.right - first.right).abs() > SAME_PX
            || (fit.down - first.down).abs() > SAME_PX
    };
    let rival = fits.iter().find(elsewhere).map_or(0.0, |fit| fit.weight);
    if first.weight < CLEARLY * rival {
        return None;
    }
    finer(before, next, &first)
}

fn finer(before: &Small, next: &Small, first: &Fit) -> Option<Moved> {
    let turns = (COARSE_DEG / FINE_DEG) as i32;
    let about = (2 * first.right, 2 * first.down);
    let of_turn = |step: i32| {
        let degrees = first.degrees + f64::from(step) * FINE_DEG;
        let turned = before.turned(degrees);
        best(&turned, next, degrees, about, FINE, i32::MAX).pop().map(|fit| (step, turned, fit))
    };
    let tried: Vec<(i32, Small, Fit)> = (-turns..=turns).filter_map(of_turn).collect();
    let likest = |a: &&(i32, Small, Fit), b: &&(i32, Small, Fit)| a.2.weight.total_cmp(&b.2.weight);
    let (step, turned, fit) = tried.iter().max_by(likest)?;
    if fit.likeness < ALIKE {
        return None;
    }
    let around = |right: i32, down: i32| {
        let shift = (fit.right + right, fit.down + down);
        likeness(turned, next, shift).map_or(0.0, |(likeness, _)| likeness)
    };
    // Middles of an odd and an even side lie half a pixel apart.
    let half = |square: usize, side: usize| f64::from(u8::from((square - side) % 2 == 1)) / 2.0;
    let right = f64::from(fit.right)
        + half(turned.width, next.width)
        + top([around(-1, 0), fit.likeness, around(1, 0)]);
    let down = f64::from(fit.down)
        + half(turned.height, next.height)
        + top([around(0, -1), fit.likeness, around(0, 1)]);
    let beside = |other: i32| {
        let beside = tried.iter().find(|(at, ..)| *at == step + other);
        beside.map_or(0.0, |(_, _, fit)| fit.likeness)
    };
    let degrees = fit.degrees + FINE_DEG * top([beside(-1), fit.likeness, beside(1)]);
    let step_px = next.block_px as f64;
    // What is in the picture turns against the camera.
    let turn_deg = (180.0 - degrees).rem_euclid(360.0) - 180.0;
    Some(Moved { shift_px: right.hypot(down) * step_px, turn_rad: turn_deg.to_radians(), step_px })
}

/// Where the parabola through three values has its top, from the middle one on.
fn top([left, middle, right]: [f64; 3]) -> f64 {
    let bend = left - 2.0 * middle + right;
    if bend < 0.0 { ((left - right) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
}

/// The best shift within `reach` of `about`, and the best one that is further than `apart` from it.
fn best(
    turned: &Small,
    next: &Small,
    degrees: f64,
    (right, down): (i32, i32),
    reach: i32,
    apart: i32,
) -> Vec<Fit> {
    let mut fits = Vec::new();
    for down in down - reach..=down + reach {
        for right in right - reach..=right + reach {
            if let Some((likeness, shared)) = likeness(turned, next, (right, down)) {
                let weight = likeness * shared.sqrt();
                fits.push(Fit { degrees, right, down, likeness, weight });
            }
        }
    }
    fits.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let Some(&first) = fits.first() else { return fits };
    let elsewhere =
        |fit: &&Fit| (fit.right - first.right).abs().max((fit.down - first.down).abs()) > apart;
    let second = fits.iter().find(elsewhere).copied();
    std::iter::once(first).chain(second).collect()
}

/// Correlation of two pictures where they overlap, and in how many pixels they do.
fn likeness(turned: &Small, next: &Small, (right, down): (i32, i32)) -> Option<(f64, f64)> {
    // From the square's corner to the picture's.
    let corner = |square: usize, side: usize| (square as i32 - side as i32) / 2;
    let (left, upper) =
        (corner(turned.width, next.width) - right, corner(turned.height, next.height) - down);
    let least = LEAST_SHARED * next.values.len() as f64;
    let common = |from: i32, square: usize, side: usize| {
        f64::from((square as i32 - from).min(side as i32) - (-from).max(0))
    };
    let (wide, high) = (
        common(left, turned.width, next.width).max(0.0),
        common(upper, turned.height, next.height).max(0.0),
    );
    if wide * high < least {
        return None;
    }
    let [mut both, mut ours, mut theirs, mut shared] = [0.0_f32; 4];
    for (row, values) in (0..).zip(next.values.chunks_exact(next.width)) {
        let y = row + upper;
        if !(0..turned.height as i32).contains(&y) {
            continue;
        }
        let first = (-left).max(0) as usize;
        let from = (left + first as i32) as usize;
        let row = &turned.values[y as usize * turned.width..(y as usize + 1) * turned.width];
        let pairs = row.get(from..).unwrap_or_default().iter();
        for (a, b) in pairs.zip(values.get(first..).unwrap_or_default()) {
            if !a.is_nan() {
                both += a * b;
                ours += a * a;
                theirs += b * b;
                shared += 1.0;
            }
        }
    }
    let (size, shared) = (f64::from(ours * theirs).sqrt(), f64::from(shared));
    (shared >= least && size > 0.0).then(|| (f64::from(both) / size, shared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::PlaneUnit;

    /// Ground with spots, as a camera over a place with a heading sees it.
    fn seen(east: f64, north: f64, heading_deg: f64) -> Vec<u16> {
        let (sin, cos) = heading_deg.to_radians().sin_cos();
        let mut values = Vec::new();
        for row in 0..256 {
            for column in 0..320 {
                let (right, ahead) = (f64::from(column) - 160.0, 128.0 - f64::from(row));
                let x = east + right * cos + ahead * sin;
                let y = north + ahead * cos - right * sin;
                let mut value = 3000.0;
                for spot in 0..160_u32 {
                    let drawn = |salt: u32| {
                        let mixed = spot.wrapping_mul(2_654_435_761) ^ salt.wrapping_mul(97);
                        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519);
                        f64::from(mixed >> 8) / f64::from(1 << 24)
                    };
                    let (sx, sy) = (900.0 * drawn(1) - 450.0, 900.0 * drawn(2) - 450.0);
                    let near = ((x - sx).powi(2) + (y - sy).powi(2)) / 150.0;
                    value += (200.0 * drawn(3) - 80.0) * (-near).exp();
                }
                values.push(value as u16);
            }
        }
        values
    }

    fn small(values: &[u16]) -> Small {
        let unit = PlaneUnit::Kelvin { step_k: 0.01, origin_c: 0.0 };
        let (width_px, height_px) = (320, 256);
        Small::of(&Plane { width_px, height_px, values, unit, saturated_from: None }).unwrap()
    }

    #[test]
    fn shift_and_turn_are_found_and_what_shares_nothing_says_nothing() {
        let before = small(&seen(0.0, 0.0, 20.0));
        for (east, north, heading) in
            [(0.0, 0.0, 20.0), (30.0, 22.0, 23.0), (-18.0, 40.0, 75.0), (10.0, -5.0, -130.0)]
        {
            let moved = moved(&before, &small(&seen(east, north, heading))).unwrap();
            let turn_deg = (heading - 20.0_f64 + 180.0).rem_euclid(360.0) - 180.0;
            assert!((moved.turn_rad.to_degrees() - turn_deg).abs() < 2.0, "{heading}: {moved:?}");
            let shift: f64 = east.hypot(north);
            assert!(
                (moved.shift_px - shift).abs() < 0.5 * moved.step_px,
                "{east} {north}: {moved:?}"
            );
        }
        assert_eq!(moved(&before, &small(&seen(0.0, 600.0, 20.0))), None);
    }

    #[test]
    fn a_picture_of_nothing_has_no_small_one() {
        let unit = PlaneUnit::Kelvin { step_k: 0.01, origin_c: 0.0 };
        for (values, width_px, height_px) in [(vec![7; 64], 8, 8), (vec![], 0, 0), (vec![1], 4, 4)]
        {
            let plane = Plane { width_px, height_px, values: &values, unit, saturated_from: None };
            assert!(Small::of(&plane).is_none());
        }
    }
}
