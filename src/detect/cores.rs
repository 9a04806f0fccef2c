//! Cores: what exceeds half of a peak. Touching spots come apart there.
//!
//! A component is looked at higher and higher. Each part of it that hangs together up to half of
//! its own peak is a core, so that a weak spot is not lost that hangs together with a strong one by
//! warm ground. A core that parts again above its half is kept, and so are its pieces; and so is
//! what lies wide under a small core. Which of them are spots is told by their rings.

use super::Polarity;
use super::bits::{WORD, highest, runs};
use super::level::Level;
use super::parts::{Part, number_cores};
use super::rank::ranked;
use super::shape::Shape;
use super::standing::{Span, Standing};

/// Fewest pixels of a piece of a core.
const LEAST_PIECE: u32 = 3;

/// A lump with more than this many times the pixels that are left of it at its next limit is a wide
/// spot with a small one on it. The next limit is twice as high at most, and half of the top at
/// most: of a single hump (Gaussian) half of the pixels or more are left there.
const TIMES_LEFT: u32 = 3;

/// Fewest pixels of such a wide spot, by our convention.
const LEAST_UNDER: u32 = 20;

/// A core is looked at for pieces in steps of this share of its peak, above half of it.
const PIECE_STEPS: u16 = 8;

/// One core, in pixels of its level: what is needed to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Core {
    pub(super) left: u16,
    pub(super) top: u16,
    /// One beyond the last.
    pub(super) right: u16,
    /// One beyond the last.
    pub(super) bottom: u16,
    pub(super) area: u32,
    /// Hottest pixel, without a small core that it lies under; coldest from above, if the core is
    /// cold (see `Polarity::turned`).
    pub(super) peak: u16,
    /// Its first and its last part.
    parts: [u32; 2],
}

/// Working memory of the search.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) standing: Standing,
    /// By number.
    components: Vec<Component>,
    /// Spans of one band that reach above the limit of their component, and that limit.
    peaks: Vec<(Span, u16)>,
    /// Round by round, each row by row.
    parts: Vec<Part>,
    /// Of each part of a round its lump.
    numbers: Vec<u32>,
    /// Of each part the next one of its lump.
    nexts: Vec<u32>,
    /// What hangs together, of this round and the one before.
    lumps: Vec<Lump>,
    before: Vec<Lump>,
    pub(super) cores: Vec<Core>,
    /// Of the pixels of a lump.
    values: Vec<u16>,
}

/// Pixels that hang together.
#[derive(Debug, Clone, Copy, Default)]
struct Component {
    /// Pixels.
    area: u32,
    /// Height of the highest.
    top: u16,
}

/// Pixels of a component that hang together above a limit.
#[derive(Debug, Clone, Copy)]
struct Lump {
    core: Core,
    /// Height of its highest pixel.
    top: u16,
    limit: u16,
    /// The one that it is a part of, among those of the round before.
    parent: u32,
    /// How many lumps of [`LEAST_PIECE`] pixels and more it parts into in the next round.
    pieces: u32,
    /// Pixels of it that are left in the next round.
    left: u32,
    /// It has its core: only its pieces are wanted still.
    has_core: bool,
    /// It lies on a wide spot that was found.
    on_wide: bool,
    /// What of it is looked at in the next round, if anything is.
    next_limit: Option<u16>,
}

impl Polarity {
    /// A value, or its mirror image if the spots are cold: then a spot always stands out upwards.
    #[inline]
    pub(super) fn turned(self, value: u16) -> u16 {
        match self {
            Self::Hot => value,
            Self::Cold => !value,
        }
    }
}

impl Search {
    /// Fills `cores` from `standing`, leaving out components of fewer than `least_area` pixels.
    /// What is less than `least` higher than the limit at which it comes apart is left out too.
    #[inline(always)]
    pub(super) fn split(
        &mut self,
        level: &Level<'_>,
        polarity: Polarity,
        least_area: u32,
        least: u16,
    ) {
        self.cores.clear();
        self.nexts.clear();
        self.before.clear();
        self.part(least_area);
        let mut first = 0;
        while first < self.parts.len() {
            let end = self.parts.len();
            self.lump_together(first);
            self.take_wide(level, polarity);
            self.take_cores(level, polarity, least);
            self.part_again(first..end);
            std::mem::swap(&mut self.lumps, &mut self.before);
            first = end;
        }
    }

    /// Fills `parts` with what is higher than the first limit of its component.
    #[inline(always)]
    fn part(&mut self, least_area: u32) {
        let Self { standing, components, peaks, parts, .. } = self;
        components.clear();
        components.resize(standing.components, Component::default());
        for (span, &number) in standing.spans.iter().zip(&standing.numbers) {
            let component = &mut components[number as usize];
            component.area += span.area;
            component.top = component.top.max(span.top);
        }
        parts.clear();
        for (upper, spans) in standing.bands() {
            peaks.clear();
            let numbers = &standing.numbers[spans.clone()];
            for (span, &number) in standing.spans[spans].iter().zip(numbers) {
                let component = components[number as usize];
                let limit = limit_below(component.top, standing.least);
                if component.area >= least_area && span.top > limit {
                    peaks.push((*span, limit));
                }
            }
            for y in [upper, upper + 1] {
                for &(span, limit) in &*peaks {
                    let whole = Part { y, start: span.start, end: span.end, limit, parent: 0 };
                    push_parts(standing, whole, parts);
                }
            }
        }
    }

    /// Fills `lumps` from the parts of a round, the first of which is given.
    #[inline(always)]
    fn lump_together(&mut self, first: usize) {
        let Self { standing, parts, numbers, nexts, lumps, before, .. } = self;
        let round = &parts[first..];
        number_cores(round, numbers);
        lumps.clear();
        nexts.resize(parts.len(), u32::MAX);
        for ((at, part), &number) in (first as u32..).zip(round).zip(&*numbers) {
            let length = usize::from(part.end - part.start);
            let top = highest(standing.heights_from(part.y, part.start), length, |height| height);
            match lumps.get_mut(number as usize) {
                Some(lump) => {
                    nexts[lump.core.parts[1] as usize] = at;
                    lump.core.add(at, *part);
                    lump.top = lump.top.max(top);
                }
                None => lumps.push(Lump::of(at, *part, top, before)),
            }
        }
        for lump in &*lumps {
            if let Some(parent) = before.get_mut(lump.parent as usize) {
                parent.pieces += u32::from(lump.core.area >= LEAST_PIECE);
                parent.left += lump.core.area;
            }
        }
    }

    /// Adds what lies wide under the lumps.
    #[inline(always)]
    fn take_wide(&mut self, level: &Level<'_>, polarity: Polarity) {
        let Self { parts, nexts, before, cores, values, .. } = self;
        for under in before {
            let area = under.core.area;
            let is_wide = area >= LEAST_UNDER && area > TIMES_LEFT * under.left;
            if is_wide && !under.has_core && !under.on_wide {
                let peak = peak_under(parts, nexts, under, level, polarity, values);
                cores.push(Core { peak, ..under.core });
                under.on_wide = true;
            }
        }
    }

    /// Adds the cores among the lumps, and says of which lumps more is wanted.
    #[inline(always)]
    fn take_cores(&mut self, level: &Level<'_>, polarity: Polarity, least: u16) {
        let Self { parts, nexts, lumps, before, cores, .. } = self;
        for lump in lumps {
            let parent = before.get(lump.parent as usize);
            lump.on_wide = parent.is_some_and(|parent| parent.on_wide);
            let rises = lump.top - lump.limit > least;
            let half = lump.top / 2;
            if lump.has_core {
                let is_piece = parent.is_some_and(|parent| parent.pieces > 1);
                if is_piece && rises && lump.core.area >= LEAST_PIECE {
                    lump.core.peak = peak(parts, nexts, &lump.core, level, polarity);
                    cores.push(lump.core);
                }
            } else if lump.limit >= half {
                let parted = parent.is_some_and(|parent| parent.top != lump.top);
                if !parted || rises {
                    lump.core.peak = peak(parts, nexts, &lump.core, level, polarity);
                    cores.push(lump.core);
                }
                lump.has_core = true;
            } else {
                lump.next_limit = Some(limit_below(lump.top, lump.limit));
                continue;
            }
            let higher = lump.limit + (lump.top / PIECE_STEPS).max(1);
            let large = lump.core.area > 2 * LEAST_PIECE;
            lump.next_limit = (large && higher + least < lump.top).then_some(higher);
        }
    }

    /// Adds the parts of the next round: what of this one's is higher than the next limits.
    #[inline(always)]
    fn part_again(&mut self, round: std::ops::Range<usize>) {
        let Self { standing, parts, numbers, lumps, .. } = self;
        for at in round.clone() {
            let parent = numbers[at - round.start];
            if let Some(limit) = lumps[parent as usize].next_limit {
                push_parts(standing, Part { limit, parent, ..parts[at] }, parts);
            }
        }
    }

    /// The shape of one of `cores`.
    pub(super) fn shape(&self, core: &Core) -> Shape {
        let mut shape = Shape::default();
        for part in chain(&self.parts, &self.nexts, core) {
            shape.add(part, self.standing.heights(part.y, part.start, part.end));
        }
        shape
    }
}

/// The limit at which something of this height is looked at that hangs together above another
/// limit: half of it, or twice the other limit, whichever is lower.
#[inline(always)]
fn limit_below(top: u16, limit: u16) -> u16 {
    (top / 2).min(limit.max(1).saturating_mul(2)).max(limit)
}

/// The parts of a core.
fn chain<'a>(
    parts: &'a [Part],
    nexts: &'a [u32],
    core: &Core,
) -> impl Iterator<Item = &'a Part> + use<'a> {
    let [first, last] = core.parts;
    std::iter::successors(Some(first), move |&at| (at != last).then(|| nexts[at as usize]))
        .map(|at| &parts[at as usize])
}

/// The peak of a lump without the small core on it: without what is left at the next limit, and
/// without the next tenth of the lump for the core's flanks.
fn peak_under(
    parts: &[Part],
    nexts: &[u32],
    under: &Lump,
    level: &Level<'_>,
    polarity: Polarity,
    values: &mut Vec<u16>,
) -> u16 {
    values.clear();
    for part in chain(parts, nexts, &under.core) {
        let row = &level.values[usize::from(part.y) * level.width..];
        let row = &row[usize::from(part.start)..usize::from(part.end)];
        values.extend(row.iter().map(|&value| polarity.turned(value)));
    }
    let above = under.left as usize + values.len() / 10;
    ranked(values, values.len().saturating_sub(1 + above)).unwrap_or(0)
}

#[inline(always)]
fn peak(parts: &[Part], nexts: &[u32], core: &Core, level: &Level<'_>, polarity: Polarity) -> u16 {
    let of_part = |part: &Part| {
        let row = &level.values[usize::from(part.y) * level.width..];
        let length = usize::from(part.end - part.start);
        highest(&row[usize::from(part.start)..], length, |value| polarity.turned(value))
    };
    chain(parts, nexts, core).map(of_part).max().unwrap_or(0)
}

/// Adds the parts of a row's piece that are higher than its limit.
#[inline(always)]
fn push_parts(standing: &Standing, whole: Part, parts: &mut Vec<Part>) {
    let before = parts.len();
    let span = Span { start: whole.start, end: whole.end, top: 0, area: 0 };
    for word in span.words() {
        for run in runs(standing.higher(whole.y, word, whole.limit) & span.within(word)) {
            let start = (word * WORD + run.start) as u16;
            let end = (word * WORD + run.end) as u16;
            match parts[before..].last_mut() {
                // It goes on from the word before.
                Some(last) if last.end == start => last.end = end,
                _ => parts.push(Part { start, end, ..whole }),
            }
        }
    }
}

impl Lump {
    /// A lump of one part.
    fn of(at: u32, part: Part, top: u16, before: &[Lump]) -> Self {
        Self {
            core: Core::of(at, part),
            top,
            limit: part.limit,
            parent: part.parent,
            pieces: 0,
            left: 0,
            on_wide: false,
            has_core: before.get(part.parent as usize).is_some_and(|parent| parent.has_core),
            next_limit: None,
        }
    }
}

impl Core {
    /// A core of one part, whose peak is not known yet.
    fn of(at: u32, part: Part) -> Self {
        let Part { y, start, end, .. } = part;
        let area = u32::from(end - start);
        Self { left: start, top: y, right: end, bottom: y + 1, area, peak: 0, parts: [at; 2] }
    }

    /// Adds a part that comes after those there.
    #[inline(always)]
    fn add(&mut self, at: u32, part: Part) {
        self.left = self.left.min(part.start);
        self.right = self.right.max(part.end);
        self.bottom = part.y + 1;
        self.area += u32::from(part.end - part.start);
        self.parts[1] = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(values: &[u16], width: usize) -> Search {
        let level = Level { values, width, height: values.len() / width, known: None };
        let standing = Standing::above(&level, 0, 0);
        let mut search = Search { standing, ..Search::default() };
        search.split(&level, Polarity::Hot, 3, 0);
        search
    }

    #[test]
    fn a_dip_below_half_parts_twins() {
        for (values, expected) in [
            ([1u16, 9, 4, 9, 1, 1, 9, 4, 9, 1], 2),
            ([1, 9, 6, 9, 1, 1, 9, 4, 9, 1], 1),
            ([1, 1, 1, 9, 1, 1, 1, 1, 1, 1], 1),
        ] {
            assert_eq!(search(&values, 5).cores.len(), expected, "{values:?}");
        }
    }

    #[test]
    fn a_wide_spot_under_a_small_one_is_a_core_of_its_own() {
        let hump = |at: usize, height: f64, sigma: f64| {
            let (x, y) = ((at % 61) as f64 - 30.0, (at / 61) as f64 - 30.0);
            height * (-0.5 * (x * x + y * y) / (sigma * sigma)).exp()
        };
        // The small one alone, and the wide one alone, are one core each.
        for (small, wide, expected) in [(1500.0, 1000.0, 2), (1500.0, 0.0, 1), (0.0, 1000.0, 1)] {
            let value = |at: usize| 100.0 + hump(at, small, 1.5) + hump(at, wide, 7.0);
            let values: Vec<u16> = (0..61 * 61).map(|at| value(at) as u16).collect();
            let level = Level { values: &values, width: 61, height: 61, known: None };
            let standing = Standing::above(&level, 100, 100);
            let mut search = Search { standing, ..Search::default() };
            search.split(&level, Polarity::Hot, 3, 50);
            let mut peaks: Vec<u16> = search.cores.iter().map(|core| core.peak).collect();
            peaks.sort_unstable();
            assert_eq!(peaks.len(), expected, "{small} on {wide}: {peaks:?}");
            if expected == 2 {
                assert!((800..1100).contains(&peaks[0]) && peaks[1] > 2500, "{peaks:?}");
            }
        }
    }

    #[test]
    fn box_place_and_spread_are_those_of_the_pixels() {
        #[rustfmt::skip]
        let values = [
            0, 0, 0, 0, 0, 0,
            0, 8, 8, 8, 8, 0,
            0, 0, 0, 0, 0, 0,
        ];
        let search = search(&values, 6);
        let [core] = search.cores[..] else { panic!("one core") };
        assert_eq!((core.left, core.top, core.right, core.bottom), (1, 1, 5, 2));
        assert_eq!((core.area, core.peak), (4, 8));
        let shape = search.shape(&core);
        assert_eq!(shape.centre(), (3.0, 1.5));
        // A rectangle of 4 by 1: length over the square root of 12.
        let (along, across) = shape.spread();
        assert!((along - 4.0 / 12f64.sqrt()).abs() < 1e-12);
        assert!((across - 1.0 / 12f64.sqrt()).abs() < 1e-12);
    }
}
