//! Times of samples as they follow each other in a file: which are sound, which are strays, and
//! where the vehicle started anew.

/// Steps back of more than this are no reordering inside one boot. Loggers write samples at most
/// milliseconds out of order; one ground station's log steps back 1.2 s without a restart.
const BACK_US: u64 = 5_000_000;
/// Steps ahead of more than this need a second opinion: a logger that pauses on the ground makes
/// them, and so does one flipped bit.
const AHEAD_US: u64 = 10_000_000;
/// A last time so far ahead, with nothing behind it that agrees, is a flipped bit.
const FAR_US: u64 = 3_600_000_000;
/// So many of the following samples are asked.
const WITNESSES: usize = 8;

/// What a sample's time is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// It goes on from the time before.
    Sound,
    /// The clock began anew with this sample.
    Boot,
    /// It fits neither to what is before it nor to what follows.
    Stray,
}

/// Judges times in microseconds in file order.
///
/// A time far from the one before it is right when the samples behind it are near to it, and wrong
/// when they are near to the one before.
pub(super) fn judge(times_us: &[u64]) -> Vec<Stamp> {
    let near = |to: u64, time: u64| {
        time >= to.saturating_sub(BACK_US) && time <= to.saturating_add(AHEAD_US)
    };
    let witnesses = |index: usize, to: u64| {
        let following = times_us.get(index + 1..).unwrap_or_default().iter().take(WITNESSES);
        following.filter(|&&time| near(to, time)).count()
    };
    let mut now = None;
    let mut stamps = Vec::with_capacity(times_us.len());
    for (index, &time) in times_us.iter().enumerate() {
        let agree = witnesses_if(now, time, near, || witnesses(index, time));
        let last = index + 1 == times_us.len();
        let stamp = match now {
            None if agree > 0 || last => Stamp::Sound,
            None => match times_us.get(index + 1) {
                Some(&next) if witnesses(index + 1, next) > 0 => Stamp::Stray,
                _ => Stamp::Sound,
            },
            Some(before) if near(before, time) => Stamp::Sound,
            Some(before) => {
                let stay = witnesses(index, before);
                let alone = agree == 0 && stay == 0;
                match time > before {
                    true if agree > stay || (alone && time - before < FAR_US) => Stamp::Sound,
                    false if agree > stay => Stamp::Boot,
                    _ => Stamp::Stray,
                }
            }
        };
        now = match stamp {
            Stamp::Sound => Some(now.unwrap_or(time).max(time)),
            Stamp::Boot => Some(time),
            Stamp::Stray => now,
        };
        stamps.push(stamp);
    }
    stamps
}

/// Asks the witnesses only where there is a doubt.
fn witnesses_if(
    now: Option<u64>,
    time: u64,
    near: impl Fn(u64, u64) -> bool,
    ask: impl Fn() -> usize,
) -> usize {
    if now.is_some_and(|now| near(now, time)) { 0 } else { ask() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stamp::{Boot, Sound, Stray};

    /// Times in seconds.
    fn judged(times_s: &[u64]) -> Vec<Stamp> {
        judge(&times_s.iter().map(|time| time * 1_000_000).collect::<Vec<_>>())
    }

    #[test]
    fn a_flipped_bit_is_a_stray_wherever_it_is() {
        let sound = [100, 101, 102, 103, 104, 105];
        for at in 0..sound.len() {
            for wrong in [0, 3, 50_000, 1 << 40] {
                let mut times = sound;
                times[at] = wrong;
                let mut expected = [Sound; 6];
                expected[at] = Stray;
                assert_eq!(judged(&times), expected, "{times:?}");
            }
        }
    }

    #[test]
    fn a_reboot_begins_where_the_clock_begins_anew() {
        let stamps = judged(&[500, 501, 502, 3, 4, 5, 6]);
        assert_eq!(stamps, [Sound, Sound, Sound, Boot, Sound, Sound, Sound]);
        // The second boot is longer than the first.
        let stamps = judged(&[20, 21, 22, 23, 3, 4, 60, 61, 62]);
        assert_eq!(stamps[4..], [Boot, Sound, Sound, Sound, Sound]);
    }

    #[test]
    fn a_pause_is_no_stray_and_small_steps_back_are_no_reboot() {
        // As a real log has it: parameters, half a minute apart, then the flight, then its end.
        let stamps = judged(&[73, 90, 121, 402, 403, 403, 402, 404, 453, 510, 510, 510]);
        assert_eq!(stamps, [Sound; 12]);
        assert_eq!(judged(&[7]), [Sound]);
        assert_eq!(judged(&[]), []);
    }
}
