//! A bad link: frames are lost, doubled, swapped and late, the same ones for the same seed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::draws::{Draws, Stream};

/// What happens to frames on their way, each way; nothing unless told.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PathFaults {
    /// Share that is lost, 0 to 1.
    pub loss: f64,
    /// Share that comes twice.
    pub duplicate: f64,
    /// Share that comes after the one behind it.
    pub reorder: f64,
    /// Every frame is so late.
    pub delay: Duration,
}

/// One direction of a link. It is handed the time.
#[derive(Debug)]
pub struct Path {
    faults: PathFaults,
    draws: Draws,
    /// By the time of arrival, then by number.
    under_way: BTreeMap<(Duration, u64), Vec<u8>>,
    sent: u64,
}

/// How much later a frame comes that is overtaken, beside the usual delay.
const OVERTAKEN: Duration = Duration::from_millis(30);

impl Path {
    /// A direction of a link, by seed and number.
    #[must_use]
    pub fn new(faults: PathFaults, seed: u64, direction: u64) -> Self {
        let draws = Draws::new(seed, Stream::Path, direction);
        Self { faults, draws, under_way: BTreeMap::new(), sent: 0 }
    }

    /// A frame sets out.
    pub fn send(&mut self, frame: &[u8], now: Duration) {
        // All drawn each time, so that one fault leaves the others where they were.
        let [lost, twice, late] = [(); 3].map(|()| self.draws.uniform());
        if lost < self.faults.loss {
            return;
        }
        let overtaken = if late < self.faults.reorder { OVERTAKEN } else { Duration::ZERO };
        let copies = 1 + u64::from(twice < self.faults.duplicate);
        for copy in 0..copies {
            let at = now + self.faults.delay + overtaken + OVERTAKEN * copy as u32;
            self.under_way.insert((at, self.sent), frame.to_vec());
            self.sent += 1;
        }
    }

    /// The next frame that has arrived.
    pub fn arrived(&mut self, now: Duration) -> Option<Vec<u8>> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
