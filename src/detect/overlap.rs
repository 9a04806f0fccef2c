//! Of two detections of the same thing the better one stays.

use super::Detection;

/// Side of a cell in which neighbours are looked for.
const CELL_PX: f32 = 64.0;

/// Spots nearer than this have the same centre, and overlap.
const SAME_PLACE_PX: f32 = 3.0;

/// Two spots overlap when they are nearer than this share of the larger radius …
const OVERLAP: f32 = 0.8;

/// … and are the same thing if the smaller radius is more than this share of the larger. So a small
/// spot on a wide one stays, and so does the wide one …
const ALIKE: f32 = 0.4;

/// … unless they have the same centre, and the small one's contrast is less than this share of the
/// wide one's: then it is its top.
const TOP: f32 = 0.7;

/// Lists of kept detections by cell.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Index + 1 of the newest entry of each cell; 0 for none.
    newest: Vec<u32>,
    /// Index of a detection, and index + 1 of the entry before it.
    entries: Vec<(u32, u32)>,
    kept: Vec<bool>,
}

impl Cells {
    /// Drops from `found`, which is sorted best first, what overlaps a better one.
    pub(super) fn keep_best(&mut self, found: &mut Vec<Detection>, width: usize, height: usize) {
        let columns = width / CELL_PX as usize + 1;
        let rows = height / CELL_PX as usize + 1;
        self.newest.clear();
        self.newest.resize(columns * rows, 0);
        self.entries.clear();
        self.kept.clear();
        let range = |middle: f32, reach: f32, cells: usize| {
            let cell = |at: f32| ((at / CELL_PX).max(0.0) as usize).min(cells - 1);
            cell(middle - reach)..=cell(middle + reach)
        };
        for (at, detection) in found.iter().enumerate() {
            let reach = SAME_PLACE_PX.max(OVERLAP * radius(detection));
            let cells = || {
                range(detection.y_px, reach, rows).flat_map(move |row| {
                    range(detection.x_px, reach, columns).map(move |column| row * columns + column)
                })
            };
            let keep = cells().all(|cell| !self.overlaps(cell, detection, found));
            self.kept.push(keep);
            if keep {
                for cell in cells() {
                    self.entries.push((at as u32, self.newest[cell]));
                    self.newest[cell] = self.entries.len() as u32;
                }
            }
        }
        let mut kept = self.kept.iter();
        found.retain(|_| kept.next().copied().unwrap_or(true));
    }

    fn overlaps(&self, cell: usize, detection: &Detection, found: &[Detection]) -> bool {
        let mut next = self.newest[cell];
        while next != 0 {
            let (other, before) = self.entries[next as usize - 1];
            if same_thing(detection, &found[other as usize]) {
                return true;
            }
            next = before;
        }
        false
    }
}

/// Radius of the disc of the same area, in pixels.
fn radius(detection: &Detection) -> f32 {
    (detection.area_px as f32 / std::f32::consts::PI).sqrt()
}

fn same_thing(a: &Detection, b: &Detection) -> bool {
    let (small, large) = if a.area_px < b.area_px { (a, b) } else { (b, a) };
    let reach = radius(large);
    let apart = (a.x_px - b.x_px).hypot(a.y_px - b.y_px);
    let is_alike = radius(small) > ALIKE * reach;
    let is_top = apart < SAME_PLACE_PX && small.delta.abs() < TOP * large.delta.abs();
    let overlap = apart < SAME_PLACE_PX.max(OVERLAP * reach);
    a.polarity == b.polarity && overlap && (is_alike || is_top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Polarity, Reasons};

    /// The smaller, the less contrast.
    fn spot(x_px: f32, y_px: f32, radius: f32, polarity: Polarity) -> Detection {
        Detection {
            polarity,
            x_px,
            y_px,
            bbox_px: [0; 4],
            area_px: (radius * radius * std::f32::consts::PI).round() as u32,
            peak: 0.0,
            background: 0.0,
            delta: radius,
            snr: 0.0,
            prominence: 0.0,
            score: 0.0,
            reasons: Reasons::default(),
        }
    }

    #[test]
    fn the_same_thing_is_kept_once() {
        use Polarity::{Cold, Hot};
        for (other, kept) in [
            (spot(102.0, 100.0, 20.0, Hot), 1),
            (spot(102.0, 100.0, 20.0, Cold), 2),
            (spot(115.0, 100.0, 20.0, Hot), 1),
            (spot(117.0, 100.0, 20.0, Hot), 2),
            (spot(110.0, 100.0, 2.0, Hot), 2),
            (spot(104.0, 100.0, 2.0, Hot), 2),
            (spot(102.0, 100.0, 2.0, Hot), 1),
            (Detection { delta: 15.0, ..spot(102.0, 100.0, 2.0, Hot) }, 2),
            (spot(108.0, 100.0, 9.0, Hot), 1),
            (spot(180.0, 100.0, 2.0, Hot), 2),
            // From another cell, by the reach of the new one.
            (spot(190.0, 100.0, 140.0, Hot), 2),
            (spot(190.0, 100.0, 60.0, Hot), 2),
            (spot(125.0, 100.0, 60.0, Hot), 2),
            (spot(125.0, 100.0, 45.0, Hot), 1),
        ] {
            let mut found = vec![spot(100.0, 100.0, 20.0, Hot), other];
            Cells::default().keep_best(&mut found, 640, 512);
            assert_eq!(found.len(), kept, "{other:?}");
        }
    }
}
