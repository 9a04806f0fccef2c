//! Two sides joined by a link that loses, doubles and reorders, on a clock that jumps from event to
//! event. Everything follows from the seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use torenvalk::link::{Engine, Peer, Received, Step};
use torenvalk::wire::{Frame, Packet, Version};

/// The other side.
pub(crate) trait Side {
    fn handle(&mut self, message: &Packet, now: Duration, out: &mut Vec<Packet>);
    fn handle_timeout(&mut self, now: Duration, out: &mut Vec<Packet>);
    /// When it wants to be called.
    fn due(&self) -> Option<Duration>;
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// Part of the messages lost, each way.
    pub(crate) loss: f64,
    pub(crate) doubled: f64,
    /// Part that takes up to a round trip longer.
    pub(crate) late: f64,
    /// Each way.
    pub(crate) delay: Duration,
}

impl Weather {
    pub(crate) const FINE: Self =
        Self { loss: 0.0, doubled: 0.0, late: 0.0, delay: Duration::from_millis(50) };
    pub(crate) const STORM: Self =
        Self { loss: 0.3, doubled: 0.1, late: 0.1, delay: Duration::from_millis(50) };
}

/// `splitmix64`.
#[derive(Debug, Clone)]
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Us,
    Them,
}

/// What is under way: when it comes, in which order it was sent, to whom.
type UnderWay = BinaryHeap<Reverse<(Duration, usize, To)>>;

pub(crate) struct Channel {
    weather: Weather,
    draws: Draws,
    messages: Vec<Packet>,
    under_way: UnderWay,
    pub(crate) now: Duration,
    /// Messages of each side.
    pub(crate) ours: usize,
    pub(crate) theirs: usize,
}

impl Channel {
    pub(crate) fn new(weather: Weather, seed: u64) -> Self {
        Self {
            weather,
            draws: Draws(seed),
            messages: Vec::new(),
            under_way: BinaryHeap::new(),
            now: Duration::ZERO,
            ours: 0,
            theirs: 0,
        }
    }

    fn send(&mut self, to: To, packet: &Packet) {
        match to {
            To::Us => self.theirs += 1,
            To::Them => self.ours += 1,
        }
        // Over the wire and back, so that no field is passed on that a frame would not carry.
        let mut bytes = Vec::new();
        let from = (0, Peer::STATION.system, Peer::STATION.component);
        assert!(packet.write_frame(&mut bytes, Version::V2, from));
        self.messages.push(Packet::of(&Frame::parse(&bytes).unwrap()));
        let number = self.messages.len() - 1;
        let copies = 1 + usize::from(self.draws.unit() < self.weather.doubled);
        for _ in 0..copies {
            if self.draws.unit() < self.weather.loss {
                continue;
            }
            let late = self.draws.unit() < self.weather.late;
            let extra = if late { self.draws.unit() * 2.0 } else { 0.0 };
            let at = self.now + self.weather.delay.mul_f64(1.0 + extra);
            self.under_way.push(Reverse((at, number, to)));
        }
    }

    /// Runs both sides until the engine ends, or the time is over.
    pub(crate) fn run<E: Engine>(
        &mut self,
        engine: &mut E,
        side: &mut impl Side,
        from: Peer,
        most: Duration,
    ) -> E::Outcome {
        let mut out = Vec::new();
        let end = self.now + most;
        loop {
            let wait = loop {
                match engine.poll() {
                    Step::Send(packet) => self.send(To::Them, &packet),
                    Step::Progress { done, total } => assert!(done <= total),
                    Step::Wait(until) => break until,
                    Step::Done(outcome) => return outcome,
                }
            };
            for packet in out.drain(..) {
                self.send(To::Us, &packet);
            }
            let arrival = self.under_way.peek().map(|Reverse((at, _, _))| *at);
            let next = [Some(wait), side.due(), arrival].into_iter().flatten().min().unwrap();
            self.now = self.now.max(next);
            assert!(self.now <= end, "no end after {most:?}");
            if arrival.is_some_and(|at| at <= self.now) {
                let Some(Reverse((_, number, to))) = self.under_way.pop() else { continue };
                let packet = self.messages[number].clone();
                match to {
                    To::Us => engine.handle(&Received { from, packet }, self.now),
                    To::Them => side.handle(&packet, self.now, &mut out),
                }
            } else {
                side.handle_timeout(self.now, &mut out);
                engine.handle_timeout(self.now);
            }
            for packet in out.drain(..) {
                self.send(To::Us, &packet);
            }
        }
    }
}
