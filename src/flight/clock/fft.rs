//! Sums of products of two series at every shift, in n log n.
//!
//! A radix-2 Fourier transform (Cooley and Tukey 1965) of some forty lines: a crate for it would
//! bring half a dozen others for three calls.

use std::f64::consts::PI;

/// Real and imaginary part.
type Complex = (f64, f64);

/// `result[l + a.len() - 1] = Σ a[i] · b[i + l]` for each shift `l` from `1 - a.len()` to
/// `b.len() - 1`: `a.len() + b.len() - 1` sums, none if either is empty.
pub(super) fn correlate(a: &[f64], b: &[f64]) -> Vec<f64> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let shifts = a.len() + b.len() - 1;
    let size = shifts.next_power_of_two();
    // Two real series go through one complex transform: one as its real part, one as imaginary.
    let mut both = vec![(0.0, 0.0); size];
    for (cell, &value) in both.iter_mut().zip(a) {
        cell.0 = value;
    }
    for (cell, &value) in both.iter_mut().zip(b) {
        cell.1 = value;
    }
    transform(&mut both);
    let mut product = vec![(0.0, 0.0); size];
    for (k, out) in product.iter_mut().enumerate() {
        let (re, im) = both[k];
        let (mirror_re, mirror_im) = both[(size - k) % size];
        let (a_re, a_im) = (re + mirror_re, im - mirror_im);
        let (b_re, b_im) = (im + mirror_im, mirror_re - re);
        // conj(conj(A) · B) / 4, so that the forward transform gives back the (real) sums.
        *out = (0.25 * (a_re * b_re + a_im * b_im), -0.25 * (a_re * b_im - a_im * b_re));
    }
    drop(both);
    transform(&mut product);
    let scale = 1.0 / size as f64;
    let first = size + 1 - a.len();
    (0..shifts).map(|shift| product[(first + shift) % size].0 * scale).collect()
}

/// The forward transform, in place; the length is a power of two.
fn transform(values: &mut [Complex]) {
    let size = values.len();
    if size < 2 {
        return;
    }
    let unused = size.leading_zeros() + 1;
    for at in 0..size {
        let to = at.reverse_bits() >> unused;
        if at < to {
            values.swap(at, to);
        }
    }
    let all_turns: Vec<Complex> = (0..size / 2)
        .map(|k| {
            let (sin, cos) = (-2.0 * PI * k as f64 / size as f64).sin_cos();
            (cos, sin)
        })
        .collect();
    let mut half = 1;
    while half < size {
        let turns: Vec<Complex> = all_turns.iter().step_by(size / 2 / half).copied().collect();
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), turn) in low.iter_mut().zip(high).zip(&turns) {
                let re = high.0 * turn.0 - high.1 * turn.1;
                let im = high.0 * turn.1 + high.1 * turn.0;
                *high = (low.0 - re, low.1 - im);
                *low = (low.0 + re, low.1 + im);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::correlate;

    #[test]
    fn sums_are_those_of_the_definition() {
        let series = |n: usize, k: u64| -> Vec<f64> {
            (0..n as u64).map(|i| ((i * i * k + 7 * i) % 23) as f64 - 9.0).collect()
        };
        for (n, m) in [(1, 1), (1, 9), (5, 1), (7, 12), (64, 64), (33, 100)] {
            let (a, b) = (series(n, 5), series(m, 11));
            let sums = correlate(&a, &b);
            assert_eq!(sums.len(), n + m - 1);
            for (at, sum) in sums.iter().enumerate() {
                let expected: f64 =
                    (0..n).filter_map(|i| Some(a[i] * b.get((i + at).checked_sub(n - 1)?)?)).sum();
                assert!((sum - expected).abs() < 1e-9, "{n} {m} {at}: {sum} {expected}");
            }
        }
        assert!(correlate(&[], &[1.0]).is_empty());
    }
}
