//! What the vehicle writes on its own card while it is armed: ten instants a second, and shots.

use super::super::log::{Instant, Recorded, Shot, State};
use super::super::log_dataflash;

/// Seconds from one instant to the next.
const EVERY_S: f64 = 0.1;

#[derive(Debug, Default)]
pub(super) struct Recorder {
    instants: Vec<Instant>,
    shots: Vec<Shot>,
}

impl Recorder {
    /// The state at an instant; kept where the last one is long enough ago.
    pub(super) fn instant(&mut self, boot_s: f64, state: State) {
        if self.instants.last().is_none_or(|last| boot_s - last.boot_s >= EVERY_S - 1e-6) {
            let with_place = self.instants.len().is_multiple_of(2);
            self.instants.push(Instant { boot_s, with_place, state });
        }
    }

    pub(super) fn shot(&mut self, boot_s: f64, number: u16, state: State) {
        self.shots.push(Shot { boot_s, number, state });
    }

    /// The log of a flight that has ended, if there was one.
    pub(super) fn finish(
        &mut self,
        utc_s_at_boot: f64,
        rtk: bool,
        sigma_m: [f64; 2],
    ) -> Option<Vec<u8>> {
        let instants = std::mem::take(&mut self.instants);
        let shots = std::mem::take(&mut self.shots);
        let home = instants.first()?.state;
        let recorded = Recorded { instants, shots, home, utc_s_at_boot, rtk, sigma_m };
        Some(log_dataflash::bytes(&recorded))
    }
}
