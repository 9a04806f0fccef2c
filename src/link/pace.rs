//! How long to wait before something is sent again.
//!
//! With a link that loses little, a repeat goes out when an answer is later than any of the last
//! ones. Where much is lost, waiting for that costs more than the repeats do: then they go out
//! several times within a round trip. Two thirds of all exchanges fail at 30 % loss each way less
//! often than once, so that a repeat each fifth of a round trip adds about a fifth to it.

use std::time::Duration;

/// Before anything is known: what QGroundControl waits while it reads a mission (250 ms).
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait: a long radio path with a queue on it.
const LONGEST_WAIT: Duration = Duration::from_millis(1500);
/// The shortest wait without loss: a vehicle may take that long to come to a message.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);
/// The shortest wait with loss: timers are no finer.
const SHORTEST_WAIT_LOSSY: Duration = Duration::from_millis(2);
/// Repeats within a round trip where much is lost.
const REPEATS: u32 = 5;
/// Exchanges that are remembered.
const REMEMBERED: usize = 16;
/// Of what is sent, the part that is answered at least on a good link.
const GOOD: f32 = 0.85;
/// Where it was not good, the part from which on it is good again.
const GOOD_AGAIN: f32 = 0.95;
/// Weight of the newest of what was sent.
const WEIGHT: f32 = 0.05;

/// Round trips and losses of one conversation.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// From the first sending to the first answer.
    trips: [Duration; REMEMBERED],
    known: usize,
    /// The part of what is sent that is answered, the newest counting most.
    answered: f32,
    unanswered: u32,
    lossy: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            trips: [Duration::ZERO; REMEMBERED],
            known: 0,
            answered: 1.0,
            unanswered: 0,
            lossy: false,
        }
    }

    /// An exchange is over: the time from its first sending to the first answer.
    pub(super) fn trip(&mut self, elapsed: Duration) {
        self.time(elapsed);
        // Whether it was the first sending that was answered.
        let slack = if self.lossy { SHORTEST_WAIT_LOSSY } else { SHORTEST_WAIT / 2 };
        let shortest = self.round_trip().unwrap_or_default();
        let first = elapsed <= shortest * 5 / 4 + slack;
        self.count(if first { 1.0 } else { 0.0 });
    }

    /// An exchange is over that was sent several times at once: the time, and how many of the
    /// copies of the one before were answered.
    pub(super) fn burst(&mut self, elapsed: Duration, copies: u32, answers: u32) {
        self.time(elapsed);
        for copy in 0..copies {
            self.count(if copy < answers { 1.0 } else { 0.0 });
        }
    }

    fn time(&mut self, elapsed: Duration) {
        self.trips[self.known % REMEMBERED] = elapsed;
        self.known += 1;
        self.unanswered = 0;
    }

    /// Something came, if not what is waited for.
    pub(super) fn heard(&mut self) {
        self.unanswered = 0;
    }

    /// How long a silence must be to be one: so long, or a dozen round trips over a long path.
    pub(super) fn patience(&self, least: Duration) -> Duration {
        self.round_trip().map_or(least, |round_trip| least.max(round_trip * 12))
    }

    /// Sent again since nothing came.
    pub(super) fn repeated(&mut self) {
        self.unanswered += 1;
        if !self.lossy && self.known > 0 {
            self.count(0.0); // It came later than any of the last ones, or not at all.
        }
    }

    fn count(&mut self, value: f32) {
        self.answered += (value - self.answered) * WEIGHT;
        self.lossy = self.answered < if self.lossy { GOOD_AGAIN } else { GOOD };
    }

    fn remembered(&self) -> &[Duration] {
        self.trips.get(..self.known.min(REMEMBERED)).unwrap_or_default()
    }

    /// The shortest of the last exchanges: some of them lost nothing.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.remembered().iter().min().copied()
    }

    /// Whether much is lost.
    pub(super) fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// How long to wait for an answer before the next repeat.
    pub(super) fn wait(&self) -> Duration {
        let Some(round_trip) = self.round_trip() else {
            return FIRST_WAIT * (1 + self.unanswered / 16).min(6);
        };
        if self.is_lossy() {
            // A silent vehicle is not shouted at: each 16 repeats the wait doubles.
            let doubled = 1 << (self.unanswered / 16).min(4);
            let wait = (round_trip / REPEATS).max(SHORTEST_WAIT_LOSSY);
            return (wait * doubled).min(LONGEST_WAIT);
        }
        let slowest = self.remembered().iter().max().copied().unwrap_or(round_trip);
        let wait = slowest.min(round_trip * 4) * 3 / 2;
        let doubled = 1 << (self.unanswered / 4).min(8);
        (wait * doubled).clamp(SHORTEST_WAIT, LONGEST_WAIT)
    }
}
