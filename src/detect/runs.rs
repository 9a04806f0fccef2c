//! From frame and ground to cores: runs of pixels, joined without a label image.

/// Pixels of one row that lie side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) y: u16,
    pub(super) start: u16,
    /// One beyond the last.
    pub(super) end: u16,
}

/// A picture with the ground under (above) it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) values: &'a [u16],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) opening: &'a [u16],
    pub(super) closing: &'a [u16],
    pub(super) ground_width: usize,
    /// A pixel (x, y) stands on the ground's pixel (x >> shift, y >> shift).
    pub(super) shift: usize,
    /// 0 where nothing is known; `None` where all pixels are.
    pub(super) known: Option<&'a [u16]>,
}

/// Pixels a word of bits.
const WORD: usize = 64;

/// What stands out from the ground: how far each pixel does, and runs of those that do enough.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub(super) runs: Vec<Run>,
    /// Height of each pixel above the opening (depth below the closing), row by row.
    heights: Vec<u16>,
    /// Pixels a row of `heights`: whole words, zero beyond the last column.
    stride: usize,
}

impl Standing {
    fn clear(&mut self, level: &Level<'_>) {
        self.runs.clear();
        let stride = level.width.next_multiple_of(WORD);
        if stride != self.stride || self.heights.len() != stride * level.height {
            self.heights.clear();
            self.heights.resize(stride * level.height, 0);
            self.stride = stride;
        }
    }

    /// How far the pixels of a run stand out.
    #[inline]
    pub(super) fn heights(&self, run: Run) -> &[u16] {
        let row = usize::from(run.y) * self.stride;
        &self.heights[row + usize::from(run.start)..row + usize::from(run.end)]
    }
}

#[cfg(test)]
impl Standing {
    /// Heights above the opening, and runs as they are wanted.
    pub(super) fn with_runs(level: &Level<'_>, runs: Vec<Run>) -> Self {
        let (mut hot, mut cold) = (Self::default(), Self::default());
        Limits::default().runs(level, 0, &mut hot, &mut cold);
        Self { runs, ..hot }
    }
}

/// The row buffers of the comparison.
#[derive(Debug, Default)]
pub(super) struct Limits {
    opening: Vec<u16>,
    closing: Vec<u16>,
}

impl Limits {
    /// Heights of all pixels, and runs of those more than `least` above the opening, and more than
    /// `least` below the closing.
    #[inline(always)]
    pub(super) fn runs(
        &mut self,
        level: &Level<'_>,
        least: u16,
        hot: &mut Standing,
        cold: &mut Standing,
    ) {
        hot.clear(level);
        cold.clear(level);
        self.opening.resize(level.width, 0);
        self.closing.resize(level.width, 0);
        for (y, row) in level.values.chunks_exact(level.width).enumerate() {
            if y & level.shift == 0 {
                let start = (y >> level.shift) * level.ground_width;
                let opening = &level.opening[start..][..level.ground_width];
                let closing = &level.closing[start..][..level.ground_width];
                spread(opening, level.shift, &mut self.opening);
                spread(closing, level.shift, &mut self.closing);
            }
            let known = level.known.map(|known| &known[y * level.width..][..level.width]);
            let higher = &mut hot.heights[y * hot.stride..][..hot.stride];
            for ((height, &value), &ground) in higher.iter_mut().zip(row).zip(&self.opening) {
                *height = value.saturating_sub(ground);
            }
            scan(higher, known, least, y as u16, &mut hot.runs);
            let deeper = &mut cold.heights[y * cold.stride..][..cold.stride];
            for ((depth, &value), &ground) in deeper.iter_mut().zip(row).zip(&self.closing) {
                *depth = ground.saturating_sub(value);
            }
            scan(deeper, known, least, y as u16, &mut cold.runs);
        }
    }
}

/// The runs of a row of heights.
#[inline(always)]
fn scan(heights: &[u16], known: Option<&[u16]>, least: u16, y: u16, runs: &mut Vec<Run>) {
    for (word, heights) in heights.as_chunks::<WORD>().0.iter().enumerate() {
        let any = heights.iter().fold(0, |any, &height| any | height.saturating_sub(least));
        if any == 0 {
            continue;
        }
        let start = word * WORD;
        let seen = known.map_or(u64::MAX, |known| {
            let mut seen = [0; WORD];
            let known = &known[start..known.len().min(start + WORD)];
            seen[..known.len()].copy_from_slice(known);
            bits(&seen, 0)
        });
        push_runs(bits(heights, least) & seen, start, y, runs);
    }
}

/// A row of the ground at the frame's own resolution.
#[inline(always)]
fn spread(ground: &[u16], shift: usize, out: &mut [u16]) {
    if shift == 0 {
        out.copy_from_slice(ground);
        return;
    }
    let (pairs, last) = out.as_chunks_mut::<2>();
    for (pair, &ground) in pairs.iter_mut().zip(ground) {
        *pair = [ground; 2];
    }
    if let ([last], Some(&ground)) = (last, ground.last()) {
        *last = ground;
    }
}

/// One bit a pixel that is higher than the limit, the first pixel lowest.
#[inline(always)]
fn bits(values: &[u16; WORD], limit: u16) -> u64 {
    /// Moves the lowest bits of eight bytes into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bytes = [0u8; WORD];
    for (byte, &value) in bytes.iter_mut().zip(values) {
        *byte = u8::from(value > limit);
    }
    let mut word = 0;
    for (at, &eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        word |= (u64::from_le_bytes(eight).wrapping_mul(GATHER) >> 56) << (8 * at);
    }
    word
}

/// The runs of ones of a word; one that goes on from the word before is made longer.
fn push_runs(mut word: u64, start: usize, y: u16, runs: &mut Vec<Run>) {
    let mut at = start;
    while word != 0 {
        let gap = word.trailing_zeros() as usize;
        word >>= gap;
        let length = word.trailing_ones() as usize;
        word = word.checked_shr(length as u32).unwrap_or(0);
        at += gap;
        let end = (at + length) as u16;
        match runs.last_mut() {
            Some(last) if last.y == y && usize::from(last.end) == at => last.end = end,
            _ => runs.push(Run { y, start: at as u16, end }),
        }
        at += length;
    }
}

/// For each run the first run of its component, in which runs touch by side or corner.
pub(super) fn join(runs: &[Run], firsts: &mut Vec<u32>) {
    firsts.clear();
    firsts.extend(0..runs.len() as u32);
    let mut above = 0;
    for (at, run) in runs.iter().enumerate() {
        while above < at
            && (runs[above].y + 1 < run.y
                || (runs[above].y + 1 == run.y && runs[above].end < run.start))
        {
            above += 1;
        }
        // The root of this run's component, which is the run itself at first.
        let mut own = at;
        for (other, touching) in runs[..at].iter().enumerate().skip(above) {
            if touching.y + 1 != run.y || touching.start > run.end {
                break;
            }
            let other = root(firsts, other);
            firsts[own.max(other)] = own.min(other) as u32;
            own = own.min(other);
        }
    }
    // A first run never comes after its others, so one pass in order is enough.
    for at in 0..firsts.len() {
        firsts[at] = firsts[firsts[at] as usize];
    }
}

fn root(firsts: &mut [u32], mut at: usize) -> usize {
    while firsts[at] as usize != at {
        firsts[at] = firsts[firsts[at] as usize];
        at = firsts[at] as usize;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_runs_across_words() {
        let mut runs = Vec::new();
        push_runs(0b1_0110 | 1 << 63, 0, 3, &mut runs);
        push_runs(u64::MAX, 64, 3, &mut runs);
        push_runs(1, 128, 3, &mut runs);
        push_runs(1, 0, 4, &mut runs);
        let found: Vec<_> = runs.iter().map(|run| (run.y, run.start, run.end)).collect();
        assert_eq!(found, [(3, 1, 3), (3, 4, 5), (3, 63, 129), (4, 0, 1)]);
    }

    #[test]
    fn runs_join_by_side_and_corner() {
        for (picture, components) in [
            (&["#.#", "...", "#.#"][..], 4),
            (&["#.#", ".#.", "#.#"], 1),
            (&["#.#.#", "#.#.#", "#####"], 1),
            (&["#####", "#...#", "#.#.#", "#...#", "#####"], 2),
            (&["##..", "..##", "##.."], 1),
            (&["#...#", ".#.#.", "..#.."], 1),
            (&["#..#", "#..#"], 2),
        ] {
            let mut runs = Vec::new();
            for (y, row) in picture.iter().enumerate() {
                let word = row
                    .bytes()
                    .enumerate()
                    .fold(0, |word, (x, c)| word | u64::from(c == b'#') << x);
                push_runs(word, 0, y as u16, &mut runs);
            }
            let mut firsts = Vec::new();
            join(&runs, &mut firsts);
            let roots = firsts.iter().enumerate().filter(|&(at, &first)| at == first as usize);
            assert_eq!(roots.count(), components, "{picture:?}");
        }
    }

    #[test]
    fn one_bit_a_comparison() {
        let values: [u16; WORD] = std::array::from_fn(|at| (at % 3) as u16);
        let word = bits(&values, 1);
        assert!((0..WORD).all(|at| (word >> at & 1 == 1) == (at % 3 == 2)));
    }
}
