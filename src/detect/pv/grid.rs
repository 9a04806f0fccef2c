//! From lines to modules: cells with four sides, and from each to its neighbours.

use super::lines::{FULL, Lines};
use super::period::Period;
use super::sheet::Sheet;
use super::walk::{LEAST_SEARCH, MOST_MODULES, SEARCH, Walk, strongest};

/// Lines are averaged over this share of a module's side: its corners lie on other lines.
const ALONG: f32 = 0.7;

/// All four sides of a first module are at least so strong, as shares of a full line.
const LEAST_SEED: f32 = 0.3;

/// A module is at most so many times as long as wide, also seen obliquely.
const MOST_ASPECT: f32 = 3.2;

/// Most sizes that are tried.
const MOST_PAIRS: usize = 8;

/// Modules are mostly so many times as long as wide, and what is not counts less.
const LIKELY_ASPECTS: std::ops::Range<f32> = 1.2..2.6;
const UNLIKELY: f32 = 0.5;

/// Fewest modules of a table, and of a frame.
const LEAST_TABLE: usize = 3;
const LEAST_MODULES: usize = 6;

/// The least mean strength of a frame's modules: of texture that happens to have sides it is below
/// 0.35, of real grids with the faintest lines above 0.38.
const LEAST_STRENGTH: f32 = 0.38;

/// So many of the best first modules are asked whether lines are warm or cold.
const SEEDS_ASKED: usize = 300;

/// Around a first module that led to no table none is tried again, as a share of the size.
const TRIED: f32 = 0.12;

/// Places of first modules are tried every so many pixels.
const SEED_STEP: usize = 2;

/// Side of the squares in which it is noted which are taken, in pixels.
const SQUARE: usize = 4;

/// A module on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Module {
    /// Modules of one table hang together.
    pub(super) table: u32,
    pub(super) column: i32,
    pub(super) row: i32,
    /// Left, top, right, bottom in pixels of the sheet.
    pub(super) sides: [f32; 4],
    /// Mean strength of its sides, 0 to 1.
    pub(super) strength: f32,
}

impl Module {
    pub(super) fn size(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.sides;
        [right - left, bottom - top]
    }

    pub(super) fn centre(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.sides;
        [0.5 * (left + right), 0.5 * (top + bottom)]
    }
}

/// Memory of the search, and what it found last.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// By table, row and column; empty where the frame has no grid.
    pub(super) modules: Vec<Module>,
    taken: Vec<bool>,
    /// Where a first module led to no table.
    tried: Vec<bool>,
    seeds: Vec<(i16, u32)>,
    rows: [Vec<i16>; 2],
}

impl Grid {
    /// Finds the modules whose sides have the likeliest periods.
    #[inline(always)]
    pub(super) fn find(&mut self, sheet: &Sheet, lines: &mut Lines, periods: &[Vec<Period>; 2]) {
        self.modules.clear();
        let mut best = (0.0, Vec::new());
        for Pair { size, weight, .. } in likely_pairs(periods) {
            let modules = self.with(sheet, lines, size);
            // Half a module covers the frame's border better, but half of its sides are weak.
            let worth = |module: &Module| {
                let [width, height] = module.size();
                width * height * module.strength * module.strength
            };
            let worth = weight * modules.iter().map(worth).sum::<f32>();
            if worth > best.0 {
                best = (worth, modules);
            }
        }
        self.modules = best.1;
        self.modules.sort_by_key(|module| (module.table, module.row, module.column));
    }

    /// The modules of one size; none if they are too few.
    #[inline(always)]
    fn with(&mut self, sheet: &Sheet, lines: &mut Lines, period: [f32; 2]) -> Vec<Module> {
        lines.average((ALONG * period[1]) as usize, (ALONG * period[0]) as usize);
        let polarity = self.collect_seeds(lines, period);
        for squares in [&mut self.taken, &mut self.tried] {
            squares.clear();
            squares.resize((sheet.width / SQUARE + 1) * (sheet.height / SQUARE + 1), false);
        }
        let walk = Walk { sheet, lines, period, polarity };
        let mut found = Vec::new();
        let mut table = 0;
        for at in 0..self.seeds.len() {
            let place = self.seeds[at].1 as usize;
            let centre = [(place % sheet.width) as f32 + 0.5, (place / sheet.width) as f32 + 0.5];
            let is_tried = marked(&self.tried, sheet.width, centre);
            if is_tried || self.is_taken(sheet.width, centre) || found.len() >= MOST_MODULES {
                continue;
            }
            let mut modules =
                walk.table(table, centre, |centre| self.is_taken(sheet.width, centre));
            if modules.len() < LEAST_TABLE {
                let reach = period.map(|of| TRIED * of);
                let around = [
                    centre[0] - reach[0],
                    centre[1] - reach[1],
                    centre[0] + reach[0],
                    centre[1] + reach[1],
                ];
                mark(&mut self.tried, sheet.width, around);
                continue;
            }
            walk.close_gaps(&mut modules);
            for module in &modules {
                mark(&mut self.taken, sheet.width, module.sides);
            }
            found.append(&mut modules);
            table += 1;
        }
        let strength = found.iter().map(|module| module.strength).sum::<f32>();
        // Few are more likely chance: as if two had no sides at all.
        let strength = strength * (1.0 - 2.0 / found.len().max(2) as f32);
        if found.len() < LEAST_MODULES || strength < LEAST_STRENGTH * found.len() as f32 {
            found.clear();
        }
        found
    }

    /// Places with four sides, best first; the polarity of most lines there.
    #[inline(always)]
    fn collect_seeds(&mut self, lines: &Lines, period: [f32; 2]) -> i16 {
        let half = period.map(|of| (0.5 * of).round() as usize);
        let search = period.map(|of| (SEARCH * of).max(LEAST_SEARCH) as usize);
        let least = (LEAST_SEED * f32::from(FULL)) as i16;
        self.seeds.clear();
        let (width, height) = (lines.width, lines.height);
        let margin = [0, 1].map(|i| half[i] + search[i] + 1);
        if width <= 2 * margin[0] || height <= 2 * margin[1] {
            return 1;
        }
        let [columns, worst] = &mut self.rows;
        for y in (margin[1]..height - margin[1]).step_by(SEED_STEP) {
            columns.clear();
            columns.resize(width, 0);
            let upright = &lines.upright_mean[y * width..][..width];
            for shift in 0..=2 * search[0] {
                raise(&mut columns[search[0]..], &upright[shift..]);
            }
            // The weakest of four sides, for the middle of each module.
            worst.clear();
            worst.extend(columns.iter().zip(&columns[2 * half[0]..]).map(|(a, b)| *a.min(b)));
            for middle in [y - half[1], y + half[1]] {
                columns.clear();
                columns.resize(width, 0);
                for y in middle - search[1]..=middle + search[1] {
                    raise(columns, &lines.level_mean[y * width..][..width]);
                }
                for (worst, &side) in worst.iter_mut().zip(&columns[half[0]..]) {
                    *worst = side.min(*worst);
                }
            }
            for (x, &strength) in worst.iter().enumerate().step_by(SEED_STEP) {
                if strength >= least {
                    self.seeds.push((strength, (y * width + x + half[0]) as u32));
                }
            }
        }
        self.seeds.sort_unstable_by_key(|&(worst, place)| (-worst, place));
        let mut warm = 0i64;
        for &(_, place) in self.seeds.iter().take(SEEDS_ASKED) {
            let (x, y) = (place as usize % width, place as usize / width);
            let (u, v) = (x as f32 + 0.5, y as f32 + 0.5);
            for sign in [-0.5, 0.5] {
                let [across, down] = [0, 1].map(|i| sign * period[i]);
                let [reach_u, reach_v] = search.map(|of| of as f32);
                warm += i64::from(strongest(lines, true, u + across, v, reach_u, 0).0);
                warm += i64::from(strongest(lines, false, v + down, u, reach_v, 0).0);
            }
        }
        if warm < 0 { -1 } else { 1 }
    }

    fn is_taken(&self, width: usize, centre: [f32; 2]) -> bool {
        marked(&self.taken, width, centre)
    }
}

/// Raises numbers to the size of others, as far as both reach.
#[inline(always)]
fn raise(low: &mut [i16], high: &[i16]) {
    for (low, high) in low.iter_mut().zip(high) {
        *low = high.abs().max(*low);
    }
}

/// Whether the square of a place is marked; beyond the sheet all are.
fn marked(squares: &[bool], width: usize, [u, v]: [f32; 2]) -> bool {
    let at = v as usize / SQUARE * (width / SQUARE + 1) + u as usize / SQUARE;
    squares.get(at).copied().unwrap_or(true)
}

/// Marks the squares from left, top to right, bottom.
fn mark(squares: &mut [bool], width: usize, around: [f32; 4]) {
    let [left, top, right, bottom] = around.map(|of| of.max(0.0) as usize / SQUARE);
    for row in squares.chunks_exact_mut(width / SQUARE + 1).take(bottom + 1).skip(top) {
        for square in row.iter_mut().take(right + 1).skip(left) {
            *square = true;
        }
    }
}

/// A size that modules may have.
struct Pair {
    size: [f32; 2],
    weight: f32,
    rating: f32,
}

/// The likeliest sizes, best first.
fn likely_pairs([upright, level]: &[Vec<Period>; 2]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for width in upright {
        for height in level {
            let size = [width.length, height.length];
            let aspect = size[0].max(size[1]) / size[0].min(size[1]);
            let weight = if LIKELY_ASPECTS.contains(&aspect) { 1.0 } else { UNLIKELY };
            if aspect <= MOST_ASPECT {
                pairs.push(Pair { size, weight, rating: weight * width.rating * height.rating });
            }
        }
    }
    pairs.sort_by(|a, b| b.rating.total_cmp(&a.rating));
    pairs.truncate(MOST_PAIRS);
    pairs
}
