//! A gimbal through its manager: control is taken first, and may be taken away again.

use std::time::Duration;

use crate::wire::packet::{GimbalManagerSetPitchyaw, GimbalManagerStatus};
use crate::wire::{Packet, yaw_is_from_north};

use super::command::Wanted;
use super::{Peer, Received, Route};

/// `MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE`; −1 leaves who has it second as it is.
const CONFIGURE: u16 = 1001;
const LEAVE: f32 = -1.0;
/// `GIMBAL_DEVICE_FLAGS`: how a yaw is counted.
const YAW_LOCK: u32 = 16;
const YAW_IN_VEHICLE_FRAME: u32 = 32;
const YAW_IN_EARTH_FRAME: u32 = 64;
/// A status that is older tells nothing: it comes at 5 Hz or at a change.
const FRESH: Duration = Duration::from_secs(5);

/// Against what a yaw is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YawFrame {
    /// The vehicle's nose.
    Vehicle,
    /// North.
    Earth,
}

/// The frame of the yaw that flags tell.
#[must_use]
pub fn yaw_frame(flags: u32) -> YawFrame {
    if yaw_is_from_north(flags) { YawFrame::Earth } else { YawFrame::Vehicle }
}

/// Who has a gimbal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// We.
    Ours,
    /// Another station, or a mission.
    Others(Peer),
    /// Nobody.
    Nobody,
    /// Nothing was heard lately.
    Unknown,
}

/// One gimbal, as its manager tells.
#[derive(Debug)]
pub struct Gimbal {
    route: Route,
    device: u8,
    status: Option<(Duration, GimbalManagerStatus)>,
}

impl Gimbal {
    /// Of a manager, and its device: 0 is all of them.
    #[must_use]
    pub fn new(route: Route, device: u8) -> Self {
        Self { route, device, status: None }
    }

    /// A message came.
    pub fn handle(&mut self, message: &Received, now: Duration) {
        let Packet::GimbalManagerStatus(status) = &message.packet else { return };
        let this = self.device == 0 || status.gimbal_device_id == self.device;
        if message.from == self.route.them && this {
            self.status = Some((now, *status));
        }
    }

    /// Who has it.
    #[must_use]
    pub fn control(&self, now: Duration) -> Control {
        let Some((at, status)) = &self.status else { return Control::Unknown };
        if now.saturating_sub(*at) > FRESH {
            return Control::Unknown;
        }
        let who = Peer::new(status.primary_control_sysid, status.primary_control_compid);
        match who {
            who if who == self.route.us => Control::Ours,
            who if who == Peer::new(0, 0) => Control::Nobody,
            who => Control::Others(who),
        }
    }

    /// The command that takes control.
    #[must_use]
    pub fn take(&self) -> Wanted {
        let Peer { system, component } = self.route.us;
        let params = [f32::from(system.0), f32::from(component.0), LEAVE, LEAVE];
        self.configure(params)
    }

    /// The command that gives it back (−3: only where it is ours).
    #[must_use]
    pub fn give_back(&self) -> Wanted {
        self.configure([-3.0, -3.0, LEAVE, LEAVE])
    }

    fn configure(&self, params: [f32; 4]) -> Wanted {
        let place = super::command::Place::Numbers([0.0, 0.0, f32::from(self.device)]);
        Wanted { place, ..Wanted::new(CONFIGURE, params) }
    }

    /// Points it; `None` while control is not ours, since nobody would listen.
    #[must_use]
    pub fn point(
        &self,
        pitch_rad: f32,
        yaw_rad: f32,
        frame: YawFrame,
        now: Duration,
    ) -> Option<Packet> {
        if self.control(now) != Control::Ours {
            return None;
        }
        let flags = match frame {
            YawFrame::Vehicle => YAW_IN_VEHICLE_FRAME,
            YawFrame::Earth => YAW_IN_EARTH_FRAME | YAW_LOCK,
        };
        let point = GimbalManagerSetPitchyaw {
            flags,
            pitch_rad,
            yaw_rad,
            pitch_rate_rad_s: f32::NAN,
            yaw_rate_rad_s: f32::NAN,
            target_system: self.route.them.system.0,
            target_component: self.route.them.component.0,
            gimbal_device_id: self.device,
        };
        Some(point.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_is_ours_until_somebody_takes_it() {
        let route = Route { us: Peer::STATION, them: Peer::new(1, 1) };
        let mut gimbal = Gimbal::new(route, 1);
        let second = Duration::from_secs(1);
        assert_eq!(gimbal.control(second), Control::Unknown);
        for ((system, component), expected) in [
            ((255, 190), Control::Ours),
            ((1, 191), Control::Others(Peer::new(1, 191))),
            ((0, 0), Control::Nobody),
        ] {
            let status = GimbalManagerStatus {
                gimbal_device_id: 1,
                primary_control_sysid: system,
                primary_control_compid: component,
                ..Default::default()
            };
            gimbal.handle(&Received { from: route.them, packet: status.into() }, second);
            assert_eq!(gimbal.control(second), expected);
            let pointed = gimbal.point(-1.5, 0.0, YawFrame::Vehicle, second);
            assert_eq!(pointed.is_some(), expected == Control::Ours);
        }
        assert_eq!(gimbal.control(second * 7), Control::Unknown);
    }

    #[test]
    fn flags_tell_the_frame_of_a_yaw() {
        for (flags, frame) in [
            (32, YawFrame::Vehicle),
            (64, YawFrame::Earth),
            (16, YawFrame::Earth),
            (0, YawFrame::Vehicle),
            (16 | 32, YawFrame::Vehicle),
        ] {
            assert_eq!(yaw_frame(flags), frame, "{flags}");
        }
    }
}
