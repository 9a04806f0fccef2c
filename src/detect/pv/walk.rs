//! From one module to the next: where its sides are, and whether they are there.

use std::collections::{BTreeMap, VecDeque};

use super::grid::Module;
use super::lines::{FULL, Lines};
use super::sheet::Sheet;

/// A side is looked for so far from where it is expected, as a share of the module, and at least
/// so many pixels.
pub(super) const SEARCH: f32 = 0.1;
pub(super) const LEAST_SEARCH: f32 = 1.5;

/// Inside of a module is what is between these shares of its size from its middle, and so many
/// pixels from its sides: an edge has a response as far as that.
const INNER: [f32; 2] = [0.12, 0.32];
const SIDE_REACH: f32 = 4.5;

/// Three sides of every other one are.
const LEAST_SIDE: f32 = 0.2;

/// The share that a line of the other polarity counts.
const OTHER_POLARITY: f32 = 0.6;

/// A module may differ so much from the period in size.
const MOST_STRETCH: f32 = 0.2;

/// How fast the expected size follows the sizes that are found.
const FOLLOW: f32 = 0.3;

/// What a line in the middle takes from the strength of the sides: twice the size of a module has
/// one, but half-cut modules too.
const MIDDLE: f32 = 0.1;

/// Sides are at least so many times as strong as any line inside.
const OVER_INNER: f32 = 1.3;

/// Most modules of a frame.
pub(super) const MOST_MODULES: usize = 8192;

/// The strongest line near `at` across it, seen at `along`, and its place; lines of the polarity
/// count more, 0 for none.
#[inline(always)]
pub(super) fn strongest(
    lines: &Lines,
    upright: bool,
    at: f32,
    along: f32,
    search: f32,
    polarity: i16,
) -> (i16, f32) {
    let (map, step, start, length) = if upright {
        (&lines.upright_mean, 1, along as usize * lines.width, lines.width)
    } else {
        (&lines.level_mean, lines.width, along as usize, lines.height)
    };
    let first = (at - search).max(0.0) as usize;
    let last = ((at + search).max(0.0) as usize).min(length.saturating_sub(1));
    let mut best = (0i16, at);
    for place in first..=last {
        let Some(&of) = map.get(start + place * step) else { continue };
        let of =
            if of.signum() == -polarity { (f32::from(of) * OTHER_POLARITY) as i16 } else { of };
        if of.abs() > best.0.abs() {
            best = (of, place as f32 + 0.5);
        }
    }
    best
}

/// What a walk from module to module needs.
pub(super) struct Walk<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) lines: &'a Lines,
    pub(super) period: [f32; 2],
    pub(super) polarity: i16,
}

/// The four neighbours, as columns and rows.
const NEIGHBOURS: [[i32; 2]; 4] = [[1, 0], [-1, 0], [0, 1], [0, -1]];

impl Walk<'_> {
    /// The modules that hang together with one at `centre`.
    pub(super) fn table(
        &self,
        table: u32,
        centre: [f32; 2],
        is_taken: impl Fn([f32; 2]) -> bool,
    ) -> Vec<Module> {
        let Some(first) = self.measure(centre, self.period, 4) else { return Vec::new() };
        let mut found = vec![Module { table, ..first }];
        let mut sizes = vec![self.period];
        let mut places = BTreeMap::from([([0, 0], 0usize)]);
        let mut waiting = VecDeque::from([0usize]);
        while let Some(at) = waiting.pop_front() {
            let (module, size) = (found[at], sizes[at]);
            for [columns, rows] in NEIGHBOURS {
                let place = [module.column + columns, module.row + rows];
                if places.contains_key(&place) || found.len() >= MOST_MODULES {
                    continue;
                }
                let [u, v] = module.centre();
                let own = module.size();
                let reach = [0, 1].map(|i| 0.5 * (own[i] + size[i]));
                let centre = [u + columns as f32 * reach[0], v + rows as f32 * reach[1]];
                if centre[0] < 0.0 || centre[1] < 0.0 || is_taken(centre) {
                    continue;
                }
                let Some(next) = self.measure(centre, size, 3) else { continue };
                places.insert(place, found.len());
                waiting.push_back(found.len());
                let own = next.size();
                sizes.push([0, 1].map(|i| size[i] + FOLLOW * (own[i] - size[i])));
                found.push(Module { table, column: place[0], row: place[1], ..next });
            }
        }
        found
    }

    /// The module near a place with so many sides at least.
    fn measure(&self, [u, v]: [f32; 2], [width, height]: [f32; 2], least: u8) -> Option<Module> {
        let search = [width, height].map(|of| (SEARCH * of).max(LEAST_SEARCH));
        let look = |upright: bool, at, along| {
            let reach = search[usize::from(!upright)];
            let (of, place) = strongest(self.lines, upright, at, along, reach, self.polarity);
            (f32::from(of.abs()) / f32::from(FULL), place)
        };
        let sides = [
            look(true, u - 0.5 * width, v),
            look(false, v - 0.5 * height, u),
            look(true, u + 0.5 * width, v),
            look(false, v + 0.5 * height, u),
        ];
        let inner = [self.inner(true, [u, v], width), self.inner(false, [u, v], height)];
        let middle = [self.middle(true, [u, v]), self.middle(false, [u, v])];
        let is_seen = [0, 1, 2, 3]
            .map(|i| sides[i].0 >= LEAST_SIDE && sides[i].0 >= OVER_INNER * inner[i % 2]);
        let (mut seen, mut ends) = (0, [(0.0, 0.0); 2]);
        for (low, size) in [width, height].into_iter().enumerate() {
            let (first, last) = (sides[low], sides[low + 2]);
            let stretch = (last.1 - first.1) / self.period[low];
            let fits = (stretch - 1.0).abs() <= MOST_STRETCH;
            // Of two that do not fit together the stronger one is right.
            let both = is_seen[low] && is_seen[low + 2];
            let by_first = is_seen[low] && !(both && first.0 < last.0);
            seen += if both && fits { 2 } else { u8::from(is_seen[low] || is_seen[low + 2]) };
            ends[low] = match (both && fits, by_first) {
                (true, _) => (first.1, last.1),
                (false, true) => (first.1, first.1 + size),
                (false, false) => (last.1 - size, last.1),
            };
        }
        let is_half_off = (0..2).any(|i| middle[i] > sides[i].0.min(sides[i + 2].0));
        if least == 4 && is_half_off {
            return None;
        }
        if seen < least {
            return None;
        }
        let [(left, right), (top, bottom)] = ends;
        let sides_at = [left, top, right, bottom];
        let strength = sides.iter().map(|side| side.0).sum::<f32>() / 4.0;
        let strength = (strength - MIDDLE * (middle[0] + middle[1])).max(0.0);
        let module = Module { table: 0, column: 0, row: 0, sides: sides_at, strength };
        self.is_seen_whole(&module).then_some(module)
    }

    /// The strongest line inside a module, but for its middle: half-cut modules have one there.
    fn inner(&self, upright: bool, [u, v]: [f32; 2], size: f32) -> f32 {
        let (at, along) = if upright { (u, v) } else { (v, u) };
        let low = INNER[0] * size;
        let high = (INNER[1] * size).min(0.5 * size - SIDE_REACH);
        let look = |sign: f32| {
            let (middle, reach) = (0.5 * (low + high), 0.5 * (high - low));
            strongest(self.lines, upright, at + sign * middle, along, reach, self.polarity)
        };
        if high <= low {
            return 0.0;
        }
        let strength = look(-1.0).0.abs().max(look(1.0).0.abs());
        f32::from(strength) / f32::from(FULL)
    }

    /// The strongest line in its middle.
    fn middle(&self, upright: bool, [u, v]: [f32; 2]) -> f32 {
        let (at, along) = if upright { (u, v) } else { (v, u) };
        let (of, _) = strongest(self.lines, upright, at, along, LEAST_SEARCH, 0);
        f32::from(of.abs()) / f32::from(FULL)
    }

    /// Whether all four corners lie on the frame.
    fn is_seen_whole(&self, module: &Module) -> bool {
        let [left, top, right, bottom] = module.sides;
        let corners = [[left, top], [right, top], [left, bottom], [right, bottom]];
        corners.iter().all(|&[u, v]| self.sheet.at(u, v) > 0.0)
    }

    /// Adds what lacks between two neighbours of a row or a column.
    pub(super) fn close_gaps(&self, modules: &mut Vec<Module>) {
        let place = |module: &Module| [module.column, module.row];
        let places: BTreeMap<[i32; 2], Module> =
            modules.iter().map(|module| (place(module), *module)).collect();
        let mut added = BTreeMap::new();
        for module in modules.iter() {
            for [columns, rows] in NEIGHBOURS {
                let gap = [module.column + columns, module.row + rows];
                let beyond = [gap[0] + columns, gap[1] + rows];
                let Some(other) = places.get(&beyond).filter(|_| !places.contains_key(&gap)) else {
                    continue;
                };
                let mut sides = [0.0; 4];
                for (side, (a, b)) in sides.iter_mut().zip(module.sides.iter().zip(&other.sides)) {
                    *side = 0.5 * (a + b);
                }
                let between =
                    Module { column: gap[0], row: gap[1], sides, strength: 0.0, ..*module };
                if self.is_seen_whole(&between) {
                    added.entry(gap).or_insert(between);
                }
            }
        }
        modules.extend(added.into_values());
    }
}
