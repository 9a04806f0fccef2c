//! A UDP link on loopback that loses, doubles, delays and so reorders datagrams, by a seed.

#![expect(clippy::disallowed_methods, reason = "real sockets are timed by the real clock")]

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Of all that goes either way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loss {
    pub(crate) lost: f64,
    pub(crate) doubled: f64,
    /// Each datagram takes between nothing and this, so that later ones overtake it.
    pub(crate) most_delay: Duration,
}

/// A proxy that runs until it is dropped. Stations speak to its port, it speaks to the vehicle's.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    pub(crate) passed: Arc<AtomicU64>,
    pub(crate) lost: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// xorshift64*, by Marsaglia and Vigna.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Proxy {
    pub(crate) fn to(vehicle: u16, loss: Loss, seed: u64) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").unwrap();
        let back = UdpSocket::bind("127.0.0.1:0").unwrap();
        back.connect(("127.0.0.1", vehicle)).unwrap();
        front.set_nonblocking(true).unwrap();
        back.set_nonblocking(true).unwrap();
        let port = front.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let [passed, lost] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let mut way = Way {
            front,
            back,
            station: None,
            due: BTreeMap::new(),
            serial: 0,
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            loss,
            counts: [Arc::clone(&passed), Arc::clone(&lost)],
        };
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                way.turn();
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        Self { port, passed, lost, stop, thread: Some(thread) }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Way {
    front: UdpSocket,
    back: UdpSocket,
    station: Option<SocketAddr>,
    /// By time and number: to the vehicle or not, and the bytes.
    due: BTreeMap<(Instant, u64), (bool, Vec<u8>)>,
    serial: u64,
    dice: Dice,
    loss: Loss,
    counts: [Arc<AtomicU64>; 2],
}

impl Way {
    fn turn(&mut self) {
        let mut buffer = [0; 2048];
        loop {
            match self.front.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    self.station = Some(from);
                    self.throw(true, &buffer[..length]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => {}
            }
        }
        loop {
            match self.back.recv(&mut buffer) {
                Ok(length) => self.throw(false, &buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => {}
            }
        }
        let later = self.due.split_off(&(Instant::now(), u64::MAX));
        for (to_vehicle, bytes) in std::mem::replace(&mut self.due, later).into_values() {
            if to_vehicle {
                let _ = self.back.send(&bytes);
            } else if let Some(station) = self.station {
                let _ = self.front.send_to(&bytes, station);
            }
        }
    }

    fn throw(&mut self, to_vehicle: bool, bytes: &[u8]) {
        let copies = 1 + u8::from(self.dice.roll() < self.loss.doubled);
        for _ in 0..copies {
            if self.dice.roll() < self.loss.lost {
                self.counts[1].fetch_add(1, Ordering::Relaxed);
                continue;
            }
            self.counts[0].fetch_add(1, Ordering::Relaxed);
            let delay = self.loss.most_delay.mul_f64(self.dice.roll());
            self.serial += 1;
            self.due.insert((Instant::now() + delay, self.serial), (to_vehicle, bytes.to_vec()));
        }
    }
}
