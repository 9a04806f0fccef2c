//! The ring around a core, and how far the core stands out from it.

use super::Polarity;
use super::cores::Core;
use super::level::Level;
use super::rank::{below, ranked};

/// Distance of the ring from the core's box, beside half of the core's size.
const RING_GAP_PX: i64 = 2;

/// From this many pixels on, only every second (third …) pixel of a ring's frame is looked at: that
/// is enough for a 75th percentile.
const RING_SAMPLES: i64 = 128;

/// A ring of fewer pixels says nothing.
const LEAST_RING: usize = 12;

/// Below this share of the ring inside the picture only a part of the spot is seen.
const LEAST_SEEN: f64 = 0.7;

/// Weight of the ring's unrest against the pixel noise; the best or near it on the eight scenes of
/// the method's study, between none, a quarter and the whole.
const SPREAD_WEIGHT: f64 = 0.25;

/// A ring pixel above this share of the contrast is warm too …
const WARM_CONTRAST: f64 = 0.4;

/// … and more than this share of such pixels makes a warm ring.
const WARM_SHARE: f64 = 0.15;

/// What the ring says, in steps. Cold spots are turned upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// Median of the ring.
    pub(super) background: u16,
    /// How far the peak stands above the ring's 75th percentile, in units of pixel noise and the
    /// ring's own spread together. A neighbour may fill a quarter of the ring.
    pub(super) prominence: f64,
    /// Less than 70 % of the ring lies in the picture.
    pub(super) border: bool,
    /// Much of the ring is as warm (cold) as the spot.
    pub(super) warm_ring: bool,
}

/// Judges a core by two frames of one pixel around its box; `None` where too little of them is
/// known, and where the prominence would stay below `least`. `ring` is working memory.
#[inline(always)]
pub(super) fn judge(
    level: &Level<'_>,
    polarity: Polarity,
    core: &Core,
    noise: f64,
    least: f64,
    ring: &mut Vec<u16>,
) -> Option<Verdict> {
    ring.clear();
    let far = RING_GAP_PX + i64::from((core.right - core.left).max(core.bottom - core.top)) / 2;
    let peak = f64::from(core.peak);
    // The 75th percentile must lie low enough. No ring is quieter than the pixel
    // noise, which drops most cores by their inner frame: the outer one has 8 pixels more at most.
    let low_enough = peak - least * noise;
    let inner = gather(level, polarity, core, far, ring);
    if above(ring, low_enough) > most_above(2 * inner + 8) {
        return None;
    }
    let whole = inner + gather(level, polarity, core, far + 1, ring);
    if ring.len() < LEAST_RING || above(ring, low_enough) > most_above(ring.len()) {
        return None;
    }
    let count = ring.len() as f64;
    let unrest = (noise * noise + SPREAD_WEIGHT * SPREAD_WEIGHT * variance(ring, core.peak)).sqrt();
    let border = count < LEAST_SEEN * whole as f64;
    if above(ring, peak - least * unrest) > most_above(ring.len()) {
        return None;
    }
    let last = ring.len() - 1;
    let high_at = last - most_above(ring.len());
    let (high, background) = (ranked(ring, high_at)?, ranked(ring, last / 2)?);
    let contrast = peak - f64::from(background);
    let warm = above(ring, f64::from(background) + WARM_CONTRAST * contrast);
    Some(Verdict {
        background,
        prominence: (peak - f64::from(high)) / unrest,
        border,
        warm_ring: warm as f64 > WARM_SHARE * count,
    })
}

/// How many of so many pixels, at least one, lie above their 75th percentile.
#[inline(always)]
fn most_above(pixels: usize) -> usize {
    (pixels - 1) / 4
}

#[inline(always)]
fn variance(ring: &[u16], peak: u16) -> f64 {
    let (mut sum, mut squares) = (0u64, 0u64);
    for &value in ring {
        // From the peak, so that equal rings give equal spreads wherever zero is.
        let below = u32::from(peak.abs_diff(value));
        sum += u64::from(below);
        squares += u64::from(below * below);
    }
    let count = ring.len() as f64;
    let mean = sum as f64 / count;
    (squares as f64 / count - mean * mean).max(0.0)
}

/// How many pixels lie above a limit.
#[inline(always)]
fn above(ring: &[u16], limit: f64) -> usize {
    if limit < 0.0 {
        return ring.len();
    }
    // Whole numbers above a limit are those above its whole part.
    (limit as u16).checked_add(1).map_or(0, |limit| ring.len() - below(ring, limit))
}

/// Adds the pixels of one frame around a core's box and says how many there would be if all were
/// inside the picture and known.
#[inline(always)]
fn gather(
    level: &Level<'_>,
    polarity: Polarity,
    core: &Core,
    far: i64,
    ring: &mut Vec<u16>,
) -> usize {
    let (left, top) = (i64::from(core.left) - far, i64::from(core.top) - far);
    let (right, bottom) = (i64::from(core.right) - 1 + far, i64::from(core.bottom) - 1 + far);
    let step = (4 * (right - left + bottom - top) / RING_SAMPLES).max(1) as usize;
    let (width, height) = (level.width as i64, level.height as i64);
    let inside = left >= 0 && top >= 0 && right < width && bottom < height;
    if inside && level.known.is_none() {
        return gather_inside(level, polarity, [left, top, right, bottom], step, ring);
    }
    let mut look = |x: i64, y: i64| {
        if (0..width).contains(&x) && (0..height).contains(&y) {
            let at = (y * width + x) as usize;
            if level.known.is_none_or(|known| known[at] != 0) {
                ring.push(polarity.turned(level.values[at]));
            }
        }
    };
    let mut whole = 0;
    for x in (left..=right).step_by(step) {
        look(x, top);
        look(x, bottom);
        whole += 2;
    }
    for y in (top + 1..bottom).step_by(step) {
        look(left, y);
        look(right, y);
        whole += 2;
    }
    whole
}

/// The same where all pixels are inside the picture and known, which is most often so.
#[inline(always)]
fn gather_inside(
    level: &Level<'_>,
    polarity: Polarity,
    frame: [i64; 4],
    step: usize,
    ring: &mut Vec<u16>,
) -> usize {
    let [left, top, right, bottom] = frame.map(|at| at as usize);
    let before = ring.len();
    for y in [top, bottom] {
        let row = &level.values[y * level.width..][left..=right];
        if step == 1 {
            ring.extend(row.iter().map(|&value| polarity.turned(value)));
        } else {
            ring.extend(row.iter().step_by(step).map(|&value| polarity.turned(value)));
        }
    }
    let sides = ring.len();
    ring.resize(sides + 2 * (bottom - top - 1).div_ceil(step), 0);
    let mut row = (top + 1) * level.width;
    for sides in ring[sides..].as_chunks_mut().0 {
        let (left, right) = (level.values[row + left], level.values[row + right]);
        *sides = [polarity.turned(left), polarity.turned(right)];
        row += step * level.width;
    }
    ring.len() - before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::cores::Search;
    use crate::detect::standing::Standing;

    /// Of the first spot of 1100 or more.
    fn verdict(values: &[u16], width: usize, noise: f64) -> Option<Verdict> {
        let level = Level { values, width, height: values.len() / width, known: None };
        let mut search = Search::default();
        search.standing = Standing::above(&level, 0, 1099);
        search.split(&level, Polarity::Hot, 3, 0);
        judge(&level, Polarity::Hot, &search.cores[0], noise, 0.0, &mut Vec::new())
    }

    #[test]
    fn a_quiet_ring_gives_contrast_over_noise() {
        let mut values = vec![1000u16; 21 * 21];
        values[10 * 21 + 9..10 * 21 + 12].fill(1100);
        let found = verdict(&values, 21, 5.0).unwrap();
        assert_eq!((found.background, found.prominence), (1000, 20.0));
        assert!(!found.border && !found.warm_ring);
    }

    #[test]
    fn a_ring_half_as_warm_is_said_and_scores_less() {
        let mut values = vec![1000u16; 21 * 21];
        for row in values.chunks_exact_mut(21) {
            row[..8].fill(1090);
        }
        values[10 * 21 + 9..10 * 21 + 12].fill(1100);
        let found = verdict(&values, 21, 5.0).unwrap();
        assert!(found.warm_ring && found.prominence < 2.0, "{found:?}");
    }

    #[test]
    fn the_border_is_said_and_a_tiny_picture_gives_none() {
        let mut values = vec![1000u16; 21 * 21];
        values[..3].fill(1100);
        let found = verdict(&values, 21, 5.0).unwrap();
        assert!(found.border);
        assert_eq!(found.prominence, 20.0);
        assert_eq!(verdict(&[1100; 9], 3, 5.0), None);
    }
}
