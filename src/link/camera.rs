//! Cameras of a vehicle: which there are, what they took, how warm it is in view.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::wire::packet::{
    CameraFeedback, CameraImageCaptured, CameraInformation, CameraThermalRange, StorageInformation,
    text_of,
};
use crate::wire::{ComponentId, Packet, message_id};

use super::command::Wanted;
use super::{Received, Route};

/// Messages that are asked for.
const CAMERA_INFORMATION: u32 = 259;
const STORAGE_INFORMATION: u32 = 261;
const CAMERA_THERMAL_RANGE: u32 = 277;
/// `MAV_COMP_ID_CAMERA` to `MAV_COMP_ID_CAMERA6`.
const CAMERAS: std::ops::RangeInclusive<u8> = 100..=105;
/// A picture that was not told is asked for so often,
const TRIES: u32 = 5;
/// with this pause, so that one that is late comes by itself.
const PAUSE: Duration = Duration::from_millis(500);
/// A gap that is longer is another run of the camera, or an accident.
const LONGEST_GAP: i32 = 500;
/// More missing pictures of one camera than that are not all asked for: they are lost at once.
const MOST_MISSING: usize = 2000;
/// More cameras than that no vehicle has; what others tell is not kept.
const MOST_CAMERAS: usize = 64;

/// Which camera: its component, and the device behind it (0, or 1 to 6 behind an autopilot).
pub type CameraId = (ComponentId, u8);

/// One picture, whichever message told it.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// As a camera tells it, PX4's among them.
    Captured(Box<CameraImageCaptured>),
    /// As ArduPilot tells it; its angles are the vehicle's.
    Feedback(CameraFeedback),
}

/// A camera.
#[derive(Debug, Clone, Default)]
pub struct Camera {
    /// Maker and model, once it said so.
    pub name: Option<(String, String)>,
    /// Where it stores, once it said so.
    pub storage: Option<StorageInformation>,
    /// Coldest and hottest point in view.
    pub thermal: Option<CameraThermalRange>,
    first: Option<i32>,
    last: Option<i32>,
    missing: BTreeMap<i32, (u32, Duration)>,
    feedback: Option<(u64, u16)>,
}

/// The cameras of one vehicle.
#[derive(Debug)]
pub struct Cameras {
    route: Route,
    cameras: BTreeMap<CameraId, Camera>,
    asked: BTreeSet<ComponentId>,
    pictures: VecDeque<(CameraId, Picture)>,
    wanted: VecDeque<(ComponentId, Wanted)>,
    /// Pictures that were never told, and asked for in vain.
    pub lost: u64,
}

impl Cameras {
    /// Asks the autopilot first: it may have cameras behind it.
    #[must_use]
    pub fn new(route: Route) -> Self {
        let (cameras, asked) = (BTreeMap::new(), BTreeSet::new());
        let (pictures, wanted) = (VecDeque::new(), VecDeque::new());
        let mut all = Self { route, cameras, asked, pictures, wanted, lost: 0 };
        all.discover(route.them.component);
        all
    }

    fn discover(&mut self, component: ComponentId) {
        if self.asked.insert(component) {
            self.wanted.push_back((component, Wanted::message(CAMERA_INFORMATION, 0.0)));
        }
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        if message.from.system != self.route.them.system {
            return;
        }
        let component = message.from.component;
        match &message.packet {
            Packet::Heartbeat(_) if CAMERAS.contains(&component.0) => self.discover(component),
            Packet::CameraInformation(told) => self.informed(component, told),
            Packet::StorageInformation(told) => {
                if let Some(camera) = self.camera((component, 0)) {
                    camera.storage = Some(*told);
                }
            }
            Packet::CameraThermalRange(told) => {
                if let Some(camera) = self.camera((component, told.camera_device_id)) {
                    camera.thermal = Some(*told);
                }
            }
            Packet::CameraImageCaptured(told) => self.captured(component, told, now),
            Packet::CameraFeedback(told) => self.fed_back(component, told),
            _ => {}
        }
    }

    /// A camera that is known, or has become so.
    fn camera(&mut self, id: CameraId) -> Option<&mut Camera> {
        let known = self.cameras.contains_key(&id) || self.cameras.len() < MOST_CAMERAS;
        known.then(|| self.cameras.entry(id).or_default())
    }

    fn informed(&mut self, component: ComponentId, told: &CameraInformation) {
        let Some(camera) = self.camera((component, told.camera_device_id)) else { return };
        let name = (text_of(&told.vendor_name), text_of(&told.model_name));
        if camera.name.replace(name).is_none() {
            let messages = [STORAGE_INFORMATION, CAMERA_THERMAL_RANGE];
            let ask = messages.map(|id| (component, Wanted::message(id, 0.0)));
            self.wanted.extend(ask);
        }
    }

    /// Counted up; a gap is noted, what was missing is taken, anything else is the same again.
    fn captured(&mut self, component: ComponentId, told: &CameraImageCaptured, now: Duration) {
        let id = (component, told.camera_id);
        let Some(camera) = self.camera(id) else { return };
        let index = told.image_index;
        let again = camera.last.is_some_and(|last| index <= last)
            && camera.first.is_some_and(|first| index >= first)
            && !camera.missing.contains_key(&index);
        if again && index != 0 {
            return;
        }
        match camera.last {
            // It counts from the start again: another run.
            Some(last) if index == 0 && last > 0 => {
                camera.missing.clear();
                (camera.first, camera.last) = (Some(0), Some(0));
            }
            Some(last) if index > last => {
                if index.checked_sub(last).is_some_and(|gap| gap <= LONGEST_GAP) {
                    camera.missing.extend((last + 1..index).map(|gap| (gap, (0, now + PAUSE))));
                }
                camera.last = Some(index);
                let mut lost = 0;
                while camera.missing.len() > MOST_MISSING {
                    camera.missing.pop_first();
                    lost += 1;
                }
                self.lost += lost;
            }
            Some(_) if again => return,
            Some(_) => {
                camera.missing.remove(&index);
            }
            None => (camera.first, camera.last) = (Some(index), Some(index)),
        }
        // −1 and 0 are no picture.
        if told.capture_result == 1 {
            self.pictures.push_back((id, Picture::Captured(Box::new(*told))));
        }
    }

    /// Asked for again it is repeated, and streamed it is empty: neither is a picture.
    fn fed_back(&mut self, component: ComponentId, told: &CameraFeedback) {
        let id = (component, told.cam_idx);
        let Some(camera) = self.camera(id) else { return };
        let this = (told.time_us, told.img_idx);
        if this == (0, 0) || camera.feedback == Some(this) {
            return;
        }
        camera.feedback = Some(this);
        self.pictures.push_back((id, Picture::Feedback(*told)));
    }

    /// Time went on: pictures that were not told are asked for.
    pub fn handle_timeout(&mut self, now: Duration) {
        for ((component, _), camera) in &mut self.cameras {
            for (index, (tries, due)) in &mut camera.missing {
                if now >= *due && *tries < TRIES {
                    (*tries, *due) = (*tries + 1, now + PAUSE);
                    let message = message_id::CAMERA_IMAGE_CAPTURED;
                    self.wanted.push_back((*component, Wanted::message(message, *index as f32)));
                }
            }
            let before = camera.missing.len();
            camera.missing.retain(|_, (tries, due)| *tries < TRIES || now < *due);
            self.lost += (before - camera.missing.len()) as u64;
        }
    }

    /// When it wants to be called; `None` where nothing is missing.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        let missing = self.cameras.values().flat_map(|camera| camera.missing.values());
        missing.map(|(_, due)| *due).min()
    }

    /// The next picture that was told.
    pub fn next_picture(&mut self) -> Option<(CameraId, Picture)> {
        self.pictures.pop_front()
    }

    /// The next command to be sent, and to which component; one at a time.
    pub fn next_command(&mut self) -> Option<(ComponentId, Wanted)> {
        self.wanted.pop_front()
    }

    /// The cameras that were heard of.
    #[must_use]
    pub fn cameras(&self) -> &BTreeMap<CameraId, Camera> {
        &self.cameras
    }
}

/// `MAV_CMD_IMAGE_START_CAPTURE`: so many pictures, and the seconds between them; the number guards
/// against one command taken twice.
#[must_use]
pub fn take_pictures(count: u16, interval_s: f32, number: u16) -> Wanted {
    Wanted::new(2000, [0.0, interval_s, f32::from(count), f32::from(number)])
}
