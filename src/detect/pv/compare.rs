//! Every module beside its neighbours, part by part.

use super::grid::Module;
use super::sheet::Sheet;

/// Parts of a module across it and along it.
pub(super) const ACROSS: usize = 6;
pub(super) const ALONG: usize = 12;
pub(super) const PARTS: usize = ACROSS * ALONG;

/// What is left out on each side of a module, for its frame: a share of it, and pixels.
const LEAST_MARGIN: f32 = 0.05;
const MARGIN_PX: f32 = 2.0;
const MOST_MARGIN: f32 = 0.2;

/// A module is compared with so many neighbours (IEC TS 62446-3:2017 asks for 6 to 10). At the end
/// of a short table there may be fewer.
const MOST_NEIGHBOURS: usize = 10;
const LEAST_NEIGHBOURS: usize = 3;

/// Of so many around it the coldest third shows which are warm, before those are left out.
const MOST_AROUND: usize = 24;
const COLDEST: f32 = 0.3;

/// How far neighbours are looked for, in modules along a row and in rows.
const REACH: [i32; 2] = [14, 6];

/// The distance to the next row, in modules of a row.
const ROW_AWAY: i32 = 2;

/// A module that is this far off, in spreads and in kelvin, is no neighbour to compare with.
const ODD_SPREADS: f32 = 3.5;
const ODD_K: f64 = 0.6;

/// The least spread of like modules that is believed, in kelvin.
const LEAST_SPREAD_K: f64 = 0.06;

/// Modules from which the shape of all is taken.
const MOST_MODELS: usize = 96;

/// A normal distribution's standard deviation over its median deviation.
const SIGMA_OF_MEDIAN: f32 = 1.4826;

/// A module beside its neighbours, in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared {
    /// The median of its inside.
    pub(super) level: f32,
    /// The median of its neighbours' levels.
    pub(super) background: f32,
    /// Between like modules of the frame and of the neighbourhood.
    pub(super) spread: f32,
    /// The difference of each part to the same part of the others, row by row.
    pub(super) parts: [f32; PARTS],
    /// How much these differ from each other, over what is usual.
    pub(super) unrest: f32,
}

impl Compared {
    pub(super) fn delta(&self) -> f32 {
        self.level - self.background
    }
}

/// What parts of all modules have in common, in steps above their module's level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) columns: usize,
    pub(super) usual: [f32; PARTS],
    pub(super) spread: [f32; PARTS],
}

impl Shape {
    /// The part at shares of a module from its left and top.
    pub(super) fn part(&self, share: [f32; 2]) -> usize {
        let rows = PARTS / self.columns;
        let index = |share: f32, of: usize| ((share * of as f32).max(0.0) as usize).min(of - 1);
        index(share[1], rows) * self.columns + index(share[0], self.columns)
    }
}

/// Compares the modules of a frame; `None` for those that have too few neighbours or holes.
pub(super) fn compare(
    sheet: &Sheet,
    modules: &[Module],
    step_k: f64,
) -> (Shape, Vec<Option<Compared>>) {
    let wide = modules.iter().filter(|module| module.size()[0] > module.size()[1]).count();
    let columns = if 2 * wide > modules.len() { ALONG } else { ACROSS };
    let parts: Vec<Option<[f32; PARTS]>> =
        modules.iter().map(|module| measure(sheet, module, columns)).collect();
    let levels: Vec<Option<f32>> =
        parts.iter().map(|parts| parts.map(|mut parts| median(&mut parts))).collect();

    let least_spread = (LEAST_SPREAD_K / step_k) as f32;
    let odd = find_odd(modules, &levels, least_spread, (ODD_K / step_k) as f32);
    let shape = shape(&parts, &levels, &odd, columns);
    let usual_unrest = median(&mut shape.spread.clone()).max(f32::MIN_POSITIVE);
    let mut near = Vec::new();
    let mut compared: Vec<Option<Compared>> = Vec::with_capacity(modules.len());
    for (at, module) in modules.iter().enumerate() {
        near.clear();
        neighbours(modules, module, |other| {
            near.extend(levels[other].filter(|_| !odd[other]));
            near.len() < MOST_NEIGHBOURS
        });
        let (Some(parts), Some(level)) = (parts[at], levels[at]) else {
            compared.push(None);
            continue;
        };
        if near.len() < LEAST_NEIGHBOURS {
            compared.push(None);
            continue;
        }
        let background = median(&mut near);
        let spread = deviation(&mut near, background).max(least_spread);
        let mut own = parts;
        for (own, usual) in own.iter_mut().zip(&shape.usual) {
            *own -= background + usual;
        }
        let mut sorted = own;
        let middle = median(&mut sorted);
        let unrest = deviation(&mut sorted, middle) / usual_unrest;
        compared.push(Some(Compared { level, background, spread, parts: own, unrest }));
    }
    let mut deltas: Vec<f32> = compared
        .iter()
        .zip(&odd)
        .filter(|&(_, &odd)| !odd)
        .filter_map(|(compared, _)| compared.map(|compared| compared.delta().abs()))
        .collect();
    let usual = SIGMA_OF_MEDIAN * median(&mut deltas);
    for compared in compared.iter_mut().flatten() {
        compared.spread = compared.spread.max(usual);
    }
    (shape, compared)
}

/// The means of the parts of a module; `None` where one has no temperature.
fn measure(sheet: &Sheet, module: &Module, columns: usize) -> Option<[f32; PARTS]> {
    let size = module.size();
    let margin = size.map(|of| (MARGIN_PX / of).clamp(LEAST_MARGIN, MOST_MARGIN));
    let counts = [columns, PARTS / columns];
    let place = |i: usize, at: usize, quarter: f32| {
        let share = (at as f32 + quarter) / counts[i] as f32;
        module.sides[i] + size[i] * (margin[i] + (1.0 - 2.0 * margin[i]) * share)
    };
    let mut parts = [0.0; PARTS];
    for (at, part) in parts.iter_mut().enumerate() {
        let [us, vs] = [(0, at % columns), (1, at / columns)]
            .map(|(i, at)| [place(i, at, 0.25), place(i, at, 0.75)]);
        let values = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(u, v)| sheet.at(us[u], vs[v]));
        if values.contains(&0.0) {
            return None;
        }
        *part = values.iter().sum::<f32>() / 4.0;
    }
    Some(parts)
}

/// Which modules are warmer or colder than the coldest third around them as most are.
fn find_odd(
    modules: &[Module],
    levels: &[Option<f32>],
    least_spread: f32,
    least: f32,
) -> Vec<bool> {
    let mut near = Vec::new();
    let above: Vec<Option<f32>> = modules
        .iter()
        .zip(levels)
        .map(|(module, level)| {
            near.clear();
            neighbours(modules, module, |other| {
                near.extend(levels[other]);
                near.len() < MOST_AROUND
            });
            let rank = (near.len() as f32 * COLDEST) as usize;
            let cold =
                (!near.is_empty()).then(|| *near.select_nth_unstable_by(rank, f32::total_cmp).1);
            level.zip(cold).map(|(level, cold)| level - cold)
        })
        .collect();
    let mut sorted: Vec<f32> = above.iter().copied().flatten().collect();
    let usual = median(&mut sorted);
    let spread = deviation(&mut sorted, usual).max(least_spread);
    let limit = (ODD_SPREADS * spread).max(least);
    above.iter().map(|above| above.is_some_and(|above| (above - usual).abs() > limit)).collect()
}

/// Asks for the modules of the same table from the nearest on, for as long as they are wanted.
fn neighbours(modules: &[Module], module: &Module, mut wants: impl FnMut(usize) -> bool) {
    for distance in 1..=REACH[0] + ROW_AWAY * REACH[1] {
        for rows in -(distance / ROW_AWAY).min(REACH[1])..=(distance / ROW_AWAY).min(REACH[1]) {
            let columns = distance - ROW_AWAY * rows.abs();
            if columns > REACH[0] {
                continue;
            }
            let both = [-columns, columns];
            for &columns in &both[usize::from(columns == 0)..] {
                let key = (module.table, module.row + rows, module.column + columns);
                let place = |module: &Module| (module.table, module.row, module.column);
                let Ok(other) = modules.binary_search_by_key(&key, place) else { continue };
                if !wants(other) {
                    return;
                }
            }
        }
    }
}

fn shape(
    parts: &[Option<[f32; PARTS]>],
    levels: &[Option<f32>],
    odd: &[bool],
    columns: usize,
) -> Shape {
    let usable = parts.iter().zip(levels).zip(odd).filter(|&(_, &odd)| !odd);
    let models: Vec<([f32; PARTS], f32)> =
        usable.filter_map(|((parts, level), _)| parts.zip(*level)).collect();
    let step = models.len().div_ceil(MOST_MODELS).max(1);
    let mut shape = Shape { columns, usual: [0.0; PARTS], spread: [0.0; PARTS] };
    let mut column = Vec::new();
    for part in 0..PARTS {
        column.clear();
        column.extend(models.iter().step_by(step).map(|(parts, level)| parts[part] - level));
        shape.usual[part] = median(&mut column);
        shape.spread[part] = deviation(&mut column, shape.usual[part]);
    }
    shape
}

/// The median, 0 of nothing; the order of the values is lost.
pub(super) fn median(values: &mut [f32]) -> f32 {
    let half = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(half, f32::total_cmp).1 }
}

/// The standard deviation of most values, from the median of their distances to `middle`; they are
/// replaced by these.
fn deviation(values: &mut [f32], middle: f32) -> f32 {
    for value in values.iter_mut() {
        *value = (*value - middle).abs();
    }
    SIGMA_OF_MEDIAN * median(values)
}
