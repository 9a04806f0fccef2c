//! How a vehicle's clock lies against ours: TIMESYNC and SYSTEM_TIME.

use std::collections::VecDeque;
use std::time::Duration;

use crate::wire::Packet;
use crate::wire::packet::Timesync;

use super::{Received, Route};

/// Asked so often until it is known well, as MAVSDK does,
const EVERY: Duration = Duration::from_secs(1);
/// and a round trip this quick is believed; slower ones only while there is none.
const QUICK: Duration = Duration::from_millis(10);
/// Round trips that are remembered.
const REMEMBERED: usize = 32;

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// Their nanoseconds minus ours.
    pub offset_ns: i64,
    /// The round trip; the offset is no better than half of it.
    pub round_trip: Duration,
}

/// Asks and answers for as long as it is fed. Boot time, UTC and our own clock are never mixed.
#[derive(Debug)]
pub struct Clocks {
    route: Route,
    due: Duration,
    out: VecDeque<Packet>,
    measured: VecDeque<ClockOffset>,
    /// UTC in microseconds at a boot time in milliseconds, as the vehicle last said.
    utc_at_boot: Option<(u64, u32)>,
}

impl Clocks {
    /// Begins at once.
    #[must_use]
    pub fn new(route: Route, now: Duration) -> Self {
        let (out, measured) = (VecDeque::new(), VecDeque::new());
        Self { route, due: now, out, measured, utc_at_boot: None }
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        if message.from != self.route.them {
            return;
        }
        match &message.packet {
            Packet::Timesync(sync) if sync.tc1_ns == 0 => {
                let answer = Timesync {
                    tc1_ns: nanoseconds(now),
                    ts1_ns: sync.ts1_ns,
                    target_system: message.from.system.0,
                    target_component: message.from.component.0,
                };
                self.out.push_back(answer.into());
            }
            Packet::Timesync(sync)
                if self.route.us.is_meant(sync.target_system, sync.target_component) =>
            {
                self.measure(sync, now);
            }
            // Before a fix it is 0.
            Packet::SystemTime(time) if time.unix_us > 0 => {
                self.utc_at_boot = Some((time.unix_us, time.boot_ms));
            }
            _ => {}
        }
    }

    fn measure(&mut self, sync: &Timesync, now: Duration) {
        let (sent, now_ns) = (sync.ts1_ns, nanoseconds(now));
        // What we did not send, or not lately, is an answer to somebody else.
        let Some(round_trip) = now_ns.checked_sub(sent).and_then(|ns| u64::try_from(ns).ok())
        else {
            return;
        };
        let round_trip = Duration::from_nanos(round_trip);
        if round_trip > Duration::from_secs(10) {
            return;
        }
        let offset = i128::from(sync.tc1_ns) - (i128::from(sent) + i128::from(now_ns)) / 2;
        let Ok(offset_ns) = i64::try_from(offset) else { return };
        if self.measured.len() == REMEMBERED {
            self.measured.pop_front();
        }
        self.measured.push_back(ClockOffset { offset_ns, round_trip });
    }

    /// Time went on.
    pub fn handle_timeout(&mut self, now: Duration) {
        if now >= self.due {
            self.due = now + EVERY;
            let ask = Timesync {
                tc1_ns: 0,
                ts1_ns: nanoseconds(now),
                target_system: self.route.them.system.0,
                target_component: self.route.them.component.0,
            };
            self.out.push_back(ask.into());
        }
    }

    /// What is to be sent next.
    pub fn poll(&mut self) -> Option<Packet> {
        self.out.pop_front()
    }

    /// When it wants to be called.
    #[must_use]
    pub fn due(&self) -> Duration {
        self.due
    }

    /// The offset by the quickest of the last round trips; `None` before the first.
    #[must_use]
    pub fn offset(&self) -> Option<ClockOffset> {
        let quick = self.measured.iter().rfind(|one| one.round_trip <= QUICK);
        quick.or_else(|| self.measured.iter().min_by_key(|one| one.round_trip)).copied()
    }

    /// UTC in microseconds, and the boot time in milliseconds that it was at.
    #[must_use]
    pub fn utc_at_boot(&self) -> Option<(u64, u32)> {
        self.utc_at_boot
    }
}

fn nanoseconds(time: Duration) -> i64 {
    // 0 would be a question.
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX).max(1)
}
