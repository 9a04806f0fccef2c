//! Which frame belongs to which event, once the offset is known.

/// Frames and events by their positions in the sorted lists.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    /// Frame and event that belong together and to no other.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Frames that have an event, but of which it cannot be said which.
    pub(super) ambiguous: Vec<usize>,
    /// As many of the ambiguous as there are more frames than events.
    pub(super) surplus: Vec<usize>,
}

/// Pairs frames with events at most `reach_s` away; both are sorted and on one clock.
///
/// Frames and events are taken in order from the front and again from the back, each time as many
/// as can be. A pair that both ways agree on is the only one possible for that frame in a largest
/// pairing that keeps the order; a frame on which they differ is ambiguous.
pub(super) fn pair(frames_s: &[f64], events_s: &[f64], reach_s: f64) -> Pairing {
    let front = in_order(frames_s, events_s, reach_s);
    let turned = |times: &[f64]| -> Vec<f64> { times.iter().rev().map(|time| -time).collect() };
    let mut back = in_order(&turned(frames_s), &turned(events_s), reach_s);
    back.reverse();
    let last_event = events_s.len().wrapping_sub(1);
    let mut pairing = Pairing::default();
    for (frame, (front, back)) in front.into_iter().zip(back).enumerate() {
        match (front, back.map(|event| last_event - event)) {
            (Some(a), Some(b)) if a == b => pairing.pairs.push((frame, a)),
            (None, None) => {}
            (front, _) => {
                pairing.ambiguous.push(frame);
                if front.is_none() {
                    pairing.surplus.push(frame);
                }
            }
        }
    }
    pairing
}

/// For each frame the first free event in its reach. With equal reaches this pairs as many as can
/// be (windows that end in order are served in order).
fn in_order(frames_s: &[f64], events_s: &[f64], reach_s: f64) -> Vec<Option<usize>> {
    let mut next = 0;
    frames_s
        .iter()
        .map(|frame| {
            while events_s.get(next).is_some_and(|&event| event < frame - reach_s) {
                next += 1;
            }
            let free = events_s.get(next).is_some_and(|&event| event <= frame + reach_s);
            next += usize::from(free);
            free.then(|| next - 1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pair;

    /// Frames, events, pairs and ambiguous frames.
    type Case = (&'static [f64], &'static [f64], &'static [(usize, usize)], &'static [usize]);

    #[test]
    fn only_what_is_the_sole_possibility_is_paired() {
        let cases: [Case; 7] = [
            (&[1.0, 5.0, 9.0], &[1.2, 9.1], &[(0, 0), (2, 1)], &[]),
            (&[1.0], &[0.8, 1.2], &[], &[0]),
            (&[1.0, 1.0], &[0.8, 1.2], &[(0, 0), (1, 1)], &[]),
            (&[1.0, 1.0], &[0.8], &[], &[0, 1]),
            // A chain: either frame can take either of two.
            (&[1.0, 1.6], &[0.9, 1.4, 2.0], &[], &[0, 1]),
            (&[1.0, 1.6], &[0.9, 2.0], &[(0, 0), (1, 1)], &[]),
            (&[], &[1.0], &[], &[]),
        ];
        for (frames, events, pairs, ambiguous) in cases {
            let found = pair(frames, events, 0.5);
            assert_eq!(found.pairs, pairs, "{frames:?} {events:?}");
            assert_eq!(found.ambiguous, ambiguous, "{frames:?} {events:?}");
        }
        assert_eq!(pair(&[1.0, 1.0], &[0.8], 0.5).surplus, [1]);
        assert!(pair(&[1.0], &[0.8, 1.2], 0.5).surplus.is_empty());
        assert!(pair(&[1.0], &[], 0.5).pairs.is_empty());
    }
}
