//! Pixels that no lens can have made, and pixels without a temperature.

use std::array;

/// A stuck pixel stands over the mean of two opposite neighbours by at least this much of what it
/// stands over that of any other two by, also on a slope. The image of a point through a lens of
/// sigma 0.7 px reaches 0.74, as exp(-1/2·0.7²) is 0.36 and exp(-2/2·0.7²) is 0.13; a stuck pixel
/// comes close to 1.
const ALONE_PERCENT: i32 = 82;

/// A stuck pixel stands out by this many sigma of the pixel noise.
const STUCK_SIGMAS: f32 = 6.0;

/// Writes into `places` index and replacement (the median of the 3x3 around it) of each stuck
/// pixel. Frames narrower or lower than three pixels have none.
#[inline(always)]
pub(super) fn stuck_pixels(
    values: &[u16],
    width: usize,
    height: usize,
    noise: f32,
    places: &mut Vec<(usize, u16)>,
) {
    places.clear();
    if width < 3 || height < 3 {
        return;
    }
    let least = (STUCK_SIGMAS * noise) as u16;
    let row = |y: usize| &values[y * width..][..width];
    for y in 0..height {
        let rows = [row(y.abs_diff(1)), row(y), row(reflected(y + 1, height))];
        let [above, own, below] = rows.map(|row| row.as_chunks::<BLOCK>().0);
        let whole = own.len() * BLOCK;
        let blocks = own.iter().zip(above.iter().zip(below)).enumerate();
        let found = blocks.filter(|(_, (own, across))| beats(own, &[*across], least));
        let found = found.map(|(number, _)| number * BLOCK..(number + 1) * BLOCK);
        for block in found.chain(std::iter::once(whole..width)) {
            if stands_out(rows, block.start, least).unwrap_or(true) {
                let stuck_at = |x: usize| Some((y * width + x, stuck(rows, x, least)?));
                places.extend(block.filter_map(stuck_at));
            }
        }
    }
}

/// Pixels that are looked at together.
const BLOCK: usize = 64;
type Block = [u16; BLOCK];

/// The index on this side of the last row or column; beyond it, the one before it.
fn reflected(at: usize, length: usize) -> usize {
    if at < length { at } else { length - 2 }
}

/// Whether any pixel of a block stands over (under) all its neighbours in `pairs` by more than
/// `least`.
#[inline(always)]
fn beats(own: &Block, pairs: &[(&Block, &Block)], least: u16) -> bool {
    let mut most = 0;
    for at in 0..BLOCK {
        let high = pairs.iter().fold(0, |high, (a, b)| a[at].max(b[at]).max(high));
        let low = pairs.iter().fold(u16::MAX, |low, (a, b)| a[at].min(b[at]).min(low));
        // One of both is 0.
        most = most.max(own[at].saturating_sub(high) | low.saturating_sub(own[at]));
    }
    most > least
}

/// Whether any pixel of a block beats all eight neighbours; `None` where a row begins or ends with
/// it.
#[inline(always)]
fn stands_out(rows: [&[u16]; 3], start: usize, least: u16) -> Option<bool> {
    let left = start.checked_sub(1)?;
    let block = |row: usize, column: usize| rows[row].get(left + column..)?.first_chunk::<BLOCK>();
    let (across, along) = ((block(0, 1)?, block(2, 1)?), (block(1, 0)?, block(1, 2)?));
    let corners = [(block(0, 0)?, block(2, 2)?), (block(0, 2)?, block(2, 0)?)];
    Some(beats(block(1, 1)?, &[across, along, corners[0], corners[1]], least))
}

/// The replacement of a pixel if it is stuck. Outside the frame the rows and columns are mirrored.
#[inline(never)]
fn stuck(rows: [&[u16]; 3], x: usize, least: u16) -> Option<u16> {
    let columns = [x.abs_diff(1), x, reflected(x + 1, rows[0].len())];
    let mut nine = [0; 9];
    for (at, place) in nine.iter_mut().enumerate() {
        *place = rows[at / 3][columns[at % 3]];
    }
    let own = i32::from(nine[4]);
    // Twice the heights over the means of opposite neighbours.
    let over: [i32; 4] =
        array::from_fn(|at| 2 * own - i32::from(nine[at]) - i32::from(nine[8 - at]));
    let (low, high) = (*over.iter().min()?, *over.iter().max()?);
    let alone =
        |low: i32, high: i32| low > 2 * i32::from(least) && 100 * low > ALONE_PERCENT * high;
    (alone(low, high) || alone(-high, -low)).then(|| {
        nine.sort_unstable();
        nine[4]
    })
}

/// Gives each pixel without a temperature (0) the value of the last one before it in its row, or
/// of the next one after it, or of the row above, so that holes neither stand out nor cut into the
/// ground. Stays as it is if no pixel has a temperature.
pub(super) fn fill_holes(values: &mut [u16], width: usize) {
    let mut above: Option<usize> = None;
    let mut bare_rows = 0;
    for y in 0..values.len() / width.max(1) {
        let start = y * width;
        let row = &mut values[start..start + width];
        let Some(first) = row.iter().copied().find(|&value| value != 0) else {
            match above {
                Some(above) => values.copy_within(above..above + width, start),
                None => bare_rows += 1,
            }
            continue;
        };
        let mut last = first;
        for value in row {
            if *value == 0 {
                *value = last;
            }
            last = *value;
        }
        above = Some(start);
    }
    for y in 0..bare_rows {
        if above.is_some() {
            values.copy_within(bare_rows * width..(bare_rows + 1) * width, y * width);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_pixel_is_stuck_and_the_image_of_a_point_is_not() {
        for (centre, side, corner, is_stuck) in [
            (1600, 1000, 1000, true),
            (400, 1000, 1000, true),
            // A point of 600 steps through a lens of sigma 0.7 px, hot and cold.
            (1600, 1216, 1078, false),
            (400, 784, 922, false),
            (1020, 1000, 1000, false),
        ] {
            for (x, y) in [(2, 2), (0, 0), (4, 0), (0, 3), (4, 4)] {
                let mut frame = vec![1000u16; 25];
                for (at, value) in frame.iter_mut().enumerate() {
                    *value = match ((at % 5).abs_diff(x), (at / 5).abs_diff(y)) {
                        (0, 0) => centre,
                        (1, 0) | (0, 1) => side,
                        (1, 1) => corner,
                        _ => 1000,
                    };
                }
                let mut places = Vec::new();
                stuck_pixels(&frame, 5, 5, 5.0, &mut places);
                let expected = if is_stuck { vec![(5 * y + x, 1000)] } else { vec![] };
                assert_eq!(places, expected, "{centre} {side} at {x}, {y}");
            }
        }
    }

    #[test]
    fn holes_take_the_value_beside_them() {
        for (holed, filled) in [
            ([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
            ([0, 5, 0, 7, 0, 0], [5, 5, 5, 7, 7, 7]),
            ([0, 0, 0, 1, 2, 3], [1, 2, 3, 1, 2, 3]),
            ([1, 2, 3, 0, 0, 0], [1, 2, 3, 1, 2, 3]),
        ] {
            let mut values = holed;
            fill_holes(&mut values, 3);
            assert_eq!(values, filled);
        }
    }
}
