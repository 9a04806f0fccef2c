//! Of two detections of the same thing the better one stays.

use super::{Detection, Reason};

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
/// wide one's: then it is its top, and the wide one stays if it is about as likely.
const TOP: f32 = 0.7;

/// A small spot whose contrast is more than this many times a wide one's is on it, however alike in
/// size, where both are of the frame itself: there the peak of the wide one is without it.
const RISES: f32 = 1.25;

/// A spot that holds so many others is what touching spots are together, and none itself …
const PIECES: usize = 2;

/// … where each of them is alike in size, and about as likely: at least this share of its chance.
const AS_LIKELY: f32 = 0.5;

/// Lists of kept detections by cell.
#[derive(Debug, Default)]
pub(super) struct Cells {
    columns: usize,
    rows: usize,
    /// Index + 1 of the newest entry of each cell; 0 for none.
    newest: Vec<u32>,
    /// Index of a detection, and index + 1 of the entry before it.
    entries: Vec<(u32, u32)>,
    kept: Vec<bool>,
    /// Kept ones that are the same thing as the one that is looked at.
    same: Vec<usize>,
}

impl Cells {
    /// Drops from `found`, which is sorted best first, what overlaps a better one, and of what is
    /// left whatever is only several others together.
    pub(super) fn keep_best(&mut self, found: &mut Vec<Detection>, width: usize, height: usize) {
        (self.columns, self.rows) = (width / CELL_PX as usize + 1, height / CELL_PX as usize + 1);
        self.newest.clear();
        self.newest.resize(self.columns * self.rows, 0);
        self.entries.clear();
        self.kept.clear();
        for (at, detection) in found.iter().enumerate() {
            let reach = SAME_PLACE_PX.max(OVERLAP * radius(detection));
            let cells = self.cells([detection.x_px, detection.y_px], [reach; 2]);
            let mut same = std::mem::take(&mut self.same);
            same.clear();
            let near = cells.clone().flat_map(|cell| self.kept_in(cell));
            same.extend(near.filter(|&other| same_thing(detection, &found[other])));
            let keep = same.iter().all(|&other| is_whole_of(detection, &found[other]));
            same.iter().filter(|_| keep).for_each(|&top| self.kept[top] = false);
            self.same = same;
            self.kept.push(keep);
            for cell in cells.filter(|_| keep) {
                self.entries.push((at as u32, self.newest[cell]));
                self.newest[cell] = self.entries.len() as u32;
            }
        }
        let is_left = |at: usize| self.kept[at] && !self.is_several(&found[at], found);
        let left: Vec<bool> = (0..found.len()).map(is_left).collect();
        let mut left = left.into_iter();
        found.retain(|_| left.next().unwrap_or(true));
    }

    /// Whether it holds [`PIECES`] others.
    fn is_several(&self, detection: &Detection, found: &[Detection]) -> bool {
        let [left, top, width, height] = detection.bbox_px.map(f32::from);
        let half = [width / 2.0, height / 2.0];
        let pieces = self.cells([left + half[0], top + half[1]], half).flat_map(|cell| {
            // One that reaches into several cells counts where its centre is.
            self.kept_in(cell).map(|at| &found[at]).filter(move |piece| {
                self.cells([piece.x_px, piece.y_px], [0.0; 2]).eq([cell])
                    && is_piece(piece, detection)
            })
        });
        pieces.take(PIECES).count() == PIECES
    }

    /// The cells of a rectangle, given by its middle and half its sides.
    fn cells(
        &self,
        [x, y]: [f32; 2],
        [across, down]: [f32; 2],
    ) -> impl Iterator<Item = usize> + Clone + use<> {
        let range = |middle: f32, reach: f32, cells: usize| {
            let cell = |at: f32| ((at / CELL_PX).max(0.0) as usize).min(cells - 1);
            cell(middle - reach)..=cell(middle + reach)
        };
        let columns = self.columns;
        let across = range(x, across, columns);
        range(y, down, self.rows)
            .flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }

    /// Indices of the kept ones that reach into a cell.
    fn kept_in(&self, cell: usize) -> impl Iterator<Item = usize> {
        let entry = |at: u32| self.entries.get((at as usize).wrapping_sub(1)).copied();
        std::iter::successors(entry(self.newest[cell]), move |&(_, before)| entry(before))
            .map(|(at, _)| at as usize)
            .filter(|&at| self.kept[at])
    }
}

/// Radius of the disc of the same area, in pixels.
fn radius(detection: &Detection) -> f32 {
    (detection.area_px as f32 / std::f32::consts::PI).sqrt()
}

/// Whether it is one of those that another is together: inside it, alike, and about as likely.
fn is_piece(piece: &Detection, whole: &Detection) -> bool {
    let [left, top, width, height] = whole.bbox_px.map(f32::from);
    let inside =
        (left..=left + width).contains(&piece.x_px) && (top..=top + height).contains(&piece.y_px);
    let is_alike = radius(piece) > ALIKE * radius(whole) && piece.area_px < whole.area_px;
    let is_likely = piece.score >= AS_LIKELY * whole.score;
    piece.polarity == whole.polarity && inside && is_alike && is_likely
}

/// Whether another is only its top.
fn is_top(small: &Detection, large: &Detection) -> bool {
    let apart = (small.x_px - large.x_px).hypot(small.y_px - large.y_px);
    apart < SAME_PLACE_PX && small.delta.abs() < TOP * large.delta.abs()
}

/// Whether a worse one is what a better one is the top of.
fn is_whole_of(worse: &Detection, better: &Detection) -> bool {
    let is_larger = worse.area_px > better.area_px;
    is_larger && is_top(better, worse) && worse.score >= AS_LIKELY * better.score
}

fn same_thing(a: &Detection, b: &Detection) -> bool {
    let (small, large) = if a.area_px < b.area_px { (a, b) } else { (b, a) };
    let reach = radius(large);
    let apart = (a.x_px - b.x_px).hypot(a.y_px - b.y_px);
    let is_alike = radius(small) > ALIKE * reach;
    let overlap = apart < SAME_PLACE_PX.max(OVERLAP * reach);
    let is_on_frame = [a, b].iter().all(|spot| !spot.reasons.contains(Reason::Wide));
    let rises = is_on_frame && small.delta.abs() > RISES * large.delta.abs();
    a.polarity == b.polarity && overlap && (is_alike && !rises || is_top(small, large))
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
        let mut wide = Reasons::default();
        wide.insert(Reason::Wide);
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
            // Higher than the one that it lies on.
            (Detection { delta: 26.0, ..spot(108.0, 100.0, 9.0, Hot) }, 2),
            (Detection { delta: 24.0, ..spot(108.0, 100.0, 9.0, Hot) }, 1),
            (Detection { delta: 26.0, reasons: wide, ..spot(108.0, 100.0, 9.0, Hot) }, 1),
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

    #[test]
    fn a_whole_stays_for_its_top_if_it_is_about_as_likely() {
        for (score, radius) in [(0.8, 20.0), (0.3, 2.0)] {
            let top = Detection { score: 0.9, ..spot(100.0, 100.0, 2.0, Polarity::Hot) };
            let whole = Detection { score, ..spot(101.0, 100.0, 20.0, Polarity::Hot) };
            let mut found = vec![top, whole];
            Cells::default().keep_best(&mut found, 640, 512);
            let [kept] = found[..] else { panic!("{found:?}") };
            assert!((kept.delta - radius).abs() < 1e-6, "{kept:?}");
        }
    }

    #[test]
    fn what_is_only_several_others_together_goes() {
        let whole = || Detection {
            bbox_px: [60, 90, 80, 20],
            score: 0.9,
            ..spot(100.0, 100.0, 20.0, Polarity::Hot)
        };
        let piece = |x_px: f32, radius: f32, score: f32, polarity: Polarity| Detection {
            score,
            ..spot(x_px, 100.0, radius, polarity)
        };
        use Polarity::{Cold, Hot};
        for (left, right, kept) in [
            (piece(75.0, 11.0, 0.9, Hot), piece(125.0, 11.0, 0.8, Hot), 2),
            // One of them is not alike, not likely, not inside, not hot.
            (piece(75.0, 11.0, 0.9, Hot), piece(125.0, 5.0, 0.8, Hot), 3),
            (piece(75.0, 11.0, 0.9, Hot), piece(125.0, 11.0, 0.4, Hot), 3),
            (piece(75.0, 11.0, 0.9, Hot), piece(145.0, 11.0, 0.8, Hot), 3),
            (piece(75.0, 11.0, 0.9, Hot), piece(125.0, 11.0, 0.8, Cold), 3),
        ] {
            let mut found = vec![whole(), left, right];
            Cells::default().keep_best(&mut found, 640, 512);
            assert_eq!(found.len(), kept, "{left:?} {right:?}");
        }
    }
}
