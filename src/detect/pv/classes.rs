//! Whole modules and sections of modules that are warm or cold.

use super::compare::{ALONG, Compared, PARTS, Shape, median};
use super::grid::Module;

/// What is warm of a module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// From one share of its short side to another.
    Section([f32; 2]),
}

/// A module, or a section of it, that stands out from its like; values in steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anomaly {
    pub(super) part: Part,
    pub(super) delta: f32,
    pub(super) background: f32,
    pub(super) spread: f32,
    /// One of several that are alike, side by side.
    pub(super) in_string: bool,
}

/// Sections with a bypass diode each, side by side along the long side: three in all modules of 60
/// or 72 cells, whole or half-cut.
const SECTIONS: usize = 3;

/// What stands out less, in spreads and kelvin, is not said.
const LEAST_SPREADS: f32 = 3.0;
const LEAST_K: f64 = 0.8;

/// So much of a section must be warmer than halfway, or it is only a spot in it.
const LEAST_FILLED: f32 = 0.8;

/// The other sections of a module that is warm in one stay below this share of it.
const MOST_OTHERS: f32 = 0.6;

/// Fewest modules of a string, and how far they may be from its middle one.
const LEAST_STRING: usize = 3;
const ALIKE: f32 = 0.5;

/// What stands out of each module, both of warm and of cold ones.
pub(super) fn anomalies(
    modules: &[Module],
    compared: &[Option<Compared>],
    shape: &Shape,
    step_k: f64,
) -> Vec<Option<Anomaly>> {
    let least = (LEAST_K / step_k) as f32;
    let judge = |compared: &Option<Compared>| anomaly(compared.as_ref()?, shape, least);
    let mut found: Vec<Option<Anomaly>> = compared.iter().map(judge).collect();
    let along = |module: &Module| (module.table, module.row, module.column);
    let down = |module: &Module| (module.table, module.column, module.row);
    mark_strings(modules, &mut found, along);
    mark_strings(modules, &mut found, down);
    found
}

fn anomaly(compared: &Compared, shape: &Shape, least: f32) -> Option<Anomaly> {
    let spread = compared.spread;
    let limit = least.max(LEAST_SPREADS * spread);
    let whole = Anomaly {
        part: Part::Whole,
        delta: compared.delta(),
        background: compared.background,
        spread,
        in_string: false,
    };
    if let Some((part, delta)) = section(compared, shape, limit) {
        return Some(Anomaly { part, delta, ..whole });
    }
    (whole.delta.abs() >= limit).then_some(whole)
}

/// The section that is warm while the rest is not.
fn section(compared: &Compared, shape: &Shape, limit: f32) -> Option<(Part, f32)> {
    let columns = shape.columns;
    let mut sections = [[0.0; PARTS / SECTIONS]; SECTIONS];
    let mut counts = [0usize; SECTIONS];
    for (at, &of) in compared.parts.iter().enumerate() {
        // Across the module: along the columns of an upright one.
        let across = if columns == ALONG { at / columns } else { at % columns };
        let section = across * SECTIONS / (PARTS / ALONG);
        sections[section][counts[section]] = of;
        counts[section] += 1;
    }
    let levels = sections.map(|mut section| median(&mut section));
    let high = levels.iter().copied().fold(f32::MIN, f32::max);
    let is_warm = levels.map(|level| level > MOST_OTHERS * high);
    let warm = is_warm.iter().filter(|&&is| is).count();
    if high < limit || warm == SECTIONS || (is_warm[0] && is_warm[2] && !is_warm[1]) {
        return None;
    }
    let rest =
        (0..SECTIONS).filter(|&at| !is_warm[at]).map(|at| levels[at]).fold(f32::MIN, f32::max);
    let halfway = 0.5 * (high + rest);
    let parts = (0..SECTIONS).filter(|&at| is_warm[at]).flat_map(|at| sections[at]);
    let filled = parts.filter(|&of| of > halfway).count() as f32;
    let is_filled = filled >= LEAST_FILLED * (warm * PARTS / SECTIONS) as f32;
    if !is_filled || high - rest < limit {
        return None;
    }
    let first = is_warm.iter().position(|&is| is)?;
    let share = |at: usize| at as f32 / SECTIONS as f32;
    Some((Part::Section([share(first), share(first + warm)]), high))
}

/// Marks three or more whole modules side by side that are warm alike.
fn mark_strings(
    modules: &[Module],
    found: &mut [Option<Anomaly>],
    key: impl Fn(&Module) -> (u32, i32, i32),
) {
    let mut order: Vec<usize> = (0..modules.len()).collect();
    order.sort_by_key(|&at| key(&modules[at]));
    let is_warm = |at: usize, found: &[Option<Anomaly>]| {
        found[at].is_some_and(|of| of.part == Part::Whole && of.delta > 0.0)
    };
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        if is_warm(order[start], found) {
            let follows = |end: usize| {
                let (a, b) = (key(&modules[order[end - 1]]), key(&modules[order[end]]));
                (a.0, a.1, a.2 + 1) == b
            };
            while end < order.len() && is_warm(order[end], found) && follows(end) {
                end += 1;
            }
            let run = &order[start..end];
            let mut deltas: Vec<f32> =
                run.iter().filter_map(|&at| found[at].map(|of| of.delta)).collect();
            let middle = median(&mut deltas);
            let alike = |at: usize, found: &[Option<Anomaly>]| {
                found[at].is_some_and(|of| (of.delta - middle).abs() <= ALIKE * middle)
            };
            let count = run.iter().filter(|&&at| alike(at, found)).count();
            for &at in run {
                let joins = count >= LEAST_STRING && alike(at, found);
                if let Some(of) = found[at].as_mut().filter(|_| joins) {
                    of.in_string = true;
                }
            }
        }
        start = end;
    }
}
