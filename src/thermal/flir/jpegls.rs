//! A JPEG-LS decoder (ITU-T T.87) for one component of 2 to 16 bits, lossless or near-lossless,
//! with restart intervals. That is what thermal cameras write; colour, interleaving, mapping
//! tables and point transforms are not there.

use super::bits::Bits;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: Vec<u16>,
}

/// Where and why bytes are no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) what: String,
}

fn broken<T>(at: usize, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { at, what: what.into() })
}

/// What the markers before the scan say.
#[derive(Debug, Clone, Copy, Default)]
struct Header {
    precision: u32,
    width: usize,
    height: usize,
    /// Largest sample, three thresholds and the reset count, where the file sets them; 0 is
    /// "as usual".
    preset: [i32; 5],
    near: i32,
    /// Lines between restart markers; 0 is none.
    restart: usize,
    /// Where the scan's bits begin.
    scan: usize,
}

/// Decodes a picture of a known size; another size is an error, before anything is allocated.
pub(super) fn decode(bytes: &[u8], width: u32, height: u32) -> Result<Picture, Broken> {
    let header = Header::read(bytes)?;
    if (header.width, header.height) != (width as usize, height as usize) {
        let what = format!(
            "a JPEG-LS picture of {} x {} in a record of {width} x {height}",
            header.width, header.height
        );
        return broken(0, what);
    }
    let mut samples = vec![0; header.width * header.height];
    let mut coder = Coder::new(&header)?;
    let mut bits = Bits::new(bytes, header.scan);
    let mut above = vec![0; header.width + 2];
    let mut line = above.clone();
    for (row, out) in samples.chunks_exact_mut(header.width).enumerate() {
        if header.restart > 0 && row > 0 && row % header.restart == 0 {
            bits = match bits.marker() {
                Some((at, 0xD0..=0xD7)) => Bits::new(bytes, at + 2),
                _ => return broken(header.scan, format!("no restart marker before line {row}")),
            };
            coder.restart();
            above.fill(0);
        }
        // The margins of T.87, A.2.1: left of a line stands the sample above its first, right of
        // the line above its last sample again.
        line[0] = above[1];
        above[header.width + 1] = above[header.width];
        let read = match header.near {
            0 => coder.line::<true>(&mut bits, &above, &mut line),
            _ => coder.line::<false>(&mut bits, &above, &mut line),
        };
        if read.is_none() || bits.is_overrun() {
            return broken(header.scan, format!("JPEG-LS bits that end or break in line {row}"));
        }
        for (out, &sample) in out.iter_mut().zip(&line[1..]) {
            *out = sample as u16;
        }
        std::mem::swap(&mut above, &mut line);
    }
    Ok(Picture { width, height, samples })
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let mut header = Self::default();
        let mut at = 2;
        loop {
            let Some(&[0xFF, marker]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
                return broken(at, "no JPEG-LS marker where one must be");
            };
            if marker == 0xFF {
                at += 1;
                continue;
            }
            let length = bytes.get(at + 2..).and_then(|rest| rest.first_chunk());
            let length = length.map_or(0, |&length| usize::from(u16::from_be_bytes(length)));
            let Some(payload) = bytes.get(at + 4..at + 2 + length) else {
                return broken(at, "a JPEG-LS marker segment that ends outside the file");
            };
            let understood = match marker {
                0xF7 => header.frame(payload),
                0xF8 => header.presets(payload),
                0xDD => header.restarts(payload),
                0xDA => {
                    header.scan = at + 2 + length;
                    return match header.scan(payload) {
                        Some(()) => Ok(header),
                        None => broken(at, "a JPEG-LS scan of a kind no thermal camera writes"),
                    };
                }
                0xE0..=0xEF | 0xFE => Some(()),
                _ => return broken(at, format!("marker FF {marker:02X} of another kind of JPEG")),
            };
            if understood.is_none() {
                return broken(
                    at,
                    format!("a JPEG-LS segment FF {marker:02X} that makes no sense"),
                );
            }
            at += 2 + length;
        }
    }

    /// SOF55: one component of 2 to 16 bits.
    fn frame(&mut self, payload: &[u8]) -> Option<()> {
        let &[precision, h1, h0, w1, w0, 1, ..] = payload else { return None };
        self.precision = u32::from(precision);
        self.height = usize::from(u16::from_be_bytes([h1, h0]));
        self.width = usize::from(u16::from_be_bytes([w1, w0]));
        ((2..=16).contains(&precision) && self.width > 0 && self.height > 0).then_some(())
    }

    /// LSE of type 1; the others (mapping tables, sizes over 65535) are not understood.
    fn presets(&mut self, payload: &[u8]) -> Option<()> {
        let (&[1], values) = payload.split_first_chunk()? else { return None };
        let values: &[u8; 10] = values.first_chunk()?;
        for (preset, pair) in self.preset.iter_mut().zip(values.chunks_exact(2)) {
            *preset = i32::from(u16::from_be_bytes([pair[0], pair[1]]));
        }
        Some(())
    }

    fn restarts(&mut self, payload: &[u8]) -> Option<()> {
        if payload.len() > 4 {
            return None;
        }
        self.restart = payload.iter().fold(0, |lines, &byte| lines << 8 | usize::from(byte));
        Some(())
    }

    /// SOS: one component, no mapping table, no interleaving, no point transform.
    fn scan(&mut self, payload: &[u8]) -> Option<()> {
        let &[1, _, 0, near, 0, 0] = payload else { return None };
        self.near = i32::from(near);
        (self.precision > 0).then_some(())
    }

    fn largest(&self) -> i32 {
        let usual = (1 << self.precision) - 1;
        if self.preset[0] > 0 { self.preset[0].min(usual) } else { usual }
    }

    /// Thresholds of the gradients (T.87, C.2.4.1.1), or the file's own.
    fn thresholds(&self) -> Option<[i32; 3]> {
        let (largest, near) = (self.largest(), self.near);
        let mut usual = if largest >= 128 {
            let factor = (largest.min(4095) + 128) / 256;
            [factor + 2 + 3 * near, 4 * factor + 3 + 5 * near, 17 * factor + 4 + 7 * near]
        } else {
            let factor = 256 / (largest + 1);
            [
                (3 / factor + 3 * near).max(2),
                (7 / factor + 5 * near).max(3),
                (21 / factor + 7 * near).max(4),
            ]
        };
        let mut least = near + 1;
        for (usual, &own) in usual.iter_mut().zip(&self.preset[1..4]) {
            let wanted = if own > 0 { own } else { *usual };
            if own > 0 && !(least..=largest).contains(&own) {
                return None;
            }
            *usual = if (least..=largest).contains(&wanted) { wanted } else { least };
            least = *usual;
        }
        Some(usual)
    }
}

/// Statistics of one context (T.87, A.2.1).
#[derive(Debug, Clone, Copy)]
struct Context {
    /// Sum of error magnitudes.
    a: i32,
    /// Bias; in a run context the number of negative errors.
    b: i32,
    /// Correction of the prediction.
    c: i32,
    /// How often it occurred.
    n: i32,
}

/// The Golomb parameter: the least k with n · 2^k >= a. Sums stay below 2^26 (255 errors of 17
/// bits), so k stays below 27.
#[inline]
fn golomb_order(n: i32, a: i32) -> u32 {
    let k = (n as u32).leading_zeros().saturating_sub((a as u32).leading_zeros());
    k + u32::from(n << k < a)
}

/// An error before its sign is unfolded; one beyond the range of samples is none.
#[inline]
fn mapped_error(
    bits: &mut Bits<'_>,
    k: u32,
    escape: u32,
    range_bits: u32,
    range: i32,
) -> Option<i32> {
    let mapped = bits.golomb(k, escape, range_bits)?;
    (mapped <= 2 * range as u64).then_some(mapped as i32)
}

/// Orders of the run lengths (T.87, A.2.1).
const J: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

/// The state that a scan or restart interval begins with, and carries along.
#[derive(Debug)]
struct Coder {
    largest: i32,
    near: i32,
    /// 2 · near + 1.
    step: i32,
    range: i32,
    /// Bits of `range`.
    range_bits: u32,
    /// Zeros that announce an error written out in full.
    escape: u32,
    reset: i32,
    /// Gradients are cut to +-t3 and looked up.
    t3: i32,
    classes: Vec<i8>,
    /// What every context begins with.
    start: Context,
    contexts: Vec<Context>,
    runs: [Context; 2],
    run_index: usize,
}

impl Coder {
    fn new(header: &Header) -> Result<Self, Broken> {
        let (largest, near) = (header.largest(), header.near);
        let step = 2 * near + 1;
        let range = (largest + 2 * near) / step + 1;
        let range_bits = 32 - (range - 1).leading_zeros();
        let bits = (32 - largest.leading_zeros()).max(2);
        let limit = 2 * (bits + bits.max(8));
        let reset = if header.preset[4] > 0 { header.preset[4] } else { 64 };
        // A reset count up to 255 keeps all sums inside 32 bits, an escape up to 55 all codes
        // inside what the bits hold at once.
        let bounded = near <= largest / 2
            && (3..=255).contains(&reset)
            && (range_bits + 1..range_bits + 57).contains(&limit);
        let thresholds = header.thresholds().filter(|_| bounded);
        let Some([t1, t2, t3]) = thresholds else {
            return broken(0, "JPEG-LS parameters that contradict each other");
        };
        let class = |gradient: i32| {
            let size = gradient.abs();
            let class = i8::from(size > near)
                + i8::from(size > near && size >= t1)
                + i8::from(size > near && size >= t2)
                + i8::from(size > near && size >= t3);
            if gradient < 0 { -class } else { class }
        };
        let start = Context { a: ((range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        Ok(Self {
            largest,
            near,
            step,
            range,
            range_bits,
            escape: limit - range_bits - 1,
            reset,
            t3,
            classes: (-t3..=t3).map(class).collect(),
            start,
            contexts: vec![start; 365],
            runs: [start; 2],
            run_index: 0,
        })
    }

    /// Forgets what was learned.
    fn restart(&mut self) {
        self.contexts.fill(self.start);
        self.runs = [self.start; 2];
        self.run_index = 0;
    }

    #[inline]
    fn class(&self, gradient: i32) -> i32 {
        let at = gradient.clamp(-self.t3, self.t3) + self.t3;
        i32::from(self.classes.get(at as usize).copied().unwrap_or(0))
    }

    /// Decodes one line; sample x stands at x + 1 in both. `None` if the bits make no sense.
    fn line<const LOSSLESS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        above: &[i32],
        line: &mut [i32],
    ) -> Option<()> {
        let (end, above) = (line.len() - 1, above.get(..line.len())?);
        let mut x = 1;
        let (mut rc, mut rb) = (above[0], above[1]);
        let mut ra = line[0];
        let mut q2 = self.class(rb - rc);
        while x < end {
            let rd = above[x + 1];
            let q1 = self.class(rd - rb);
            let context = 81 * q1 + 9 * q2 + self.class(rc - ra);
            if context != 0 {
                ra = self.sample::<LOSSLESS>(bits, context, [ra, rb, rc])?;
                line[x] = ra;
                x += 1;
                (rc, rb, q2) = (rb, rd, q1);
                continue;
            }
            x = self.run::<LOSSLESS>(bits, ra, above, line, x)?;
            // Everything left of x has been decoded, x itself may be behind the end.
            (ra, rc) = (line[x - 1], above[x - 1]);
            rb = above[x];
            q2 = self.class(rb - rc);
        }
        Some(())
    }

    /// A sample in a context other than the flat one (T.87, A.4 to A.6). Written without branches
    /// on the pixels' noise, which no processor foresees: that halves the time.
    #[inline(always)]
    fn sample<const LOSSLESS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        context: i32,
        near_by: [i32; 3],
    ) -> Option<i32> {
        let [ra, rb, rc] = near_by;
        let (largest, reset) = (self.largest, self.reset);
        // All ones where the context is the mirror of its twin: (v ^ mirror) - mirror turns v.
        let mirror = context >> 31;
        let state = self.contexts.get_mut(context.unsigned_abs() as usize)?;
        let (mut a, mut b, mut n) = (state.a, state.b, state.n);
        // The median of left, upper, and the plane through all three neighbours.
        let predicted = (ra + rb - rc).clamp(ra.min(rb), ra.max(rb));
        let predicted = (predicted + ((state.c ^ mirror) - mirror)).clamp(0, largest);
        let k = golomb_order(n, a);
        let mapped = mapped_error(bits, k, self.escape, self.range_bits, self.range)?;
        let turned = k == 0 && LOSSLESS && 2 * b <= -n;
        let error = (mapped >> 1) ^ -(mapped & 1) ^ -i32::from(turned);
        a += error.abs();
        b += if LOSSLESS { error } else { error * self.step };
        if n == reset {
            (a, b, n) = (a >> 1, b >> 1, n >> 1);
        }
        n += 1;
        let (under, over) = (i32::from(b <= -n), i32::from(b > 0));
        state.c = (state.c + over - under).clamp(-128, 127);
        state.b = (b + n * (under - over)).clamp(1 - n, 0);
        (state.a, state.n) = (a, n);
        Some(self.wrapped::<LOSSLESS>(predicted, (error ^ mirror) - mirror))
    }

    /// A prediction and an error back to a sample (T.87, A.4.5 and A.5.4).
    #[inline]
    fn wrapped<const LOSSLESS: bool>(&self, predicted: i32, error: i32) -> i32 {
        let (near, step) = if LOSSLESS { (0, 1) } else { (self.near, self.step) };
        let mut sample = predicted + error * step;
        if sample < -near {
            sample += self.range * step;
        } else if sample > self.largest + near {
            sample -= self.range * step;
        }
        sample.clamp(0, self.largest)
    }

    /// A run of equal samples and the one that ends it (T.87, A.7): the next x.
    #[inline(never)]
    fn run<const LOSSLESS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        ra: i32,
        above: &[i32],
        line: &mut [i32],
        from: usize,
    ) -> Option<usize> {
        let end = line.len() - 1;
        let mut x = from;
        loop {
            bits.fill();
            let order = J[self.run_index];
            let whole = bits.take(1) == 1;
            let length = if whole { 1 << order } else { bits.take(order) as usize };
            let fits = length.min(end - x);
            line.get_mut(x..x + fits)?.fill(ra);
            x += fits;
            if whole {
                self.run_index += usize::from(fits == length && self.run_index < 31);
                if x == end {
                    return Some(x);
                }
            } else if fits < length || x == end {
                return None;
            } else {
                *line.get_mut(x)? = self.run_end::<LOSSLESS>(bits, ra, *above.get(x)?)?;
                self.run_index = self.run_index.saturating_sub(1);
                return Some(x + 1);
            }
        }
    }

    /// The sample behind a run.
    fn run_end<const LOSSLESS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        ra: i32,
        rb: i32,
    ) -> Option<i32> {
        let alike = (ra - rb).abs() <= self.near;
        let kind = i32::from(alike);
        let mut state = self.runs[usize::from(alike)];
        let k = golomb_order(state.n, state.a + if alike { state.n >> 1 } else { 0 });
        let escape = self.escape.checked_sub(J[self.run_index] + 1)?;
        let mapped = mapped_error(bits, k, escape, self.range_bits, self.range)?;
        let doubled = mapped + kind;
        let size = (doubled + 1) / 2;
        let negative = (k != 0 || 2 * state.b >= state.n) == (doubled & 1 == 1);
        let error = if negative { -size } else { size };
        state.b += i32::from(error < 0);
        state.a += (mapped + 1 - kind) >> 1;
        if state.n == self.reset {
            (state.a, state.b, state.n) = (state.a >> 1, state.b >> 1, state.n >> 1);
        }
        state.n += 1;
        self.runs[usize::from(alike)] = state;
        let sign = if !alike && ra > rb { -1 } else { 1 };
        Some(self.wrapped::<LOSSLESS>(if alike { ra } else { rb }, sign * error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of T.87, annex H.3.
    const SAMPLES: [u16; 16] =
        [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    const SCAN: [u8; 29] = [
        0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00,
        0x6E, 0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91,
    ];
    const LAST: u8 = 0x60;

    fn file(height: u8, segments: &[u8], scans: &[&[u8]]) -> Vec<u8> {
        let mut file = vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, height, 0, 4, 1, 1, 0x11, 0];
        file.extend(segments);
        file.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]);
        for (index, scan) in scans.iter().enumerate() {
            if index > 0 {
                file.extend([0xFF, 0xD0 + (index as u8 - 1) % 8]);
            }
            file.extend(*scan);
        }
        file.extend([0xFF, 0xD9]);
        file
    }

    fn scan() -> Vec<u8> {
        SCAN.into_iter().chain([LAST]).collect()
    }

    #[test]
    fn the_standards_example_comes_out() {
        let picture = decode(&file(4, &[], &[&scan()]), 4, 4).unwrap();
        assert_eq!(picture.samples, SAMPLES);
        // The usual parameters, written out.
        let presets = [0xFF, 0xF8, 0, 13, 1, 0, 255, 0, 3, 0, 7, 0, 21, 0, 64];
        let picture = decode(&file(4, &presets, &[&scan()]), 4, 4).unwrap();
        assert_eq!(picture.samples, SAMPLES);
    }

    #[test]
    fn a_restart_begins_anew() {
        let every_four_lines = [0xFF, 0xDD, 0, 4, 0, 4];
        let bytes = file(12, &every_four_lines, &[&scan(), &scan(), &scan()]);
        let picture = decode(&bytes, 4, 12).unwrap();
        assert_eq!(picture.samples, [SAMPLES, SAMPLES, SAMPLES].concat());
        let missing = file(8, &every_four_lines, &[&scan()]);
        assert!(decode(&missing, 4, 8).is_err());
    }

    #[test]
    fn what_is_not_whole_or_not_understood_is_broken() {
        let whole = file(4, &[], &[&scan()]);
        for length in 0..whole.len() - 3 {
            assert!(decode(&whole[..length], 4, 4).is_err(), "{length} bytes");
        }
        assert!(decode(&whole, 4, 5).is_err());
        let baseline = [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0];
        assert!(decode(&baseline, 4, 4).is_err());
        for presets in [
            [0xFF, 0xF8, 0, 13, 1, 0, 255, 0, 9, 0, 7, 0, 21, 0, 64],
            [0xFF, 0xF8, 0, 13, 2, 0, 255, 0, 3, 0, 7, 0, 21, 0, 64],
            [0xFF, 0xF8, 0, 13, 1, 0, 255, 0, 3, 0, 7, 0, 21, 9, 64],
        ] {
            assert!(decode(&file(4, &presets, &[&scan()]), 4, 4).is_err());
        }
    }
}
