//! What stands out from the ground, joined into components without a label image.
//!
//! Two rows make a band. Columns of a band that lie side by side, each with a pixel that stands
//! out, make a span. All pixels of a span touch by side or corner, so that spans, of which there
//! are half as many as runs in single rows, are all that needs joining.

use std::ops::{Range, RangeInclusive};
use std::{iter, mem};

use super::bits::{LANES, WORD, bits, highest, mask, ones, runs};
use super::joined::{join, number};
use super::level::Level;
#[cfg(test)]
use super::{ground::Ground, level::Compared, level::Limits};

/// Columns of a band, side by side, in each of which a pixel stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u16,
    /// One beyond the last.
    pub(super) end: u16,
    /// Height of its highest pixel.
    pub(super) top: u16,
    /// Pixels that stand out.
    pub(super) area: u32,
}

impl Span {
    /// The words of a row that it lies in.
    #[inline(always)]
    pub(super) fn words(self) -> RangeInclusive<usize> {
        usize::from(self.start) / WORD..=(usize::from(self.end) - 1) / WORD
    }

    /// Ones in its columns of a word.
    #[inline(always)]
    pub(super) fn within(self, word: usize) -> u64 {
        let start = usize::from(self.start).saturating_sub(word * WORD);
        let end = (usize::from(self.end) - word * WORD).min(WORD);
        mask(&(start..end))
    }
}

/// How far each pixel stands out from the ground, and the spans of those that do enough.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Band by band, from left to right.
    pub(super) spans: Vec<Span>,
    /// Of each span the number of its component.
    pub(super) numbers: Vec<u32>,
    /// How many components there are.
    pub(super) components: usize,
    /// Of each band its first span.
    bands: Vec<u32>,
    /// What is more than this high stands out.
    pub(super) least: u16,
    /// Height of each pixel above the opening (depth below the closing), row by row; zero where
    /// nothing is known, beyond the last column, and in the row below an odd number of rows.
    heights: Vec<u16>,
    /// Pixels a row of `heights`: whole words.
    stride: usize,
    /// Width and height that `heights` was made for.
    size: (usize, usize),
    /// The highest of a band's two pixels, column by column.
    tops: Vec<u16>,
    band: Band,
    /// The band before it.
    above: Band,
}

/// A band in bits, one a column.
#[derive(Debug, Default)]
struct Band {
    /// Pixels of the upper row that stand out.
    upper: Vec<u64>,
    /// Pixels of the lower row that stand out.
    lower: Vec<u64>,
    /// Where spans start.
    starts: Vec<u64>,
    /// How many spans start before each word, those of other bands too.
    before: Vec<u32>,
}

impl Band {
    fn clear(&mut self, words: usize) {
        for row in [&mut self.upper, &mut self.lower, &mut self.starts] {
            row.clear();
            row.resize(words, 0);
        }
        self.before.clear();
        self.before.resize(words, 0);
    }

    /// Nothing stands out in a word.
    #[inline(always)]
    fn clear_word(&mut self, word: usize) {
        (self.upper[word], self.lower[word], self.starts[word]) = (0, 0, 0);
    }

    /// The span that a column lies in.
    #[inline(always)]
    fn span_at(&self, x: usize) -> usize {
        let word = x / WORD;
        let up_to_here = u64::MAX >> (WORD - 1 - x % WORD);
        (self.before[word] + (self.starts[word] & up_to_here).count_ones()) as usize - 1
    }
}

impl Standing {
    /// Nothing stands out.
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.numbers.clear();
        self.components = 0;
        self.bands.clear();
    }

    /// Makes room for the heights of a level, of which those above `least` will stand out.
    #[inline(always)]
    pub(super) fn begin(&mut self, level: &Level<'_>, least: u16) {
        self.clear();
        self.least = least;
        let size = (level.width, level.height);
        if size != self.size {
            self.size = size;
            self.stride = level.width.next_multiple_of(WORD);
            self.heights.clear();
            self.heights.resize(self.stride * level.height.next_multiple_of(2), 0);
            self.tops.resize(self.stride + LANES, 0);
        }
        self.band.clear(self.stride / WORD);
        self.above.clear(self.stride / WORD);
    }

    /// Heights of a row, to be written before its band is added.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [u16] {
        &mut self.heights[y * self.stride..][..self.size.0]
    }

    /// Finds the spans of the next band, whose heights are written, and joins them to those above.
    #[inline(always)]
    pub(super) fn add_band(&mut self) {
        mem::swap(&mut self.band, &mut self.above);
        let place = 2 * self.bands.len() * self.stride;
        self.bands.push(self.spans.len() as u32);
        let (upper, lower) = self.heights[place..][..2 * self.stride].split_at(self.stride);
        let first = self.spans.len();
        let words = upper.as_chunks::<WORD>().0.iter().zip(lower.as_chunks::<WORD>().0);
        for (word, (upper, lower)) in words.enumerate() {
            let Some(tops) = self.tops[word * WORD..].first_chunk_mut::<WORD>() else { break };
            for ((top, &upper), &lower) in tops.iter_mut().zip(upper).zip(lower) {
                *top = upper.max(lower);
            }
            if tops.iter().fold(0, |high, &top| high.max(top)) <= self.least {
                // As most words are.
                self.band.clear_word(word);
                continue;
            }
            let (upper_bits, lower_bits) = (bits(upper, self.least), bits(lower, self.least));
            self.band.upper[word] = upper_bits;
            self.band.lower[word] = lower_bits;
            self.band.before[word] = self.spans.len() as u32;
            self.band.starts[word] =
                push_spans([upper_bits, lower_bits], word * WORD, first, &mut self.spans);
        }
        self.numbers.extend(first as u32..self.spans.len() as u32);
        for span in &mut self.spans[first..] {
            let length = usize::from(span.end - span.start);
            span.top = highest(&self.tops[usize::from(span.start)..], length, |top| top);
        }
        self.join_to_above();
    }

    /// Once all bands are there.
    #[inline(always)]
    pub(super) fn end(&mut self) {
        self.components = number(&mut self.numbers);
    }

    /// Joins spans that touch one of the band above by side or corner.
    #[inline(always)]
    fn join_to_above(&mut self) {
        let Self { band, above, numbers, .. } = self;
        let (mut own_before, mut other_before) = (0, 0);
        for word in 0..band.upper.len() {
            let (own, other) = (band.upper[word], above.lower[word]);
            if own == 0 {
                (own_before, other_before) = (0, other >> (WORD - 1));
                continue;
            }
            let after = |row: &[u64]| row.get(word + 1).map_or(0, |&next| next << (WORD - 1));
            let own_left = own << 1 | own_before;
            let own_right = own >> 1 | after(&band.upper);
            let other_left = other << 1 | other_before;
            let other_right = other >> 1 | after(&above.lower);
            (own_before, other_before) = (own >> (WORD - 1), other >> (WORD - 1));

            let start = word * WORD;
            // Of pixels side by side that touch by their sides the first one is enough.
            let by_side = own & other;
            for x in ones(by_side & !(by_side << 1)) {
                join(numbers, band.span_at(start + x), above.span_at(start + x));
            }
            // Corners where nothing touches by its side.
            let alone = own & !other;
            for x in ones(alone & other_left & !own_left) {
                join(numbers, band.span_at(start + x), above.span_at(start + x - 1));
            }
            for x in ones(alone & other_right & !own_right) {
                join(numbers, band.span_at(start + x), above.span_at(start + x + 1));
            }
        }
    }

    /// Number of its first row, and places of its spans, of each band.
    pub(super) fn bands(&self) -> impl Iterator<Item = (u16, Range<usize>)> {
        let ends = self.bands[1.min(self.bands.len())..].iter().map(|&first| first as usize);
        let ends = ends.chain(iter::once(self.spans.len()));
        let rows = (0..).step_by(2);
        self.bands.iter().zip(ends).zip(rows).map(|((&first, end), y)| (y, first as usize..end))
    }

    /// Heights of the pixels of a row between two columns.
    #[inline(always)]
    pub(super) fn heights(&self, y: u16, start: u16, end: u16) -> &[u16] {
        let row = usize::from(y) * self.stride;
        &self.heights[row + usize::from(start)..row + usize::from(end)]
    }

    /// Heights of the pixels of a row from a column on, and zeros behind the last one.
    #[inline(always)]
    pub(super) fn heights_from(&self, y: u16, start: u16) -> &[u16] {
        let row = &self.heights[usize::from(y) * self.stride..][..self.stride];
        &row[usize::from(start)..]
    }

    /// One bit a pixel of a row's word that stands out and is higher than the limit.
    #[inline(always)]
    pub(super) fn higher(&self, y: u16, word: usize, limit: u16) -> u64 {
        let row = &self.heights[usize::from(y) * self.stride..][..self.stride];
        bits(&row.as_chunks().0[word], limit.max(self.least))
    }
}

/// Adds the spans of a word's two rows, the first of whose columns is `start`, and says where they
/// begin. One that goes on from the word before is made longer; `first` is the band's first span.
#[inline(always)]
fn push_spans([upper, lower]: [u64; 2], start: usize, first: usize, spans: &mut Vec<Span>) -> u64 {
    let mut starts = 0;
    for run in runs(upper | lower) {
        let mask = mask(&run);
        let area = (upper & mask).count_ones() + (lower & mask).count_ones();
        let end = (start + run.end) as u16;
        let begin = (start + run.start) as u16;
        match spans[first..].last_mut() {
            Some(last) if last.end == begin => {
                last.end = end;
                last.area += area;
            }
            _ => {
                starts |= 1 << run.start;
                spans.push(Span { start: begin, end, top: 0, area });
            }
        }
    }
    starts
}

#[cfg(test)]
impl Standing {
    /// What is more than `least` above a ground that is flat.
    pub(super) fn above(level: &Level<'_>, ground: u16, least: u16) -> Self {
        let (mut hot, mut cold) = (Self::default(), Self::default());
        hot.find_above(level, ground, least, &mut cold);
        hot
    }

    /// The same, with memory that may have been used.
    fn find_above(&mut self, level: &Level<'_>, ground: u16, least: u16, cold: &mut Self) {
        let ground = Ground::flat(level, ground);
        let limits = Limits { least, most: 1.0 };
        Compared::<4>::default().find(level, &ground, &limits, [self, cold]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standing pixels of a picture of flat ground, one that is higher a pixel.
    fn standing(pixels: &[bool], width: usize) -> Standing {
        let values: Vec<u16> = pixels.iter().map(|&stands| 10 + 90 * u16::from(stands)).collect();
        let level = Level { values: &values, width, height: values.len() / width, known: None };
        Standing::above(&level, 0, 50)
    }

    /// Areas of the components by the definition: from pixel to neighbour, eight ways.
    fn flooded(pixels: &[bool], width: usize) -> Vec<u32> {
        let mut left = pixels.to_vec();
        let height = pixels.len() / width;
        let mut areas = Vec::new();
        for first in 0..pixels.len() {
            let mut open = vec![first];
            let mut area = 0;
            while let Some(at) = open.pop() {
                if std::mem::replace(&mut left[at], false) {
                    area += 1;
                    let (x, y) = (at % width, at / width);
                    for y in y.saturating_sub(1)..(y + 2).min(height) {
                        let columns = x.saturating_sub(1)..(x + 2).min(width);
                        open.extend(columns.map(|x| y * width + x));
                    }
                }
            }
            areas.extend((area > 0).then_some(area));
        }
        areas.sort_unstable();
        areas
    }

    #[test]
    fn components_are_those_of_a_flood_fill() {
        let mut state = 5u32;
        for (width, height) in [(1, 1), (3, 9), (64, 6), (65, 7), (130, 31), (200, 12)] {
            // From a few lone pixels to a few lone gaps.
            for share in [10, 35, 50, 65, 90] {
                let pixels: Vec<bool> = (0..width * height)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 16) % 100 < share
                    })
                    .collect();
                let standing = standing(&pixels, width);
                let mut areas = vec![0; standing.components];
                for (span, &number) in standing.spans.iter().zip(&standing.numbers) {
                    areas[number as usize] += span.area;
                    assert_eq!(span.top, 100);
                }
                areas.sort_unstable();
                assert_eq!(areas, flooded(&pixels, width), "{width}x{height}, {share} %");
            }
        }
    }

    #[test]
    fn a_narrower_picture_sees_nothing_of_the_one_before() {
        let (mut hot, mut cold) = (Standing::default(), Standing::default());
        for (width, spans) in [(60, 2), (50, 2)] {
            let values = vec![9; 3 * width];
            let level = Level { values: &values, width, height: 3, known: None };
            hot.find_above(&level, 0, 5, &mut cold);
            let ends: Vec<_> = hot.spans.iter().map(|span| usize::from(span.end)).collect();
            assert_eq!(ends, vec![width; spans]);
            assert_eq!(hot.components, 1);
        }
    }
}
