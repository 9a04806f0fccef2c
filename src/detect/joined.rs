//! Joining: each thing points to an earlier one of its component, the first to itself.

/// Puts two things and all that they are joined to into one component.
#[inline(always)]
pub(super) fn join(firsts: &mut [u32], one: usize, other: usize) {
    let (one, other) = (root(firsts, one), root(firsts, other));
    firsts[one.max(other)] = one.min(other) as u32;
}

#[inline(always)]
fn root(firsts: &mut [u32], mut at: usize) -> usize {
    while firsts[at] as usize != at {
        firsts[at] = firsts[firsts[at] as usize];
        at = firsts[at] as usize;
    }
    at
}

/// Once everything is joined: gives each thing the number of its component instead, counted from 0
/// in the order of their first things, and says how many components there are.
#[inline(always)]
pub(super) fn number(firsts: &mut [u32]) -> usize {
    let mut count = 0;
    for at in 0..firsts.len() {
        let earlier = firsts[at] as usize;
        // A thing points to itself or to an earlier one, which has its number already.
        if earlier == at {
            firsts[at] = count;
            count += 1;
        } else {
            firsts[at] = firsts[earlier];
        }
    }
    count as usize
}
