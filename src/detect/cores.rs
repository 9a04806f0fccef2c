//! Cores: what exceeds half of a component's peak. Touching spots come apart there.

use super::Polarity;
use super::bits::{WORD, highest, runs};
use super::level::Level;
use super::parts::{Part, number_cores};
use super::shape::Shape;
use super::standing::{Span, Standing};

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
    /// Hottest pixel; coldest from above, if the core is cold (see `Polarity::turned`).
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
    /// Spans of one band that reach above half of their component's peak, and that half.
    peaks: Vec<(Span, u16)>,
    /// Row by row.
    parts: Vec<Part>,
    /// Of each part its core's place in `cores`.
    numbers: Vec<u32>,
    /// Of each part the next one of its core.
    nexts: Vec<u32>,
    pub(super) cores: Vec<Core>,
}

/// Pixels that hang together.
#[derive(Debug, Clone, Copy, Default)]
struct Component {
    /// Pixels.
    area: u32,
    /// Height of the highest.
    top: u16,
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
    #[inline(always)]
    pub(super) fn split(&mut self, level: &Level<'_>, polarity: Polarity, least_area: u32) {
        self.part(least_area);
        let Self { parts, numbers, nexts, cores, .. } = self;
        number_cores(parts, numbers);
        cores.clear();
        nexts.clear();
        nexts.resize(parts.len(), u32::MAX);
        for ((at, part), &number) in (0..).zip(&*parts).zip(&*numbers) {
            let row = &level.values[usize::from(part.y) * level.width..];
            let length = usize::from(part.end - part.start);
            let peak = highest(&row[usize::from(part.start)..], length, |v| polarity.turned(v));
            match cores.get_mut(number as usize) {
                Some(core) => {
                    nexts[core.parts[1] as usize] = at;
                    core.add(at, *part, peak);
                }
                None => cores.push(Core::of(at, *part, peak)),
            }
        }
    }

    /// Fills `parts` with what is higher than half of its component's peak.
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
                let limit = component.top / 2;
                if component.area >= least_area && span.top > limit {
                    peaks.push((*span, limit));
                }
            }
            for y in [upper, upper + 1] {
                for &(span, limit) in &*peaks {
                    push_parts(standing, y, span, limit, parts);
                }
            }
        }
    }

    /// The shape of one of `cores`.
    pub(super) fn shape(&self, core: &Core) -> Shape {
        let mut shape = Shape::default();
        let [mut at, last] = core.parts;
        loop {
            let part = &self.parts[at as usize];
            shape.add(part, self.standing.heights(part.y, part.start, part.end));
            if at == last {
                return shape;
            }
            at = self.nexts[at as usize];
        }
    }
}

/// Adds the parts of one row of a span.
#[inline(always)]
fn push_parts(standing: &Standing, y: u16, span: Span, limit: u16, parts: &mut Vec<Part>) {
    let before = parts.len();
    for word in span.words() {
        for run in runs(standing.higher(y, word, limit) & span.within(word)) {
            let start = (word * WORD + run.start) as u16;
            let end = (word * WORD + run.end) as u16;
            match parts[before..].last_mut() {
                // It goes on from the word before.
                Some(last) if last.end == start => last.end = end,
                _ => parts.push(Part { y, start, end, limit }),
            }
        }
    }
}

impl Core {
    /// A core of one part.
    fn of(at: u32, part: Part, peak: u16) -> Self {
        let Part { y, start, end, .. } = part;
        let area = u32::from(end - start);
        Self { left: start, top: y, right: end, bottom: y + 1, area, peak, parts: [at; 2] }
    }

    /// Adds a part that comes after those there.
    #[inline(always)]
    fn add(&mut self, at: u32, part: Part, peak: u16) {
        self.left = self.left.min(part.start);
        self.right = self.right.max(part.end);
        self.bottom = part.y + 1;
        self.area += u32::from(part.end - part.start);
        self.peak = self.peak.max(peak);
        self.parts[1] = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(values: &[u16], width: usize) -> Search {
        let level = Level {
            values,
            width,
            height: values.len() / width,
            opening: &vec![0; values.len()],
            closing: &vec![u16::MAX; values.len()],
            ground_width: width,
            shift: 0,
            known: None,
        };
        let standing = Standing::above(&level, 0);
        let mut search = Search { standing, ..Search::default() };
        search.split(&level, Polarity::Hot, 3);
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
