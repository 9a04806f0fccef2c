//! Which start of a vehicle a stamp belongs to: reboots, a counter that wraps, and strays.

use super::LogTime;

/// Milliseconds since boot as a message has them, and when it was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct BootStamp {
    pub(super) boot_ms: u32,
    pub(super) received_us: u64,
}

/// Where a stamp belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Placed {
    /// To a start, counted from 0, and so long after it.
    At { boot: u32, at: LogTime },
    /// Nowhere: it is far from those before and after it.
    Stray,
}

/// Stamps of one vehicle, placed.
#[derive(Debug, Clone, Default)]
pub(super) struct Boots {
    pub(super) placed: Vec<Placed>,
    /// The clock went back by more than a second, without a restart.
    pub(super) steps_back: u64,
    /// The clock jumped ahead by more than a minute.
    pub(super) jumps: u64,
}

/// A clock that goes back further, in milliseconds, was started anew. A simulator's went back by
/// 1.2 s without a restart; messages overtake each other by less.
const RESTART_MS: i64 = 10_000;
/// Steps back of less, in milliseconds, are messages that overtake each other.
const STEP_BACK_MS: i64 = 1_000;
/// A clock that goes ahead further, in milliseconds, than the receive clock did, has jumped.
const JUMP_MS: i64 = 60_000;
/// So near to its end, in milliseconds, the counter wraps rather than starts anew.
const WRAP_MS: i64 = 600_000;
/// The 32 bit counter's length, 49.7 days.
const TURN_MS: i64 = 1 << 32;
/// How many stamps a restart or jump is confirmed by.
const WITNESSES: usize = 5;

/// Places the stamps of one vehicle, which are in the order they were received.
pub(super) fn boots(stamps: &[BootStamp]) -> Boots {
    let mut found = Boots::default();
    found.placed.reserve_exact(stamps.len());
    let mut boot = 0;
    let mut last: Option<(i64, u64)> = None;
    for (index, stamp) in stamps.iter().enumerate() {
        let raw_ms = i64::from(stamp.boot_ms);
        let at_ms = match last {
            None => believed_first(stamps, index).then_some(raw_ms),
            Some((last_ms, received_us)) => {
                let at_ms = unwrapped(raw_ms, last_ms);
                let step_ms = at_ms - last_ms;
                let waited_ms = stamp.received_us.saturating_sub(received_us) / 1000;
                let most_ms = i64::try_from(waited_ms).unwrap_or(i64::MAX - JUMP_MS) + JUMP_MS;
                if (-RESTART_MS..=most_ms).contains(&step_ms) {
                    found.steps_back += u64::from(step_ms < -STEP_BACK_MS);
                    Some(at_ms)
                } else if !confirmed(stamps, index) {
                    None
                } else if step_ms < 0 {
                    boot += 1;
                    Some(raw_ms)
                } else {
                    found.jumps += 1;
                    Some(at_ms)
                }
            }
        };
        found.placed.push(match at_ms {
            Some(at_ms) => {
                last = Some((at_ms, stamp.received_us));
                #[expect(clippy::cast_precision_loss, reason = "2^53 ms are 285,000 years")]
                Placed::At { boot, at: LogTime(at_ms as f64 * 1e-3) }
            }
            None => Placed::Stray,
        });
    }
    found
}

/// The counter's value with the turns it has made.
fn unwrapped(raw_ms: i64, last_ms: i64) -> i64 {
    let turns = last_ms.div_euclid(TURN_MS);
    let at_ms = raw_ms + turns * TURN_MS;
    let last_in_turn = last_ms.rem_euclid(TURN_MS);
    if last_in_turn > TURN_MS - WRAP_MS && raw_ms < WRAP_MS {
        at_ms + TURN_MS
    } else if turns > 0 && last_in_turn < WRAP_MS && raw_ms > TURN_MS - WRAP_MS {
        // It was overtaken by the first message after the wrap.
        at_ms - TURN_MS
    } else {
        at_ms
    }
}

/// Whether the first stamp of all may be believed: another is near it, or it is the only one.
fn believed_first(stamps: &[BootStamp], index: usize) -> bool {
    let (near, seen) = witnesses(stamps, index);
    near > 0 || (seen == 0 && index == 0)
}

/// Whether most of the next stamps are near this one.
fn confirmed(stamps: &[BootStamp], index: usize) -> bool {
    let (near, seen) = witnesses(stamps, index);
    near * 2 > seen
}

/// How many of the next stamps are near this one, and how many there are.
fn witnesses(stamps: &[BootStamp], index: usize) -> (usize, usize) {
    let Some((stamp, after)) = stamps.get(index..).and_then(<[_]>::split_first) else {
        return (0, 0);
    };
    let after = after.get(..WITNESSES).unwrap_or(after);
    let near = after.iter().filter(|later| {
        let clock_ms = i64::from(later.boot_ms) - i64::from(stamp.boot_ms);
        let waited_us = i128::from(later.received_us) - i128::from(stamp.received_us);
        let apart_ms = i128::from(clock_ms) - waited_us / 1000;
        clock_ms.abs() <= RESTART_MS || apart_ms.abs() <= i128::from(RESTART_MS)
    });
    (near.count(), after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stamps that come 200 ms apart.
    fn placed(boot_ms: &[u32]) -> Boots {
        let stamps: Vec<_> = (1_000_000..)
            .step_by(200_000)
            .zip(boot_ms)
            .map(|(received_us, &boot_ms)| BootStamp { boot_ms, received_us })
            .collect();
        boots(&stamps)
    }

    fn at(boot: u32, at_s: f64) -> Placed {
        Placed::At { boot, at: LogTime(at_s) }
    }

    #[test]
    fn a_restart_begins_a_new_boot_and_a_stray_does_not() {
        let run = |from: u32| (0..8).map(move |index| from + index * 200);
        let mut stamps: Vec<u32> = run(279_000).collect();
        stamps.push(0);
        stamps.extend(run(280_600));
        stamps.extend(run(18_925));
        let found = placed(&stamps);
        assert_eq!(found.placed[8], Placed::Stray);
        assert_eq!(found.placed[9], at(0, 280.6));
        assert_eq!(found.placed[17], at(1, 18.925));
        assert_eq!(found.placed.iter().filter(|placed| **placed == Placed::Stray).count(), 1);
        assert_eq!((found.steps_back, found.jumps), (0, 0));
    }

    #[test]
    fn a_short_step_back_is_no_restart() {
        let found = placed(&[610_000, 611_741, 610_541, 610_700]);
        assert_eq!(found.placed[2], at(0, 610.541));
        assert_eq!(found.steps_back, 1);
    }

    #[test]
    fn the_counter_wraps_after_49_days() {
        let end = u32::MAX;
        let found = placed(&[end - 300, end - 100, 99, end, 299]);
        let turn_s = 4_294_967.296;
        let Placed::At { boot: 0, at: LogTime(after_s) } = found.placed[2] else { panic!() };
        assert!((after_s - turn_s - 0.099).abs() < 1e-6);
        let Placed::At { boot: 0, at: LogTime(before_s) } = found.placed[3] else { panic!() };
        assert!((before_s - turn_s + 0.001).abs() < 1e-6);
    }

    #[test]
    fn a_jump_ahead_needs_witnesses() {
        let found = placed(&[1000, 1200, 900_000, 1600, 1800, 2000, 2200]);
        assert_eq!(found.placed[2], Placed::Stray);
        assert_eq!((found.jumps, found.placed[3]), (0, at(0, 1.6)));
        let found = placed(&[1000, 1200, 900_000, 900_200, 900_400]);
        assert_eq!((found.jumps, found.placed[2]), (1, at(0, 900.0)));
    }

    #[test]
    fn a_first_stamp_of_zero_is_a_stray() {
        let found = placed(&[0, 500_000, 500_200, 500_400]);
        assert_eq!((found.placed[0], found.placed[1]), (Placed::Stray, at(0, 500.0)));
        assert_eq!(placed(&[7]).placed, [at(0, 0.007)]);
        assert!(placed(&[]).placed.is_empty());
    }
}
