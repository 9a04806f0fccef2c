//! Pictures that a vehicle's cameras tell of. A word that was lost on the way leaves a gap in the
//! count: PX4 is asked for it again, ArduPilot cannot say it twice, so that its gap stays.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::link::{CameraId, Cameras, Peer, Picture as Told, Received, Route, Wanted};
use crate::wire::packet::{CameraFeedback, CameraImageCaptured, CommandLong};
use crate::wire::{ComponentId, Packet, SystemId};

use super::aircraft::Spot;

/// Missing numbers between two pictures that are listed: more is another count, not a gap.
const MOST_MISSING: usize = 1000;

/// A picture that the vehicle has told of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// Its number as the vehicle counts.
    pub index: u32,
    /// Where the vehicle was.
    pub at: Spot,
    /// UTC in microseconds since 1970; `None` where the vehicle does not know it.
    pub utc_us: Option<u64>,
}

/// The pictures of one vehicle.
#[derive(Debug)]
pub struct Pictures {
    route: Route,
    cameras: Cameras,
    last: BTreeMap<CameraId, u32>,
    missing: BTreeSet<(CameraId, u32)>,
    told: usize,
}

impl Pictures {
    /// Of a vehicle, from now on.
    #[must_use]
    pub fn of(system: SystemId) -> Self {
        let them = Peer { system, component: ComponentId::AUTOPILOT };
        let route = Route { us: Peer::STATION, them };
        let (last, missing) = (BTreeMap::new(), BTreeSet::new());
        Self { route, cameras: Cameras::new(route), last, missing, told: 0 }
    }

    /// Pictures that it has told of, each once.
    #[must_use]
    pub fn told(&self) -> usize {
        self.told
    }

    /// Numbers between two pictures that were never heard.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        self.missing.iter().map(|(_, index)| *index)
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        self.cameras.handle(message, now);
    }

    /// The next picture that is new.
    pub fn next_picture(&mut self) -> Option<Picture> {
        let (camera, told) = self.cameras.next_picture()?;
        let picture = match told {
            Told::Feedback(told) => fed_back(&told),
            Told::Captured(told) => captured(&told),
        };
        self.told += 1;
        if !self.missing.remove(&(camera, picture.index)) {
            // A counter of 16 bits wraps; a step back is a restart, not a gap.
            if let Some(last) = self.last.insert(camera, picture.index) {
                let gap = last.saturating_add(1)..picture.index;
                self.missing.extend(gap.take(MOST_MISSING).map(|index| (camera, index)));
            }
        }
        Some(picture)
    }

    /// What is to be asked for now. No answer is waited for: a picture that stays away is asked for
    /// again.
    pub fn ask(&mut self, now: Duration) -> Vec<Packet> {
        self.cameras.handle_timeout(now);
        let next = || self.cameras.next_command();
        let wanted: Vec<_> = std::iter::from_fn(next).collect();
        wanted.iter().map(|(component, wanted)| self.request(*component, wanted)).collect()
    }

    fn request(&self, component: ComponentId, wanted: &Wanted) -> Packet {
        let [param1, param2, param3, param4] = wanted.params;
        CommandLong {
            param1,
            param2,
            param3,
            param4,
            command: wanted.command,
            target_system: self.route.them.system.0,
            target_component: component.0,
            ..CommandLong::default()
        }
        .into()
    }
}

fn fed_back(told: &CameraFeedback) -> Picture {
    let at = Spot {
        lat_deg: f64::from(told.lat_e7) / 1e7,
        lon_deg: f64::from(told.lng_e7) / 1e7,
        amsl_m: f64::from(told.alt_msl_m),
        above_home_m: f64::from(told.alt_rel_m),
    };
    Picture { index: told.img_idx.into(), at, utc_us: utc(told.time_us) }
}

fn captured(told: &CameraImageCaptured) -> Picture {
    let at = Spot {
        lat_deg: f64::from(told.lat_e7) / 1e7,
        lon_deg: f64::from(told.lon_e7) / 1e7,
        amsl_m: f64::from(told.alt_mm) / 1000.0,
        above_home_m: f64::from(told.relative_alt_mm) / 1000.0,
    };
    Picture { index: told.image_index.max(0).cast_unsigned(), at, utc_us: utc(told.utc_us) }
}

/// Times before 2000 are since boot, not UTC.
fn utc(time_us: u64) -> Option<u64> {
    Some(time_us).filter(|time_us| *time_us > 946_684_800_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VEHICLE: SystemId = SystemId(1);

    fn indices(pictures: &mut Pictures) -> Vec<u32> {
        std::iter::from_fn(|| pictures.next_picture()).map(|picture| picture.index).collect()
    }

    fn hear(pictures: &mut Pictures, packet: impl Into<Packet>, now_s: u64) {
        let from = Peer { system: VEHICLE, component: ComponentId::AUTOPILOT };
        let packet = packet.into();
        pictures.handle(&Received { from, packet }, Duration::from_secs(now_s));
    }

    #[test]
    fn a_picture_is_counted_once_and_an_empty_one_never() {
        let mut pictures = Pictures::of(VEHICLE);
        let one = CameraFeedback { time_us: 5, img_idx: 1, ..CameraFeedback::default() };
        let two = CameraFeedback { img_idx: 2, ..one };
        for told in [CameraFeedback::default(), one, one, two] {
            hear(&mut pictures, told, 0);
        }
        let failed =
            CameraImageCaptured { capture_result: -1, image_index: 7, ..Default::default() };
        hear(&mut pictures, failed, 0);
        assert_eq!(indices(&mut pictures), [1, 2]);
        assert_eq!(pictures.told(), 2);
    }

    #[test]
    fn a_picture_that_was_not_heard_is_asked_for_and_no_gap_once_it_comes() {
        let mut pictures = Pictures::of(VEHICLE);
        pictures.ask(Duration::ZERO); // What cameras there are.
        let picture = |image_index| CameraImageCaptured {
            capture_result: 1,
            image_index,
            ..Default::default()
        };
        for index in [0, 1, 3] {
            hear(&mut pictures, picture(index), 0);
        }
        assert_eq!(indices(&mut pictures), [0, 1, 3]);
        assert_eq!(pictures.missing().collect::<Vec<_>>(), [2]);
        assert!(pictures.ask(Duration::ZERO).is_empty(), "it may only be late");
        let asked = pictures.ask(Duration::from_secs(1));
        let [Packet::CommandLong(asked)] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!((asked.command, asked.param1, asked.param2), (512, 263.0, 2.0));
        hear(&mut pictures, picture(2), 2);
        hear(&mut pictures, picture(2), 2);
        assert_eq!(indices(&mut pictures), [2]);
        assert_eq!(pictures.missing().count(), 0);
        assert_eq!(pictures.told(), 4);
    }
}
